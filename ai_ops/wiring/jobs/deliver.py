"""The job that acts: it may write, and believes a document only as far as it can check it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ai_ops.domain.cycle import Cycle
from ai_ops.domain.errors import Overtaken
from ai_ops.domain.foresight import Foresight
from ai_ops.store.handover import COLLECTED, DECIDED, decided_in, digest_of, refused
from ai_ops.wiring.cycle import Wired
from ai_ops.wiring.jobs.agreement import (
    check_age,
    check_agent,
    check_chain,
    check_digest,
    check_moments,
    check_period,
    past_digest,
)
from ai_ops.wiring.jobs.foresight_again import judged_again
from ai_ops.wiring.jobs.handed import Handed, handed_over
from ai_ops.wiring.jobs.second_look import objection
from ai_ops.wiring.jobs.taken_over import error_of, keep_history, taken_over
from ai_ops.wiring.memory import Memory
from ai_ops.wiring.settings_files import SettingsFiles
from ai_ops.wiring.steps import Acting

if TYPE_CHECKING:
    from ai_ops.domain.finding import Finding
    from ai_ops.domain.metrics import Observation, Window
    from ai_ops.domain.tuning import Decision, Reward
    from ai_ops.settings.service import Service
    from ai_ops.store.handover import Collected, Decided, Seen, Thought
    from ai_ops.wiring.session import Place, Session


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
    check_digest(DECIDED, digest_of(decided), expected.decided)
    first = taken_over(collected, expected.collected, "cycle", place)
    second = decided_in(decided, DECIDED)
    check_agent(second.agent, DECIDED)
    check_age(second.at, place.clock(), DECIDED)
    check_chain(second, first, digest_of(collected))
    check_moments(second, first)
    return Documents(first, second)


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
        raise error_of(failure)
    if seen.window is None:
        raise refused(COLLECTED, f"it names no window of {service.name}")
    memory, files = Memory(session, service.name), SettingsFiles(session, service)
    check_period(seen.window.end, memory.past(), service.name, session.place.clock())
    for outdated in (one for one in memory.past() if one.id == seen.given_up):
        memory.give_up(outdated)
    handed_over = _HandedOver(session, service, memory, seen, thought, collected)
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
    """The steps that were taken in other jobs."""

    session: Session
    service: Service
    memory: Memory
    seen: Seen
    thought: Thought
    collected: Collected

    def collect(self, _window: Window) -> Observation:
        """What was observed, provided that it may be acted on: the past is still the past, a second look agrees."""
        service, observation = self.seen.service, self.seen.observation
        if observation is None:
            raise Overtaken(f"{self.seen.recalled} decided this period, and is gone from the ledger; run again")
        if past_digest(self.memory.past()) != self.seen.past:
            raise Overtaken(f"somebody else wrote first: the ledger of {service} has changed since; run again")
        if (why := objection(self._handed())) is not None:
            raise refused(DECIDED, f"{service}: {why}")
        keep_history(self.session, service, self.collected)
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
