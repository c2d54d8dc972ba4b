"""Novelty: a level outside everything that this time of day has brought before."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.lookback import DAY, around, columns_per_day, earlier, over, padded
from ai_ops.detect.rest import rests
from ai_ops.domain.finding import Scores

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Panel, Series

DAYS = 14
"""Two weeks, so that every weekday is in it twice."""

NEEDED_DAYS = 2
REACH = timedelta(hours=1)
"""What came an hour earlier or later on another day is not new."""

RANGE_DAYS, RANGE_VALUES = 7, 2016
"""A week, and never fewer than 2,016 values: how far extremes reach depends on how many values were drawn."""

SHARE_OF_RANGE = 0.2
"""A record by chance goes little beyond the old one: 2,000 normal values span about 6.9 sigmas, and a fifth of that
beyond the most extreme of a phase is met once in two months at steps of ten minutes."""

FULL_PHASE, NORMAL_RANGE = 182, 6.9
"""Values that a phase has seen after two weeks at ten minutes, and the range of 2,000 normal values in sigmas. The
largest of m normal values lies about sqrt(2 ln m) sigmas out (Gumbel 1958): a phase that has seen fewer has a nearer
edge, and needs the difference as a margin."""

LEAST_SIGMAS = 3.0
"""In smallest meaningful spreads, for series whose range is too small to mean anything."""


class Novelty:
    """Distance beyond the envelope of the same hour on 14 days, in fifths of the range of the last week.

    Zero inside the envelope. It finds what no residual can: a plateau that is missing, a slow climb to where the
    service never was. It fails on a service that grows by a fifth of its range from one day to the next.
    """

    name = "novelty"
    threshold: float | None = 1.0
    needs = NEEDED_DAYS * DAY

    def score(self, grid: Series | Panel, floor: np.ndarray) -> Scores:
        """Score every value; NaN until two days have been seen. `expected` is the nearest edge of the envelope."""
        return Scores(*beyond_envelope(grid.values, grid.step, floor, rests(grid.values, grid.step)))


def beyond_envelope(
    values: np.ndarray, step: timedelta, floor: np.ndarray, resting: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Distance beyond the envelope in units of what makes it new, 0 inside; and the nearest edge. Same shapes."""
    low, high = (_seen_lately(values, step, extreme) for extreme in (np.fmin, np.fmax))
    margin = np.fmax(_share_of_range(values, step) * (high - low), LEAST_SIGMAS * floor)
    # Of rare events most hours have seen none, which does not make the next one new.
    low = np.where(resting, low, _seen_at_this_time(values, step, np.fmin))
    high = np.where(resting, high, _seen_at_this_time(values, step, np.fmax))
    beyond = np.maximum(np.maximum(values - high, low - values), 0.0)
    beyond[..., : NEEDED_DAYS * columns_per_day(step)] = np.nan
    return beyond / margin, np.clip(values, low, high)


def _share_of_range(values: np.ndarray, step: timedelta) -> np.ndarray:
    """Share of the range beyond which a record is new, by how many values its phase has seen; shape of the values."""
    day = columns_per_day(step)
    table = np.array([_share_after(days, 2 * _reach(step) + 1) for days in range(DAYS + 1)])
    size = values.shape[-1]
    whole = padded(values, -size % day).reshape(*values.shape[:-1], -1, day)
    known = np.cumsum(np.isfinite(whole).sum(axis=-1), axis=-1) // day
    share = table[np.minimum(known, DAYS)]
    return np.asarray(np.repeat(earlier(share, 1, table[0]), day, axis=-1)[..., :size])


def _share_after(days: int, values_a_day: int) -> float:
    seen = max(1, days * values_a_day)
    missing = np.sqrt(2.0 * np.log(FULL_PHASE)) - np.sqrt(2.0 * np.log(seen))
    return SHARE_OF_RANGE + max(0.0, float(missing)) / NORMAL_RANGE


def _reach(step: timedelta) -> int:
    return min(max(1, round(REACH / step)), columns_per_day(step) - 1)


def _seen_lately(values: np.ndarray, step: timedelta, extreme: np.ufunc) -> np.ndarray:
    """Extreme of the values just before each column, the incident of a moment ago among them."""
    return over(values, 1, max(RANGE_DAYS * columns_per_day(step), RANGE_VALUES), extreme)


def _seen_at_this_time(values: np.ndarray, step: timedelta, extreme: np.ufunc) -> np.ndarray:
    """Extreme of the same hour on the days before; NaN before two days."""
    day, size = columns_per_day(step), values.shape[-1]
    reach = _reach(step)
    nearby = around(padded(values, reach), reach, extreme)
    edge = over(nearby, day, DAYS, extreme)[..., :size]
    edge[..., : NEEDED_DAYS * day] = np.nan
    return edge
