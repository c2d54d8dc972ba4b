"""Several metrics as rows on one grid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ai_ops.domain.metrics import Series

LONGEST = timedelta(days=90)
"""What a history may reach back: series that lie further apart have nothing to say of one another."""


@dataclass(frozen=True, slots=True, eq=False)
class AlignedRows:
    """Metrics side by side.

    Parameters
    ----------
    times
        Epoch seconds, shape (n,), on a regular grid.
    step
        Distance between two of them.
    values
        Shape (n, d), in the order the metrics were asked for; NaN where nothing was measured.
    """

    times: np.ndarray
    step: timedelta
    values: np.ndarray


def aligned_rows(series: Mapping[str, Series], metrics: Sequence[str]) -> AlignedRows | None:
    """Lay series side by side from the first time that any of them has to the last; None where there is none of them.

    A metric that is missing, or that is measured on another grid than the first one, is NaN in each row. So is one of
    another time: the rows reach over `LONGEST`, or over the longest series, where most of the series lie.
    """
    present = {metric: series[metric] for metric in metrics if metric in series and series[metric].values.size}
    present = {metric: one for metric, one in present.items() if one.step > timedelta(0)}
    if not present:
        return None
    begin, end = _where_most_lie(present.values())
    present = {metric: one for metric, one in present.items() if begin <= _begin(one) and _end(one) <= end}
    first = next(iter(present.values()))
    present = {
        metric: one for metric, one in present.items() if one.step == first.step and not _steps(first, one) % 1.0
    }
    start = min(present.values(), key=lambda one: one.start)
    length = max(round(_steps(start, one)) + one.values.size for one in present.values())
    values = np.full((length, len(metrics)), np.nan)
    for column, metric in enumerate(metrics):
        if metric in present:
            late = round(_steps(start, present[metric]))
            values[late : late + present[metric].values.size, column] = present[metric].values
    times = start.start.timestamp() + first.step.total_seconds() * np.arange(length)
    return AlignedRows(times, first.step, values)


def _where_most_lie(series: Iterable[Series]) -> tuple[float, float]:
    """Epoch seconds between which the most of them lie whole, the newest where that is not certain."""
    spans = [(_begin(one), _end(one)) for one in series]
    reach = max(LONGEST.total_seconds(), *(end - begin for begin, end in spans))
    # As numbers, since a date so far off that its span begins before the year 1 cannot be told.
    _, end = max((sum(last - reach <= begin and end <= last for begin, end in spans), last) for _, last in spans)
    return end - reach, end


def _begin(one: Series) -> float:
    return one.start.timestamp()


def _end(one: Series) -> float:
    return _begin(one) + one.values.size * one.step.total_seconds()


def _steps(since: Series, one: Series) -> float:
    """How many steps later `one` begins."""
    return (one.start - since.start) / since.step
