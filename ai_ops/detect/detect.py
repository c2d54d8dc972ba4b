"""Detect: score every series, and make one finding of what belongs together."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.calibration import calibrated_threshold
from ai_ops.detect.floors import spread_floor
from ai_ops.detect.severity import severity
from ai_ops.domain.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ai_ops.domain.metrics import Observation, Series, Window
    from ai_ops.domain.ports import Detector

WORSE: Mapping[str, int] = {
    "latency_p95_ms": +1,
    "error_percent": +1,
    "db_latency_ms": +1,
    "slo_good_ratio": -1,
}
"""The direction in which a metric gets worse; the others may alarm both ways."""

NOT_JUDGED = frozenset({"instances", "instances_desired", "cost_per_hour"})
"""The fleet, and what it costs: the autoscaler moves them on purpose, so every step would look abnormal."""

RELATIVE = frozenset({"cpu_percent", "memory_percent", "latency_p95_ms", "requests_per_second", "db_latency_ms"})
"""Large positive metrics, for which a relative deviation means something (R2)."""


@dataclass(frozen=True, slots=True)
class Detection:
    """The detectors and the false-alarm budget they share.

    Parameters
    ----------
    detectors
        Each has its say on every series.
    budget_per_week
        False alarms that one metric may raise in a week, over all detectors together.
    """

    detectors: tuple[Detector, ...]
    budget_per_week: float

    def find(self, observation: Observation) -> tuple[Finding, ...]:
        """Find what is abnormal inside the observation's window: at most one finding per metric."""
        traffic = observation.series.get("requests_per_second")
        found = (
            self._judge(series, spread_floor(series, traffic), observation.window)
            for metric, series in observation.series.items()
            if metric not in NOT_JUDGED
        )
        return tuple(sorted((one for one in found if one), key=lambda finding: -finding.score))

    def _judge(self, series: Series, floor: np.ndarray, window: Window) -> Finding | None:
        times = series.times()
        inside = (times >= window.start.timestamp()) & (times < window.end.timestamp())
        verdicts = [self._verdict(detector, series, floor, inside) for detector in self.detectors]
        ratios = np.stack([verdict.ratio for verdict in verdicts])
        ratios *= _share_that_hurts(series, verdicts)
        with np.errstate(invalid="ignore"):
            abnormal = ratios > 1.0
        if not (abnormal & inside).any():
            return None
        loudest = np.where(abnormal & inside, ratios, -np.inf)
        who, at = np.unravel_index(int(np.argmax(loudest)), loudest.shape)
        since = _run_start(np.asarray(abnormal.any(axis=0)), int(at))
        names = tuple(
            verdict.detector.name
            for verdict, row in zip(verdicts, abnormal, strict=True)
            if row[since : int(at) + 1].any()
        )
        return _finding(series, verdicts[int(who)], (since, int(at)), names)

    def _verdict(self, detector: Detector, series: Series, floor: np.ndarray, inside: np.ndarray) -> _Verdict:
        scores = detector.score(series, floor)
        threshold = detector.threshold
        if threshold is None:
            share = self.budget_per_week / len(self.detectors)
            first = int(np.argmax(inside)) if inside.any() else scores.values.size
            threshold = calibrated_threshold(scores.values[:first], series.step, share)
        return _Verdict(detector, scores.values, scores.expected, scores.values / threshold)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """One detector's scores of one series; `ratio` is in units of its threshold."""

    detector: Detector
    scores: np.ndarray
    expected: np.ndarray
    ratio: np.ndarray


def _share_that_hurts(series: Series, verdicts: Iterable[_Verdict]) -> np.ndarray:
    """How much of each residual is harm, 0 to 1, shape (detectors, n).

    For a metric with a bad direction a residual counts only as far as the detectors' median expectation sees it
    too: the way back from a lucky phase looks like a rise to whoever has just got used to the luck.
    """
    expected = np.stack([verdict.expected for verdict in verdicts])
    if (direction := WORSE.get(series.metric, 0)) == 0:
        return np.ones_like(expected)
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # where no detector says anything there is no median
        harm = direction * (series.values - np.nanmedian(expected, axis=0))
        share = harm / (direction * (series.values - expected))
    return np.asarray(np.where(harm > 0, np.clip(np.nan_to_num(share, nan=1.0), 0.0, 1.0), 0.0))


def _run_start(abnormal: np.ndarray, at: int) -> int:
    """Index at which the unbroken run of abnormal values that contains `at` begins."""
    while at > 0 and abnormal[at - 1]:
        at -= 1
    return at


def _finding(series: Series, verdict: _Verdict, span: tuple[int, int], names: tuple[str, ...]) -> Finding:
    since, at = span
    value, expected = float(series.values[at]), float(verdict.expected[at])
    deviation = abs(value - expected) / expected if series.metric in RELATIVE and expected > 0 else 0.0
    moment = [datetime.fromtimestamp(t, UTC) for t in series.times()[[since, at]]]
    return Finding(
        metric=series.metric,
        since=moment[0],
        at=moment[1],
        value=value,
        expected=expected,
        score=float(verdict.ratio[at]),
        severity=severity(float(verdict.scores[at]), deviation) or Severity.LOW,
        detectors=names,
        reason=(
            f"{series.metric} was {value:.4g} where {verdict.detector.name} expected {expected:.4g}, "
            f"{verdict.ratio[at]:.1f} times its threshold, since {moment[0]:%Y-%m-%d %H:%M} UTC"
        ),
    )
