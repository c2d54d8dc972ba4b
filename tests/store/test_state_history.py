"""The state branch stays short: its history starts anew now and then, and nobody who works on it notices."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

import pytest
from repositories import Site, git, isolate, make_site

from ai_ops.domain.errors import Overtaken, StateError
from ai_ops.git_client import GitClient
from ai_ops.store.state_branch import MARKER, MOST_COMMITS, StateBranch, length_noted

if TYPE_CHECKING:
    from pathlib import Path

BRANCH = "neuropilot/state"
EPISODES = "ai_ops/state/episodes.jsonl"
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
SHALLOW = "--depth=1"


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A remote without a state branch."""
    return make_site(tmp_path)


class Run:
    """One checkout in which the agent runs again and again."""

    def __init__(self, site: Site, name: str, *options: str) -> None:
        self.root = site.clone(name, *options)
        self.git = GitClient(self.root)
        self.warnings: list[str] = []
        self.state = StateBranch(self.git, BRANCH, warn=self.warnings.append, clock=lambda: NOON)
        self.state.pull()

    @property
    def ledger(self) -> str:
        """The local ledger."""
        return (self.root / EPISODES).read_text()

    def remember(self, text: str) -> None:
        """Append a line to the ledger, and keep it."""
        file = self.root / EPISODES
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a") as lines:
            lines.write(f"{text}\n")
        self.state.push(f"remember {text}")


def length(site: Site) -> int:
    """Commits of the branch on the remote."""
    return int(git(site.remote, "rev-list", "--count", BRANCH))


def fill(site: Site, commits: int) -> Run:
    """Make the branch with so many commits; each of them leaves a line."""
    run = Run(site, "filler")
    for number in range(1, commits + 1):
        run.remember(f"line {number}")
    return run


def long(site: Site, run: Run | None = None) -> Run:
    """Make a branch whose newest commit says that its history is as long as it may be, and is spared the others."""
    run = run or fill(site, 1)
    commit = run.git.commit(
        site.tip(BRANCH), {EPISODES: b"line 1\nline 2\n"}, f"remember line 2\n\nRun: a\nCommits: {MOST_COMMITS}\n"
    )
    run.git.push(commit, BRANCH, expected=site.tip(BRANCH))
    run.state.pull()
    return run


def remembered(site: Site) -> list[str]:
    """Lines of the ledger on the remote."""
    return site.content(EPISODES, BRANCH).decode().splitlines()


def test_the_history_starts_anew_and_holds_the_same(site: Site) -> None:
    """After the longest history comes a commit without a parent: not a line is lost, and nothing old stays (H33)."""
    run = fill(site, MOST_COMMITS)
    assert length(site) == MOST_COMMITS
    old = site.tip(BRANCH)
    run.remember("one more")
    assert length(site) == 1
    assert remembered(site) == [*(f"line {number}" for number in range(1, MOST_COMMITS + 1)), "one more"]
    assert git(site.remote, "ls-tree", "-r", "--name-only", BRANCH).split() == [MARKER, EPISODES]
    assert old not in git(site.remote, "rev-list", "--all")
    assert site.message(BRANCH).endswith("Commits: 1\n")


def test_it_never_grows_longer_however_many_runs_there_are(site: Site) -> None:
    """Each in a fresh shallow clone, as CI makes it: the length is read from the newest commit alone."""
    fill(site, MOST_COMMITS - 1)
    lengths = []
    for number in range(4):
        Run(site, f"ci-{number}", SHALLOW).remember(f"ci {number}")
        lengths.append(length(site))
    assert lengths == [MOST_COMMITS, 1, 2, 3]
    assert remembered(site)[-4:] == ["ci 0", "ci 1", "ci 2", "ci 3"]


def test_what_somebody_put_beside_the_state_stays(site: Site) -> None:
    """A README that a person added on the branch is no state, and no reason to lose it."""
    fill(site, 2)
    site.human_pushes("README.md", b"# Hands off\n", BRANCH)
    assert length(site) == 3
    run = Run(site, "next")
    run.remember("after the person")
    assert length(site) == 1, "the person noted no length, so nobody knows how long it is"
    assert site.content("README.md", BRANCH) == b"# Hands off\n"


def test_a_branch_of_an_earlier_release_is_taken_over(site: Site) -> None:
    """Its commits say nothing of their number: the first push shortens it, whatever it was."""
    run = fill(site, 3)
    old = run.git.commit(site.tip(BRANCH), {EPISODES: b"of old\n"}, "remember of old\n\nRun: abc\n")
    run.git.push(old, BRANCH, expected=site.tip(BRANCH))
    assert length_noted(run.git, old) is None
    Run(site, "new", SHALLOW).remember("of today")
    assert (length(site), remembered(site)) == (1, ["of old", "of today"])


@pytest.mark.parametrize(
    "noted", ["-1", "0", "a dozen", "9" * 5000, "١٢"], ids=["negative", "none", "words", "endless", "arabic"]
)
def test_a_length_that_is_none_shortens_the_history(site: Site, noted: str) -> None:
    """Whatever somebody writes there ends in a short branch, never in an error (H32)."""
    run = fill(site, 1)
    forged = run.git.commit(site.tip(BRANCH), {EPISODES: b"theirs\n"}, f"x\n\nRun: abc\nCommits: {noted}\n")
    run.git.push(forged, BRANCH, expected=site.tip(BRANCH))
    Run(site, "new", SHALLOW).remember("ours")
    assert (length(site), remembered(site)) == (1, ["theirs", "ours"])


# -- somebody else works on the old history ---------------------------------------------------------------------------


@pytest.mark.parametrize("is_collected", [False, True], ids=["as it is", "remote gc'ed"])
@pytest.mark.parametrize("options", [(), (SHALLOW,)], ids=["complete", "depth 1"])
def test_whoever_read_the_old_history_is_overtaken_and_goes_on(
    site: Site, options: tuple[str, ...], *, is_collected: bool
) -> None:
    """Its push rests on a commit that the remote has thrown away: it reads again and loses nothing (H17)."""
    first = long(site)
    second = Run(site, "second", *options)
    first.remember("first")
    assert length(site) == 1
    if is_collected:
        collect(site)
    with pytest.raises(Overtaken):
        second.remember("second, on old memory")
    second.state.pull()
    second.remember("second")
    first.state.pull()
    assert remembered(site)[-2:] == ["first", "second"]
    assert first.ledger == second.ledger == site.content(EPISODES, BRANCH).decode()
    assert first.warnings == second.warnings == []


@pytest.mark.parametrize("is_collected", [False, True], ids=["as it is", "remote gc'ed"])
def test_whoever_wanted_to_start_anew_is_overtaken_like_everybody(site: Site, *, is_collected: bool) -> None:
    """The other order: a force that does not look would take back what the faster one wrote (H17)."""
    slow = long(site)
    fast = Run(site, "fast", SHALLOW)
    fast.remember("fast")
    if is_collected:
        collect(site)
    with pytest.raises(Overtaken):
        slow.remember("slow, on old memory")
    assert remembered(site)[-1] == "fast"
    slow.state.pull()
    slow.remember("slow")
    assert remembered(site)[-2:] == ["fast", "slow"]
    assert length(site) == 2, "the fast one started anew"


def test_a_checkout_that_slept_through_a_new_beginning_takes_it_over(site: Site) -> None:
    """What it knows is compared by content, so that another history of the same lines is no contradiction."""
    first = fill(site, 1)
    sleeper = Run(site, "sleeper")
    long(site, first).remember("later")
    collect(site)
    again = StateBranch(GitClient(sleeper.root), BRANCH, warn=sleeper.warnings.append, clock=lambda: NOON)
    again.pull()
    assert sleeper.ledger == first.ledger
    assert sleeper.warnings == []


def test_a_line_that_could_not_be_pushed_survives_a_new_beginning(site: Site) -> None:
    """A run recorded and could not push; meanwhile the history was shortened without a new line of the ledger."""
    first = long(site)
    laptop = Run(site, "laptop")
    with (laptop.root / EPISODES).open("a") as lines:
        lines.write("only here\n")
    (first.root / "ai_ops/state/sent.json").write_text("{}\n")
    first.state.push("note what was sent")
    assert length(site) == 1
    again = StateBranch(GitClient(laptop.root), BRANCH, warn=laptop.warnings.append, clock=lambda: NOON)
    again.pull()
    again.push("go on")
    assert remembered(site)[-1] == "only here"
    assert laptop.warnings == []


# -- people ------------------------------------------------------------------------------------------------------------


def test_a_branch_deleted_before_a_new_beginning_is_not_brought_back(site: Site) -> None:
    """Deleting the branch is how an operator makes the agent forget."""
    run = long(site)
    git(site.remote, "update-ref", "-d", f"refs/heads/{BRANCH}")
    collect(site)
    with pytest.raises(Overtaken):
        run.remember("late")
    assert site.tip(BRANCH) == ""
    fresh = Run(site, "fresh", SHALLOW)
    fresh.remember("first again")
    assert (length(site), remembered(site)) == (1, ["first again"])


def test_a_branch_that_a_person_took_back_counts_as_it_stands(site: Site) -> None:
    """Somebody resets the branch to last week: runs go on from there, what they had written is set aside."""
    run = fill(site, 5)
    git(site.remote, "update-ref", f"refs/heads/{BRANCH}", f"{BRANCH}~2")
    collect(site)
    with pytest.raises(Overtaken):
        run.remember("line 6")
    fresh = Run(site, "fresh", SHALLOW)
    fresh.remember("another line 4")
    assert remembered(site) == ["line 1", "line 2", "line 3", "another line 4"]
    assert length(site) == 4
    run.state.pull()
    assert run.ledger == fresh.ledger
    (aside,) = (run.root / "ai_ops/state").glob("set-aside-*/episodes.jsonl")
    assert aside.read_text().splitlines() == [*(f"line {number}" for number in range(1, 7))]


def test_a_branch_that_a_person_squashed_by_hand_is_read(site: Site) -> None:
    """A person may do what the agent does; without the marker it would be somebody else's branch."""
    run = fill(site, 4)
    tree = git(site.remote, "rev-parse", f"{BRANCH}^{{tree}}")
    root = git(run.root, "commit-tree", tree, "-m", "Tidy up")
    git(run.root, "push", "-q", "--force", "origin", f"{root}:refs/heads/{BRANCH}")
    run.state.pull()
    run.remember("line 5")
    assert remembered(site)[-1] == "line 5"
    empty = git(run.root, "hash-object", "-t", "tree", "-w", "/dev/null")
    orphan = git(run.root, "commit-tree", empty, "-m", "Nothing")
    git(run.root, "push", "-q", "--force", "origin", f"{orphan}:refs/heads/{BRANCH}")
    with pytest.raises(StateError, match="is not NeuroPilot's"):
        run.state.pull()


def test_without_a_remote_the_local_branch_stays_short_as_well(tmp_path: Path) -> None:
    """A repository that was never pushed anywhere keeps its memory by the same rules."""
    site = make_site(tmp_path)
    root = site.clone("alone")
    git(root, "remote", "remove", "origin")
    state, numbers = StateBranch(GitClient(root), BRANCH), count(1)
    state.pull()
    for number, _ in zip(numbers, range(MOST_COMMITS + 2), strict=False):
        (root / "ai_ops/state").mkdir(parents=True, exist_ok=True)
        (root / EPISODES).write_text(f"{number}\n")
        state.push("remember")
    assert git(root, "rev-list", "--count", BRANCH) == "2"


def collect(site: Site) -> None:
    """Let the remote throw away at once what nothing points to, as a host does one day."""
    git(site.remote, "reflog", "expire", "--expire=now", "--all")
    git(site.remote, "gc", "-q", "--prune=now")
