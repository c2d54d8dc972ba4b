"""Foresight: a limit that the next six hours will probably exceed is a finding before it happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.detect.forecast import Forecast, forecast
from ai_ops.detect.predicted_anomaly import predicted_anomaly
from ai_ops.domain.finding import Finding, Severity
from ai_ops.domain.judgement import Alarm

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ai_ops.detect.predicted_anomaly import PredictedAnomaly
    from ai_ops.domain.metrics import Observation, Series

NAME = "forecast"
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Foresight:
    """Watches what is to come.

    Parameters
    ----------
    limits
        By metric, the value that must not be exceeded, in the metric's unit.
    """

    limits: Mapping[str, float]

    def find(self, observation: Observation) -> tuple[Finding, ...]:
        """Find the metrics whose forecast exceeds their limit; their `since` and `at` lie in the future.

        Of a window that others follow nothing is forecast: what came then is known.
        """
        found = []
        for metric, limit in self.limits.items():
            series = observation.series.get(metric)
            # The forecast speaks of hours, so the step must be a part of one.
            if series is None or HOUR % series.step or _end(series) > observation.window.end:
                continue
            ahead = forecast(series)
            predicted = predicted_anomaly(ahead, limit) if isinstance(ahead, Forecast) else None
            if predicted is not None:
                found.append(_finding(predicted))
        return tuple(found)


def _end(series: Series) -> datetime:
    return series.start + series.values.size * series.step


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
