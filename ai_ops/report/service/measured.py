"""What was measured of a metric in a span of time, and how that is written down as evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.report.pages.words import counted

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.domain.metrics import Series
    from ai_ops.domain.report_span import Span
    from ai_ops.report.gathered import Gathered

GREATEST = 1e15
"""What lies beyond is a fault of measuring: no service has as many requests, and no sum of it means anything."""

UNITS = {
    "cpu_percent": "%",
    "memory_percent": "%",
    "latency_p95_ms": "ms",
    "error_percent": "%",
    "requests_per_second": "requests/s",
    "db_latency_ms": "ms",
    "slo_good_ratio": "of 1",
    "instances": "instances",
    "instances_desired": "instances",
    "cost_per_hour": "per hour",
}
"""By canonical metric, what stands behind its values."""

_COUNTED = frozenset({"instances", "requests"})


@dataclass(frozen=True, slots=True)
class Mean:
    """A metric over a span.

    Parameters
    ----------
    value
        Mean of what was measured, in the unit of the metric; always finite.
    measured
        How many values that rests on, from 1.
    ratio
        Share of the span that they stand for, above 0, at most 1.
    """

    value: float
    measured: int
    ratio: float


def within(series: Series | None, span: Span) -> np.ndarray:
    """Values of `series` whose time lies in `span`, shape (n,); NaN where nothing was measured that can be true."""
    if series is None:
        return np.empty(0)
    first, beyond = (max(0, -((series.start - moment) // series.step)) for moment in (span.start, span.end))
    values = np.asarray(series.values[first:beyond], dtype=np.float64)
    return np.where(np.abs(values) <= GREATEST, values, np.nan)


def mean_of(series: Series | None, span: Span) -> Mean | None:
    """Average what was measured in the span; None where nothing was."""
    values = within(series, span)
    present = values[np.isfinite(values)]
    if series is None or not present.size:
        return None
    ratio = present.size * (series.step.total_seconds() / 3600.0) / span.hours
    return Mean(float(present.mean()), int(present.size), min(1.0, ratio))


def in_unit(value: float | None, unit: str) -> str:
    """Write a value that went into a figure, exactly enough to work the figure out again.

    >>> in_unit(45.0, "%"), in_unit(17_280_000.0, "requests"), in_unit(1.0, "instances"), in_unit(None, "ms")
    ('45 %', '17280000 requests', '1 instance', 'not measured')
    """
    if value is None:
        return "not measured"
    if value == 1.0 and unit in _COUNTED:
        return f"1 {unit.removesuffix('s')}"
    is_long = 1e6 <= abs(value) <= GREATEST  # noqa: PLR2004  # what seven digits would write as a power of ten
    return f"{value:.0f} {unit}".rstrip() if is_long else f"{value:.7g} {unit}".rstrip()


def in_words(metric: str, mean: Mean | None) -> str:
    """Write the mean of a metric with its unit and how often it was measured."""
    if mean is None:
        return "not measured"
    values, share = counted(mean.measured, "value"), share_in_words(mean.ratio)
    return f"{in_unit(mean.value, UNITS[metric])} ({values}, {share} of the time)"


def share_in_words(ratio: float) -> str:
    """A share in percent; never "0 %" of what there is, nor "100 %" of what has a hole.

    >>> share_in_words(0.793), share_in_words(0.001), share_in_words(0.999), share_in_words(0.0)
    ('79 %', 'less than 1 %', 'more than 99 %', '0 %')
    """
    percent = 100.0 * ratio
    if 0.0 < percent < 1.0:
        return "less than 1 %"
    return "more than 99 %" if 99.0 < percent < 100.0 else f"{percent:.0f} %"  # noqa: PLR2004  # percent


def between(start: datetime, end: datetime) -> str:
    """From when to when, in UTC."""
    return f"{start.astimezone(UTC):%Y-%m-%d %H:%M} to {end.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def source_of(gathered: Gathered, metrics: tuple[str, ...], span: Span) -> str:
    """Say where a figure's metrics were measured, and over which time."""
    made_up = " (made up)" if gathered.is_simulated else ""
    return f"{', '.join(metrics)} from {gathered.source}{made_up}, {between(span.start, span.end)}"
