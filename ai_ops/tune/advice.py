"""How the tuner decides: judge the last prediction, look, choose, predict. The story of one decision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.prediction import Looked
from ai_ops.tune.contradiction import contradiction, unconfirmed
from ai_ops.tune.learning.expectation import expectation
from ai_ops.tune.learning.hindsight import burn_of, outcomes
from ai_ops.tune.learning.learned import Learned, learned, spans
from ai_ops.tune.learning.records import Record
from ai_ops.tune.search.choice import Choice, choose, margin_of
from ai_ops.tune.search.fitness import Fitness, fitness
from ai_ops.tune.search.study import Study, Terms, study
from ai_ops.twin.calibration import Uncalibrated
from ai_ops.twin.telemetry import MINUTES_PER_DAY

if TYPE_CHECKING:
    from ai_ops.domain.platform import Platform
    from ai_ops.domain.prediction import Prediction
    from ai_ops.tune.search.limits import Limits, Settings
    from ai_ops.twin.gate import Fit
    from ai_ops.twin.telemetry import Telemetry

BETWEEN_LOOKS = timedelta(hours=24)
SLACK = timedelta(minutes=90)
"""A run that starts early is still the next day's."""

ALARMING_BURN = 1.0
"""A last day that spent more than its budget is looked at now, not tomorrow."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Everything a decision rests on.

    Parameters
    ----------
    telemetry
        Up to now.
    thresholds
        What runs today, whole.
    records
        Earlier looks, oldest first.
    """

    telemetry: Telemetry
    thresholds: Settings
    platform: Platform
    limits: Limits
    records: tuple[Record, ...]
    now: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Advice:
    """What to do, and why.

    Parameters
    ----------
    thresholds
        What shall run instead, whole; None holds.
    hold_reason
        One sentence why nothing moves; None when something does.
    is_urgent
        Whether it is for safety's sake.
    prediction
        What is expected of what will run.
    if_unchanged
        What is expected of what runs today; None where nothing shall move, or the twin cannot tell.
    reasons
        In the order they arose.
    record
        What must be remembered of this look; None when nothing is new.
    study, choice
        What it rests on, for those who want to see; None when no replay was made.
    """

    thresholds: Settings | None
    hold_reason: str | None
    is_urgent: bool
    prediction: Prediction | None
    reasons: tuple[str, ...]
    record: Record | None
    study: Study | None = None
    choice: Choice | None = None
    if_unchanged: Prediction | None = None


def advise(question: Question) -> Advice:
    """Decide, or hold with a reason."""
    record = first_glance(question)
    past = learned((*question.records, record), question.thresholds, question.now)
    fit_for_it = fitness(question.telemetry, question.now)
    if fit_for_it.hold_reason is not None:
        return _hold(question, record, fit_for_it.hold_reason)
    if (wait := _wait(question, past)) is not None:
        return _hold(question, record, wait)
    if (doubt := contradiction(question.telemetry, question.platform)) is not None:
        return _hold(question, record, doubt)
    looked = study(
        question.telemetry,
        spans(question.records, question.thresholds, question.now),
        Terms(
            question.platform,
            question.limits,
            margin_of(past, fit_for_it, question.now),
            lambda seen: _correction(question, record, seen),
        ),
    )
    if isinstance(looked, Uncalibrated):
        return _hold(question, record, f"there is no model of this service: {looked.reason}")
    record = replace(record, looked=_looked(looked.fit.last_day))
    return _decided(question, past, record, looked, fit_for_it)


def first_glance(question: Question) -> Record:
    """What is remembered of any run, whatever it decides: what ran, and which predictions came true."""
    pending = learned(question.records, question.thresholds, question.now).pending
    judged = outcomes(pending, question.telemetry, question.platform, question.now)
    return Record(question.now, dict(question.thresholds), outcomes=judged)


def _correction(question: Question, record: Record, seen: Fit) -> float:
    """What the past, and this look as its newest day, say of how replays compare with reality."""
    records = (*question.records, replace(record, looked=_looked(seen.last_day)))
    return learned(records, question.thresholds, question.now).correction


def _wait(question: Question, past: Learned) -> str | None:
    """Why no replay is made now, or None; a bad day or a change to take back waits for nothing."""
    last_day = burn_of(question.telemetry.last(MINUTES_PER_DAY), question.platform.allowed_bad_ratio)
    is_alarming = past.is_taking_back or (last_day is not None and last_day > ALARMING_BURN)
    is_due = past.last_look is None or question.now - past.last_look >= BETWEEN_LOOKS - SLACK
    waiting = past.open_proposal
    if is_due or past.last_look is None or (is_alarming and (waiting is None or not waiting.is_urgent)):
        return None
    if waiting is not None:
        return _is_open(waiting)
    since = question.now - past.last_look
    return f"looked {since / timedelta(hours=1):.0f} h ago; the next look is due a day after it"


def _decided(question: Question, past: Learned, record: Record, looked: Study, fit_for_it: Fitness) -> Advice:
    choice = _one_at_a_time(choose(looked, past, question.now), past)
    if choice.is_urgent and (doubt := unconfirmed(looked.telemetry, question.platform)) is not None:
        choice = replace(choice, index=None, is_urgent=False, reasons=(*choice.reasons, doubt))
    reasons = (*fit_for_it.notes, *looked.twin.calibration.notes, *choice.reasons)
    today = _predict(question, past, looked, 0) if looked.fit.reason is None else None
    prediction = today if choice.index is None else _predict(question, past, looked, choice.index)
    if_unchanged = None if choice.index is None else today
    wanted = None if choice.index is None else looked.candidates[choice.index].settings
    record = replace(
        record, proposed=wanted, is_urgent=choice.is_urgent, prediction=prediction, if_unchanged=if_unchanged
    )
    return Advice(
        thresholds=wanted,
        hold_reason=None if wanted is not None else choice.reasons[-1],
        is_urgent=choice.is_urgent,
        prediction=prediction,
        reasons=reasons,
        record=record,
        study=looked,
        choice=choice,
        if_unchanged=if_unchanged,
    )


def _one_at_a_time(choice: Choice, past: Learned) -> Choice:
    """Propose nothing beside what waits for a person already, unless it is safety beside a saving."""
    waiting = past.open_proposal
    if waiting is None or choice.index is None or (choice.is_urgent and not waiting.is_urgent):
        return choice
    return replace(choice, index=None, is_urgent=False, reasons=(*choice.reasons, _is_open(waiting)))


def _is_open(proposal: Record) -> str:
    return f"a proposal of {proposal.at:%Y-%m-%d %H:%M} UTC is open; one at a time"


def _predict(question: Question, past: Learned, looked: Study, place: int) -> Prediction:
    whole = slice(1, None) if looked.telemetry.minutes % MINUTES_PER_DAY else slice(None)
    days = looked.figures.daily_instances[place, whole]
    rates = looked.conditions.demand[-days.size * MINUTES_PER_DAY :].reshape(days.size, MINUTES_PER_DAY).mean(axis=1)
    return expectation(
        question.now,
        (days, looked.figures.daily_burn[place, whole], np.asarray(rates)),
        events_per_day=float(looked.figures.events_per_day[place]),
        price=looked.twin.calibration.price_per_instance_hour,
        allowed_bad_ratio=question.platform.allowed_bad_ratio,
        cost_errors=past.cost_errors,
    )


def _looked(last_day: tuple[float, float] | None) -> Looked:
    return Looked(*last_day) if last_day is not None else Looked(None, None)


def _hold(question: Question, record: Record, reason: str) -> Advice:
    """Hold; what was seen is remembered only where it says something new."""
    earlier = question.records[-1] if question.records else None
    kept = record if record.says_more_than(earlier) else None
    return Advice(None, reason, False, None, (reason,), kept)  # noqa: FBT003  # not urgent
