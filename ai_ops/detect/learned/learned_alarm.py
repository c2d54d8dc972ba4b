"""The learned alarm: metrics that no longer fit each other, by the model that was trained on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.alerts import alarms_inside
from ai_ops.detect.calibration import LEAST_THRESHOLD
from ai_ops.detect.direction import NOT_JUDGED
from ai_ops.detect.severity import severity
from ai_ops.domain.finding import Finding, Severity
from ai_ops.domain.judgement import Alarm

if TYPE_CHECKING:
    from ai_ops.detect.learned.learned import Mixture
    from ai_ops.domain.metrics import Observation

NAME = "learned model"


@dataclass(frozen=True, slots=True)
class LearnedAlarm:
    """Watches how the metrics of one service move together.

    Parameters
    ----------
    model
        Fitted on the columns that `metrics` names.
    metrics
        Canonical names, in the model's order.
    """

    model: Mixture
    metrics: tuple[str, ...]

    def find(self, observation: Observation) -> tuple[Finding, ...]:
        """Find the most surprising row inside the window; it is reported as the metric that is farthest from usual."""
        known = [metric for metric in self.metrics if metric in observation.series]
        if not known:
            return ()
        first = observation.series[known[0]]
        rows = np.full((first.values.size, len(self.metrics)), np.nan)
        for column, metric in enumerate(self.metrics):
            series = observation.series.get(metric)
            if series is not None and series.values.shape == first.values.shape:
                rows[:, column] = series.values
        scores, times = self.model.score(rows), first.times()
        inside = observation.window.covers(times)
        raised = alarms_inside(scores, first.step, inside)
        if not raised:
            return ()
        visible = np.where(inside, np.nan_to_num(scores), 0.0)
        span = max(raised, key=lambda one: float(visible[one.since : one.until + 1].max()))
        at = span.since + int(np.argmax(visible[span.since : span.until + 1]))
        return (self._finding(rows[at], float(scores[at]), (times[span.since], times[at])),)

    def _finding(self, row: np.ndarray, score: float, moments: tuple[float, float]) -> Finding:
        since, at = (datetime.fromtimestamp(moment, UTC) for moment in moments)
        spreads = np.abs(self.model.scaling.apply(row[None, :])[0])
        spreads[[metric in NOT_JUDGED for metric in self.metrics]] = np.nan
        column = int(np.nanargmax(spreads)) if np.isfinite(spreads).any() else 0
        metric, usual = self.metrics[column], float(self.model.scaling.centre[column])
        return Finding(
            metric=metric,
            since=since,
            at=at,
            value=float(row[column]),
            expected=usual,
            score=score,
            severity=severity(LEAST_THRESHOLD * score, 0.0) or Severity.LOW,
            detectors=(NAME,),
            reason=(
                f"the metrics do not fit each other as they used to, {metric} least of all: {row[column]:.4g} beside a "
                f"usual {usual:.4g}, {score:.1f} times the model's threshold, since {since:%Y-%m-%d %H:%M} UTC"
            ),
            alarm=Alarm.LEARNED,
        )
