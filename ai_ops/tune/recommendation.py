"""The library entry: metrics in, thresholds out. Stable; what it takes and returns is plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

from ai_ops.domain.platform import Platform
from ai_ops.tune.advice import Question, advise
from ai_ops.tune.limits import BOUNDS, Limits, Settings
from ai_ops.tune.records import records_of, state_of
from ai_ops.twin.settings_batch import TARGET, THRESHOLD
from ai_ops.twin.telemetry import MINUTE, MINUTES_PER_WEEK, telemetry

if TYPE_CHECKING:
    import pandas as pd

    from ai_ops.domain.prediction import Prediction

NEEDED_THRESHOLDS = (
    "cpu_scale_out_percent",
    "cpu_scale_in_percent",
    "min_instances",
    "max_instances",
    "cooldown_minutes",
)
_BLOCK = ("from_minute_of_week", "to_minute_of_week", "min_instances")


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What should run, and why.

    Parameters
    ----------
    thresholds
        All of them, with what shall change; None holds.
    hold_reason
        One sentence why nothing should change; None when something should.
    urgent
        Whether it is for safety's sake and should not wait for a saving's review.
    prediction
        What the first 24 hours on the settings that will run are expected to cost and spend.
    reasons
        In the order they arose.
    state
        JSON-able; give it to the next call. It holds the predictions made and what became of them.
    """

    thresholds: Settings | None
    hold_reason: str | None
    urgent: bool
    prediction: Prediction | None
    reasons: tuple[str, ...]
    state: dict[str, Any] = field(repr=False)


def recommend(
    history: pd.DataFrame,
    thresholds: Mapping[str, Any],
    platform: Platform | Mapping[str, Any],
    *,
    state: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Recommendation:
    """Recommend autoscaling thresholds for a service, proven on its own history.

    Parameters
    ----------
    history
        One row a minute, aware index, canonical metrics as columns (`ai_ops.domain.metrics.CANONICAL_METRICS`), gaps
        as NaN; 14 to 28 days. `cpu_percent`, `requests_per_second`, `slo_good_ratio` and `instances` (the ready ones)
        are needed, the others make it better. `cost_per_hour` is that of the whole service.
    thresholds
        What runs now: `scaling_mode` ("threshold" or "target"), `cpu_scale_out_percent` (the target in target mode),
        `cpu_scale_in_percent`, `memory_scale_out_percent`, `latency_scale_out_ms`, `min_instances`, `max_instances`,
        `cooldown_minutes` and `scheduled_minimum`: a list of {`from_minute_of_week`, `to_minute_of_week`,
        `min_instances`} in UTC, Monday 00:00 = 0. A knob that is left out is never recommended.
    platform
        A `Platform`, or a mapping of its fields.
    state
        What the last call returned; None the first time, or when it was lost: margins are wider then.
    now
        Aware; the minute after the newest row when None.

    Raises
    ------
    ValueError
        When an argument cannot be meant; the message names it.
    """
    measured = telemetry(history)
    if now is not None and now.tzinfo is None:
        raise ValueError("now needs a time zone: datetime.now(UTC)")
    moment = measured.start + measured.minutes * MINUTE if now is None else now.astimezone(UTC)
    question = Question(
        telemetry=measured,
        thresholds=_settings(thresholds),
        platform=_platform(platform),
        limits=Limits(),
        records=records_of(state),
        now=moment,
    )
    return answer(question)


def answer(question: Question) -> Recommendation:
    """Answer a question that is known to make sense."""
    advice = advise(question)
    remembered = question.records if advice.record is None else (*question.records, advice.record)
    return Recommendation(
        thresholds=advice.thresholds,
        hold_reason=advice.hold_reason,
        urgent=advice.is_urgent,
        prediction=advice.prediction,
        reasons=advice.reasons,
        state=state_of(remembered),
    )


def _platform(platform: Platform | Mapping[str, Any]) -> Platform:
    if isinstance(platform, Platform):
        return platform
    try:
        return Platform(**platform)
    except TypeError as error:
        raise ValueError(f"platform: {error}; its fields are {', '.join(Platform.__slots__)}") from error


def _settings(thresholds: Mapping[str, Any]) -> Settings:
    """Check and copy; a scaling mode and a schedule are read whatever sequence they come in."""
    missing = [name for name in NEEDED_THRESHOLDS if name not in thresholds]
    if missing:
        raise ValueError(f"thresholds lacks {', '.join(missing)}")
    settings = dict(thresholds)
    for name in BOUNDS:
        value = settings.get(name, 1.0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or value < 0:
            raise ValueError(f"thresholds[{name!r}] must be a number of at least 0, not {value!r}")
    if settings["min_instances"] > settings["max_instances"]:
        raise ValueError("thresholds: min_instances is above max_instances")
    if settings.get("scaling_mode", THRESHOLD) not in {THRESHOLD, TARGET}:
        raise ValueError(f"thresholds['scaling_mode'] is {settings['scaling_mode']!r}; it must be threshold or target")
    if "scheduled_minimum" in settings:
        settings["scheduled_minimum"] = [_block(one) for one in settings["scheduled_minimum"] or ()]
    return settings


def _block(block: Mapping[str, Any]) -> dict[str, int]:
    if not isinstance(block, Mapping) or set(block) != set(_BLOCK):
        raise ValueError(f"a block of thresholds['scheduled_minimum'] has exactly {', '.join(_BLOCK)}, not {block!r}")
    read = {name: int(block[name]) for name in _BLOCK}
    if not 0 <= read[_BLOCK[0]] < MINUTES_PER_WEEK or not 0 <= read[_BLOCK[1]] <= MINUTES_PER_WEEK:
        raise ValueError(
            f"thresholds['scheduled_minimum']: minutes of the week lie in 0 to {MINUTES_PER_WEEK}, not {read}"
        )
    return read
