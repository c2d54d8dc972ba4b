"""The twin of one service, for people: calibrated on the same minutes, ledger and settings as a decision would be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.errors import DataUnavailable
from ai_ops.domain.situation import Situation
from ai_ops.domain.tuning import Reward
from ai_ops.tune.exploration import exploration
from ai_ops.tune.look import Compared, Look, compare, look
from ai_ops.tune.model import Model
from ai_ops.twin.calibration import Uncalibrated
from ai_ops.wiring.cycle import wire
from ai_ops.wiring.idea import Idea, idea_of
from ai_ops.wiring.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ai_ops.domain.metrics import Observation
    from ai_ops.settings.service import Service
    from ai_ops.tune.advice import Question
    from ai_ops.wiring.session import Session

    Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What there is to look at.

    Parameters
    ----------
    observation
        Of the service, with its minutes.
    question
        What a decision would rest on; None when there can be none.
    look
        The twin; None when there is none.
    reason
        Why there is no twin; None when there is one.
    doubt
        Why the ledger is left out; None when it is trusted.
    """

    service: Service
    observation: Observation
    question: Question | None
    look: Look | None
    reason: str | None
    doubt: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """An idea of a person, replayed."""

    seen: Seen
    idea: Idea
    compared: Compared


def see(session: Session, service: Service, progress: Progress = lambda _metric: None) -> Seen:
    """Collect what a decision of the policy `model` would rest on, and calibrate the twin. Nothing is kept.

    Raises
    ------
    DataUnavailable
        When not one metric could be had.
    """
    wired = wire(session, service, progress, is_modelled=True)
    observation = wired.cycle.collect(wired.window)
    question = _question(session, service, observation)
    if isinstance(question, str):
        return Seen(service, observation, None, None, question, wired.doubt())
    looked = look(question)
    if isinstance(looked, Uncalibrated):
        reason = f"there is no model of this service: {looked.reason}"
        return Seen(service, observation, question, None, reason, wired.doubt())
    return Seen(service, observation, question, looked, None, wired.doubt())


def try_out(
    session: Session, service: Service, assignments: Iterable[str], progress: Progress = lambda _metric: None
) -> Tried:
    """Replay a person's idea beside today's settings. Nothing is kept.

    Raises
    ------
    ConfigError
        When it names what is no knob, or a value that cannot be meant.
    DataUnavailable
        When there is no twin to replay it on.
    """
    wishes = tuple(assignments)
    idea_of(wishes, service.knobs, None)  # a slip of the pen is told before anybody waits
    seen = see(session, service, progress)
    if seen.look is None or seen.question is None:
        raise DataUnavailable(f"{service.name}: {seen.reason}")
    idea = idea_of(wishes, service.knobs, seen.question)
    return Tried(seen, idea, compare(seen.look, seen.question.thresholds, dict(idea.settings)))


def _question(session: Session, service: Service, observation: Observation) -> Question | str:
    past, now = Memory(session, service.name).past(), session.place.clock()
    situation = Situation(
        now=now,
        observation=observation,
        findings=(),
        reward=Reward(None, "", "nobody asks for one here"),
        past=past,
        knobs=service.knobs,
        slo=service.slo,
        exploration=exploration(past, now),
    )
    gap = session.settings.tuning.scale_gap_percent
    return Model(service.platform, frozenset(service.knobs), gap).question(situation)
