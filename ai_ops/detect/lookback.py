"""Looking back along a row: the value some columns ago, extremes and medians of the same time on other days."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Extreme = Callable[[np.ndarray, np.ndarray], np.ndarray]

DAY = timedelta(days=1)

MEDIAN_OF_5 = ((0, 1), (3, 4), (0, 3), (1, 4), (1, 2), (2, 3), (1, 2))
MEDIAN_OF_7 = ((0, 5), (0, 3), (1, 6), (2, 4), (0, 1), (3, 5), (2, 6), (2, 3), (3, 6), (4, 5), (1, 4), (1, 3), (3, 4))
"""Pairs to put in order so that the middle one is the median. A fixed network of whole-array minima and maxima
sorts along an axis that is not the fast one twenty times faster than `np.median`.

References
----------
Devillard, Fast median search (1998); Knuth, The Art of Computer Programming 3, section 5.3.4.
"""


def columns_per_day(step: timedelta) -> int:
    """How many columns make a day, at least one."""
    return max(1, round(DAY / step))


def earlier(values: np.ndarray, columns: int, missing: float = np.nan) -> np.ndarray:
    """The value `columns` ago, or ahead when negative; `missing` where there is none. Same shape."""
    moved, size = np.empty_like(values), values.shape[-1]
    if columns >= 0:
        moved[..., :columns] = missing
        moved[..., columns:] = values[..., : max(0, size - columns)]
    else:
        moved[..., size + columns :] = missing
        moved[..., : size + columns] = values[..., -columns:]
    return moved


def mean_of_last(values: np.ndarray, count: int) -> np.ndarray:
    """Mean of each value and those just before it, `count` in all; NaN when one of them is a gap. Same shape."""
    return _sum_of_last(values, count) / count


def _sum_of_last(values: np.ndarray, count: int) -> np.ndarray:
    """Half of them and the half before: ten passes for the 900 seconds of a quarter of an hour.

    Unlike a running sum it takes nothing away again, so that one huge value does not round off all that follow.
    """
    if count == 1:
        return values
    half = _sum_of_last(values, count // 2)
    total = half + earlier(half, count // 2)
    if count % 2:
        total += earlier(values, count - 1)
    return np.asarray(total)


def around(values: np.ndarray, reach: int, extreme: Extreme) -> np.ndarray:
    """Extreme over `reach` columns to either side, gaps left out. Same shape.

    Parameters
    ----------
    extreme
        `np.fmax` or `np.fmin`.
    """
    wanted, width, seen = 2 * reach + 1, 1, values
    while 2 * width <= wanted:
        seen, width = extreme(seen, earlier(seen, width)), 2 * width
    if width < wanted:
        seen = extreme(seen, earlier(seen, wanted - width))
    return earlier(seen, -reach)


def over(values: np.ndarray, stride: int, count: int, extreme: Extreme) -> np.ndarray:
    """Extreme of the values 1, 2, ... `count` strides before each column, gaps left out. Same shape."""
    seen, width = earlier(values, stride), 1
    while 2 * width <= count:
        seen, width = extreme(seen, earlier(seen, width * stride)), 2 * width
    if width < count:
        seen = extreme(seen, earlier(seen, (count - width) * stride))
    return seen


def median_at(values: np.ndarray, lags: Sequence[int]) -> np.ndarray:
    """Median of the values five or seven different numbers of columns ago, gaps left out; NaN where all are gaps.

    Of the gaps one counts as minus infinity and the next as plus infinity, which cancel in pairs; of an even number of
    values the lower or the upper middle one is taken.
    """
    network = {5: MEDIAN_OF_5, 7: MEDIAN_OF_7}[len(lags)]
    lanes = _lanes_beside_ends(values, lags) if _is_whole(values, lags) else _lanes_with_gaps(values, lags)
    for low, high in network:
        smaller = np.minimum(lanes[low], lanes[high])
        np.maximum(lanes[low], lanes[high], out=lanes[high])
        lanes[low] = smaller
    middle = lanes[len(lags) // 2]
    middle[np.isinf(middle)] = np.nan
    return middle


def median_of_days(values: np.ndarray, lags: Sequence[int], least: int) -> np.ndarray:
    """`median_at`, but NaN where fewer than `least` of the values are known: two days are no custom."""
    known = np.isfinite(values).astype(np.float64)
    count = sum(earlier(known, lag, 0.0) for lag in lags)
    return np.where(count >= least, median_at(values, lags), np.nan)


def _is_whole(values: np.ndarray, lags: Sequence[int]) -> bool:
    """Whether all gaps are leading or trailing columns that no row has, and no look-back reaches into both ends."""
    if not values.size:
        return False
    known = np.isfinite(values).reshape(-1, values.shape[-1])
    some = np.flatnonzero(known.any(axis=0))
    reaches_over = some.size and some[-1] - some[0] < max(lags) - min(lags)
    return bool(some.size and not reaches_over and known[:, some[0] : some[-1] + 1].all())


def _lanes_beside_ends(values: np.ndarray, lags: Sequence[int]) -> list[np.ndarray]:
    """The lagged values where only the ends are gaps: from either end, one lane after the other is missing."""
    known = np.flatnonzero(np.isfinite(values).reshape(-1, values.shape[-1]).any(axis=0))
    first, end = int(known[0]), int(known[-1]) + 1
    lanes = []
    for index, lag in enumerate(lags):
        missing = np.inf if index % 2 else -np.inf
        lane = earlier(values, lag, missing)
        lane[..., max(0, lag) : max(0, first + lag)] = missing
        lane[..., max(0, end + lag) :] = missing
        lanes.append(lane)
    return lanes


def _lanes_with_gaps(values: np.ndarray, lags: Sequence[int]) -> list[np.ndarray]:
    lanes, extreme = [earlier(values, lag) for lag in lags], np.full(values.shape, -np.inf)
    for lane in reversed(lanes):
        gap = np.isnan(lane)
        np.copyto(lane, extreme, where=gap)
        np.negative(extreme, out=extreme, where=gap)
    return lanes


def padded(values: np.ndarray, columns: int) -> np.ndarray:
    """The same with `columns` gaps behind, so that what lies ahead of a column on an earlier day can be read."""
    return np.concatenate([values, np.full((*values.shape[:-1], columns), np.nan)], axis=-1)
