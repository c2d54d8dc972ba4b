"""The agent's memory on a branch: read before a run, written after it, by one run at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from repositories import Site, commit_file, git, isolate, make_site

from ai_ops.domain.errors import BudgetSpent, DeliveryError, Overtaken, StateError
from ai_ops.git_client import GitClient
from ai_ops.store.budgets import HourlyBudget
from ai_ops.store.state_branch import MARKER, StateBranch

if TYPE_CHECKING:
    from pathlib import Path

BRANCH = "neuropilot/state"
EPISODES = "ai_ops/state/episodes.jsonl"
HISTORY = "ai_ops/models/metrics_history.json"
PAUSED = "ai_ops/state/paused.json"
BUDGETS = "ai_ops/state/budgets.json"
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A remote without a state branch."""
    return make_site(tmp_path)


class Run:
    """One run of the agent in a fresh shallow clone, as CI makes it."""

    def __init__(self, site: Site, name: str, *options: str) -> None:
        self.name = name
        self.root = site.clone(name, *options)
        self.warnings: list[str] = []
        self.state = self.next_command()

    def next_command(self) -> StateBranch:
        """Start anew in the same clone, as the next command does."""
        self.state = StateBranch(GitClient(self.root), BRANCH, warn=self.warnings.append, clock=lambda: NOON)
        return self.state

    def pull(self) -> None:
        """Read the memory."""
        self.state.pull()

    def push(self) -> None:
        """Note this run's name in the ledger and keep it."""
        self.note(f"{self.name}\n")
        self.state.push(f"remember {self.name}")

    def note(self, text: str, path: str = EPISODES) -> None:
        """Append to a state file."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes((file.read_bytes() if file.exists() else b"") + text.encode())


def remembered(site: Site) -> str:
    """The ledger on the remote."""
    return site.content(EPISODES, BRANCH).decode()


def test_the_first_run_finds_nothing_and_makes_the_branch(site: Site) -> None:
    """The branch shares no history with the code, so main holds only reviewable decisions."""
    run = Run(site, "one", "--depth=1")
    run.note("kept before\n")
    assert run.state.pull() is None
    run.push()
    assert remembered(site) == "kept before\none\n"
    assert git(site.remote, "rev-list", "--count", BRANCH) == "1"
    assert git(site.remote, "ls-tree", "-r", "--name-only", BRANCH).split() == [MARKER, EPISODES]
    assert site.message(BRANCH).startswith("remember one\n\nRun: ")


@pytest.mark.parametrize("options", [(), ("--depth=1",)], ids=["complete", "depth 1"])
def test_what_one_run_keeps_the_next_one_reads(site: Site, options: tuple[str, ...]) -> None:
    """Byte for byte, also in a checkout of depth 1; a file that was dropped is gone (S001-85)."""
    first = Run(site, "first")
    first.pull()
    first.note("old\n", "ai_ops/state/old.json")
    first.note('{"a": "ä\r\n\\u0000"}', HISTORY)
    first.push()
    (first.root / "ai_ops/state/old.json").unlink()
    first.push()
    second = Run(site, "second", *options)
    second.note("stale\n")
    second.note("left over from a run that never pushed\n", "ai_ops/state/sent.json")
    assert second.state.pull() == site.tip(BRANCH)
    assert (second.root / EPISODES).read_text() == "first\nfirst\n"
    assert (second.root / HISTORY).read_bytes() == '{"a": "ä\r\n\\u0000"}'.encode()
    assert not (second.root / "ai_ops/state/old.json").exists()
    assert not (second.root / "ai_ops/state/sent.json").exists()
    (aside,) = (second.root / "ai_ops/state").glob("set-aside-*")
    assert (aside / "episodes.jsonl").read_text() == "stale\n"
    second.push()
    assert remembered(site) == "first\nfirst\nsecond\n"


def test_nothing_new_is_no_commit(site: Site) -> None:
    """The branch grows only when the memory does (H33)."""
    run = Run(site, "one")
    run.pull()
    assert run.state.push("nothing at all") is None
    assert site.tip(BRANCH) == ""
    run.push()
    before = site.tip(BRANCH)
    assert run.state.push("nothing new") is None
    assert site.tip(BRANCH) == before


def test_only_state_is_kept(site: Site) -> None:
    """Locks, logs, half-written files and folders below stay on this disk; the code is no state."""
    run = Run(site, "one")
    run.pull()
    for name in (
        "cycle.lock",
        "budgets.json.lock",
        "ops_brain.log",
        ".episodes.jsonl.x7",
        ".hidden.json",
        "deep/a.json",
    ):
        run.note("x", f"ai_ops/state/{name}")
    run.push()
    assert git(site.remote, "ls-tree", "-r", "--name-only", BRANCH).split() == [MARKER, EPISODES]
    other = Run(site, "two")
    other.note("x", "ai_ops/state/cycle.lock")
    other.pull()
    assert (other.root / "ai_ops/state/cycle.lock").exists(), "what is not state is not removed"


def test_the_checkout_is_not_touched(site: Site) -> None:
    """Index, HEAD and every other file stay as they are."""
    Run(site, "before").state.pull()
    run = Run(site, "one")
    (run.root / "README.md").write_text("# Staged\n")
    (run.root / ".git/info/exclude").write_text("/ai_ops/\n")
    git(run.root, "add", "README.md")
    before = git(run.root, "rev-parse", "HEAD"), git(run.root, "ls-files", "--stage")
    run.pull()
    run.push()
    run.pull()
    assert (git(run.root, "rev-parse", "HEAD"), git(run.root, "ls-files", "--stage")) == before
    assert git(run.root, "status", "--porcelain") == "M  README.md"
    assert git(run.root, "branch", "--format=%(refname:short)") == "main"


# -- two runs at once -------------------------------------------------------------------------------------------------

STEPS = (("a", "pull"), ("a", "push"), ("b", "pull"), ("b", "push"))
ORDERS = [
    order
    for order in permutations(STEPS)
    if order.index(STEPS[0]) < order.index(STEPS[1]) and order.index(STEPS[2]) < order.index(STEPS[3])
]


@pytest.mark.parametrize("exists", [False, True], ids=["first run", "later run"])
@pytest.mark.parametrize("order", ORDERS, ids=[" ".join(f"{run}-{step}" for run, step in order) for order in ORDERS])
def test_in_every_order_nothing_is_lost(site: Site, order: tuple[tuple[str, str], ...], *, exists: bool) -> None:
    """A run that read before the other wrote is overtaken; one that read after builds on it (H17)."""
    if exists:
        start = Run(site, "start")
        start.pull()
        start.push()
    runs, done = {name: Run(site, name, "--depth=1") for name in "ab"}, list[str]()
    for name, step in order:
        try:
            getattr(runs[name], step)()
        except Overtaken:
            done.append(f"{name} overtaken")
        else:
            done.append(f"{name} {step}")
    first, second = (name for name, step in order if step == "push")
    is_serial = order.index((first, "push")) < order.index((second, "pull"))
    kept = [*(["start"] if exists else []), first, *([second] if is_serial else [])]
    assert remembered(site).split() == kept
    assert done[-1] == (f"{second} push" if is_serial else f"{second} overtaken")
    assert git(site.remote, "rev-list", "--count", BRANCH) == str(len(kept))


def test_pushes_at_the_same_instant_have_one_winner(site: Site) -> None:
    """The same content at the same second is still two runs, of which one may act (H17)."""
    runs = [Run(site, f"run-{number}", "--depth=1") for number in range(4)]
    for run in runs:
        run.pull()
        run.note("the same episode\n")
    together, outcomes = Barrier(len(runs)), list[str]()

    def push(run: Run) -> None:
        together.wait()
        try:
            run.state.push("remember")
        except Overtaken:
            outcomes.append("overtaken")
        else:
            outcomes.append("won")

    threads = [Thread(target=push, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["overtaken"] * 3 + ["won"]
    assert git(site.remote, "rev-list", "--count", BRANCH) == "1"


def test_the_overtaken_run_goes_on_after_reading_again(site: Site) -> None:
    """What it wrote on old memory is dropped, and the cycle is told anew."""
    one, two = Run(site, "one"), Run(site, "two")
    one.pull()
    two.pull()
    one.push()
    with pytest.raises(Overtaken):
        two.push()
    two.pull()
    two.push()
    assert remembered(site) == "one\ntwo\n"


def test_a_branch_deleted_meanwhile_is_noticed_and_made_anew(site: Site) -> None:
    """Deleting the branch is how an operator makes the agent forget; a run in flight must not undo that."""
    run = Run(site, "one")
    run.pull()
    run.push()
    git(site.remote, "update-ref", "-d", f"refs/heads/{BRANCH}")
    with pytest.raises(Overtaken):
        run.push()
    fresh = Run(site, "fresh")
    assert fresh.state.pull() is None
    fresh.push()
    assert remembered(site) == "fresh\n"


# -- what the branch has not seen --------------------------------------------------------------------------------------


def kept_by_somebody(site: Site, text: str = "theirs\n") -> None:
    """Let another checkout make the branch."""
    other = Run(site, "other")
    other.pull()
    other.note(text)
    other.state.push("remember theirs")


def test_a_past_that_the_branch_contradicts_is_set_aside(site: Site) -> None:
    """A laptop that ran alone meets a branch that CI has begun: nothing of either is lost, and somebody is told."""
    kept_by_somebody(site)
    laptop = Run(site, "laptop")
    laptop.note("one\ntwo\nthree\nfour\n")
    laptop.note("{}", HISTORY)
    laptop.pull()
    assert (laptop.root / EPISODES).read_text() == "theirs\n"
    aside = laptop.root / "ai_ops/state/set-aside-20261118T120000Z"
    assert (aside / "episodes.jsonl").read_text() == "one\ntwo\nthree\nfour\n"
    assert (aside / "metrics_history.json").read_text() == "{}"
    (warning,) = laptop.warnings
    assert "does not fit the one on neuropilot/state" in warning
    assert "set-aside-20261118T120000Z" in warning
    laptop.push()
    assert remembered(site) == "theirs\nlaptop\n"


def test_setting_aside_twice_in_a_second_keeps_both(site: Site) -> None:
    """What was set aside first is not overwritten."""
    kept_by_somebody(site)
    laptop = Run(site, "laptop")
    for text in ("one\n", "two\n"):
        (laptop.root / EPISODES).unlink(missing_ok=True)
        laptop.note(text)
        laptop.next_command().pull()
    aside = sorted((laptop.root / "ai_ops/state").glob("set-aside-*/episodes.jsonl"))
    assert [file.read_text() for file in aside] == ["one\n", "two\n"]


def test_a_past_that_the_branch_goes_on_from_needs_no_setting_aside(site: Site) -> None:
    """The usual case: this checkout has slept while others ran."""
    kept_by_somebody(site, "one\ntwo\n")
    laptop = Run(site, "laptop")
    laptop.note("one\n")
    laptop.pull()
    assert (laptop.root / EPISODES).read_text() == "one\ntwo\n"
    assert laptop.warnings == []


def test_a_past_that_goes_on_from_the_branch_is_pushed(site: Site) -> None:
    """A run that recorded and could not push: its line is neither lost nor set aside."""
    kept_by_somebody(site, "one\n")
    laptop = Run(site, "laptop")
    laptop.pull()
    laptop.note("two\n")
    laptop.next_command().pull()
    assert (laptop.root / EPISODES).read_text() == "one\ntwo\n"
    laptop.state.push("go on")
    assert remembered(site) == "one\ntwo\n"
    assert laptop.warnings == []


def test_a_past_is_not_lost_when_another_makes_the_branch_first(site: Site) -> None:
    """There was no branch to pull, and the first push comes second."""
    laptop = Run(site, "laptop")
    laptop.note("one\n")
    laptop.pull()
    kept_by_somebody(site)
    with pytest.raises(Overtaken):
        laptop.push()
    laptop.pull()
    assert (laptop.root / EPISODES).read_text() == "theirs\n"
    (aside,) = (laptop.root / "ai_ops/state").glob("set-aside-*/episodes.jsonl")
    assert aside.read_text() == "one\nlaptop\n"


def test_a_pause_that_the_branch_never_had_is_carried_there(site: Site) -> None:
    """Somebody stopped the agent here before there was a branch (H26)."""
    kept_by_somebody(site)
    laptop = Run(site, "laptop")
    laptop.note('{"reason": "incident"}', PAUSED)
    laptop.pull()
    assert (laptop.root / PAUSED).exists()
    laptop.push()
    assert site.content(PAUSED, BRANCH) == b'{"reason": "incident"}'


def test_a_pause_that_the_branch_had_ends_with_it(site: Site) -> None:
    """Resumed elsewhere is resumed here, whether this checkout had read the pause or written it."""
    writer, reader = Run(site, "writer"), Run(site, "reader")
    writer.pull()
    writer.note("{}", PAUSED)
    writer.push()
    reader.pull()
    assert (reader.root / PAUSED).exists()
    (reader.root / PAUSED).unlink()
    reader.state.push("resume")
    for run in (writer, reader):
        run.next_command().pull()
        assert not (run.root / PAUSED).exists()
    writer.note("{}", PAUSED)
    writer.next_command().pull()
    assert (writer.root / PAUSED).exists(), "the same words again are a new pause"


def test_what_was_spent_here_or_there_is_spent(site: Site) -> None:
    """Asking from a laptop and from CI shares one budget, whichever was written first (H31)."""
    runs = [Run(site, "one"), Run(site, "two")]
    for minutes, run in enumerate(runs):
        now = NOON + timedelta(minutes=minutes)
        HourlyBudget(run.root / BUDGETS, "questions", 2, lambda now=now: now).spend()
        run.pull()
        run.push()
    with pytest.raises(BudgetSpent):
        HourlyBudget(runs[1].root / BUDGETS, "questions", 2, lambda: NOON + timedelta(minutes=5)).spend()


# -- what is not ours, and what cannot be trusted ---------------------------------------------------------------------


def test_somebody_elses_branch_is_refused(site: Site) -> None:
    """A branch of that name with other content is never overwritten."""
    site.human_pushes("README.md", b"# Mine\n")
    git(site.remote, "branch", BRANCH, "main")
    run, before = Run(site, "one"), site.tip(BRANCH)
    with pytest.raises(StateError, match=r"is not NeuroPilot's.*state\.branch"):
        run.pull()
    with pytest.raises(StateError, match="never pulled"):
        run.push()
    assert site.tip(BRANCH) == before


def test_another_version_is_refused(site: Site) -> None:
    """An older release must not rewrite what a newer one understands (H32)."""
    run = Run(site, "one")
    run.pull()
    run.push()
    site.human_pushes(MARKER, b"2\n", BRANCH)
    with pytest.raises(StateError, match="has version b'2"):
        Run(site, "two").pull()


def test_a_link_on_the_branch_is_refused_before_anything_is_written(site: Site) -> None:
    """A link could make the agent write outside of the repository (H19)."""
    run = Run(site, "one")
    run.pull()
    run.push()
    clone = site.clone("eve", f"--branch={BRANCH}")
    (clone / "ai_ops/state/link.json").symlink_to("/etc/passwd")
    commit_file(clone, EPISODES, b"forged\n")
    git(clone, "add", ".")
    git(clone, "commit", "-q", "-m", "Link")
    git(clone, "push", "-q")
    with pytest.raises(StateError, match="symbolic link"):
        run.pull()
    assert (run.root / EPISODES).read_text() == "one\n"


@pytest.mark.parametrize("target", ["file", "folder"])
def test_a_link_on_the_disk_is_refused(site: Site, tmp_path: Path, target: str) -> None:
    """Neither is anything outside of the repository kept, nor written to (H19)."""
    start = Run(site, "start")
    start.pull()
    start.push()
    run, outside = Run(site, "one"), tmp_path / "outside"
    outside.mkdir()
    (outside / "episodes.jsonl").write_text("secret\n")
    if target == "file":
        (run.root / EPISODES).parent.mkdir(parents=True)
        (run.root / EPISODES).symlink_to(outside / "episodes.jsonl")
    else:
        (run.root / "ai_ops").mkdir()
        (run.root / "ai_ops/state").symlink_to(outside)
    with pytest.raises(StateError, match="symbolic link"):
        run.pull()
    assert (outside / "episodes.jsonl").read_text() == "secret\n"


def test_a_link_that_appears_after_the_pull_is_not_kept(site: Site, tmp_path: Path) -> None:
    """Otherwise a file from outside would be published (H09, H19)."""
    run = Run(site, "one")
    run.pull()
    (tmp_path / "secret").write_text("secret\n")
    run.note("x")
    (run.root / EPISODES).unlink()
    (run.root / EPISODES).symlink_to(tmp_path / "secret")
    with pytest.raises(StateError, match="symbolic link"):
        run.state.push("x")
    assert site.tip(BRANCH) == ""


def test_a_remote_that_refuses_is_a_delivery_error(site: Site) -> None:
    """The memory could not be kept, so the caller must not act."""
    site.refuse_pushes("GH013: Repository rule violations found")
    run = Run(site, "one")
    run.pull()
    with pytest.raises(DeliveryError, match="GH013"):
        run.push()


def test_a_reader_gets_a_copy(site: Site, tmp_path: Path) -> None:
    """A dry run reads the memory without changing the folders of the checkout."""
    run = Run(site, "one")
    run.pull()
    run.push()
    reader = Run(site, "reader")
    StateBranch(reader.state._git, BRANCH, root=tmp_path / "copy").pull()
    assert (tmp_path / "copy" / EPISODES).read_text() == "one\n"
    assert not (reader.root / EPISODES).exists()


def test_without_a_remote_the_branch_is_local(site: Site) -> None:
    """The same memory works in a repository that has no remote."""
    run = Run(site, "one")
    git(run.root, "remote", "remove", "origin")
    run.state = StateBranch(GitClient(run.root), BRANCH)
    run.pull()
    run.push()
    other = StateBranch(GitClient(run.root), BRANCH)
    other.pull()
    run.push()
    run.note("x\n")
    with pytest.raises(Overtaken):
        other.push("late")
    assert git(run.root, "show", f"{BRANCH}:{EPISODES}") == "one\none"
    assert git(run.root, "symbolic-ref", "HEAD") == "refs/heads/main"
