"""Detect: judge every series, and make one finding of what belongs together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.alerts import Span, alarms_inside
from ai_ops.detect.calibration import LEAST_THRESHOLD, calibrated_thresholds
from ai_ops.detect.counters import by_increase
from ai_ops.detect.direction import NOT_JUDGED, WORSE
from ai_ops.detect.floors import spread_floor
from ai_ops.detect.judge import Terms, judge_measured
from ai_ops.detect.maintenance import without
from ai_ops.detect.severity import relative_deviation, severity
from ai_ops.domain.finding import Finding, Severity
from ai_ops.domain.judgement import Alarm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.judgement import Judgement
    from ai_ops.domain.metrics import Observation, Panel, Series, Window
    from ai_ops.domain.ports import Detector


@dataclass(frozen=True, slots=True)
class Detection:
    """Finds what is abnormal, within a false-alarm budget.

    Parameters
    ----------
    witnesses
        Detectors that are asked whether they agree; their names stand in the finding.
    budget_per_week
        False alarms that one metric may raise in a week, over all alarms together.
    maintenance
        Planned work, as (start, end): nothing that happens in it is judged or learned from.
    factors
        By metric and alarm, what people's labels multiply the threshold by; 1 where nothing was said.
    """

    witnesses: tuple[Detector, ...]
    budget_per_week: float
    maintenance: tuple[tuple[datetime, datetime], ...] = ()
    factors: Mapping[tuple[str, Alarm], float] = field(default_factory=dict)

    def find(self, observation: Observation) -> tuple[Finding, ...]:
        """Find what is abnormal inside the observation's window: at most one finding per metric, loudest first."""
        traffic = observation.series.get("requests_per_second")
        found = (
            self._find_in(*self.measure(series, traffic), observation.window)
            for metric, series in observation.series.items()
            if metric not in NOT_JUDGED
        )
        return tuple(sorted((one for one in found if one), key=lambda finding: -finding.score))

    def judge(self, series: Series, traffic: Series | None) -> Judgement:
        """What is thought of every value of a series, as it was collected, beside the requests on the same grid."""
        return self.judge_measured(*self.measure(series, traffic))

    def measure(self, series: Series, traffic: Series | None) -> tuple[Series, np.ndarray]:
        """What is judged of a series, and the smallest spread that means anything at each value of it.

        Planned work is left out, and of a raw counter only its increases count, so that values, spread and expectation
        have the same unit.
        """
        unplanned = without(series, self.maintenance)
        measured = replace(unplanned, values=by_increase(unplanned.values, unplanned.step))
        return measured, spread_floor(measured, traffic)

    def judge_measured(self, grid: Series | Panel, floor: np.ndarray, *, with_band: bool = True) -> Judgement:
        """Judge what `measure` gave, or copies of it, in the direction that hurts, as people's labels want it."""
        said = (self.factors.get((grid.metric, alarm), 1.0) for alarm in (Alarm.DEVIATION, Alarm.NOVELTY))
        terms = Terms(self.budget_per_week, WORSE.get(grid.metric, 0), with_band, *said)
        return judge_measured(grid.values, grid.step, floor, terms)

    def _find_in(self, series: Series, floor: np.ndarray, window: Window) -> Finding | None:
        judged = self.judge_measured(series, floor)
        inside = window.covers(series.times())
        raised = alarms_inside(judged.score, series.step, inside)
        if not raised:
            return None
        visible = np.where(inside & (np.nan_to_num(judged.score) > 1.0), judged.score, -np.inf)
        at = max((_loudest(visible, span) for span in raised), key=lambda index: float(visible[index]))
        span = next(span for span in raised if span.since <= at <= span.until)
        return _finding(series, judged, Span(span.since, at, span.until), self._who_agrees(series, floor, span))

    def _who_agrees(self, series: Series, floor: np.ndarray, span: Span) -> tuple[str, ...]:
        return tuple(
            witness.name
            for witness in self.witnesses
            if (ratio(witness, series, floor, self.budget_per_week)[span.since : span.until + 1] > 1.0).any()
        )


def ratio(detector: Detector, series: Series, floor: np.ndarray, budget_per_week: float) -> np.ndarray:
    """One detector's scores in units of its own threshold, shape (n,): above 1 is abnormal, NaN is unknown."""
    scores = detector.score(series, floor).values
    if detector.threshold is not None:
        return np.asarray(scores / detector.threshold)
    return np.asarray(scores / calibrated_thresholds(scores, series.step, budget_per_week))


def _loudest(scores: np.ndarray, span: Span) -> int:
    return span.since + int(np.argmax(scores[span.since : span.until + 1]))


def _finding(series: Series, judged: Judgement, span: Span, agreeing: tuple[str, ...]) -> Finding:
    since, at = (datetime.fromtimestamp(series.times()[index], UTC) for index in (span.since, span.loudest))
    value, expected, score = (float(row[span.loudest]) for row in (series.values, judged.expected, judged.score))
    alarm = Alarm.NOVELTY if np.nan_to_num(judged.novelty[span.loudest]) == score else Alarm.DEVIATION
    return Finding(
        metric=series.metric,
        since=since,
        at=at,
        value=value,
        expected=expected,
        score=score,
        # The bands speak of sigmas of a normal distribution, in which the threshold lies at three.
        severity=severity(LEAST_THRESHOLD * score, relative_deviation(series.metric, value, expected)) or Severity.LOW,
        detectors=agreeing,
        reason=_reason(series.metric, alarm, (value, expected, score), since, agreeing),
        alarm=alarm,
    )


def _reason(
    metric: str, alarm: Alarm, figures: tuple[float, float, float], since: datetime, agreeing: tuple[str, ...]
) -> str:
    value, expected, score = figures
    what = "which this time of day has never brought" if alarm is Alarm.NOVELTY else "which is far off"
    who = f"; {', '.join(agreeing)} agree" if len(agreeing) > 1 else f"; {agreeing[0]} agrees" if agreeing else ""
    return (
        f"{metric} was {value:.4g} where {expected:.4g} was expected, {what}: "
        f"{score:.1f} times the threshold, since {since:%Y-%m-%d %H:%M} UTC{who}"
    )
