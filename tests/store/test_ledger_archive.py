"""The ledger's oldest months leave the state branch for an archive, and not one line is lost on the way."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from examples import an_episode
from ledgers import Warnings, strict
from repositories import Site, git, isolate, make_site

from ai_ops.domain.errors import DeliveryError, Overtaken, StateError
from ai_ops.git_client import GitClient
from ai_ops.store import ledger_retention
from ai_ops.store.archived import archived_in
from ai_ops.store.ledger import Ledger
from ai_ops.store.ledger_archive import LedgerArchive, archive_of
from ai_ops.store.ledger_retention import BYTES, FEWEST_MONTHS, KEPT_MONTHS, departing
from ai_ops.store.reconcile import LEDGER_ARCHIVE, ledger_of
from ai_ops.store.state_branch import MOST_COMMITS, StateBranch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.cycle import Episode

BRANCH, ARCHIVE = "neuropilot/state", "neuropilot/archive"
FIRST_YEAR = 2024
TWICE = (
    '{"version": 1, "branch": "b", "ledger": "l", "months": '
    '[{"month": "m", "hash": "a", "last_line": %d}, {"month": "n", "hash": "b", "last_line": %d}]}'
)
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A remote without a state branch."""
    return make_site(tmp_path)


def episode(month: int, number: int = 1) -> Episode:
    """An episode of the month that is so many months after December 2023."""
    year, index = divmod(month - 1, 12)
    at = datetime(FIRST_YEAR + year, index + 1, 3, 6, number, tzinfo=UTC)
    return replace(an_episode(), id=f"web-{month}-{number}", decided_at=at)


def file_of(month: int) -> str:
    """Name of a complete month's file."""
    year, index = divmod(month - 1, 12)
    return f"episodes-{FIRST_YEAR + year}-{index + 1:02}.jsonl"


class Run:
    """One checkout in which the agent runs again and again."""

    def __init__(self, site: Site, name: str, *options: str) -> None:
        self.root = site.clone(name, *options)
        self.git = GitClient(self.root)
        self.warnings = Warnings()
        self.archive = LedgerArchive(self.git, ARCHIVE, warn=self.warnings)
        self.restart()

    @property
    def ledger(self) -> Ledger:
        """The local ledger."""
        return Ledger(self.root / "ai_ops/state", warn=self.warnings)

    @property
    def files(self) -> list[str]:
        """Names of the local files that hold lines."""
        return sorted(file.name for file in (self.root / "ai_ops/state").glob("episodes*.jsonl"))

    def restart(self) -> None:
        """Begin a new process in the same checkout."""
        self.state = StateBranch(self.git, BRANCH, warn=self.warnings, clock=lambda: NOON)
        self.state.pull()

    def remember(self, *months: int, number: int = 1) -> None:
        """Decide once in each of these months, and keep that."""
        for month in months:
            self.ledger.append(episode(month, number))
        self.state.push(f"remember {months}", self.archive)

    def whole(self) -> list[str]:
        """Ids of all episodes, of which the ledger must be sure."""
        assert self.ledger.verify() == ()
        return [one.id for one in self.ledger.episodes()]


def make_long(site: Site, run: Run) -> None:
    """Let the newest commit say that the history is as long as it may be, and spare the others."""
    commit = run.git.commit(site.tip(BRANCH), {"note": b""}, f"x\n\nRun: a\nCommits: {MOST_COMMITS}\n")
    run.git.push(commit, BRANCH, expected=site.tip(BRANCH))
    run.restart()


def old(site: Site, months: int = KEPT_MONTHS + 3) -> Run:
    """A checkout whose ledger covers so many complete months and a current one, just before the history starts anew."""
    run = Run(site, "old")
    (run.root / "ai_ops/state").mkdir(parents=True)
    for name, content in grown(months + 1).items():
        (run.root / "ai_ops/state" / name).write_bytes(content)
    run.state.push("remember years")
    make_long(site, run)
    return run


@cache
def grown(months: int) -> Mapping[str, bytes]:
    """Files of a ledger with one episode in each of so many months."""
    with TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder), warn=strict)
        for month in range(1, months + 1):
            ledger.append(episode(month))
        return {file.name: file.read_bytes() for file in Path(folder).glob("*.json*") if file.suffix != ".lock"}


def archived_lines(site: Site) -> list[str]:
    """Ids of the episodes in the archive, oldest first."""
    names = git(site.remote, "ls-tree", "-r", "--name-only", ARCHIVE).splitlines()
    text = "".join(f"{git(site.remote, 'cat-file', 'blob', f'{ARCHIVE}:{name}')}\n" for name in names if "/" in name)
    return [json.loads(line)["episode"]["id"] for line in text.splitlines()]


def ids(months: range) -> list[str]:
    """Ids of the first episode of each month."""
    return [f"web-{month}-1" for month in months]


# -- what leaves, and when ---------------------------------------------------------------------------------------------


def test_old_months_leave_when_the_history_starts_anew(site: Site) -> None:
    """The branch keeps 13 complete months and the current one; the others are on the archive (H33)."""
    run = old(site)
    run.remember(KEPT_MONTHS + 4, number=2)
    assert git(site.remote, "rev-list", "--count", BRANCH) == "1"
    assert run.files == [*(file_of(month) for month in range(4, KEPT_MONTHS + 4)), "episodes.jsonl"]
    assert archived_lines(site) == ids(range(1, 4))
    assert run.whole() == [*ids(range(4, KEPT_MONTHS + 5)), f"web-{KEPT_MONTHS + 4}-2"]
    assert run.warnings == []
    kept = git(site.remote, "ls-tree", "-r", "--name-only", BRANCH).split()
    assert [name.rpartition("/")[2] for name in kept if "episodes" in name] == run.files


def test_a_fresh_clone_trusts_what_is_left_and_goes_on(site: Site) -> None:
    """The first line it sees names a hash that the archive's file knows; the chain has no gap (S001-143)."""
    old(site).remember(KEPT_MONTHS + 5)
    fresh = Run(site, "fresh", "--depth=1")
    assert len(fresh.whole()) == KEPT_MONTHS + 1
    fresh.remember(KEPT_MONTHS + 5, number=2)
    assert fresh.whole()[-1] == f"web-{KEPT_MONTHS + 5}-2"
    archived = fresh.ledger.archived()
    assert archived is not None
    assert [one.month for one in archived.months] == ["2024-01", "2024-02", "2024-03", "2024-04"]
    assert fresh.archive.verify(archived) == ()


def test_month_after_month_the_archive_grows_and_the_branch_does_not(site: Site) -> None:
    """Every line stands in exactly one place, in order."""
    run = old(site)
    for month in range(KEPT_MONTHS + 5, KEPT_MONTHS + 11):
        run.remember(month)
        make_long(site, run)
    assert len(run.files) == KEPT_MONTHS + 1
    assert [*archived_lines(site), *run.whole()] == ids(range(1, KEPT_MONTHS + 11))
    assert git(site.remote, "rev-list", "--count", ARCHIVE) == "6", "one commit upon the other"


def test_without_an_archive_nothing_leaves(site: Site) -> None:
    """Whoever pulls the kill switch shortens the history and waits for nothing else (H26)."""
    run = old(site)
    run.ledger.append(episode(KEPT_MONTHS + 5))
    run.state.push("pause")
    assert git(site.remote, "rev-list", "--count", BRANCH) == "1"
    assert run.whole() == ids(range(1, KEPT_MONTHS + 6))
    assert site.tip(ARCHIVE) == ""


@pytest.mark.parametrize(
    ("months", "leaving"),
    [(KEPT_MONTHS, 0), (KEPT_MONTHS + 1, 1), (KEPT_MONTHS + 30, 30), (1, 0), (0, 0)],
)
def test_thirteen_complete_months_stay(months: int, leaving: int) -> None:
    """A person finds the same month of last year beside this one."""
    files = {f"ai_ops/state/{file_of(month)}": b"line\n" for month in range(1, months + 1)}
    assert departing({**files, "ai_ops/state/episodes.jsonl": b"", "x.json": b""}) == tuple(sorted(files)[:leaving])


def test_months_without_an_episode_count_as_well() -> None:
    """A service that was watched in two summers keeps the later one."""
    files = {file_of(month): b"line\n" for month in (1, 2, 12, 13, 15, 16)}
    assert departing(files) == (file_of(1), file_of(2))


def test_large_months_leave_earlier_and_three_stay() -> None:
    """A fleet fills the branch faster than a year: what the tuner and the snapshots look back on stays anyway."""
    compressible = {file_of(month): b"0123456789" * 200_000 for month in range(1, 9)}
    assert departing(compressible) == ()
    incompressible = {file_of(month): _noise(2_000_000, month) for month in range(1, 9)}
    assert departing(incompressible) == tuple(file_of(month) for month in range(1, 9 - FEWEST_MONTHS))


def _noise(size: int, seed: int) -> bytes:
    import numpy as np

    return np.random.default_rng(seed).bytes(size)


# -- stopped in between ------------------------------------------------------------------------------------------------


def test_stopped_after_the_archive_both_places_have_the_months(site: Site) -> None:
    """The state push never came: the next run finds the months archived, and only takes them off the branch."""
    run = old(site)
    run.ledger.append(episode(KEPT_MONTHS + 5))
    run.archive.relieve(files_of(run))
    before = site.tip(ARCHIVE)
    assert archived_lines(site) == ids(range(1, 5))
    again = Run(site, "again", "--depth=1")
    assert again.whole() == ids(range(1, KEPT_MONTHS + 5)), "the state branch has everything as well"
    again.remember(KEPT_MONTHS + 5)
    assert site.tip(ARCHIVE) == before
    assert [*archived_lines(site), *again.whole()] == ids(range(1, KEPT_MONTHS + 6))


def test_overtaken_after_the_archive_nothing_leaves(site: Site) -> None:
    """Another run wrote the state while the months were archived: both places keep them (H17)."""
    run, rival = old(site), Run(site, "rival", "--depth=1")
    run.ledger.append(episode(KEPT_MONTHS + 5))
    rival.remember(KEPT_MONTHS + 4, number=2)
    with pytest.raises(Overtaken):
        run.state.push("too late", run.archive)
    assert run.whole() == ids(range(1, KEPT_MONTHS + 6)), "nothing was deleted here"
    run.state.pull()
    everything = [*ids(range(1, KEPT_MONTHS + 5)), f"web-{KEPT_MONTHS + 4}-2"]
    assert sorted({*archived_lines(site), *run.whole()}) == sorted(everything)
    assert run.whole() == rival.whole()
    assert run.warnings == rival.warnings == []


@pytest.mark.parametrize("deleted", range(4))
def test_stopped_while_deleting_here_the_next_run_ends_it(site: Site, deleted: int) -> None:
    """The branch is right, this checkout is half-way: whatever is left begins behind an archived month."""
    run = old(site)
    before = files_of(run)
    run.remember(KEPT_MONTHS + 4, number=2)
    kept = run.whole()
    for path in sorted(before.keys() - files_of(run).keys())[deleted:]:
        (run.root / path).write_bytes(before[path])
    assert run.whole()[-len(kept) :] == kept, "half-way it can be read as well"
    run.restart()
    assert run.whole() == kept
    assert file_of(3) not in run.files
    assert run.warnings == []


def test_an_archive_that_cannot_be_pushed_costs_nothing_but_space(site: Site) -> None:
    """A protected name, say: the months stay, the decision is kept, and somebody is told."""
    run = old(site)
    hook = site.remote / "hooks" / "update"
    hook.write_text(f"#!/bin/sh\ncase $1 in refs/heads/{ARCHIVE}) echo GH013 >&2; exit 1;; esac\n")
    hook.chmod(0o755)
    run.remember(KEPT_MONTHS + 5)
    assert Run(site, "reader").whole() == ids(range(1, KEPT_MONTHS + 6))
    (warning,) = run.warnings
    assert "stay on the state branch" in warning
    hook.unlink()
    make_long(site, run)
    run.remember(KEPT_MONTHS + 6)
    assert [*archived_lines(site), *run.whole()] == ids(range(1, KEPT_MONTHS + 7))


def test_two_runs_that_archive_at_once_add_each_month_once(site: Site) -> None:
    """The slower one finds the months there (H17)."""
    one = old(site)
    two = Run(site, "two")
    for run in (one, two):
        run.archive.relieve(files_of(run))
    assert archived_lines(site) == ids(range(1, 4))
    assert git(site.remote, "rev-list", "--count", ARCHIVE) == "1"


class Interfering(GitClient):
    """Lets somebody else push a month between reading the archive and adding to it, so many times."""

    def __init__(self, root: Path, site: Site, times: int) -> None:
        super().__init__(root)
        self._site, self._numbers = site, iter(range(times))

    def push(self, commit: str, branch: str, *, expected: str | None = None) -> None:
        """Push after somebody else has."""
        if branch == ARCHIVE and (number := next(self._numbers, None)) is not None:
            tip = self._site.tip(ARCHIVE)
            files: dict[str, bytes | None] = {"VERSION": b"1\n", f"other/episodes-2020-0{number + 1}.jsonl": b"{}\n"}
            super().push(super().commit(tip or None, files, "x"), ARCHIVE, expected=tip)
        super().push(commit, branch, expected=expected)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_lost_race_for_the_archive_is_run_again(site: Site, times: int) -> None:
    """Another ledger's run added first; after three lost races the months wait for the next occasion."""
    run = old(site)
    run.archive = LedgerArchive(Interfering(run.root, site, times), ARCHIVE, warn=run.warnings)
    run.remember(KEPT_MONTHS + 5)
    is_archived = file_of(1) not in run.files
    assert is_archived == (times < 3)
    assert bool(run.warnings) == (times == 3)
    names = git(site.remote, "ls-tree", "-r", "--name-only", ARCHIVE).split()
    assert sum(name.startswith("other/") for name in names) == times
    assert run.whole()[-1] == f"web-{KEPT_MONTHS + 5}-1"


# -- checkouts that know more or less than the branch ------------------------------------------------------------------


def test_a_checkout_from_before_the_archive_takes_it_over(site: Site) -> None:
    """A laptop slept: it has all months, the branch only the newer ones, and they are the same ledger."""
    run = old(site)
    laptop = Run(site, "laptop")
    run.remember(KEPT_MONTHS + 5)
    laptop.restart()
    assert laptop.whole() == run.whole()
    assert laptop.warnings == []


def test_a_line_that_only_a_sleeping_checkout_has_is_not_lost(site: Site) -> None:
    """It recorded and could not push; meanwhile months were archived, and no line came behind its own."""
    run = old(site)
    laptop = Run(site, "laptop")
    laptop.ledger.append(episode(KEPT_MONTHS + 4, number=2))
    (run.root / "ai_ops/state/sent.json").write_text("{}\n")
    run.state.push("note what was sent", run.archive)
    assert archived_lines(site) == ids(range(1, 4))
    laptop.restart()
    laptop.state.push("go on", laptop.archive)
    assert laptop.whole()[-1] == f"web-{KEPT_MONTHS + 4}-2"
    run.restart()
    assert run.whole() == laptop.whole()
    assert {*archived_lines(site), *run.whole()} == {*ids(range(1, KEPT_MONTHS + 5)), f"web-{KEPT_MONTHS + 4}-2"}
    assert run.warnings == laptop.warnings == []


def test_a_checkout_that_ends_before_the_branch_begins_is_set_aside(site: Site) -> None:
    """Nothing that both have could show that they are one ledger: what stood here is kept beside."""
    ancient = Run(site, "ancient")
    ancient.remember(1, 2)
    saved = shutil.copytree(ancient.root / "ai_ops", ancient.root.parent / "saved")
    ancient.remember(*range(3, KEPT_MONTHS + 5))
    make_long(site, ancient)
    ancient.remember(KEPT_MONTHS + 5)
    shutil.rmtree(ancient.root / "ai_ops")
    shutil.copytree(saved, ancient.root / "ai_ops")
    ancient.restart()
    assert ancient.whole()[-1] == f"web-{KEPT_MONTHS + 5}-1"
    (warning,) = ancient.warnings
    assert "does not fit" in warning
    assert list((ancient.root / "ai_ops/state").glob("set-aside-*/episodes.jsonl"))


def test_a_fork_of_the_ledger_is_set_aside_behind_an_archive_as_before_it(site: Site) -> None:
    """Lines that differ are a contradiction, wherever either of the two begins."""
    run = old(site)
    laptop = Run(site, "laptop")
    laptop.ledger.append(episode(KEPT_MONTHS + 4, number=7))
    run.remember(KEPT_MONTHS + 4, number=2)
    laptop.restart()
    assert laptop.whole() == run.whole()
    (aside,) = (laptop.root / "ai_ops/state").glob("set-aside-*/episodes.jsonl")
    assert f"web-{KEPT_MONTHS + 4}-7" in aside.read_text()


def test_a_branch_that_was_taken_back_behind_its_archive_brings_its_months_along(site: Site) -> None:
    """Somebody restored the state branch as it was before months left it: this checkout adds what came since."""
    run = old(site)
    before = site.tip(BRANCH)
    run.remember(KEPT_MONTHS + 4, number=2)
    git(site.remote, "update-ref", f"refs/heads/{BRANCH}", before)
    run.restart()
    assert run.whole() == [*ids(range(1, KEPT_MONTHS + 5)), f"web-{KEPT_MONTHS + 4}-2"]
    run.remember(KEPT_MONTHS + 4, number=3)
    assert [*archived_lines(site), *run.whole()][-2:] == [f"web-{KEPT_MONTHS + 4}-2", f"web-{KEPT_MONTHS + 4}-3"]
    assert run.warnings == []


# -- what cannot be trusted --------------------------------------------------------------------------------------------


def test_an_altered_ledger_is_not_hidden_in_the_archive(site: Site) -> None:
    """An edited old line would leave with its month, and the rest would look whole: it stays, and is told (H32)."""
    run = old(site)
    path = run.root / "ai_ops/state" / file_of(2)
    path.write_text(path.read_text().replace('"web-2-1"', '"web-2-9"'))
    (run.root / "ai_ops/state/sent.json").write_text("{}\n")
    run.state.push("note what was sent", run.archive)
    assert site.tip(ARCHIVE) == ""
    assert "edited" in run.warnings[0]
    assert file_of(1) in run.files


@pytest.mark.parametrize("gone", [4, 5, KEPT_MONTHS + 3])
def test_a_month_that_somebody_deletes_is_missed_behind_an_archive(site: Site, gone: int) -> None:
    """Also the first of those that are left, which looks as if it had been archived (H32)."""
    run = old(site)
    run.remember(KEPT_MONTHS + 4, number=2)
    (run.root / "ai_ops/state" / file_of(gone)).unlink()
    assert {problem.kind for problem in run.ledger.verify()} == {"deleted"}
    with pytest.raises(StateError, match="1 line"):
        run.ledger.episodes()


def test_a_ledger_without_the_file_that_says_where_it_begins_is_refused(site: Site) -> None:
    """Without it, nobody knows whether the first lines were archived or deleted."""
    run = old(site)
    run.remember(KEPT_MONTHS + 4, number=2)
    (run.root / LEDGER_ARCHIVE).unlink()
    assert {problem.kind for problem in run.ledger.verify()} == {"deleted"}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"version": 2}',
        '{"version": 1, "branch": "b", "ledger": "l", "months": []}',
        '{"version": 1, "branch": "b", "ledger": "l", "months": [{"month": "2025-01", "hash": "a"}]}',
        '{"version": 1, "branch": "b", "ledger": "l", "months": [{"month": "m", "hash": "a", "last_line": "x"}]}',
        TWICE % (2, 1),
        TWICE % (2, 2),
    ],
)
def test_a_file_that_is_no_list_of_months_is_refused(site: Site, content: str) -> None:
    """Cut off, of another version, or edited (H32)."""
    run = old(site)
    run.remember(KEPT_MONTHS + 4, number=2)
    (run.root / LEDGER_ARCHIVE).write_text(content)
    with pytest.raises(StateError, match=r"ledger_archive\.json"):
        run.ledger.episodes()


def test_what_was_altered_in_the_archive_is_found(site: Site) -> None:
    """The chain reaches from the very first line to the newest one (S001-143)."""
    run = old(site)
    run.remember(KEPT_MONTHS + 4, number=2)
    archived = run.ledger.archived()
    assert archived is not None
    path = f"{archived.ledger}/{file_of(2)}"
    site.human_pushes(path, site.content(path, ARCHIVE).replace(b"web-2-1", b"web-2-9"), ARCHIVE)
    (problem,) = run.archive.verify(archived)
    assert problem.kind == "edited"
    site.human_pushes(path, b"", ARCHIVE)
    assert {problem.kind for problem in run.archive.verify(archived)} == {"deleted"}
    git(site.remote, "update-ref", "-d", f"refs/heads/{ARCHIVE}")
    with pytest.raises(StateError, match="there is no branch"):
        run.archive.verify(archived)


def test_other_lines_of_the_same_month_are_never_overwritten(site: Site) -> None:
    """Whatever they are, they stay, and so do the months here."""
    run = old(site)
    run.remember(KEPT_MONTHS + 4, number=2)
    archived = run.ledger.archived()
    assert archived is not None
    site.human_pushes(f"{archived.ledger}/{file_of(4)}", b"theirs\n", ARCHIVE)
    make_long(site, run)
    run.remember(KEPT_MONTHS + 5)
    assert "holds other lines" in run.warnings[0]
    assert file_of(4) in run.files
    assert site.content(f"{archived.ledger}/{file_of(4)}", ARCHIVE) == b"theirs\n"


@pytest.mark.parametrize("content", [b"# Mine\n", b"2\n"])
def test_somebody_elses_branch_of_that_name_is_left_alone(site: Site, content: bytes) -> None:
    """It lacks the marker, or is of a later release."""
    path = "VERSION" if content == b"2\n" else "README.md"
    site.human_pushes(path, content)
    git(site.remote, "branch", ARCHIVE, "main")
    before = site.tip(ARCHIVE)
    run = old(site)
    run.remember(KEPT_MONTHS + 5)
    assert site.tip(ARCHIVE) == before
    assert len(run.warnings) == 1
    assert run.whole() == ids(range(1, KEPT_MONTHS + 6))


def test_a_file_cannot_send_the_archive_to_another_branch(site: Site) -> None:
    """Only the settings say where; whoever can write the state could else choose a branch that runs."""
    run = old(site)
    run.remember(KEPT_MONTHS + 4, number=2)
    path = run.root / LEDGER_ARCHIVE
    path.write_text(path.read_text().replace(ARCHIVE, "main"))
    main = site.tip("main")
    make_long_without_pulling(site, run)
    run.remember(KEPT_MONTHS + 5)
    assert "rename that branch" in run.warnings[0]
    assert site.tip("main") == main


def make_long_without_pulling(site: Site, run: Run) -> None:
    """As `make_long`, and push what stands here with it."""
    run.state.push("as it stands")
    commit = run.git.commit(site.tip(BRANCH), {"note": b"2"}, f"x\n\nRun: a\nCommits: {MOST_COMMITS}\n")
    run.git.push(commit, BRANCH, expected=site.tip(BRANCH))
    run.restart()


def test_whoever_begins_anew_has_an_archive_beside_the_old_one(site: Site) -> None:
    """Deleting the state branch makes the agent forget; two ledgers of the same months do not meet."""
    run = old(site)
    run.remember(KEPT_MONTHS + 5)
    git(site.remote, "update-ref", "-d", f"refs/heads/{BRANCH}")
    fresh = Run(site, "fresh")
    fresh.remember(*range(1, KEPT_MONTHS + 6), number=5)
    make_long(site, fresh)
    fresh.remember(KEPT_MONTHS + 6, number=5)
    names = git(site.remote, "ls-tree", "-r", "--name-only", ARCHIVE).split()
    assert len({name.partition("/")[0] for name in names if "/" in name}) == 2
    assert fresh.warnings == []
    archived = fresh.ledger.archived()
    assert archived is not None
    assert fresh.archive.verify(archived) == ()


@pytest.mark.parametrize(
    ("branch", "archive"),
    [("neuropilot/state", ARCHIVE), ("team/state", "team/archive"), ("state", "archive"), ("memory", "memory-archive")],
)
def test_the_archive_is_named_after_the_state_branch(branch: str, archive: str) -> None:
    """Two agents in one repository have two archives."""
    assert archive_of(branch) == archive


def test_a_remote_that_does_not_answer_is_told(site: Site) -> None:
    """Looking at the archive needs the network."""
    run = old(site)
    run.remember(KEPT_MONTHS + 4, number=2)
    archived = archived_in((run.root / LEDGER_ARCHIVE).read_bytes())
    assert archived is not None
    shutil.rmtree(site.remote)
    with pytest.raises(DeliveryError):
        run.archive.verify(archived)


def files_of(run: Run) -> Mapping[str, bytes]:
    """The state files of a checkout that belong to its ledger."""
    folder = run.root / "ai_ops/state"
    files = {f"ai_ops/state/{file.name}": file.read_bytes() for file in folder.glob("*.json*") if file.is_file()}
    assert ledger_of(files)
    return {path: content for path, content in files.items() if not path.endswith(".lock")}


def test_the_words_on_retention_name_the_bounds_that_hold() -> None:
    """Whoever reads how much is kept reads what is really kept (H33)."""
    words = " ".join((ledger_retention.__doc__ or "").split())
    assert f"where they would take more than {BYTES / 1e6:g} MB" in words
    assert f"of 0.06 MB a service; {BYTES / 1e6:g} MB, or three months" in words
    assert f"Kept are {KEPT_MONTHS} complete months" in words
