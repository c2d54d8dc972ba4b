"""What a metric can be at all: a value beyond that comes from a wrong query, and nothing is decided on one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ai_ops.domain.metrics import ROUNDING, Gap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.metrics import Series


class Range(NamedTuple):
    """The greatest value that can be, the range in words, and what a value outside it probably means."""

    most: float
    says: str
    suspicion: str


_AMOUNT = Range(np.inf, "it cannot be negative", "does the query subtract, or lack a rate() around a counter?")

SHARES: Mapping[str, Range] = {
    "slo_good_ratio": Range(1.0, "a share lies between 0 and 1", "good and total count different things"),
    "error_percent": Range(100.0, "a share lies between 0 and 100", "failed and all requests count different things"),
}
"""Metrics that end somewhere. A utilisation does not: pods may use more than they ask for."""


def range_of(metric: str) -> Range:
    """Between 0 and what `metric` can be at most."""
    return SHARES.get(metric, _AMOUNT)


def plausible(series: Series) -> Series | Gap:
    """Give `series` back, or a gap that names its newest value that cannot be."""
    possible = range_of(series.metric)
    outside = np.flatnonzero((series.values < -ROUNDING) | (series.values > possible.most + ROUNDING))
    if not outside.size:
        return series
    newest = int(outside[-1])
    at = series.start + newest * series.step
    return Gap(
        series.metric,
        f"{series.metric} is {series.values[newest]:.10g} at {at:%m-%d %H:%M} UTC, {possible.says}: "
        f"{possible.suspicion}; correct the expression under services[].queries or services[].slo",
    )
