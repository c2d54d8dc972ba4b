"""Where a remote lies, and where a person opens a pull request on a host without a plug."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.apply.plain_remote import link_to_open
from ai_ops.apply.remote_url import github_name, read_remote_url

BRANCH = "neuropilot/web"
API = "https://api.github.com"
MERGE_REQUEST = (
    "/-/merge_requests/new?merge_request%5Bsource_branch%5D=neuropilot%2Fweb&merge_request%5Btarget_branch%5D=main"
)
GITLAB = "https://gitlab.com/acme/shop" + MERGE_REQUEST
OWN_GITLAB = "https://gitlab.acme.example:8443/ops/team/shop" + MERGE_REQUEST
AZURE = "https://dev.azure.com/acme/Web%20shop/_git/shop/pullrequestcreate?sourceRef=neuropilot%2Fweb&targetRef=main"
STASH = (
    "https://bitbucket.acme.example/projects/OPS/repos/shop/pull-requests"
    "?create=&sourceBranch=refs%2Fheads%2Fneuropilot%2Fweb&targetBranch=refs%2Fheads%2Fmain"
)


@pytest.mark.parametrize(
    ("remote", "link"),
    [
        ("https://gitlab.com/acme/shop.git", GITLAB),
        ("git@gitlab.com:acme/shop.git", GITLAB),
        ("ssh://git@altssh.gitlab.com:443/acme/shop.git", GITLAB),
        ("https://gitlab-ci-token:glcbt-64_secret@gitlab.com/acme/shop.git", GITLAB),
        ("https://gitlab.acme.example:8443/ops/team/shop.git/", OWN_GITLAB),
        ("git@github.com:acme/shop.git", "https://github.com/acme/shop/compare/main...neuropilot/web?expand=1"),
        (
            "ssh://git@ssh.github.com:443/acme/shop",
            "https://github.com/acme/shop/compare/main...neuropilot/web?expand=1",
        ),
        (
            "https://x-token-auth:secret@bitbucket.org/acme/shop.git",
            "https://bitbucket.org/acme/shop/pull-requests/new?source=neuropilot%2Fweb&dest=main",
        ),
        ("https://bitbucket.acme.example/scm/OPS/shop.git", STASH),
        ("ssh://git@bitbucket.acme.example:7999/OPS/shop.git", STASH),
        ("git@codeberg.org:acme/shop.git", "https://codeberg.org/acme/shop/compare/main...neuropilot/web"),
        ("http://gitea.lan:3000/acme/shop.git", "http://gitea.lan:3000/acme/shop/compare/main...neuropilot/web"),
        ("https://acme@dev.azure.com/acme/Web%20shop/_git/shop", AZURE),
        ("git@ssh.dev.azure.com:v3/acme/Web%20shop/shop", AZURE),
        (
            "https://acme.visualstudio.com/Shop/_git/shop",
            "https://acme.visualstudio.com/Shop/_git/shop/pullrequestcreate?sourceRef=neuropilot%2Fweb&targetRef=main",
        ),
    ],
)
def test_known_hosts_have_a_page(remote: str, link: str) -> None:
    """One click opens the form with both branches filled in (S001-67)."""
    assert link_to_open(remote, BRANCH, "main") == link


@pytest.mark.parametrize(
    "remote",
    [
        "",
        "/srv/git/shop.git",
        "../shop.git",
        "file:///srv/git/shop.git",
        "C:\\git\\shop.git",
        "https://git.acme.example/acme/shop.git",
        "work:acme/shop.git",
        "https://gitlab.com/",
        "https://[::1/acme/shop",
        "https://gitlab.com:notaport/acme/shop",
        "https://dev.azure.com/acme/shop",
        "https://bitbucket.acme.example/a/b/c/d.git",
        "javascript://gitlab.com/acme/shop",
        "https://gitlab.com/acme/shop\n.git",
    ],
)
def test_unknown_hosts_have_none(remote: str) -> None:
    """No link is better than a wrong one."""
    assert link_to_open(remote, BRANCH, "main") is None


@given(
    st.sampled_from(["gitlab.com", "github.com", "bitbucket.org", "codeberg.org", "gitlab.acme.example"]),
    st.sampled_from(["canary-7Q2mZ", "canary:7Q2mZ", "canary%407Q2mZ"]),
)
def test_credentials_never_show(host: str, secret: str) -> None:
    """What stands before the @ stays here (H09, H10)."""
    for remote in (f"https://{secret}@{host}/acme/shop.git", f"https://me:{secret}@{host}/acme/shop.git"):
        link = link_to_open(remote, BRANCH, "main")
        assert link is not None
        assert "canary" not in link
        assert "7Q2mZ" not in link
        assert "@" not in link


@given(st.text(max_size=60), st.text(alphabet=" #?&%<>\"'()[]a/-.", min_size=1, max_size=30))
def test_any_name_gives_a_link_that_stays_one(path: str, branch: str) -> None:
    """Quotes, brackets and blanks in names cannot break out of a Markdown link or of the address (H20)."""
    for host in ("gitlab.com", "github.com", "bitbucket.org", "codeberg.org", "bitbucket.acme.example"):
        link = link_to_open(f"https://{host}/{path}", branch, "main")
        if link is not None:
            assert urlsplit(link).hostname == host
            assert not set(link) & set(" <>\"'()[]\\`|")
            assert link.isascii()
            assert link.isprintable()


def test_the_branch_survives_the_quoting() -> None:
    """It arrives as it is called."""
    link = link_to_open("https://gitlab.com/acme/shop", "a&b=c d", "main")
    assert parse_qs(urlsplit(link or "").query)["merge_request[source_branch]"] == ["a&b=c d"]


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/acme/shop.git",
        "https://github.com/acme/shop/",
        "https://x-access-token:ghs_secret@github.com/acme/shop",
        "http://www.github.com/acme/shop.git",
        "git@github.com:acme/shop.git",
        "github.com:acme/shop",
        "org-1234@github.com:/acme/shop.git",
        "ssh://git@github.com/acme/shop.git",
        "ssh://git@ssh.github.com:443/acme/shop.git",
        "git://github.com/acme/shop.git",
        "https://GitHub.com/acme/shop.git",
    ],
)
def test_the_repository_is_read_from_the_remote(remote: str) -> None:
    """Every way to write a remote names the same repository."""
    assert github_name(remote, API) == "acme/shop"


@pytest.mark.parametrize(
    ("remote", "api"),
    [
        ("https://gitlab.com/acme/shop.git", API),
        ("https://github.com.evil.example/acme/shop.git", API),
        ("https://evil.example/github.com/acme/shop.git", API),
        ("https://github.com@evil.example/acme/shop.git", API),
        ("git@github.com:acme", API),
        ("git@github.com:acme/shop/extra", API),
        ("git@github.com:../shop", API),
        ("https://github.com/acme/shop.git", "https://github.acme.example/api/v3"),
        ("/srv/github.com/acme/shop.git", API),
    ],
)
def test_other_remotes_are_not_taken_for_it(remote: str, api: str) -> None:
    """The token goes to no repository that the remote does not name."""
    assert github_name(remote, api) is None


@pytest.mark.parametrize(
    ("remote", "api"),
    [
        ("git@github.acme.example:ops/shop.git", "https://github.acme.example/api/v3"),
        ("https://github.acme.example:8443/ops/shop.git", "https://github.acme.example:8443/api/v3"),
        ("https://acme.ghe.com/ops/shop.git", "https://api.acme.ghe.com"),
    ],
)
def test_enterprise_servers_are_known_by_their_api(remote: str, api: str) -> None:
    """GitHub at home and GitHub with its own data residence."""
    assert github_name(remote, api) == "ops/shop"


@given(st.text(max_size=80))
def test_any_text_is_read_or_is_none(url: str) -> None:
    """A remote's address is whatever somebody typed; a reading has a host, a path and no control character."""
    remote = read_remote_url(url)
    if remote is not None:
        assert remote.host
        assert remote.path.strip("/") == remote.path
        assert remote.path.isprintable()
        assert "@" not in remote.web
