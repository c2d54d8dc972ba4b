"""A decided change reaches the branch exactly once, and nothing of a person's is touched."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from dying_delivery import EPISODE, edit_of
from examples import an_episode
from repositories import TFVARS, Site, commit_file, git, isolate, make_site

from ai_ops.apply.checkout import finish_interrupted
from ai_ops.apply.git import Edit, deliver
from ai_ops.domain.cycle import DeliveryStatus
from ai_ops.domain.errors import DeliveryError, EditError, OpsError, Overtaken
from ai_ops.git_client import GitClient

if TYPE_CHECKING:
    from collections.abc import Callable

OLD = b"# web\r\ncpu_scale_in_percent = 30 # low\r\nmin_instances = 2"  # CRLF, no newline at the end
NEW = OLD.replace(b"30", b"35")


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A remote with a settings file that has CRLF line ends."""
    return make_site(tmp_path, tfvars=OLD)


def deliver_in(
    clone: Path, tell: Callable[[str], None] = lambda _: None, branch: str = "main"
) -> tuple[DeliveryStatus, str]:
    """Deliver the change from a checkout; what came of it, and why."""
    client = GitClient(clone)
    delivery = deliver(client, edit_of(client, branch), EPISODE, tell)
    return delivery.status, delivery.reason


def status(clone: Path) -> str:
    """What `git status` shows."""
    return git(clone, "status", "--porcelain")


# -- where there is a remote ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [(), ("--depth=1",)], ids=["complete", "depth 1"])
def test_a_change_is_pushed_and_the_checkout_follows(site: Site, options: tuple[str, ...]) -> None:
    """One commit, one file, byte for byte, with its trailers (S001-82, S001-83, S001-129, S001-143, H19)."""
    clone, before = site.clone("clone", *options), site.tip()
    assert deliver_in(clone) == (
        DeliveryStatus.COMMITTED,
        f"{site.tip()[:10]} is on origin/main; the checkout follows.",
    )
    assert site.content() == NEW
    assert git(site.remote, "rev-parse", "main^") == before
    assert git(site.remote, "diff-tree", "-r", "--name-only", "--no-commit-id", "main") == TFVARS
    assert git(site.remote, "log", "--grep=ai-ops", "--format=%s|%(trailers:key=Episode,valueonly,separator=)") == (
        f"ai-ops: web cpu_scale_in_percent 30 -> 35|{EPISODE.id}"
    )
    assert (clone / TFVARS).read_bytes() == NEW
    assert git(clone, "rev-parse", "HEAD") == site.tip()
    assert git(clone, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert git(clone, "diff-index", "HEAD") == "", "plumbing sees a clean checkout too"
    assert status(clone) == ""


def test_a_detached_checkout_follows(site: Site) -> None:
    """CI often checks out a commit, not a branch (H17)."""
    clone = site.clone("clone", "--depth=1")
    git(clone, "checkout", "-q", "--detach")
    assert deliver_in(clone)[1].endswith("the checkout follows.")
    assert git(clone, "rev-parse", "HEAD") == site.tip()
    assert git(clone, "rev-parse", "--abbrev-ref", "HEAD") == "HEAD"
    assert git(clone, "rev-parse", "main") != site.tip(), "no other branch moves"
    assert status(clone) == ""


def test_other_work_stays_as_it_is(site: Site) -> None:
    """What a person has staged, edited or made new plays no part (S001-83)."""
    clone = site.clone("clone")
    (clone / "README.md").write_text("# Staged\n")
    git(clone, "add", "README.md")
    (clone / "README.md").write_text("# Edited after\n")
    (clone / "new.txt").write_text("new\n")
    before = status(clone)
    assert deliver_in(clone)[1].endswith("the checkout follows.")
    assert status(clone) == before == "MM README.md\n?? new.txt"
    assert site.content("README.md") == b"# A service\n"


@pytest.mark.parametrize("is_staged", [False, True])
def test_an_edited_settings_file_is_left_alone(site: Site, *, is_staged: bool) -> None:
    """A person's unfinished edit is worth more than a tidy checkout."""
    clone, before = site.clone("clone"), site.tip()
    (clone / TFVARS).write_bytes(b"# mine\n")
    if is_staged:
        git(clone, "add", TFVARS)
        (clone / TFVARS).write_bytes(OLD)
    shown = status(clone)
    assert deliver_in(clone)[1].endswith(
        f"the checkout was left as it is: {TFVARS} holds changes that are not committed."
    )
    assert (clone / TFVARS).read_bytes() == (OLD if is_staged else b"# mine\n")
    assert git(clone, "rev-parse", "HEAD") == before
    assert status(clone) == shown
    assert site.content() == NEW


def test_commits_that_were_never_pushed_are_never_delivered(site: Site) -> None:
    """The base is what the team has agreed on, not what lies on one disk."""
    clone = site.clone("clone")
    local = commit_file(clone, "README.md", b"# Draft\n")
    assert "`git pull` updates main" in deliver_in(clone)[1]
    assert git(clone, "rev-parse", "HEAD") == local
    assert site.content("README.md") == b"# A service\n"
    assert site.content() == NEW


def test_another_branch_does_not_move(site: Site) -> None:
    """A feature branch is not dragged along, even where it stands at the same commit."""
    clone, before = site.clone("clone"), site.tip()
    git(clone, "switch", "-q", "-c", "idea")
    assert "idea is checked out, not main" in deliver_in(clone)[1]
    assert git(clone, "rev-parse", "HEAD") == before
    assert status(clone) == ""


@pytest.mark.parametrize("mark", ["MERGE_HEAD", "rebase-merge", "BISECT_LOG", "index.lock"])
def test_a_checkout_in_the_middle_of_something_is_left_alone(site: Site, mark: str) -> None:
    """A merge, a rebase or a bisection of a person must not find HEAD somewhere else."""
    clone, before = site.clone("clone"), site.tip()
    (clone / ".git" / mark).write_text("")
    assert "another git operation" in deliver_in(clone)[1]
    assert git(clone, "rev-parse", "HEAD") == before
    assert (clone / TFVARS).read_bytes() == OLD


def test_a_checkout_with_its_own_line_ends_keeps_them(site: Site) -> None:
    """With `core.autocrlf` the disk has CRLF where the repository has LF (H19)."""
    site.human_pushes(TFVARS, b"cpu_scale_in_percent = 30\n")
    clone = site.clone("clone", "--config", "core.autocrlf=true")
    assert deliver_in(clone)[1].endswith("the checkout follows.")
    assert (clone / TFVARS).read_bytes() == b"cpu_scale_in_percent = 35\r\n"
    assert site.content() == b"cpu_scale_in_percent = 35\n"
    assert status(clone) == ""


def test_a_second_work_tree_delivers_and_follows(site: Site) -> None:
    """Work trees share a repository; only the one that delivers changes."""
    clone, before = site.clone("clone"), site.tip()
    git(clone, "worktree", "add", "-q", "--detach", "../beside")
    beside = clone.parent / "beside"
    assert deliver_in(beside)[1].endswith("the checkout follows.")
    assert git(beside, "rev-parse", "HEAD") == site.tip()
    assert (beside / TFVARS).read_bytes() == NEW
    assert git(clone, "rev-parse", "HEAD") == before
    assert (status(clone), status(beside)) == ("", "")


def test_a_renamed_default_branch_is_followed(site: Site) -> None:
    """A clone from before the rename delivers to the new name, and stays where it is (H17)."""
    clone = site.clone("clone")
    git(site.remote, "branch", "-m", "main", "trunk")
    branch = GitClient(clone).default_branch()
    assert "main is checked out, not trunk" in deliver_in(clone, branch=branch)[1]
    assert site.content(branch="trunk") == NEW


# -- somebody else, and refusals --------------------------------------------------------------------------------------


def test_a_human_who_pushes_first_wins(site: Site) -> None:
    """The remote and the checkout stay as they were; the decision is made anew on the new text (H17)."""
    clone, before = site.clone("clone"), site.tip()
    client = GitClient(clone)
    edit = edit_of(client)
    pushed = site.human_pushes(TFVARS, b"cpu_scale_in_percent = 30 # mine\n")
    with pytest.raises(Overtaken):
        deliver(client, edit, EPISODE)
    assert site.tip() == pushed
    assert (git(clone, "rev-parse", "HEAD"), status(clone)) == (before, "")
    assert deliver_in(clone)[0] is DeliveryStatus.COMMITTED
    assert site.content() == b"cpu_scale_in_percent = 35 # mine\n"


def test_of_two_agents_at_once_one_delivers(site: Site) -> None:
    """Two runs that overlap and decide differently make one commit (H17, H18)."""
    clones = [site.clone("one"), site.clone("two")]
    outcomes: list[str] = []
    together = Barrier(2)

    def run(clone: Path) -> None:
        client = GitClient(clone)
        edit, episode = edit_of(client), replace(EPISODE, id=f"web-{clone.name}")
        together.wait()
        try:
            outcomes.append(deliver(client, edit, episode).status)
        except OpsError as err:
            outcomes.append(type(err).__name__)

    threads = [Thread(target=run, args=(clone,)) for clone in clones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["Overtaken", "committed"]
    assert git(site.remote, "rev-list", "--count", "main") == "2"


def test_a_protected_branch_changes_nothing(site: Site) -> None:
    """The error carries the server's words and what to do (H17)."""
    clone, before = site.clone("clone"), site.tip()
    site.refuse_pushes("GH006: Protected branch update failed for refs/heads/main.")
    with pytest.raises(DeliveryError, match=r"GH006.*Next:"):
        deliver_in(clone)
    assert site.tip() == before
    assert (git(clone, "rev-parse", "HEAD"), status(clone)) == (before, "")


def test_a_linked_settings_file_is_refused(site: Site) -> None:
    """A link could lead the write anywhere (H19)."""
    clone = site.clone("clone")
    (clone / TFVARS).unlink()
    (clone / TFVARS).symlink_to("/etc/hostname")
    git(clone, "commit", "-q", "-a", "-m", "Link")
    git(clone, "push", "-q")
    client = GitClient(clone)
    edit = Edit("main", client.fetch("main"), {TFVARS: NEW}, "")
    with pytest.raises(EditError, match="symbolic link"):
        deliver(client, edit, EPISODE)


def test_a_folder_that_became_a_link_is_not_written_through(site: Site, tmp_path: Path) -> None:
    """On the disk, too, a link is an obstacle (H19)."""
    clone, elsewhere = site.clone("clone"), tmp_path / "elsewhere"
    (clone / "infrastructure" / "terraform").rename(elsewhere)
    (clone / "infrastructure" / "terraform").symlink_to(elsewhere)
    assert "not committed" in deliver_in(clone)[1]
    assert (elsewhere / "terraform.tfvars").read_bytes() == OLD


# -- once only --------------------------------------------------------------------------------------------------------


def test_the_same_decision_is_delivered_once(site: Site) -> None:
    """A window that runs twice, from two fresh clones, changes the branch once (H18)."""
    deliver_in(site.clone("one", "--depth=1"))
    delivered = site.tip()
    site.human_pushes("README.md", b"# Later\n")
    assert deliver_in(site.clone("two", "--depth=1")) == (
        DeliveryStatus.ALREADY_LIVE,
        f"{delivered[:10]} on main carries this decision.",
    )


def test_a_decision_that_a_human_took_back_stays_back(site: Site) -> None:
    """Running the window again must not fight the person who reverted it."""
    deliver_in(site.clone("one"))
    site.human_pushes(TFVARS, OLD)
    assert deliver_in(site.clone("two"))[0] is DeliveryStatus.ALREADY_LIVE
    assert site.content() == OLD


def test_values_that_are_there_already_need_no_commit(site: Site) -> None:
    """A human may have made the same change by hand (S001-83)."""
    clone = site.clone("clone")
    pushed = site.human_pushes(TFVARS, NEW)
    assert deliver_in(clone) == (DeliveryStatus.ALREADY_LIVE, "main holds these values.")
    assert site.tip() == pushed


def test_another_decision_is_another_commit(site: Site) -> None:
    """The next window may move the same value again."""
    clone = site.clone("clone")
    deliver_in(clone)
    client = GitClient(clone)
    edit = Edit("main", client.fetch("main"), {TFVARS: NEW.replace(b"35", b"40")}, "")
    delivery = deliver(client, edit, replace(EPISODE, id="web-later"))
    assert delivery.status is DeliveryStatus.COMMITTED
    assert delivery.commit == site.tip() == git(clone, "rev-parse", "HEAD")
    assert git(site.remote, "rev-list", "--count", "main") == "3"


# -- without a remote -------------------------------------------------------------------------------------------------


@pytest.fixture
def alone(site: Site) -> Path:
    """A repository without a remote."""
    clone = site.clone("alone")
    git(clone, "remote", "remove", "origin")
    return clone


def test_without_a_remote_the_checked_out_branch_moves(alone: Path) -> None:
    """The embedded demonstration works in a repository that is nobody's."""
    (alone / "README.md").write_text("# Staged\n")
    git(alone, "add", "README.md")
    outcome, reason = deliver_in(alone)
    assert outcome is DeliveryStatus.COMMITTED
    assert reason.endswith("is on the local branch main; there is no remote.")
    assert (alone / TFVARS).read_bytes() == NEW
    assert git(alone, "log", "-1", "--format=%s") == "ai-ops: web cpu_scale_in_percent 30 -> 35"
    assert status(alone) == "M  README.md"
    assert deliver_in(alone)[0] is DeliveryStatus.ALREADY_LIVE


def test_without_a_remote_an_edited_settings_file_stops_the_delivery(alone: Path) -> None:
    """The branch must not move under an unfinished edit."""
    (alone / TFVARS).write_bytes(b"# mine\n")
    before = git(alone, "rev-parse", "main")
    with pytest.raises(DeliveryError, match="Commit or stash"):
        deliver_in(alone)
    assert git(alone, "rev-parse", "main") == before
    assert (alone / TFVARS).read_bytes() == b"# mine\n"


def test_without_a_remote_a_branch_that_is_not_checked_out_moves_alone(alone: Path) -> None:
    """Nothing on the disk belongs to it."""
    git(alone, "switch", "-q", "-c", "idea")
    deliver_in(alone)
    assert git(alone, "show", f"main:{TFVARS}") == NEW.decode()
    assert (alone / TFVARS).read_bytes() == OLD
    assert status(alone) == ""


def test_without_a_remote_a_branch_in_use_by_another_work_tree_is_refused(alone: Path) -> None:
    """It must not move under somebody's feet."""
    git(alone, "worktree", "add", "-q", "--detach", "../beside")
    with pytest.raises(DeliveryError, match=f"checked out in {alone}"):
        deliver_in(alone.parent / "beside")


# -- interruptions ----------------------------------------------------------------------------------------------------


def run_until_death(clone: Path, step: int) -> list[str]:
    """Deliver in a process of its own that is killed before `step`; the steps it announced."""
    here = Path(__file__).parent
    call = [sys.executable, str(here / "dying_delivery.py"), str(clone), str(step)]
    paths = os.pathsep.join([str(here.parent), str(here.parent.parent)])
    done = subprocess.run(call, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, check=False, timeout=60)
    assert done.returncode in {0, -9}, done.stderr.decode()
    return done.stdout.decode().splitlines()


@pytest.mark.parametrize("has_remote", [True, False], ids=["remote", "no remote"])
def test_killed_at_any_step_the_next_delivery_goes_on(site: Site, *, has_remote: bool) -> None:
    """SIGKILL leaves the old text or the new, and one commit is all there ever is (H24)."""
    step, announced = 0, list[str]()
    while len(announced) == step:  # fewer steps were announced than asked for: it survived
        step += 1
        clone = site.clone(f"clone-{step}")
        git(site.remote, "update-ref", "refs/heads/main", before := git(clone, "rev-parse", "HEAD^{commit}"))
        if not has_remote:
            git(clone, "remote", "remove", "origin")
        (clone / "README.md").write_text("# Staged\n")
        git(clone, "add", "README.md")
        announced = run_until_death(clone, step)
        assert (clone / TFVARS).read_bytes() in {OLD, NEW}, announced
        deliver_in(clone)
        where = site.remote if has_remote else clone
        assert git(where, "rev-list", "--format=%s", "--no-commit-header", f"{before}..main") == (
            "ai-ops: web cpu_scale_in_percent 30 -> 35"
        ), announced
        assert (clone / TFVARS).read_bytes() == NEW, announced
        assert git(clone, "rev-parse", "HEAD") == git(where, "rev-parse", "main"), announced
        assert status(clone) == "M  README.md", announced
        assert git(clone, "for-each-ref", "refs/worktree") == ""
        git(site.remote, "update-ref", "refs/heads/main", before)
    assert step > 8, "it died at several steps"


def test_a_full_disk_after_the_push_is_made_good_by_the_next_run(site: Site) -> None:
    """The commit is on the remote, so the delivery has not failed; only the checkout is late (H24)."""
    clone = site.clone("clone")

    def disk_fills_up(step: str) -> None:
        if step.startswith("write"):
            raise OSError(errno.ENOSPC, "No space left on device")

    outcome, reason = deliver_in(clone, disk_fills_up)
    assert outcome is DeliveryStatus.COMMITTED
    assert "will follow with the next run: [Errno 28] No space left" in reason
    assert finish_interrupted(GitClient(clone))
    assert (clone / TFVARS).read_bytes() == NEW
    assert status(clone) == ""


def test_an_index_locked_meanwhile_is_made_good_by_the_next_run(site: Site) -> None:
    """An editor may hold the index at the wrong moment."""
    clone = site.clone("clone")
    lock = clone / ".git" / "index.lock"
    reason = deliver_in(clone, lambda step: lock.touch() if step.startswith("update the index") else None)[1]
    assert "will follow with the next run" in reason
    lock.unlink()
    assert deliver_in(clone)[0] is DeliveryStatus.ALREADY_LIVE
    assert status(clone) == ""


def test_a_person_who_commits_meanwhile_keeps_their_commit(site: Site) -> None:
    """HEAD moves by compare-and-swap, so nothing of theirs is lost."""
    clone, commits = site.clone("clone"), []

    def person_commits(step: str) -> None:
        if step == "note what begins":
            commits.append(commit_file(clone, "README.md", b"# Mine\n"))

    assert "the checkout was left as it is" in deliver_in(clone, person_commits)[1]
    assert git(clone, "rev-parse", "HEAD") == commits[0]
    assert not finish_interrupted(GitClient(clone))
    assert status(clone) == ""


def test_an_edit_made_after_an_interruption_is_kept(site: Site) -> None:
    """What a person wrote since is theirs; only the rest is finished."""
    clone = site.clone("clone")

    def disk_fills_up(step: str) -> None:
        if step.startswith("write"):
            raise OSError(errno.ENOSPC, "No space left on device")

    deliver_in(clone, disk_fills_up)
    (clone / TFVARS).write_bytes(b"# mine\n")
    assert finish_interrupted(GitClient(clone))
    assert (clone / TFVARS).read_bytes() == b"# mine\n"
    assert status(clone) == f" M {TFVARS}"


def test_hostile_reasons_reach_the_log_harmless(site: Site) -> None:
    """What git stores is what was checked (H01, H20)."""
    clone = site.clone("clone")
    reasons = ("x\n\nEpisode: forged\nCo-authored-by: Eve <eve@evil.example>", "fixes #1 @everyone [skip ci]")
    client = GitClient(clone)
    episode = an_episode(id="web-1", decision=replace(EPISODE.decision, reasons=reasons))
    deliver(client, edit_of(client), episode)
    assert git(site.remote, "log", "-1", "--format=%(trailers:key=Episode,valueonly)", "main").strip() == "web-1"
    assert git(site.remote, "log", "-1", "--format=%(trailers:keyonly)", "main").split() == [
        "Episode",
        "Reason",
        "Rollback",
    ]
    assert "#1" not in site.message()
