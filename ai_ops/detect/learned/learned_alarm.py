"""The learned alarm: metrics that no longer fit each other, by the model that was trained on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.alerts import alarms_inside
from ai_ops.detect.calibration import LEAST_THRESHOLD
from ai_ops.detect.direction import NOT_JUDGED
from ai_ops.detect.learned.aligned_rows import aligned_rows
from ai_ops.detect.severity import severity
from ai_ops.domain.finding import Finding, Severity
from ai_ops.domain.judgement import Alarm

if TYPE_CHECKING:
    from ai_ops.detect.learned.mixture import Mixture
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
        """Find the most surprising row inside the window; it is reported as the metric that is farthest from usual.

        Metrics that are no longer measured are gaps. With less than half of them the model says nothing: its threshold
        is one of them all.
        """
        grid = aligned_rows(observation.series, self.metrics)
        if grid is None or 2 * np.isfinite(grid.values).any(axis=0).sum() < len(self.metrics):
            return ()
        scores, times = self.model.score(grid.values), grid.times
        inside = observation.window.covers(times)
        raised = alarms_inside(scores, grid.step, inside)
        if not raised:
            return ()
        visible = np.where(inside, np.nan_to_num(scores), 0.0)
        span = max(raised, key=lambda one: float(visible[one.since : one.until + 1].max()))
        at = span.since + int(np.argmax(visible[span.since : span.until + 1]))
        return (self._finding(grid.values[at], float(scores[at]), (times[span.since], times[at])),)

    def _finding(self, row: np.ndarray, score: float, moments: tuple[float, float]) -> Finding:
        since, at = (datetime.fromtimestamp(moment, UTC) for moment in moments)
        usual = self.model.baseline
        spreads = np.abs(row - usual.means) / usual.deviations
        spreads[[metric in NOT_JUDGED for metric in self.metrics]] = np.nan
        column = int(np.nanargmax(spreads)) if np.isfinite(spreads).any() else 0
        metric, expected = self.metrics[column], float(usual.means[column])
        return Finding(
            metric=metric,
            since=since,
            at=at,
            value=float(row[column]),
            expected=expected,
            score=score,
            severity=severity(LEAST_THRESHOLD * score, 0.0) or Severity.LOW,
            detectors=(NAME,),
            reason=(
                f"the metrics do not fit each other as they used to, {metric} least of all: {row[column]:.4g} beside a "
                f"usual {expected:.4g}, {score:.1f} times the model's threshold, since {since:%Y-%m-%d %H:%M} UTC"
            ),
            alarm=Alarm.LEARNED,
        )
