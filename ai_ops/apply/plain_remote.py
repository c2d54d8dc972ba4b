"""Where a person opens the pull request of a branch that was pushed to a host without a plug."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from ai_ops.apply.remote_url import RemoteUrl, read_remote_url

if TYPE_CHECKING:
    from collections.abc import Callable

    Link = Callable[[RemoteUrl, str, str], str | None]


def link_to_open(remote_url: str, branch: str, base: str) -> str | None:
    """The page that asks for a merge of `branch` into `base`; None where the host's pages are not known.

    Names and passwords in `remote_url` do not appear in it.

    >>> link_to_open("https://oauth2:secret@gitlab.com/acme/shop.git", "neuropilot/web", "main")  # doctest: +ELLIPSIS
    'https://gitlab.com/acme/shop/-/merge_requests/new?merge_request%5Bsource_branch%5D=neuropilot%2Fweb&...=main'
    """
    remote = read_remote_url(remote_url)
    if remote is None:
        return None
    page = next((page for pattern, page in _PAGES if re.search(pattern, remote.host)), None)
    return page and page(remote, branch, base)


def _gitlab(remote: RemoteUrl, branch: str, base: str) -> str:
    asked = {"merge_request[source_branch]": branch, "merge_request[target_branch]": base}
    return f"{_home(remote)}/-/merge_requests/new?{urlencode(asked)}"


def _compare(remote: RemoteUrl, branch: str, base: str) -> str:
    """Gitea, Forgejo and GitHub share the form."""
    return f"{_home(remote)}/compare/{quote(base)}...{quote(branch)}"


def _github(remote: RemoteUrl, branch: str, base: str) -> str:
    web = "https://github.com"  # ssh.github.com answers on port 443 and shows no pages
    return f"{web}/{quote(remote.path)}/compare/{quote(base)}...{quote(branch)}?expand=1"


def _bitbucket_cloud(remote: RemoteUrl, branch: str, base: str) -> str:
    asked = {"source": branch, "dest": base}
    return f"https://bitbucket.org/{quote(remote.path)}/pull-requests/new?{urlencode(asked)}"


def _bitbucket_server(remote: RemoteUrl, branch: str, base: str) -> str | None:
    found = re.fullmatch(r"(?:scm/)?(?P<project>~?[\w.-]+)/(?P<name>[\w.-]+)", remote.path)
    if not found:
        return None
    project = found["project"]
    owner = f"users/{project[1:]}" if project.startswith("~") else f"projects/{project}"
    asked = {"create": "", "sourceBranch": f"refs/heads/{branch}", "targetBranch": f"refs/heads/{base}"}
    return f"{remote.web}/{owner}/repos/{found['name']}/pull-requests?{urlencode(asked)}"


def _azure(remote: RemoteUrl, branch: str, base: str) -> str | None:
    steps = remote.path.split("/")
    match steps:
        case ["v3", organisation, project, name] if remote.host.startswith(("ssh.", "vs-ssh.")):
            path = f"{organisation}/{project}/_git/{name}"
        case [_, _, "_git", _] | [_, "_git", _]:
            path = remote.path
        case _:
            return None
    host = "dev.azure.com" if remote.host == "ssh.dev.azure.com" else remote.host
    return f"https://{host}/{quote(path)}/pullrequestcreate?{urlencode({'sourceRef': branch, 'targetRef': base})}"


_PAGES: tuple[tuple[str, Link], ...] = (
    (r"^(?:www\.|ssh\.)?github\.com$", _github),
    (r"^(?:altssh\.)?bitbucket\.org$", _bitbucket_cloud),
    (r"^(?:ssh\.)?dev\.azure\.com$|\.visualstudio\.com$", _azure),
    (r"^(?:codeberg\.org|gitea\.com)$|\b(?:gitea|forgejo)\b", _compare),
    (r"\bgitlab\b", _gitlab),
    (r"\b(?:bitbucket|stash)\b", _bitbucket_server),
)
"""By the host's name, the page; first match wins. A host of one's own is known by a part of its name."""


def _home(remote: RemoteUrl) -> str:
    """Where the host shows the repository. GitLab's ssh on port 443 lies at altssh.gitlab.com."""
    web = remote.web.replace("//altssh.", "//", 1) if remote.host.startswith("altssh.") else remote.web
    return f"{web}/{quote(remote.path)}"
