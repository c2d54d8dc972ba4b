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


def severity(z: float, deviation: float) -> Severity | None:
    """Band of a value that lies `z` sigmas and a share of `deviation` from what was expected.

    >>> severity(5.1, 0.0), severity(0.0, 0.31), severity(2.0, 0.2)
    (<Severity.CRITICAL: 'critical'>, <Severity.MEDIUM: 'medium'>, None)
    """
    for band, z_limit, deviation_limit in BANDS:
        if z > z_limit or deviation > deviation_limit:
            return band
    return None
