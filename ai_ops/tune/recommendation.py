"""The library entry: metrics in, thresholds out. Stable; what it takes and returns is plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ai_ops.tune.advice import Question, advise
from ai_ops.tune.arguments import moment_from, platform_from, settings_from
from ai_ops.tune.learning.records import records_of, state_of
from ai_ops.tune.search.limits import Limits, Settings
from ai_ops.twin.telemetry import MINUTE, telemetry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import pandas as pd

    from ai_ops.domain.platform import Platform
    from ai_ops.domain.prediction import Prediction


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
    moment = measured.start + measured.minutes * MINUTE if now is None else moment_from(now)
    question = Question(
        telemetry=measured,
        thresholds=settings_from(thresholds),
        platform=platform_from(platform),
        limits=Limits(),
        # A record of a time to come was written by a wrong clock; it must not hold anything up.
        records=tuple(one for one in records_of(state) if one.at <= moment),
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
