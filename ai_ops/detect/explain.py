"""Explain: whether a latency is unusual, and by how much."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

METHOD = "z-score+iqr"
THRESHOLD = 3.0

LEAST_SAMPLES = 48
"""Eight hours at ten minutes; a handful of values has no spread worth the name."""

FENCE = 1.5
"""Values farther than 1.5 interquartile ranges outside of the quartiles are no part of what is usual (Tukey, 1977)."""

SHARE_OF_LEVEL = 0.001
LEAST_SPREAD_MS = 0.001
"""Finer than a thousandth of the level, or a microsecond, is rounding: a flat past must not make everything strange."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer.

    Parameters
    ----------
    anomaly
        Whether it is unusually slow; never before there is a baseline, and never for being fast.
    latency_ms
        What was asked about.
    method
        How it was judged.
    ready
        Whether there are enough samples.
    score
        Standard deviations above the mean of what is usual, negative below it; None until ready.
    threshold
        Score above which it is an anomaly.
    """

    anomaly: bool
    latency_ms: float
    method: str
    ready: bool
    score: float | None
    threshold: float

    def to_json(self) -> dict[str, Any]:
        """The six keys of the answer."""
        return asdict(self)


def explain(latencies: Sequence[float] | np.ndarray, latency_ms: float) -> Explanation:
    """Judge one latency against those that were measured before.

    What lies outside of Tukey's fences is left out first, or a past incident would widen the spread and hide the next
    one; the z-score is taken against the mean and the standard deviation of the rest.

    Parameters
    ----------
    latencies
        Milliseconds, in any order; what is not finite is left out.
    latency_ms
        Milliseconds.

    Raises
    ------
    ValueError
        When `latency_ms` is negative or not finite.
    """
    if not math.isfinite(latency_ms) or latency_ms < 0:
        raise ValueError(f"a latency is a number of milliseconds, not below zero: {latency_ms}")
    past = np.asarray(latencies, dtype=np.float64)
    past = past[np.isfinite(past)]
    if past.size < LEAST_SAMPLES:
        return Explanation(
            anomaly=False, latency_ms=latency_ms, method=METHOD, ready=False, score=None, threshold=THRESHOLD
        )
    usual = _within_fences(past)
    score = float((latency_ms - usual.mean()) / max(float(usual.std()), _least_spread(past)))
    return Explanation(
        anomaly=score > THRESHOLD, latency_ms=latency_ms, method=METHOD, ready=True, score=score, threshold=THRESHOLD
    )


def _within_fences(past: np.ndarray) -> np.ndarray:
    lower, upper = np.quantile(past, [0.25, 0.75])
    reach = FENCE * max(float(upper - lower), _least_spread(past))
    return np.asarray(past[(past >= lower - reach) & (past <= upper + reach)])


def _least_spread(past: np.ndarray) -> float:
    return max(SHARE_OF_LEVEL * abs(float(np.median(past))), LEAST_SPREAD_MS)
