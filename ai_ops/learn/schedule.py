"""When a model is trained, evaluated and built anew, and when there will be enough to begin with.

Trained every day, evaluated every week, and built anew when what is usual has changed, at most every four weeks
(S001-140). A day is a date in UTC: a job that came late yesterday does not cost today's training.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from ai_ops.domain.errors import TooFewSamples
from ai_ops.domain.model_version import LEAST_SAMPLES, TrainingKind, TrainingRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

EVALUATION_DAYS = 7
REBUILD_DAYS = 28
"""Whole weeks, so that a rebuild meets each day of the week equally often."""

ANEW = {TrainingKind.COLD, TrainingKind.REBUILD}

TRAINING, EVALUATION = "training", "evaluation"
"""What `TrainingRecord.event` says."""


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done now.

    Parameters
    ----------
    training
        How to train; None when no training is due.
    is_evaluation_due
        Whether the model in use is to be measured.
    reason
        One sentence about the training.
    """

    training: TrainingKind | None
    is_evaluation_due: bool
    reason: str


def due(
    records: Sequence[TrainingRecord],
    now: datetime,
    *,
    retrain: Literal["nightly", "off"],
    has_champion: bool,
    drifted: Sequence[str] = (),
) -> Due:
    """What is due for one service.

    Parameters
    ----------
    records
        What was done before, of this service, in any order. What was refused counts as well: to try again each night
        until the dice fall well would make every gate worthless. What a wrong clock wrote down for later does not.
    now
        Aware.
    retrain
        As set; "off" leaves all training to people. The model in use is evaluated nevertheless.
    has_champion
        Whether a model is in use.
    drifted
        Features that have drifted from it.
    """
    past = [one for one in records if one.at <= now]
    evaluated = has_champion and _days_since([one for one in past if one.event == EVALUATION], now, EVALUATION_DAYS)
    trained = [one for one in past if one.event == TRAINING]
    if retrain == "off":
        return Due(None, evaluated, "training is switched off")
    if not _days_since(trained, now, 1):
        return Due(None, evaluated, f"trained today already, at {_last(trained):%H:%M} UTC")
    if not has_champion:
        return Due(TrainingKind.COLD, evaluated, "there is no model in use")
    built = [one for one in trained if one.kind in ANEW]
    if drifted and _days_since(built, now, REBUILD_DAYS):
        return Due(TrainingKind.REBUILD, evaluated, _drift(drifted))
    return Due(TrainingKind.WARM, evaluated, _daily(drifted, built))


def enough_at(have: int, newest: datetime, step: timedelta, need: int = LEAST_SAMPLES) -> datetime | None:
    """When there will be enough samples if none is missed from now on; None when there are.

    >>> enough_at(31, datetime(2026, 11, 20, 6, 0, tzinfo=UTC), timedelta(minutes=10)).isoformat()
    '2026-11-20T08:50:00+00:00'
    """
    return None if have >= need else newest + (need - have) * step


def too_few(have: int, newest: datetime, step: timedelta, need: int = LEAST_SAMPLES) -> TooFewSamples | None:
    """The error for a history that is too short to train on; None when it is long enough.

    Parameters
    ----------
    have
        Rows that count.
    newest
        Time of the newest, or now where there is none.
    step
        Distance between two rows.
    """
    at = enough_at(have, newest, step, need)
    if at is None:
        return None
    when = f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return TooFewSamples(
        f"Insufficient samples for training: {have} of {need} are there. There will be enough at {when}, if none is "
        "missed from now on; `neuropilot doctor` tries every query"
    )


def _days_since(records: Sequence[TrainingRecord], now: datetime, days: int) -> bool:
    """Whether the newest record is of a date at least so many days before, or there is none."""
    return not records or (now.astimezone(UTC).date() - _last(records).date()).days >= days


def _last(records: Sequence[TrainingRecord]) -> datetime:
    return max(one.at for one in records).astimezone(UTC)


def _drift(drifted: Sequence[str]) -> str:
    return f"what is usual has changed in {', '.join(drifted)}: the model is built anew"


def _daily(drifted: Sequence[str], built: Sequence[TrainingRecord]) -> str:
    if not drifted:
        return "a day has passed since the last training"
    last = f"{_last(built):%Y-%m-%d}"
    return f"what is usual has changed in {', '.join(drifted)}, but the model was last built anew on {last}"
