"""When a model is evaluated and built anew, and when there will be enough to begin with.

Evaluated every week, and built anew when what is usual has changed for good, at most every four weeks (S001-140). It is
trained as often as somebody calls: each day by the workflow that we ship, or more often (S001-125). A day is a date in
UTC: a job that came late last week does not cost this week's evaluation.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.errors import TooFewSamples
from ai_ops.domain.model_version import LEAST_SAMPLES, TrainingKind, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ai_ops.domain.model_drift import DriftReport, FeatureDrift
    from ai_ops.domain.training_record import TrainingRecord

EVALUATION_DAYS = 7
REBUILD_DAYS = 28
"""Whole weeks, so that a rebuild meets each day of the week equally often."""

SETTLED_DAYS = 14
"""So long a drift has to last. A rebuild learns the last fortnight, so by then all of it is of the new world. After a
week it would be half of either: with a spread as wide as both, blind to faults between them, and with a reference that
calls both of them usual, so that nothing would ever correct it."""

RETRY_DAYS = 7
"""After a rebuild that did not pass: to try each night until the dice fall well would make every gate worthless, and to
ask the same person each night makes them say yes. A week later half of what it is measured on has changed."""

ANEW = {TrainingKind.COLD, TrainingKind.REBUILD}

TRAINING, EVALUATION = "training", "evaluation"
"""What `TrainingRecord.event` says."""


def evaluation_is_due(records: Sequence[TrainingRecord], now: datetime) -> bool:
    """Whether the model in use is to be measured again.

    Parameters
    ----------
    records
        What was done before, of this service, in any order. What a wrong clock wrote down for later does not count.
    now
        Aware.
    """
    return _is_past([one for one in _until(records, now) if one.event == EVALUATION], now, EVALUATION_DAYS)


def rebuild_is_due(
    records: Sequence[TrainingRecord],
    now: datetime,
    drift: DriftReport | None,
    metrics: Collection[str],
    promoted: Collection[str] = (),
) -> bool:
    """Whether the model is to be fitted on the recent history alone, because the service has changed for good.

    A metric has to have drifted for `SETTLED_DAYS`. When it began is told by two witnesses, and the earlier one counts:
    the report itself, which sees no farther back than its newest 1,000 rows, and the trainings before this one, as long
    as each of them found the same metric drifted. At a row an hour the window holds all the history there is, and the
    report alone knows. At ten minutes it reaches back a week less 90 minutes, at a row a minute 17 hours: what lies
    before that, the trainings know, from the first that noticed. So the rule can fire at any step, and at any hour.

    Parameters
    ----------
    records
        As for `evaluation_is_due`.
    now
        Aware.
    drift
        How the newest rows differ from what the model in use was trained on; None where there is none.
    metrics
        What the model knows. That its score drifted, or the hour of day, is no reason to learn anew.
    promoted
        Versions that were put in use, by a person as well: of one that waited first the records do not know.
    """
    trained = [one for one in _until(records, now) if one.event == TRAINING]
    changed = [one for one in drift.drifted if one.feature in metrics] if drift else []
    if drift is None or not any(_has_settled(one, trained, drift.at) for one in changed):
        return False
    built = [one for one in trained if one.kind in ANEW]
    passed = [one for one in built if one.verdict is Verdict.PROMOTED or one.version in promoted]
    return _is_past(passed, now, REBUILD_DAYS) and _is_past(built, now, RETRY_DAYS)


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


def _has_settled(one: FeatureDrift, trained: Sequence[TrainingRecord], newest: datetime) -> bool:
    """Whether a drift has lasted long enough, counted up to the newest row; one that nobody can date has."""
    if one.since is None:
        return True
    began = one.since
    for earlier in sorted(trained, key=lambda record: record.at, reverse=True):
        if one.feature not in earlier.drifted:
            break
        began = min(began, earlier.at)
    return _days(began, newest) >= SETTLED_DAYS


def _until(records: Sequence[TrainingRecord], now: datetime) -> list[TrainingRecord]:
    return [one for one in records if one.at <= now]


def _is_past(records: Sequence[TrainingRecord], now: datetime, days: int) -> bool:
    """Whether the newest of them is of a date at least so many days before, or there is none."""
    return all(_days(one.at, now) >= days for one in records)


def _days(earlier: datetime, later: datetime) -> int:
    """Dates in UTC from one to the other."""
    return (later.astimezone(UTC).date() - earlier.astimezone(UTC).date()).days
