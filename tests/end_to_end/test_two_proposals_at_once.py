"""Two runs of one service meet at every place where one of them writes: one request, one story, nothing lost.

`WRITES` lists those places. At each of them the first run waits while the second one runs from begin to end, or dies
while the second one finishes the work; and the second run, which comes later, is stopped at the same places by a third.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from agents import Agent
from fakes.github import FakeGitHub
from proposing import BEGIN, BRANCH, SAVE, SAVE_MORE, SECURE, SETTINGS, SIX_HOURS, environment, run_wanting, site_with
from repositories import git

from ai_ops.apply.pull_request_body.markers import episode_in
from ai_ops.domain.errors import OpsError
from ai_ops.store.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from repositories import Site

    from ai_ops.domain.cycle import Cycle, CycleResult

STATE = "neuropilot/state"

STEPS = ("remember", "apply", "notify")
"""Before each of these steps something was, or is about to be, written: the ledger and the state branch, the request,
the note of what was sent."""

WORDS = ("push the branch", "open the pull request", "write the pull request anew")
CARE = ("close the pull request", "say why the pull request is closed", "comment on the pull request")
MERGE = "merge the pull request"
"""What the agent says right before it writes, within the step `apply`."""

WRITES = (*(f"before {step}" for step in STEPS), *WORDS, *CARE, MERGE)


class Died(BaseException):
    """The machine went away."""


class Meeting:
    """Lets something happen once, the first time that a run comes to a place."""

    def __init__(self, place: str, happen: Callable[[], None]) -> None:
        self.place, self._happen, self.has_happened = place, happen, False

    def at(self, place: str) -> None:
        """Somebody is at `place`."""
        if place == self.place and not self.has_happened:
            self.has_happened = True
            self._happen()

    def between_steps(self, cycle: Cycle) -> Cycle:
        """The same cycle, which says where it is."""

        def watched(step: str) -> Callable[..., Any]:
            take = getattr(cycle, step)

            def taken(*arguments: Any) -> Any:
                self.at(f"before {step}")
                return take(*arguments)

            return taken

        return replace(cycle, **{step: watched(step) for step in STEPS})

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear what the agent says before it writes."""
        meeting = self

        class Ear(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                meeting.at(record.getMessage())

        logger, ear = logging.getLogger("ai_ops.wiring.proposals"), Ear()
        before = logger.level
        logger.setLevel(logging.DEBUG)
        logger.addHandler(ear)
        try:
            yield
        finally:
            logger.removeHandler(ear)
            logger.setLevel(before)


class Town:
    """One remote, one GitHub, and as many machines as runs."""

    def __init__(self, folder: Path, github: FakeGitHub, site: Site) -> None:
        self.folder, self.github, self.site, self.now = folder, github, site, BEGIN
        self._machines = 0

    def run(
        self, *changes: Any, saves: float = 0.2, is_urgent: bool = False, meeting: Meeting | None = None
    ) -> CycleResult:
        """One run on a fresh machine, as CI gives it."""
        self._machines += 1
        agent = Agent(self.site.clone(f"machine-{self._machines}", "--depth=1"), environment(self.github))
        meanwhile = meeting.between_steps if meeting else lambda cycle: cycle
        return run_wanting(agent, self.now, changes, is_urgent=is_urgent, saves=saves, meanwhile=meanwhile)

    def check(self, wanted: float) -> None:
        """One open request whose branch, text and ledger tell the same story; nothing done twice."""
        lines = self.site.content("ai_ops/state/episodes.jsonl", STATE)
        state = self.folder / "check"
        state.mkdir(exist_ok=True)
        (state / "episodes.jsonl").write_bytes(lines)
        (state / "ledger_head.json").write_bytes(self.site.content("ai_ops/state/ledger_head.json", STATE))
        ledger = Ledger(state, warn=lambda _: None)
        assert ledger.verify() == ()
        ids = [one.id for one in ledger.episodes()]
        assert len(ids) == len(set(ids))
        (pull,) = self.github.pulls
        assert pull.state == "open"
        assert episode_in(pull.body) in ids
        assert git(self.site.remote, "log", "-1", "--format=%(trailers:key=Episode,valueonly)", BRANCH).strip() in ids
        assert git(self.site.remote, "rev-list", "--count", f"main..{BRANCH}") == "1"
        assert f"cpu_scale_in_percent     = {wanted:g}".encode() in self.site.content(branch=BRANCH)
        assert f"{wanted:g}" in pull.title


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A team that is asked, with the agent's memory on a branch."""
    site = site_with(tmp_path, "branch")
    towns: list[Town] = []
    with FakeGitHub(site.remote, clock=lambda: towns[0].now) as github:
        towns.append(Town(tmp_path, github, site))
        yield towns[0]


FIRST = [one for one in WRITES if one not in {"write the pull request anew", *CARE, MERGE}]
UPDATE = [one for one in WRITES if one not in {"open the pull request", *CARE, MERGE}]


@pytest.mark.parametrize("place", FIRST)
@pytest.mark.parametrize("fate", ["waits", "dies"])
def test_the_first_proposal_meets_another_run(town, place, fate):
    """Nothing was proposed yet: two runs of the same period want the same (H17, H18)."""

    def meanwhile() -> None:
        if fate == "dies":
            raise Died
        town.run(SAVE)

    meeting = Meeting(place, meanwhile)
    with meeting.listening(), suppress(Died):
        town.run(SAVE, meeting=meeting)
    assert meeting.has_happened
    town.run(SAVE)
    town.check(35)


@pytest.mark.parametrize("place", UPDATE)
@pytest.mark.parametrize("fate", ["waits", "dies"])
def test_an_update_meets_another_run(town, place, fate):
    """A request is open, the next period wants something else, and two runs bring it up to date (H17, H18)."""
    town.run(SAVE)
    town.now += SIX_HOURS

    def meanwhile() -> None:
        if fate == "dies":
            raise Died
        town.run(SAVE_MORE, saves=0.4)

    meeting = Meeting(place, meanwhile)
    with meeting.listening(), suppress(Died):
        town.run(SAVE_MORE, saves=0.4, meeting=meeting)
    assert meeting.has_happened
    town.run(SAVE_MORE, saves=0.4)
    town.check(40)


@pytest.mark.parametrize("place", WORDS[:2])
def test_a_later_period_overtakes_a_run_that_hangs(town, place):
    """A run that slept six hours finds the newer decision on the branch, and does not put its own in its place."""

    def meanwhile() -> None:
        town.now += SIX_HOURS
        town.run(SAVE_MORE, saves=0.4)

    meeting = Meeting(place, meanwhile)
    with meeting.listening(), suppress(OpsError):
        town.run(SAVE, meeting=meeting)
    town.run(SAVE_MORE, saves=0.4)
    town.check(40)


@pytest.mark.parametrize("place", CARE[:2])
@pytest.mark.parametrize("fate", ["waits", "dies"])
def test_two_runs_close_what_no_longer_holds(town, place, fate):
    """It is closed once, with one reason below it; a run that died in between leaves it closed."""
    town.run(SAVE)
    town.now += timedelta(days=3)

    def meanwhile() -> None:
        if fate == "dies":
            raise Died
        town.run()

    meeting = Meeting(place, meanwhile)
    with meeting.listening(), suppress(Died):
        town.run(meeting=meeting)
    assert meeting.has_happened
    town.run()
    (pull,) = town.github.pulls
    assert pull.state == "closed"
    assert len(town.github.comments) <= 1
    assert fate == "dies" or len(town.github.comments) == 1


@pytest.mark.parametrize("fate", ["waits", "dies"])
def test_two_runs_comment_below_what_was_merged(town, fate):
    """GitHub has no lock: at worst two runs say the same, and every later one keeps to the first comment."""
    town.run(SAVE)
    town.github.human_merges(1)
    town.now += SIX_HOURS

    def meanwhile() -> None:
        if fate == "dies":
            raise Died
        town.run()

    meeting = Meeting(CARE[2], meanwhile)
    with meeting.listening(), suppress(Died):
        town.run(meeting=meeting)
    assert meeting.has_happened
    town.run()
    assert len(town.github.comments) == 1


@pytest.mark.parametrize("fate", ["waits", "dies"])
def test_two_runs_merge_what_is_urgent(tmp_path, fate):
    """Merged once; whoever comes second finds it done."""
    site = site_with(
        tmp_path, "branch", SETTINGS.replace("{autonomy: granted}", "{autonomy: granted, auto_merge: urgent}")
    )
    towns: list[Town] = []
    with FakeGitHub(site.remote, clock=lambda: towns[0].now) as github:
        town = Town(tmp_path, github, site)
        towns.append(town)

        def meanwhile() -> None:
            if fate == "dies":
                raise Died
            town.run(SECURE, is_urgent=True)

        meeting = Meeting(MERGE, meanwhile)
        with meeting.listening(), suppress(Died):
            town.run(SECURE, is_urgent=True, meeting=meeting)
        assert meeting.has_happened
        town.run(SECURE, is_urgent=True)
        (pull,) = github.pulls
        assert pull.merged_at is not None
        assert b"cpu_scale_out_percent    = 75" in site.content()
        landed = git(site.remote, "log", "--format=%(trailers:key=Episode,valueonly)", "main").split()
        assert len(landed) == len(set(landed)) == 1


@pytest.mark.parametrize("what", ["deleted", "rewritten"])
def test_the_state_branch_is_gone_or_rewritten_while_a_request_is_open(town, what):
    """The request stays the one request of the service; what is unknown is never closed in haste (H17, H32)."""
    town.run(SAVE)
    if what == "deleted":
        git(town.site.remote, "update-ref", "-d", f"refs/heads/{STATE}")
    else:
        tree = git(town.site.remote, "rev-parse", f"{STATE}^{{tree}}")
        commit = git(town.site.remote, "commit-tree", "-m", "rewritten by a person", tree)
        git(town.site.remote, "update-ref", f"refs/heads/{STATE}", commit)
    town.now += SIX_HOURS
    town.run(SAVE)
    town.check(35)


def test_the_default_branch_is_renamed_while_a_request_is_open(town):
    """GitHub moves the request along; the agent goes by what the remote says now."""
    town.run(SAVE)
    git(town.site.remote, "branch", "-m", "main", "trunk")
    git(town.site.remote, "symbolic-ref", "HEAD", "refs/heads/trunk")
    for pull in town.github.state.pulls.values():
        pull.base = "trunk"
    town.site = replace(town.site, branch="trunk")
    town.now += timedelta(hours=6)
    assert town.run(SAVE).delivery.status == "proposed"
    assert [pull.state for pull in town.github.pulls] == ["open"]
