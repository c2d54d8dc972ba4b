"""Foresight: a limit that the next six hours will probably exceed is a finding before it happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.forecast.forecast import Forecast, forecast
from ai_ops.detect.forecast.predicted_anomaly import predicted_anomaly
from ai_ops.detect.maintenance import without
from ai_ops.domain.finding import Finding, Severity
from ai_ops.domain.judgement import Alarm

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ai_ops.detect.forecast.predicted_anomaly import PredictedAnomaly
    from ai_ops.domain.metrics import Observation, Series

NAME = "forecast"
HOUR = timedelta(hours=1)

SILENCE = HOUR
"""Of a series that ended longer ago nothing is foreseen: the forecast speaks of hours, and the last one is missing."""


@dataclass(frozen=True, slots=True)
class Foresight:
    """Watches what is to come.

    Parameters
    ----------
    limits
        By metric, the value that must not be exceeded, in the metric's unit.
    maintenance
        Planned work, as (start, end): nothing is forecast from what happened in it.
    """

    limits: Mapping[str, float]
    maintenance: tuple[tuple[datetime, datetime], ...] = ()

    def find(self, observation: Observation) -> tuple[Finding, ...]:
        """Find the metrics whose forecast exceeds their limit; their `since` and `at` lie in the future.

        Of a window that others follow nothing is forecast: what came then is known. Neither is anything forecast of a
        metric that fell silent, or that exceeds its limit already: that is no prediction any more.
        """
        end, found = observation.window.end, []
        for metric, limit in self.limits.items():
            series = observation.series.get(metric)
            if series is None or not _goes_on(series, end):
                continue
            unplanned = without(series, self.maintenance)
            if _newest(unplanned) > limit:
                continue
            ahead = forecast(unplanned)
            predicted = predicted_anomaly(ahead, limit) if isinstance(ahead, Forecast) else None
            if predicted is not None:
                found.append(_finding(predicted))
        return tuple(found)


def _goes_on(series: Series, end: datetime) -> bool:
    """Whether the series reaches up to the window's end and no further, in steps that are a part of an hour."""
    newest, stop = series.newest(), series.start + series.values.size * series.step
    return newest is not None and not HOUR % series.step and end - SILENCE <= newest and stop <= end


def _newest(series: Series) -> float:
    known = series.values[np.isfinite(series.values)]
    return float(known[-1]) if known.size else np.nan


def _finding(predicted: PredictedAnomaly) -> Finding:
    return Finding(
        metric=predicted.metric,
        since=predicted.since,
        at=predicted.at,
        value=predicted.value,
        expected=predicted.limit,
        score=predicted.value / predicted.limit,
        # Nobody has felt anything yet.
        severity=Severity.LOW,
        detectors=(NAME,),
        reason=predicted.sentence,
        alarm=Alarm.FORECAST,
    )
