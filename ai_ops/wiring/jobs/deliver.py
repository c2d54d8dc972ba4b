"""The job that acts: it may write, and believes a document only as far as it can check it."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ai_ops.collect.history import MetricsHistory
from ai_ops.domain.cycle import Cycle
from ai_ops.domain.errors import ConfigError, DataUnavailable, DeliveryError, OpsError, Overtaken
from ai_ops.domain.foresight import Foresight
from ai_ops.files import replace_atomically
from ai_ops.store import budgets
from ai_ops.store.handover import COLLECTED, DECIDED, collected_in, decided_in, digest_of, refused
from ai_ops.store.reconcile import BUDGETS
from ai_ops.wiring.cycle import Wired
from ai_ops.wiring.jobs.agreement import (
    at_source,
    check_age,
    check_agent,
    check_chain,
    check_moments,
    check_period,
    check_repository,
    check_settings,
    check_shape,
    check_source,
    past_digest,
)
from ai_ops.wiring.jobs.foresight_again import judged_again
from ai_ops.wiring.jobs.handed import Handed, handed_over
from ai_ops.wiring.jobs.second_look import objection
from ai_ops.wiring.memory import Memory
from ai_ops.wiring.session import MODELS, open_session
from ai_ops.wiring.settings_files import SettingsFiles
from ai_ops.wiring.steps import Acting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.finding import Finding
    from ai_ops.domain.metrics import Observation, Window
    from ai_ops.domain.tuning import Decision, Reward
    from ai_ops.settings.service import Service
    from ai_ops.store.handover import Collected, Decided, Failure, Seen, Thought
    from ai_ops.wiring.session import Place, Session

HISTORY = MODELS / "metrics_history.json"
_ERRORS: dict[int, type[OpsError]] = {kind.exit_code: kind for kind in (ConfigError, DataUnavailable, DeliveryError)}


@dataclass(frozen=True, slots=True)
class Documents:
    """What the jobs before have handed over, checked as far as it can be without the repository."""

    collected: Collected
    decided: Decided


@dataclass(frozen=True, slots=True)
class Digest:
    """What the SHA-256 of a document must be; None where nobody says, as in a run by hand."""

    collected: str | None = None
    decided: str | None = None


def documents_in(collected: bytes, decided: bytes, expected: Digest, place: Place) -> Documents:
    """Read two documents, and check that they are whole, fresh, of this agent and of each other.

    Raises
    ------
    StateError
        When they are not; nothing was changed.
    """
    found = digest_of(collected)
    _check_digest(COLLECTED, found, expected.collected)
    _check_digest(DECIDED, digest_of(decided), expected.decided)
    first, second = collected_in(collected, COLLECTED), decided_in(decided, DECIDED)
    for name, document in ((COLLECTED, first), (DECIDED, second)):
        check_agent(document.agent, name)
        check_age(document.at, place.clock(), name)
    check_chain(second, first, found)
    check_moments(second, first)
    check_settings(first, place)
    return Documents(first, second)


@contextmanager
def open_delivering(place: Place, documents: Documents) -> Iterator[Session]:
    """Open the real memory, after checking that the documents are about this repository.

    Raises
    ------
    StateError
        When they are not, or as `open_session` does.
    """
    collected = documents.collected
    with open_session(at_source(place, collected.source), is_writing=True) as session:
        check_repository(collected, session)
        check_source(collected, session.settings)
        check_shape(collected, session.settings, place.clock())
        _count_what_was_asked(collected, session)
        yield session


def wire_delivery(session: Session, service: Service, seen: Seen, thought: Thought, collected: Collected) -> Wired:
    """Join the steps of one service: those that look and think give what was handed over, the others are real.

    Raises
    ------
    OpsError
        When a job before could not go on with this service: what failed there fails here.
    StateError
        When a later run has decided since.
    """
    if (failure := seen.failure or thought.failure) is not None:
        raise _error_of(failure)
    if seen.window is None:
        raise refused(COLLECTED, f"it names no window of {service.name}")
    memory, files = Memory(session, service.name), SettingsFiles(session, service)
    check_period(seen.window.end, memory.past(), service.name, session.place.clock())
    for outdated in (one for one in memory.past() if one.id == seen.given_up):
        memory.give_up(outdated)
    handed_over = _HandedOver(session, service, memory, seen, thought, collected.memory.get(HISTORY.as_posix()))
    acting = Acting(session, service, memory, files)
    cycle = Cycle(
        recall=memory.recall,
        collect=handed_over.collect,
        detect=handed_over.detect,
        reward=handed_over.reward,
        tune=handed_over.tune,
        remember=memory.remember,
        apply=acting.apply,
        notify=acting.notify,
    )
    return Wired(cycle, seen.window, lambda: memory.doubt)


@dataclass(frozen=True, slots=True)
class _HandedOver:
    """The steps that were taken in other jobs.

    Parameters
    ----------
    history
        The metrics history as the job that looked has left it; None without one.
    """

    session: Session
    service: Service
    memory: Memory
    seen: Seen
    thought: Thought
    history: bytes | None

    def collect(self, _window: Window) -> Observation:
        """What was observed, provided that it may be acted on: the past is still the past, a second look agrees."""
        service, observation = self.seen.service, self.seen.observation
        if observation is None:
            raise Overtaken(f"{self.seen.recalled} decided this period, and is gone from the ledger; run again")
        if past_digest(self.memory.past()) != self.seen.past:
            raise Overtaken(f"somebody else wrote first: the ledger of {service} has changed since; run again")
        if (why := objection(self._handed())) is not None:
            raise refused(DECIDED, f"{service}: {why}")
        self._keep_history()
        return observation

    def detect(self, _observation: Observation) -> tuple[Finding, ...]:
        return self.thought.findings

    def reward(self, _observation: Observation) -> Reward:
        return self._handed().reward

    def tune(self, *_: object) -> Decision:
        handed = self._handed()
        return replace(handed.decision, foresight=judged_again(handed) or Foresight(handed.at))

    def _handed(self) -> Handed:
        return handed_over(self.session.settings, self.service, self.memory.past(), self.seen, self.thought)

    def _keep_history(self) -> None:
        """Remember the metrics that were fetched, so that the next run asks only for what is new."""
        if self.history is None:
            return
        warn = self.session.place.warn
        with tempfile.TemporaryDirectory(prefix="neuropilot-") as folder:
            copy = Path(folder).resolve() / HISTORY.name
            replace_atomically(copy, self.history)
            fetched = MetricsHistory(copy, warn).load(self.seen.service)
        MetricsHistory(self.session.memory / HISTORY, warn).save(self.seen.service, fetched)


def _check_digest(name: str, found: str, expected: str | None) -> None:
    if expected is not None and found != expected:
        raise refused(name, f"its SHA-256 is {found}, and the job that made it says {expected[:64] or 'nothing'}")


def _count_what_was_asked(collected: Collected, session: Session) -> None:
    """Let the requests of the other job count in this hour's budgets."""
    file = session.place.root / BUDGETS
    before = file.read_bytes() if file.is_file() else None
    content = budgets.merged(collected.memory.get(BUDGETS), before)
    if content is not None and content != before:
        replace_atomically(file, content)


def _error_of(failure: Failure) -> OpsError:
    return _ERRORS.get(failure.exit_code, OpsError)(failure.words)
