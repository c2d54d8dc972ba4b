"""The formulas as first written, side by side: for comparison, and for whoever asks for them by name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.direction import NOT_JUDGED, WORSE
from ai_ops.detect.maintenance import without
from ai_ops.detect.severity import relative_deviation, severity
from ai_ops.domain.finding import Finding, Severity

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Observation, Series, Window
    from ai_ops.domain.ports import Detector


@dataclass(frozen=True, slots=True)
class LiteralDetection:
    """Whatever any of the formulas flags is a finding, in the direction that hurts.

    Parameters
    ----------
    detectors
        Each with a fixed threshold.
    maintenance
        Planned work, as (start, end): nothing that happens in it is judged. The formulas still see it, for one of them
        knows no gaps.
    """

    detectors: tuple[Detector, ...]
    maintenance: tuple[tuple[datetime, datetime], ...] = ()

    def find(self, observation: Observation) -> tuple[Finding, ...]:
        """Find what the formulas flag inside the observation's window: at most one finding per metric."""
        found = (
            self._find_in(series, observation.window)
            for metric, series in observation.series.items()
            if metric not in NOT_JUDGED
        )
        return tuple(sorted((one for one in found if one), key=lambda finding: -finding.score))

    def _find_in(self, series: Series, window: Window) -> Finding | None:
        floor = np.zeros(series.values.size)
        inside = window.covers(series.times()) & np.isfinite(without(series, self.maintenance).values)
        loudest: Finding | None = None
        agreeing: list[str] = []
        for detector in self.detectors:
            scores = detector.score(series, floor)
            harmful = np.sign(series.values - scores.expected) * WORSE.get(series.metric, 0) >= 0
            ratio = np.where(inside & harmful, scores.values / (detector.threshold or 1.0), np.nan)
            if not (np.nan_to_num(ratio) > 1.0).any():
                continue
            agreeing.append(detector.name)
            at = int(np.nanargmax(ratio))
            if loudest is None or ratio[at] > loudest.score:
                figures = (float(ratio[at]), float(scores.values[at]), float(scores.expected[at]))
                loudest = _finding(series, detector.name, at, figures)
        return replace(loudest, detectors=tuple(agreeing)) if loudest else None


def _finding(series: Series, name: str, at: int, figures: tuple[float, float, float]) -> Finding:
    score, literal, expected = figures
    value, moment = float(series.values[at]), datetime.fromtimestamp(series.times()[at], UTC)
    return Finding(
        metric=series.metric,
        since=moment,
        at=moment,
        value=value,
        expected=expected,
        score=score,
        severity=severity(literal, relative_deviation(series.metric, value, expected)) or Severity.LOW,
        detectors=(name,),
        reason=(
            f"{series.metric} was {value:.4g} where {name} expected {expected:.4g}, "
            f"{score:.1f} times its threshold, at {moment:%Y-%m-%d %H:%M} UTC"
        ),
    )
