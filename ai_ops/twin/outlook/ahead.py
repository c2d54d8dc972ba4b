"""The next hours or days of demand: past days in several views, each counting by how well it has done lately."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.warming_up import WarmingUp
from ai_ops.twin.outlook.demand import HOUR
from ai_ops.twin.outlook.past_days import past_days

if TYPE_CHECKING:
    from datetime import timedelta

    from ai_ops.twin.outlook.demand import Demand

LEAST_DAYS = 7
"""Two to begin with, and five in which forecasts are made and held against what came."""

MOST_DAYS = 42
"""Two weeks of forecasts, and the four weeks that the first of them look back on."""

FIRST_DAY = 2
MEMORY_DAYS = 7
"""Past days whose errors decide how much each view counts: every weekday once."""

TRIED_DAYS = (5, 14)
"""Past days whose errors make the interval, at least and at most; forecasts of the first week saw no week before."""

EAGERNESS = 10.0
"""A view whose error is 10 % above the best one's counts exp(-1) as much: close ones share, poor ones are silent
(the exponentially weighted average forecaster; Cesa-Bianchi and Lugosi, 2006, chapter 2)."""

LOWER, UPPER = 0.05, 0.95
"""The interval holds nine of ten."""

LEAST_SPREAD = 0.25
"""Of the typical error: an hour that happened to be foreseen well is not certain for that."""

AROUND = HOUR
"""Times of day that are this near are equally hard to foresee."""


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """What will probably come.

    Parameters
    ----------
    expected, lower, upper
        Requests per second of each span after the end of what is known; shape (horizon,). Nine of ten spans lie
        between the last two.
    error_ratio, naive_error_ratio
        Mean absolute error by mean demand over the days that were tried, of this forecast and of what came at the same
        time on the last day known (seasonal-naive).
    """

    expected: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    error_ratio: float
    naive_error_ratio: float


def ahead(demand: Demand, reach: timedelta, every: timedelta = HOUR) -> Ahead | WarmingUp:
    """Forecast the demand of the next `reach` from its own past.

    Ten views of past days run side by side (`past_days`). At every past origin each counts by its errors of the two
    weeks before, so that past forecasts knew nothing of what they forecast. Their errors, measured in the spread that
    is usual at their time of day, give the interval (locally weighted conformal prediction; Lei et al., 2018,
    section 5.2).

    Parameters
    ----------
    reach
        At most a week.
    every
        Distance of the past origins, a part of a day.
    """
    demand = _from_first_known(demand.last(MOST_DAYS * demand.per_day * demand.step))
    per_day, horizon, apart = demand.per_day, reach // demand.step, every // demand.step
    # A week of which half is missing is half a week.
    have = min(demand.values.size, 2 * int(np.isfinite(demand.values[-LEAST_DAYS * per_day :]).sum()))
    if have < LEAST_DAYS * per_day:
        return WarmingUp(have // (per_day // 24), LEAST_DAYS * 24, "hours")
    size = demand.values.size
    origins = np.arange(size, FIRST_DAY * per_day - 1, -apart)[::-1]
    views = _without_gaps(past_days(demand, origins, horizon), demand)
    came = _after(demand.values, origins, horizon)
    made = _mixture(views, came, -(-horizon // apart), MEMORY_DAYS * per_day // apart)
    days = int(np.clip(size // per_day - 7, *TRIED_DAYS))
    tried = origins >= size - days * per_day
    errors, naive = (came - made)[tried], (came - views[0])[tried]
    times = (origins[tried, None] + np.arange(horizon)) % per_day
    spread = _spread(errors, times, per_day, AROUND // demand.step)
    low, high = (_few(days) * spread[times[-1]] * bound for bound in _bounds(errors / spread[times], per_day))
    level = float(np.nanmean(came[tried])) or 1.0
    return Ahead(
        expected=made[-1],
        lower=np.clip(made[-1] + low, 0.0, made[-1]),
        upper=np.maximum(made[-1] + high, made[-1]),
        error_ratio=float(np.nanmean(np.abs(errors))) / level,
        naive_error_ratio=float(np.nanmean(np.abs(naive))) / level,
    )


def _from_first_known(demand: Demand) -> Demand:
    known = np.flatnonzero(np.isfinite(demand.values))
    gone = demand.values.size if not known.size else int(known[0]) // demand.per_day * demand.per_day
    return demand.last((demand.values.size - gone) * demand.step)


def _without_gaps(views: np.ndarray, demand: Demand) -> np.ndarray:
    """A time of day at which nothing was ever measured is forecast by the middle of all."""
    return np.where(np.isfinite(views), views, np.nanmedian(demand.values))


def _after(values: np.ndarray, origins: np.ndarray, horizon: int) -> np.ndarray:
    """What came after each origin, shape (k, horizon); NaN where it has not come yet."""
    padded = np.concatenate([values, np.full(horizon, np.nan)])
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, horizon)[origins])


def _mixture(views: np.ndarray, came: np.ndarray, over: int, memory: int) -> np.ndarray:
    """Mean of the views, weighted by the errors that were known at each origin; shape (k, horizon).

    Every origin counts alike: a crowd that no view foresaw says nothing about which of them is better.

    Parameters
    ----------
    over, memory
        In origins: how long until a forecast's last span is over, and how long its errors count.
    """
    errors = np.abs(came - views)
    known = np.isfinite(came)
    seen = np.where(known, errors, 0.0).sum(axis=2) / np.maximum(known.sum(axis=1), 1)
    shared = seen.mean(axis=0)
    seen = np.divide(seen, shared, out=np.ones_like(seen), where=shared > 0)
    total = np.concatenate([np.zeros((len(views), 1)), np.cumsum(seen, axis=1)], axis=1)
    end = np.maximum(np.arange(len(came)) - over + 1, 0)
    begin = np.maximum(end - memory, 0)
    mean = (total[:, end] - total[:, begin]) / np.maximum(end - begin, 1)
    best = mean.min(axis=0)
    excess = np.where(best > 0, mean / np.where(best > 0, best, 1.0) - 1.0, np.where(mean > best, np.inf, 0.0))
    weight = np.exp(-EAGERNESS * excess)
    return np.asarray(np.einsum("vkh,vk->kh", views, weight / weight.sum(axis=0)))


def _spread(errors: np.ndarray, times: np.ndarray, per_day: int, around: int) -> np.ndarray:
    """Mean absolute error by time of day, shape (per_day,), never far below that of all times.

    Parameters
    ----------
    times
        Time of day of each error, in spans.
    around
        Spans before and after that are looked at as well.
    """
    known = np.isfinite(errors)
    total = np.bincount(times[known], np.abs(errors[known]), minlength=per_day)
    count = np.bincount(times[known], minlength=per_day)
    near = (np.arange(per_day)[:, None] + np.arange(-around, around + 1)) % per_day
    mean = total[near].sum(axis=1) / np.maximum(count[near].sum(axis=1), 1)
    typical = total.sum() / max(int(count.sum()), 1)
    return np.asarray(np.maximum(mean, max(LEAST_SPREAD * typical, 1e-12)))


def _bounds(surprises: np.ndarray, per_day: int) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles of the surprises of each day ahead, shapes (horizon,): the second day is harder than the first."""
    horizon = surprises.shape[1]
    low, high = np.empty(horizon), np.empty(horizon)
    for first in range(0, horizon, per_day):
        day = slice(first, first + per_day)
        low[day], high[day] = np.nanquantile(surprises[:, day], (LOWER, UPPER))
    return low, high


def _few(days: int) -> float:
    """How much wider an interval must be because so few days were tried: the hours of one go together (Student's t).

    >>> round(_few(7), 2), round(_few(14), 2)
    (1.26, 1.11)
    """
    from scipy.special import ndtri, stdtrit

    return float(stdtrit(days - 1, UPPER) / ndtri(UPPER) * np.sqrt(1.0 + 1.0 / days))
