"""What a metric can be at all: a value beyond that comes from a wrong query, and nothing is decided on one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ai_ops.domain.metrics import ROUNDING, Gap

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ai_ops.domain.metrics import Series

MOST_AMOUNT = 1e15
"""In any unit: as milliseconds it is 30,000 years. Up to about here a float still counts in ones, and the square of
it, summed over every row that there can be, is far from the greatest float."""

MOST_SHARE = 0.01
"""Of a metric's values, how many may have been impossible before it is the query that is wrong and not a moment: at
ten minutes one value a day, and for a young history less than one."""


class Range(NamedTuple):
    """The greatest value that can be, what to say of one below 0 and of one above, and what either probably means."""

    most: float
    too_little: str
    too_much: str
    suspicion: str

    def says(self, value: float) -> str:
        """Why `value`, which lies outside, cannot be."""
        return self.too_little if value < 0.0 else self.too_much


def _share(most: float, suspicion: str) -> Range:
    says = f"a share lies between 0 and {most:g}"
    return Range(most, says, says, suspicion)


_AMOUNT = Range(
    MOST_AMOUNT,
    "it cannot be negative",
    "nothing amounts to more than 1e15",
    "does the query subtract, divide by next to nothing, or lack a rate() around a counter?",
)

SHARES: Mapping[str, Range] = {
    "slo_good_ratio": _share(1.0, "good and total count different things"),
    "error_percent": _share(100.0, "failed and all requests count different things"),
}
"""Metrics that end somewhere. A utilisation does not: pods may use more than they ask for."""


def range_of(metric: str) -> Range:
    """Between 0 and what `metric` can be at most."""
    return SHARES.get(metric, _AMOUNT)


def plausible(series: Series) -> Series | Gap:
    """Give `series` back, or a gap that names its newest value that cannot be."""
    outside = _outside(series)
    return _gap(series, outside) if outside.size else series


class Cleaned(NamedTuple):
    """A series of which each value can be, and what was left out for that; empty when nothing was."""

    series: Series
    note: str


def cleaned(series: Series, judged_from: datetime) -> Cleaned | Gap:
    """Leave out the few values of long ago that cannot be.

    One of them says nothing against two weeks of others, and a model that is trained on those two weeks would miss the
    whole metric for as long. It is still a gap where one lies in what is judged, or where they are more than
    `MOST_SHARE`: then it is the query that cannot be believed.

    Parameters
    ----------
    judged_from
        Time of the first value that something is decided on, aware.
    """
    outside = _outside(series)
    if not outside.size:
        return Cleaned(series, "")
    newest = series.start + int(outside[-1]) * series.step
    if newest >= judged_from or outside.size > MOST_SHARE * np.isfinite(series.values).sum():
        return _gap(series, outside)
    values = series.values.copy()
    values[outside] = np.nan
    left_out = "it counts" if outside.size == 1 else f"it and {outside.size - 1} before it count"
    return Cleaned(replace(series, values=values), f"{_newest_in_words(series, outside)}: {left_out} as not measured")


def _outside(series: Series) -> np.ndarray:
    """Places of the values that cannot be, shape (m,)."""
    possible = range_of(series.metric)
    return np.flatnonzero((series.values < -ROUNDING) | (series.values > possible.most + ROUNDING))


def _gap(series: Series, outside: np.ndarray) -> Gap:
    return Gap(
        series.metric,
        f"{_newest_in_words(series, outside)}: {range_of(series.metric).suspicion}; "
        "correct the expression under services[].queries or services[].slo",
    )


def _newest_in_words(series: Series, outside: np.ndarray) -> str:
    newest = int(outside[-1])
    at, value = series.start + newest * series.step, float(series.values[newest])
    return f"{series.metric} is {value:.10g} at {at:%m-%d %H:%M} UTC, {range_of(series.metric).says(value)}"
