"""The severity bands S001-89 to S001-92."""

from __future__ import annotations

from ai_ops.domain.finding import Severity

BANDS = (
    (Severity.CRITICAL, 5.0, 0.5),
    (Severity.HIGH, 4.0, 0.4),
    (Severity.MEDIUM, 3.0, 0.3),
    (Severity.LOW, 2.0, 0.2),
)
"""Loudest first: severity, above this z, or above this relative deviation."""

RELATIVE = frozenset({"cpu_percent", "memory_percent", "latency_p95_ms", "requests_per_second", "db_latency_ms"})
"""Large positive metrics, for which a relative deviation means something (R2)."""


def severity(z: float, deviation: float) -> Severity | None:
    """Band of a value that lies `z` sigmas and a share of `deviation` from what was expected.

    >>> severity(5.1, 0.0), severity(0.0, 0.31), severity(2.0, 0.2)
    (<Severity.CRITICAL: 'critical'>, <Severity.MEDIUM: 'medium'>, None)
    """
    for band, z_limit, deviation_limit in BANDS:
        if z > z_limit or deviation > deviation_limit:
            return band
    return None


def relative_deviation(metric: str, value: float, expected: float) -> float:
    """Distance from what was expected as a share of it; 0 for a metric of which that means nothing."""
    return abs(value - expected) / expected if metric in RELATIVE and expected > 0 else 0.0
