"""The arithmetic of the health score, exactly as S001-99 to S001-102 write it."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WEIGHTS: Mapping[str, float] = {"latency": 0.3, "errors": 0.3, "cpu": 0.2, "memory": 0.2}
"""What each component counts; they add up to 1 (S001-102)."""


def latency_score(p95_ms: float) -> float:
    """Score the 95th percentile of the latency, 0 to 100; 400 ms and more are worth nothing (S001-99).

    >>> latency_score(200.0), latency_score(500.0)
    (50.0, 0.0)
    """
    return max(0.0, 100.0 - p95_ms / 4.0)


def error_score(error_percent: float) -> float:
    """Score the share of requests that failed, 0 to 100; 5 % and more are worth nothing (S001-100).

    >>> error_score(0.5), error_score(7.0)
    (90.0, 0.0)
    """
    return max(0.0, 100.0 - error_percent * 20.0)


def utilisation_score(percent: float) -> float:
    """Score CPU or memory, 0 to 100: the idle share (S001-101).

    >>> utilisation_score(60.0)
    40.0
    """
    return max(0.0, 100.0 - percent)


SCORED_BY = {
    "latency": ("latency_p95_ms", latency_score),
    "errors": ("error_percent", error_score),
    "cpu": ("cpu_percent", utilisation_score),
    "memory": ("memory_percent", utilisation_score),
}
"""By component, the canonical metric that it is about and what scores it."""


def components_of(measured: Mapping[str, float]) -> dict[str, float]:
    """Score every component whose metric was measured; a value that is no number counts as not measured.

    Parameters
    ----------
    measured
        By canonical metric, its mean.
    """
    return {
        component: score(measured[metric])
        for component, (metric, score) in SCORED_BY.items()
        if metric in measured and isfinite(measured[metric])
    }


def weighted(components: Mapping[str, float]) -> float | None:
    """Weigh the scores of the components; where one is missing, the others share its weight. None without any.

    >>> weighted({"latency": 50.0, "errors": 90.0, "cpu": 40.0, "memory": 40.0})
    58.0
    >>> weighted({"latency": 50.0, "cpu": 40.0})
    46.0
    """
    total = sum(WEIGHTS[name] for name in components)
    return sum(WEIGHTS[name] * score for name, score in components.items()) / total if components else None
