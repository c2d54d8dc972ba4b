"""The door to git, on real repositories."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from repositories import TFVARS, Site, commit_file, git, isolate, make_site

from ai_ops.domain.errors import ConfigError, DeliveryError, EditError, Overtaken
from ai_ops.git_client import GitClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEW = b"cpu_scale_in_percent = 35\n"


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A remote with the Terraform folder on main."""
    return make_site(tmp_path)


@contextmanager
def answering(status: int, seconds: float = 0.0) -> Iterator[str]:
    """A host that gives every request the same status, and its address."""

    class Host(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(seconds)
            self.send_response(status)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        server.daemon_threads = True
        server.block_on_close = False
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/team/service.git"
        finally:
            server.shutdown()


def state_of(clone: Path) -> tuple[str, str, str]:
    """HEAD, status and index of a checkout."""
    return git(clone, "rev-parse", "HEAD"), git(clone, "status", "--porcelain"), git(clone, "ls-files", "--stage")


# -- finding the repository -------------------------------------------------------------------------------------------


def test_top_level_is_found_from_a_folder_inside(site: Site) -> None:
    """An operator may start the agent anywhere in the checkout."""
    clone = site.clone("clone")
    assert GitClient.top_level(clone / "infrastructure" / "terraform") == clone


def test_outside_a_repository_is_a_configuration_error(tmp_path: Path) -> None:
    """The message names the folder, so that the operator sees where the agent looked."""
    with pytest.raises(ConfigError, match=str(tmp_path)):
        GitClient.top_level(tmp_path)
    with pytest.raises(ConfigError, match="no-such-folder"):
        GitClient.top_level(tmp_path / "no-such-folder")


def test_a_folder_below_the_top_level_is_refused(site: Site) -> None:
    """Paths would otherwise mean something else in the commit than on the disk."""
    with pytest.raises(ConfigError, match="not the top level"):
        GitClient(site.clone("clone") / "infrastructure")


def test_variables_that_point_elsewhere_are_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside a hook git would write to another repository than the one asked for (H23)."""
    clone = site.clone("clone")
    monkeypatch.setenv("GIT_DIR", str(site.remote))
    with pytest.raises(ConfigError, match="GIT_DIR"):
        GitClient(clone)


@pytest.mark.parametrize("remote", ["--upload-pack=touch /tmp/x", "ext::sh -c id", "", "../remote.git"])
def test_a_remote_that_is_no_name_is_refused(site: Site, remote: str) -> None:
    """What stands in a configuration never becomes an option or an address (H19)."""
    with pytest.raises(ConfigError, match=r"repository\.remote"):
        GitClient(site.clone("clone"), remote)


@pytest.mark.parametrize(
    "branch", ["-f", "a b", "a..b", "a:b", "a~1", "a^", "x.lock", "a/.b", "@{u}", "a//b", "b/", "", "ä", "a\nb", "*"]
)
def test_a_branch_name_with_a_meaning_is_refused(site: Site, branch: str) -> None:
    """A branch name is a name, never a range, a pattern or an option (H20)."""
    with pytest.raises(ConfigError, match="branch name"):
        GitClient(site.clone("clone")).tip(branch)


# -- branches ---------------------------------------------------------------------------------------------------------


def test_default_branch_is_the_one_checked_out(site: Site) -> None:
    """A team that works on another branch gets its changes there."""
    clone = site.clone("clone")
    git(clone, "switch", "-q", "-c", "staging")
    git(clone, "push", "-q", "origin", "staging")
    assert GitClient(clone).default_branch() == "staging"


def test_default_branch_of_a_detached_head_is_the_remotes(tmp_path: Path) -> None:
    """A CI checkout of a commit still knows where to deliver, whatever the default is called (H17)."""
    site = make_site(tmp_path, branch="trunk")
    clone = site.clone("clone", "--depth=1")
    git(clone, "checkout", "-q", "--detach")
    assert GitClient(clone).default_branch() == "trunk"


def test_default_branch_follows_a_rename_on_the_remote(site: Site) -> None:
    """A clone from before the rename delivers to the new name (H17)."""
    clone = site.clone("clone")
    git(site.remote, "branch", "-m", "main", "trunk")
    assert GitClient(clone).default_branch() == "trunk"


def test_a_branch_that_was_never_pushed_is_no_default(site: Site) -> None:
    """Work in progress must not silently send changes to another branch."""
    clone = site.clone("clone")
    git(clone, "switch", "-q", "-c", "idea")
    with pytest.raises(ConfigError, match="has no branch idea"):
        GitClient(clone).default_branch()


def test_without_remote_and_branch_there_is_no_default(site: Site) -> None:
    """The error says which setting to fill in."""
    clone = site.clone("clone")
    git(clone, "remote", "remove", "origin")
    assert GitClient(clone).default_branch() == "main"
    git(clone, "checkout", "-q", "--detach")
    with pytest.raises(ConfigError, match=r"repository\.branch"):
        GitClient(clone).default_branch()


def test_tip_sees_the_remote_as_it_is_now(site: Site) -> None:
    """What a clone remembers of the remote is old."""
    client = GitClient(site.clone("clone"))
    pushed = site.human_pushes("README.md", b"# New\n")
    assert client.tip("main") == pushed
    assert client.tip("absent") is None


def test_tip_is_not_fooled_by_a_longer_name(site: Site) -> None:
    """`ls-remote` also lists names that end alike."""
    clone = site.clone("clone")
    git(clone, "push", "-q", "origin", "HEAD:refs/heads/x/refs/heads/state")
    assert GitClient(clone).tip("state") is None


def test_fetch_deepens_a_shallow_checkout_enough_to_see_the_past(site: Site) -> None:
    """A CI checkout of depth 1 would not see what was delivered before."""
    clone = site.clone("first-clone")
    for number in range(60):
        git(clone, "commit", "-q", "--allow-empty", "-m", f"{number}")
    git(clone, "push", "-q", "origin", "main")
    shallow = site.clone("shallow", "--depth=1")
    before = state_of(shallow)
    client = GitClient(shallow)
    assert client.fetch("main") == site.tip()
    assert git(shallow, "rev-list", "--count", "HEAD") == "50"
    pushed = site.human_pushes("README.md", b"# New\n")
    assert client.fetch("main") == pushed
    assert git(shallow, "rev-list", "--count", pushed) == "51", "a deeper checkout is never cut back"
    assert state_of(shallow) == before


def test_fetch_leaves_a_complete_clone_complete(site: Site) -> None:
    """`--depth` in a complete clone would cut its history."""
    clone = site.clone("clone")
    pushed = site.human_pushes("README.md", b"# New\n")
    assert GitClient(clone).fetch("main") == pushed
    assert git(clone, "rev-parse", "--is-shallow-repository") == "false"


def test_fetch_of_an_absent_branch_says_so(site: Site) -> None:
    """The operator learns which name was wrong."""
    with pytest.raises(DeliveryError, match="absent: there is no such branch"):
        GitClient(site.clone("clone")).fetch("absent")


# -- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfa = 1\r\nb = 2\r\n", b"", b"no newline", b"\n\n\n", b"\x00\xff\n"])
def test_read_gives_the_bytes_as_committed(site: Site, content: bytes) -> None:
    """Line ends, a byte-order mark and a missing last newline survive (H19)."""
    clone = site.clone("clone")
    commit = commit_file(clone, TFVARS, content)
    assert GitClient(clone).read(commit, TFVARS) == content


def test_read_of_a_missing_file_says_what_to_check(site: Site) -> None:
    """A path in the configuration may be misspelt."""
    with pytest.raises(EditError, match=r"absent\.tfvars: no such file"):
        GitClient(site.clone("clone")).read(site.tip(), "absent.tfvars")


def test_symbolic_links_are_refused(site: Site) -> None:
    """A link could lead a write to any file of the machine, whether it is the file or a folder above it (H19)."""
    clone = site.clone("clone")
    (clone / "link.tfvars").symlink_to(TFVARS)
    (clone / "folder").symlink_to("infrastructure")
    git(clone, "add", ".")
    git(clone, "commit", "-q", "-m", "Link")
    client, commit = GitClient(clone), git(clone, "rev-parse", "HEAD")
    for path in ("link.tfvars", "folder/terraform/terraform.tfvars"):
        with pytest.raises(EditError, match="symbolic link"):
            client.read(commit, path)
        with pytest.raises(EditError, match="symbolic link"):
            client.commit(commit, {path: NEW}, "x")


def test_submodules_are_refused(site: Site) -> None:
    """A file in a submodule belongs to another repository (H19)."""
    clone = site.clone("clone")
    git(clone, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(site.remote), "module")
    git(clone, "commit", "-q", "-m", "Add a module")
    client, commit = GitClient(clone), git(clone, "rev-parse", "HEAD")
    for path in ("module", f"module/{TFVARS}"):
        with pytest.raises(EditError, match="submodule"):
            client.read(commit, path)
        with pytest.raises(EditError, match="submodule"):
            client.commit(commit, {path: NEW}, "x")


def test_folders_and_files_are_not_swapped(site: Site) -> None:
    """A misspelt path must not replace a folder by a file."""
    client = GitClient(site.clone("clone"))
    for path, kind in (("infrastructure", "a folder"), ("README.md/x", "a file")):
        with pytest.raises(EditError, match=kind):
            client.commit(site.tip(), {path: NEW}, "x")


@pytest.mark.parametrize(
    "path", ["../x", "/etc/passwd", "a/../../x", ".git/config", "a/.GIT/x", "", "a//b", "a\nb", "./a"]
)
def test_paths_that_leave_the_repository_are_refused(site: Site, path: str) -> None:
    """A path comes from a configuration file (H19)."""
    with pytest.raises(EditError, match="no path inside"):
        GitClient(site.clone("clone")).commit(site.tip(), {path: NEW}, "x")


def test_an_option_as_a_path_is_only_a_path(site: Site) -> None:
    """A file may be called `--all`; git must not take it for an option (H19)."""
    client = GitClient(site.clone("clone"))
    commit = client.commit(site.tip(), {"--all": NEW, ":(glob)**": NEW}, "x")
    assert client.read(commit, "--all") == NEW
    assert client.read(commit, ":(glob)**") == NEW


def test_huge_files_are_refused(site: Site) -> None:
    """A settings file of 33 MiB is a mistake, not settings (H19)."""
    client, huge = GitClient(site.clone("clone")), b"x" * (33 * 1024 * 1024)
    with pytest.raises(EditError, match="bytes are more than"):
        client.commit(site.tip(), {TFVARS: huge}, "x")


# -- committing and pushing -------------------------------------------------------------------------------------------


def test_commit_leaves_the_checkout_alone(site: Site) -> None:
    """Staged, edited and new files of a person play no part, and stay as they are (S001-83)."""
    clone = site.clone("clone")
    (clone / "README.md").write_text("# Staged\n")
    git(clone, "add", "README.md")
    (clone / TFVARS).write_bytes(b"# edited\n")
    (clone / "new.txt").write_text("new\n")
    before = state_of(clone)
    client = GitClient(clone)
    commit = client.commit(site.tip(), {TFVARS: NEW}, "ai-ops: test\n")
    client.push(commit, "main")
    assert state_of(clone) == before
    assert git(site.remote, "diff-tree", "-r", "--name-only", "--no-commit-id", "main") == TFVARS


def test_commit_keeps_modes_adds_and_deletes(site: Site) -> None:
    """An executable stays executable, a new file is a plain one."""
    clone = site.clone("clone")
    (clone / "run.sh").write_text("#!/bin/sh\n")
    (clone / "run.sh").chmod(0o755)
    git(clone, "add", "run.sh")
    git(clone, "commit", "-q", "-m", "Run")
    client, base = GitClient(clone), git(clone, "rev-parse", "HEAD")
    commit = client.commit(base, {"run.sh": b"#!/bin/bash\n", "new/file": b"x", "README.md": None}, "x")
    rows = {row.split("\t")[1]: row.split(" ")[0] for row in git(clone, "ls-tree", "-r", commit).splitlines()}
    assert rows["run.sh"] == "100755"
    assert rows["new/file"] == "100644"
    assert "README.md" not in rows
    assert client.list_files(commit) == tuple(rows)


def test_commit_needs_no_identity_and_runs_no_hook(site: Site) -> None:
    """A fresh CI machine has no user.name; a team's hooks and signing keys are for people."""
    clone = site.clone("clone")
    for hook in ("pre-commit", "commit-msg", "pre-push", "reference-transaction", "post-commit"):
        (clone / ".git" / "hooks" / hook).write_text("#!/bin/sh\nexit 1\n")
        (clone / ".git" / "hooks" / hook).chmod(0o755)
    for key, value in (("commit.gpgSign", "true"), ("push.gpgSign", "true"), ("user.useConfigOnly", "true")):
        git(clone, "config", key, value)
    git(clone, "config", "core.autocrlf", "true")
    client = GitClient(clone, author=("Bot", "bot@example.org"))
    client.push(client.commit(site.tip(), {TFVARS: b"a = 1\r\n"}, "x"), "main")
    assert git(site.remote, "log", "-1", "--format=%an <%ae> %cn <%ce>", "main") == (
        "Bot <bot@example.org> Bot <bot@example.org>"
    )
    assert site.content() == b"a = 1\r\n", "no line-end conversion"


def test_a_push_after_somebody_elses_is_overtaken(site: Site) -> None:
    """The decision rests on old text, so it is thrown away; the other's push stands (H17)."""
    client = GitClient(site.clone("clone"))
    commit = client.commit(client.fetch("main"), {TFVARS: NEW}, "x")
    pushed = site.human_pushes(TFVARS, b"# mine\n")
    with pytest.raises(Overtaken, match="Somebody else wrote first"):
        client.push(commit, "main")
    assert site.tip() == pushed


def test_the_loser_of_a_race_for_the_lock_is_overtaken(site: Site) -> None:
    """Two pushes at the same instant: the remote's own lock decides (H17)."""
    client = GitClient(site.clone("clone"))
    commit = client.commit(client.fetch("main"), {TFVARS: NEW}, "x")
    (site.remote / "refs" / "heads" / "main.lock").touch()
    with pytest.raises(Overtaken):
        client.push(commit, "main")


def test_a_protected_branch_is_a_delivery_error_with_the_servers_words(site: Site) -> None:
    """Trying again would not help; the operator must change a permission or the branch (H17)."""
    site.refuse_pushes("GH006: Protected branch update failed for refs/heads/main. \033[31mhttps://me:hunter2@host/x")
    client, before = GitClient(site.clone("clone")), site.tip()
    commit = client.commit(before, {TFVARS: NEW}, "x")
    with pytest.raises(DeliveryError, match=r"GH006.*Next: let this account push") as caught:
        client.push(commit, "main")
    assert not isinstance(caught.value, Overtaken)
    assert "hunter2" not in str(caught.value)
    assert "\033" not in str(caught.value)
    assert site.tip() == before


def test_a_name_that_is_taken_is_no_race(site: Site) -> None:
    """A branch `neuropilot` leaves no room for `neuropilot/state`, for ever."""
    clone = site.clone("clone")
    git(clone, "push", "-q", "origin", "HEAD:refs/heads/neuropilot")
    client = GitClient(clone)
    commit = client.commit(None, {"a": b"1"}, "x")
    with pytest.raises(DeliveryError, match="rename it") as caught:
        client.push(commit, "neuropilot/state", expected="")
    assert not isinstance(caught.value, Overtaken)


@pytest.mark.parametrize(
    ("status", "hint"), [(401, "give git credentials"), (403, "write access"), (404, "not found"), (500, "ls-remote")]
)
def test_a_host_that_refuses_is_a_delivery_error_and_nobody_is_asked(site: Site, status: int, hint: str) -> None:
    """Nothing may wait for a password that nobody will type (S001-127)."""
    clone = site.clone("clone")
    with answering(status) as url:
        git(clone, "remote", "set-url", "origin", url)
        with pytest.raises(DeliveryError, match=hint):
            GitClient(clone, timeout_seconds=20).tip("main")


@pytest.mark.parametrize("is_chosen", [False, True])
def test_ssh_asks_nothing_unless_a_person_chose_how(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_chosen: bool
) -> None:
    """A host key or a passphrase would be asked for on the terminal; a deploy key set up by CI is respected."""
    clone, log = site.clone("clone"), tmp_path / "log"
    for name in ("ssh", "our-ssh"):
        (tmp_path / name).write_text(
            f'#!/bin/sh\necho "$0 $*" >>{log}\necho Permission denied, publickey >&2; exit 255\n'
        )
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    git(clone, "remote", "set-url", "origin", "ssh://git@host/team/service.git")
    if is_chosen:
        git(clone, "config", "core.sshCommand", "our-ssh -i key")
    with pytest.raises(DeliveryError, match="give git credentials"):
        GitClient(clone).tip("main")
    assert ("our-ssh -i key" if is_chosen else "ssh -oBatchMode=yes") in log.read_text()


def test_a_silent_host_ends_at_the_deadline(site: Site) -> None:
    """A hanging remote must not hang the cycle."""
    clone = site.clone("clone")
    with answering(200, seconds=30) as url:
        git(clone, "remote", "set-url", "origin", url)
        client = GitClient(clone, timeout_seconds=1)
        begun = time.monotonic()
        with pytest.raises(DeliveryError, match="no answer within 1 s"):
            client.tip("main")
        assert time.monotonic() - begun < 10


def test_an_unreachable_remote_names_the_command_that_shows_why(site: Site) -> None:
    """The message says what to try by hand."""
    clone = site.clone("clone")
    shutil.rmtree(site.remote)
    with pytest.raises(DeliveryError, match="git ls-remote"):
        GitClient(clone).fetch("main")


def test_a_push_whose_answer_was_lost_counts(site: Site) -> None:
    """The remote took the commit and then failed: what counts is where the branch stands."""
    hook = site.remote / "hooks" / "post-receive"
    hook.write_text("#!/bin/sh\nkill -9 $PPID\n")
    hook.chmod(0o755)
    client = GitClient(site.clone("clone"))
    commit = client.commit(client.fetch("main"), {TFVARS: NEW}, "x")
    client.push(commit, "main")
    assert site.tip() == commit


def test_a_lease_on_nothing_makes_a_branch_once(site: Site) -> None:
    """Of two that start a branch, one does."""
    one, two = GitClient(site.clone("one")), GitClient(site.clone("two"))
    one.push(one.commit(None, {"a": b"1"}, "x"), "neuropilot/state", expected="")
    with pytest.raises(Overtaken):
        two.push(two.commit(None, {"a": b"2"}, "x"), "neuropilot/state", expected="")
    assert site.content("a", "neuropilot/state") == b"1"


def test_without_a_remote_the_local_branch_moves_by_compare_and_swap(site: Site) -> None:
    """The same calls work in a repository that has no remote."""
    clone = site.clone("clone")
    git(clone, "remote", "remove", "origin")
    git(clone, "checkout", "-q", "--detach")
    client = GitClient(clone)
    base = client.fetch("main")
    first, second = client.commit(base, {"a": b"1"}, "x"), client.commit(base, {"a": b"2"}, "x")
    client.push(first, "main")
    with pytest.raises(Overtaken):
        client.push(second, "main")
    assert client.tip("main") == first


def test_trailers_are_found_along_the_first_parents(site: Site) -> None:
    """What was delivered before is recognised by its trailer, and by nothing that only looks like one."""
    clone = site.clone("clone")
    git(clone, "commit", "-q", "--allow-empty", "-m", "x\n\nEpisode: web-1 in a sentence\n\nno trailer")
    git(clone, "commit", "-q", "--allow-empty", "-m", "x\n\nEpisode: web-1\nReason: why")
    wanted = git(clone, "rev-parse", "HEAD")
    git(clone, "commit", "-q", "--allow-empty", "-m", "x\n\nEpisode: web-11")
    head, client = git(clone, "rev-parse", "HEAD"), GitClient(clone)
    assert next(one.commit for one in client.trailers(head, "Episode") if one.value == "web-1") == wanted
    assert "web" not in {one.value for one in client.trailers(head, "Episode")}


@pytest.mark.parametrize("rule", ["", "---------\n\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_co_authors_behind_the_trailers_hide_none(site: Site, rule: str, end: str) -> None:
    """A host that squashes names them in a paragraph of their own, which is then the last one (S001-143)."""
    clone = site.clone("clone")
    head, credits_ = "x (#1)\n\n", f"{rule}Co-authored-by: ada <a@example.org>\nCo-Authored-By: bo <b@example.org>\n"

    def found(body: str) -> list[str]:
        (clone / "message").write_bytes((head + body + credits_).replace("\n", end).encode())
        git(clone, "commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", "message")
        return [one.value for one in GitClient(clone).trailers(git(clone, "rev-parse", "HEAD"), "Episode", within=1)]

    assert found("words\n\nEpisode: web-1\nRollback: so\n\n") == ["web-1"]
    assert found("words\n\nEpisode: web-2\nRollback: so\n") == (["web-2"] if not rule else [])
    assert found("Episode: web-3 says\nwhoever writes a sentence\n\n") == []
    assert found("Episode: web-4\n\nwords\n\n") == []
    assert found("") == []


def test_git_missing_from_the_machine_is_a_configuration_error(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The agent says what to install instead of failing somewhere inside."""
    clone = site.clone("clone")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="install git"):
        GitClient(clone)
