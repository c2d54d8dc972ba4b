"""Demand as capacity sees it: the mean of every ten minutes, and the busiest ten minutes of every hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Series

SLOT, HOUR, DAY = timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)
"""Ten minutes: finer than this no autoscaler answers, since a signal must last and an instance must boot."""

MONDAY_BASED_SATURDAY = 5


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """Requests per second on a grid that begins and ends at a whole hour.

    Parameters
    ----------
    start
        Beginning of the first span, aware UTC.
    step
        Length of a span: an hour, or a part of it.
    values
        Shape (n,), whole hours; each belongs to the span that begins at `start + index * step`. NaN is a gap.
    """

    start: datetime
    step: timedelta
    values: np.ndarray

    @property
    def per_day(self) -> int:
        """Spans in a day."""
        return DAY // self.step

    @property
    def end(self) -> datetime:
        """End of the last span: the moment up to which demand is known."""
        return self.start + self.values.size * self.step

    def at(self, index: int) -> datetime:
        """Beginning of the span with this index, which may lie after the end."""
        return self.start + index * self.step

    def is_weekend(self, index: np.ndarray) -> np.ndarray:
        """Whether the spans with these indices lie on a Saturday or Sunday in UTC; boolean, same shape."""
        first = round((self.start - self.start.replace(hour=0, minute=0)) / self.step)
        return np.asarray((self.start.weekday() + (first + index) // self.per_day) % 7 >= MONDAY_BASED_SATURDAY)

    def until(self, count: int) -> Demand:
        """Return the first `count` spans: what was known then."""
        return Demand(self.start, self.step, self.values[:count])

    def last(self, length: timedelta) -> Demand:
        """Return at most the newest `length` of it."""
        skipped = max(0, self.values.size - length // self.step)
        return Demand(self.at(skipped), self.step, self.values[skipped:])

    def hourly_peaks(self) -> Demand:
        """Busiest span of each hour; a gap where less than half of the hour was measured."""
        spans = self.values.reshape(-1, HOUR // self.step)
        known = np.isfinite(spans)
        peaks = np.where(known, spans, -np.inf).max(axis=1, initial=-np.inf)
        return Demand(self.start, HOUR, np.where(2 * known.sum(axis=1) >= spans.shape[1], peaks, np.nan))


def demand_of(series: Series) -> Demand:
    """Read the rate as means over ten minutes, or over the next longer part of an hour that the steps fill.

    A point says what came in the step before it, as a rate over a range does. Hours that are not over, at either end,
    are left out.

    Raises
    ------
    ValueError
        When the step is no part of an hour.
    """
    step = _slot_of(series)
    per_slot, per_hour = step // series.step, HOUR // step
    start, end = series.start - series.step, series.start + (series.values.size - 1) * series.step
    first = _hour_from(start)
    hours = max(0, (end - first) // HOUR)
    skipped = -(-(first - start) // series.step)
    values = series.values[skipped : skipped + hours * per_hour * per_slot].reshape(-1, per_slot)
    known = np.isfinite(values)
    means = np.where(known, values, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return Demand(first, step, np.where(2 * known.sum(axis=1) >= per_slot, means, np.nan))


def _slot_of(series: Series) -> timedelta:
    """Shortest part of an hour, of ten minutes at least, that the steps of the series fill."""
    parts = (HOUR / count for count in range(HOUR // SLOT, 0, -1))
    fitting = next((part for part in parts if part >= series.step and not part % series.step), None)
    if fitting is None:
        raise ValueError(f"{series.metric} has a step of {series.step}, which is no part of an hour")
    return fitting


def _hour_from(moment: datetime) -> datetime:
    """The first whole hour that is not before `moment`."""
    hours = -(-(moment - datetime(1970, 1, 1, tzinfo=UTC)) // HOUR)
    return datetime(1970, 1, 1, tzinfo=UTC) + hours * HOUR
