"""What the tuner remembers: one record for each look it took. Everything it has learned is worked out from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any

from ai_ops.domain.prediction import Interval, Looked, Outcome, Prediction, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ai_ops.tune.search.limits import Settings

VERSION = 1
KEPT = timedelta(days=60)
"""Older records weigh nothing in any average, and would only make the state long."""


@dataclass(frozen=True, slots=True)
class Record:
    """One look.

    Parameters
    ----------
    at
        When, aware UTC.
    thresholds
        What ran.
    proposed
        What was proposed instead, whole; None when nothing was.
    is_urgent
        Whether that was for safety's sake.
    prediction
        What was expected of the proposal, or of the unchanged settings; None when nothing could be.
    outcomes
        Earlier predictions that were judged at this look.
    looked
        None when only the clock and the last hours were looked at, and no replay was made.
    if_unchanged
        What was expected of today's settings, in case nobody takes the proposal; None where nothing was proposed.
    """

    at: datetime
    thresholds: Settings
    proposed: Settings | None = None
    is_urgent: bool = False
    prediction: Prediction | None = None
    outcomes: tuple[Outcome, ...] = ()
    looked: Looked | None = None
    if_unchanged: Prediction | None = None

    def says_more_than(self, earlier: Record | None) -> bool:
        """Whether it is worth remembering beside the record before it."""
        is_same = earlier is not None and earlier.thresholds == self.thresholds
        return self.looked is not None or bool(self.outcomes) or not is_same


def state_of(records: Sequence[Record]) -> dict[str, Any]:
    """Write the records as JSON, oldest first, without those that are too old to matter."""
    newest = max((one.at for one in records), default=None)
    kept = [one for one in records if newest is not None and newest - one.at <= KEPT]
    return {"version": VERSION, "records": [_record_to_json(one) for one in kept]}


def records_of(state: Mapping[str, Any] | None) -> tuple[Record, ...]:
    """Read what `state_of` wrote; nothing from None.

    Raises
    ------
    ValueError
        When it is something else; the message says to start anew without it.
    """
    if state is None:
        return ()
    try:
        return _records_from_json(state)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"state is none that recommend() returned ({type(error).__name__}: {error}); start anew with state=None"
        ) from error


def _records_from_json(state: Mapping[str, Any]) -> tuple[Record, ...]:
    if state["version"] != VERSION:
        raise ValueError(f"version {state['version']!r}")
    return tuple(_record_from_json(form) for form in state["records"])


def _record_to_json(record: Record) -> dict[str, Any]:
    return {
        "at": record.at.astimezone(UTC).isoformat(),
        "thresholds": record.thresholds,
        "proposed": record.proposed,
        "is_urgent": record.is_urgent,
        "prediction": None if record.prediction is None else _prediction_to_json(record.prediction),
        "outcomes": [_outcome_to_json(one) for one in record.outcomes],
        "looked": None if record.looked is None else [record.looked.observed_burn, record.looked.replayed_burn],
        "if_unchanged": None if record.if_unchanged is None else _prediction_to_json(record.if_unchanged),
    }


def _record_from_json(form: Mapping[str, Any]) -> Record:
    return Record(
        at=_moment(form["at"]),
        thresholds=dict(form["thresholds"]),
        proposed=None if form["proposed"] is None else dict(form["proposed"]),
        is_urgent=bool(form["is_urgent"]),
        prediction=None if form["prediction"] is None else _prediction_from_json(form["prediction"]),
        outcomes=tuple(_outcome_from_json(one) for one in form["outcomes"]),
        looked=None if form["looked"] is None else Looked(*map(_known, form["looked"])),
        if_unchanged=None if form["if_unchanged"] is None else _prediction_from_json(form["if_unchanged"]),
    )


_INTERVALS = ("cost_per_hour", "burn", "slo_good_percent", "scale_events_per_day", "requests_per_second")


def _prediction_to_json(prediction: Prediction) -> dict[str, Any]:
    intervals = {name: getattr(prediction, name) for name in _INTERVALS}
    return {
        "made_at": prediction.made_at.astimezone(UTC).isoformat(),
        "horizon_hours": prediction.horizon_hours,
        **{name: [one.expected, one.low, one.high] for name, one in intervals.items()},
    }


def _prediction_from_json(form: Mapping[str, Any]) -> Prediction:
    intervals = {name: Interval(*map(_number, form[name])) for name in _INTERVALS}
    return Prediction(_moment(form["made_at"]), _number(form["horizon_hours"]), **intervals)


def _outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "made_at": outcome.made_at.astimezone(UTC).isoformat(),
        "judged_at": outcome.judged_at.astimezone(UTC).isoformat(),
        "verdict": outcome.verdict.value,
        "reason": outcome.reason,
        "is_live_change": outcome.is_live_change,
        "cost_per_hour": outcome.cost_per_hour,
        "burn": outcome.burn,
        "burn_high": outcome.burn_high,
    }


def _outcome_from_json(form: Mapping[str, Any]) -> Outcome:
    return Outcome(
        made_at=_moment(form["made_at"]),
        judged_at=_moment(form["judged_at"]),
        verdict=Verdict(form["verdict"]),
        reason=form["reason"],
        is_live_change=form["is_live_change"],
        cost_per_hour=_known(form["cost_per_hour"]),
        burn=_known(form["burn"]),
        burn_high=_known(form["burn_high"]),
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment


def _known(value: float | None) -> float | None:
    return None if value is None else _number(value)


def _number(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return value
