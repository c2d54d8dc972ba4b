"""Numbers as coarse as they are kept. Rounded before anything is decided on them, they can be decided on again.

A value keeps so many significant binary digits, whatever its size, so the same table fits a service of one request a
second and one of a million:

    cpu_percent, memory_percent, latency_p95_ms,       11 digits: at most 0.049 % off (80 % CPU: 0.03 points,
    error_percent, requests_per_second, db_latency_ms             300 ms: 0.13 ms), far below a minute's sampling noise
    slo_good_ratio                                     11 digits of its distance from 1: what is kept of 0.9995 and of
                                                       0.99999 is as exact as what was promised
    instances, instances_desired, cost_per_hour,       16 digits: at most 0.0015 % off; whole numbers up to 65,536
    and any other                                                 are exact

What is nearer to zero than 2^-41 (5e-13) is zero; what is not finite, or beyond 2^60 (1e18), is a gap, NaN.
The rounding is idempotent: a value that was kept and read back is rounded to itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.metrics import Series

DIGITS: Mapping[str, int] = {
    "cpu_percent": 11,
    "memory_percent": 11,
    "latency_p95_ms": 11,
    "error_percent": 11,
    "requests_per_second": 11,
    "db_latency_ms": 11,
    "slo_good_ratio": 11,
}
"""Significant binary digits by metric; see the module's own words."""

DIGITS_ELSE = 16

_SHARES_OF_ONE = frozenset({"slo_good_ratio"})
"""Metrics of which the distance from 1 is what counts."""

_LEAST_EXPONENT, _GREATEST_EXPONENT = -40, 60
_GAP, _ZERO = 0, 1


def quantised(series: Series) -> Series:
    """Round every value to what is kept of it; a gap stays one.

    >>> from datetime import UTC, datetime, timedelta
    >>> from ai_ops.domain.metrics import Series
    >>> noon, minute = datetime(2026, 11, 18, 12, tzinfo=UTC), timedelta(minutes=1)
    >>> quantised(Series("cpu_percent", noon, minute, np.array([63.2183, np.nan, 0.0]))).values.tolist()
    [63.21875, nan, 0.0]
    """
    return replace(series, values=values_of(series.metric, codes_of(series.metric, series.values)))


def codes_of(metric: str, values: np.ndarray) -> np.ndarray:
    """Give each value's whole number: 0 for a gap, 1 for zero, and neighbours for neighbouring values.

    Returns
    -------
    numpy.ndarray
        int64, same shape; below 2^22 in size, and negative for negative values.
    """
    kept = 1.0 - values if metric in _SHARES_OF_ONE else np.asarray(values, dtype=np.float64)
    digits = DIGITS.get(metric, DIGITS_ELSE)
    is_known = np.abs(kept) <= 2.0**_GREATEST_EXPONENT
    fraction, exponent = np.frexp(np.where(is_known, np.abs(kept), 0.0))
    # A fraction in [1/2, 1) becomes a whole number in [2^(digits-1), 2^digits]; the upper end is the next exponent's
    # lower one, and so it is in the sum below.
    steps = np.rint(np.ldexp(fraction, digits)).astype(np.int64) - (1 << (digits - 1))
    code = ((exponent.astype(np.int64) - _LEAST_EXPONENT) << (digits - 1)) + steps + _ZERO + 1
    code = np.where((fraction == 0) | (exponent < _LEAST_EXPONENT), _ZERO, np.copysign(code, kept).astype(np.int64))
    return np.where(is_known, code, _GAP)


def values_of(metric: str, codes: np.ndarray) -> np.ndarray:
    """Give the value that each whole number of `codes_of` stands for; float64, NaN for a gap."""
    digits = DIGITS.get(metric, DIGITS_ELSE)
    place = np.maximum(np.abs(codes) - _ZERO - 1, 0)
    exponent = (place >> (digits - 1)) + _LEAST_EXPONENT
    fraction = np.ldexp(((place & ((1 << (digits - 1)) - 1)) + (1 << (digits - 1))).astype(np.float64), -digits)
    size = np.ldexp(fraction, exponent.astype(np.int32))
    kept = np.where(np.abs(codes) <= _ZERO, 0.0, np.copysign(size, codes))
    values = 1.0 - kept if metric in _SHARES_OF_ONE else kept
    return np.where(codes == _GAP, np.nan, values)
