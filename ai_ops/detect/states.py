"""What each detector can say of a metric: nothing, not yet, something, or less than a static rule."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.counters import by_increase
from ai_ops.detect.floors import plain_floor
from ai_ops.detect.rest import rests
from ai_ops.domain.readiness import Readiness, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ai_ops.domain.metrics import Series
    from ai_ops.domain.ports import Detector

HOUR = timedelta(hours=1)
LATELY = timedelta(days=7)

LEAST_KNOWN = 0.25
"""Of a week of which less was measured, most hours of the day are unknown."""

RECORDS = "novelty"
"""The one detector that needs no spread, so that rare events suit it."""


def states(series: Series, detectors: Iterable[Detector]) -> Mapping[str, State]:
    """State of each detector by name, as of the newest value."""
    if not np.isfinite(series.values).any():
        return {detector.name: State(Readiness.NO_DATA) for detector in detectors}
    unsuited, rare = _unsuited(series), _rare(series)
    return {
        detector.name: State(Readiness.UNSUITED, unsuited)
        if unsuited
        else State(Readiness.UNSUITED, rare)
        if rare and detector.name != RECORDS
        else _progress(series, detector)
        for detector in detectors
    }


def _progress(series: Series, detector: Detector) -> State:
    values = by_increase(series.values, series.step)
    newest = int(np.flatnonzero(np.isfinite(values))[-1])
    scores = detector.score(series, plain_floor(values, series.step)).values
    if np.isfinite(scores[newest]) and _hours(series) >= detector.needs / HOUR:
        return State(Readiness.READY)
    have, need = min(_hours(series), detector.needs / HOUR), detector.needs / HOUR
    return State(Readiness.WARMING_UP, f"{have:.0f} of {need:.0f} hours")


def _hours(series: Series) -> float:
    return float(np.isfinite(series.values).sum()) * (series.step / HOUR)


def _unsuited(series: Series) -> str:
    known = series.values[np.isfinite(series.values)]
    # Before its first value the metric did not exist: one that is young is not sparse.
    begun = series.values[int(np.argmax(np.isfinite(series.values))) :]
    lately = begun[-max(1, round(LATELY / series.step)) :]
    if known.size > 1 and (known == known[0]).all():
        return f"it never varies; `{series.metric} != {known[0]:g}` says more"
    if np.isfinite(lately).mean() < LEAST_KNOWN and lately.size * series.step >= LATELY:
        share = 100.0 * np.isfinite(lately).mean()
        return f"{share:.0f} % of the last week was measured; `absent_over_time({series.metric}[1h])` says more"
    return ""


def _rare(series: Series) -> str:
    values = by_increase(series.values, series.step)
    if not rests(values, series.step)[-1]:
        return ""
    largest = float(np.nanmax(series.values))
    return f"it rests most of the time; `{series.metric} > {largest:.4g}`, more than ever before, says more"
