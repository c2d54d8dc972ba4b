"""Forecast: the next six hours by Holt-Winters, or by what came a day ago where that is no worse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.forecast.holt_winters import FIRST_SEASONS, Speeds, holt_winters
from ai_ops.detect.forecast.hourly import hourly
from ai_ops.domain.warming_up import WarmingUp

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.domain.metrics import Series

HORIZON = 6
DAY, WEEK = 24, 168

LEAST_HOURS = 7 * DAY
"""Two days to begin with, and five in which both forecasts are made and compared."""

WEEKLY_FROM = 3 * WEEK
"""A weekly season needs two weeks to begin with and one to prove itself."""

MOST_HOURS = 6 * WEEK
"""Older hours would hardly count: the slowest season forgets a day's shape in three weeks."""

BACKTEST = 2 * WEEK
"""Origins that forecasts are compared over, and that their errors are taken from."""

MEMORY = WEEK
"""Hours whose errors decide how much each variant counts."""

EAGERNESS = 10.0
"""A variant whose error is 10 % above the best one's counts exp(-1) as much: close ones share, poor ones are silent
(the exponentially weighted average forecaster; Cesa-Bianchi and Lugosi, 2006, chapter 2)."""

DOUBT = 1.0
"""Standard errors by which Holt-Winters must have been better than the naive forecast to be used."""

FEWEST_DAYS = 5
"""Of fewer days the spread is not known well enough to tell skill from chance."""

ROUNDING = 1e-9
"""Relative to the level: whoever is as near as that is exactly right, and nobody is better."""

HOLT_WINTERS, NAIVE = "Holt-Winters", "seasonal-naive"

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles that are forecast; the pinball loss is their mean."""

CEILINGS = {"cpu_percent": 100.0, "memory_percent": 100.0, "error_percent": 100.0, "slo_good_ratio": 1.0}
"""Metrics that cannot exceed a value by what they are."""


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """What the next hours will probably bring.

    Parameters
    ----------
    metric
        Canonical name.
    start
        Beginning of the first hour, aware UTC.
    quantiles
        Shape (HORIZON, len(LEVELS)), in the metric's unit: the mean of each hour.
    method
        `HOLT_WINTERS` or `NAIVE`: what made the forecast.
    skill
        1 - pinball loss of the method / that of seasonal-naive, over the origins of the series' own last weeks; 0 for
        seasonal-naive itself.
    origins
        Past forecasts that the skill rests on.
    """

    metric: str
    start: datetime
    quantiles: np.ndarray
    method: str
    skill: float
    origins: int

    @property
    def median(self) -> np.ndarray:
        """The middle of each hour's forecast, shape (HORIZON,)."""
        return np.asarray(self.quantiles[:, LEVELS.index(0.5)])


def forecast(series: Series) -> Forecast | WarmingUp:
    """Forecast the six hours after a series from its own past.

    Several Holt-Winters variants run side by side: slow and fast, of a daily and, given three weeks, of a weekly
    season; and with them what came a day and a week ago. At every past hour each counts by its errors of the week
    before, so that the mixture's past forecasts knew nothing of what they forecast. There its pinball loss is compared,
    day by day, with that of the value 24 hours before, the naive forecast; unless it is lower by more than its standard
    error, the naive forecast is used.

    Parameters
    ----------
    series
        Steps of an hour or a part of it; NaN where nothing was measured.

    Raises
    ------
    ValueError
        When the step is longer than an hour, or no part of one.
    """
    hours = _from_first_known(hourly(series)[-MOST_HOURS:])
    # A week of which half is missing is half a week.
    have = min(hours.size, 2 * int(np.isfinite(hours[-LEAST_HOURS:]).sum()))
    if have < LEAST_HOURS:
        return WarmingUp(have, LEAST_HOURS, "hours")
    period = WEEK if hours.size >= WEEKLY_FROM else DAY
    after, naive = _after(hours), _day_before(hours)
    mixture = _mixture(hours, after, naive, period)
    # The first seasons taught the variants their first states, so forecasts made there prove nothing.
    first = max(FIRST_SEASONS * period, hours.size - BACKTEST)
    exact = ROUNDING * float(np.nanmax(np.abs(hours)))
    skill = _compared(_losses((after - naive)[first:]), _losses((after - mixture)[first:]), exact)
    made = mixture if skill.is_sure else naive
    since = first if skill.is_sure else max(DAY, hours.size - BACKTEST)
    quantiles = made[-1][:, None] + _quantiles((after - made)[since:])
    return Forecast(
        metric=series.metric,
        start=series.start + series.values.size * series.step,
        quantiles=np.clip(quantiles, _floor(hours), CEILINGS.get(series.metric, np.inf)),
        method=HOLT_WINTERS if skill.is_sure else NAIVE,
        skill=skill.value if skill.is_sure else 0.0,
        origins=skill.origins,
    )


def _from_first_known(hours: np.ndarray) -> np.ndarray:
    known = np.isfinite(hours)
    return hours[int(np.argmax(known)) :] if known.any() else hours[:0]


def _floor(hours: np.ndarray) -> float:
    """Nothing below zero is forecast of what was never below zero."""
    return 0.0 if np.nanmin(hours) >= 0 else -np.inf


def _mixture(hours: np.ndarray, after: np.ndarray, naive: np.ndarray, period: int) -> np.ndarray:
    """Mean of all variants, of yesterday and of a week ago, weighted by their past errors; shape (n, HORIZON)."""
    week_ago = _made_from(hours, WEEK)
    plain = np.stack([naive, np.where(np.isfinite(week_ago), week_ago, naive)], axis=1)
    followed = [holt_winters(hours, one, _speeds(), HORIZON) for one in sorted({DAY, period})]
    every = np.concatenate([plain, *followed], axis=1)
    weights = _weights(np.abs(after[:, None] - every), FIRST_SEASONS * period)
    return np.asarray((every * weights[:, :, None]).sum(axis=1))


def _speeds() -> Speeds:
    """Level memories of ten, three, two and one hours, with and without a trend, with a slow and a quick season.

    The season's speed stays below one minus the level's, or the two would follow the same error twice.
    """
    grid = np.array([(a, b, g) for a in (0.1, 0.3, 0.6, 0.9) for b in (0.0, 0.1) for g in (0.05, 0.3) if g < 1.0 - a])
    return Speeds(grid[:, 0], grid[:, 1], grid[:, 2], np.full(len(grid), 0.9))


def _weights(errors: np.ndarray, first: int) -> np.ndarray:
    """What each variant counts at each origin, shape (n, k), by the errors since `first` that were known by then."""
    known = np.isfinite(errors).all(axis=(1, 2))
    seen = np.where(known[:, None], np.nan_to_num(errors).mean(axis=2), 0.0)
    total, count = (np.concatenate([np.zeros((1, *x.shape[1:])), np.cumsum(x, axis=0)]) for x in (seen, known))
    # An origin's errors are known once its last hour is over.
    end = np.maximum(np.arange(len(errors)) - HORIZON + 1, 0)
    begin = np.minimum(np.maximum(end - MEMORY, first), end)
    mean = (total[end] - total[begin]) / np.maximum(count[end] - count[begin], 1)[:, None]
    best = mean.min(axis=1, keepdims=True)
    excess = np.where(best > 0, mean / np.where(best > 0, best, 1.0) - 1.0, np.where(mean > best, np.inf, 0.0))
    weight = np.exp(-EAGERNESS * excess)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _after(hours: np.ndarray) -> np.ndarray:
    """Hours that follow each hour, shape (n, HORIZON); NaN where they are not over yet."""
    padded = np.concatenate([hours[1:], np.full(HORIZON, np.nan)])
    return np.lib.stride_tricks.sliding_window_view(padded, HORIZON)[: hours.size]


def _day_before(hours: np.ndarray) -> np.ndarray:
    """Forecast made at each hour by what came a day before, shape (n, HORIZON); a gap takes the day before that."""
    filled = hours.copy()
    for t in np.flatnonzero(np.isnan(filled)):
        filled[t] = filled[t - DAY] if t >= DAY else np.nan
    filled = np.where(np.isnan(filled), np.nanmedian(hours[:DAY]), filled)
    return np.where(np.isfinite(made := _made_from(filled, DAY)), made, filled[0])


def _made_from(hours: np.ndarray, ago: int) -> np.ndarray:
    """Hours that came `ago` before those that follow each hour, shape (n, HORIZON); NaN where there were none."""
    padded = np.concatenate([np.full(ago - 1, np.nan), hours])
    return np.lib.stride_tricks.sliding_window_view(padded, HORIZON)[: hours.size]


def _losses(errors: np.ndarray) -> np.ndarray:
    """Pinball loss of each origin, shape (n,); the quantiles of even days are tried on odd ones, and the reverse."""
    odd = np.arange(len(errors)) // DAY % 2 == 1
    levels = np.array(LEVELS)
    losses = np.full(errors.shape, np.nan)
    for tried in (odd, ~odd):
        beyond = errors[tried][:, :, None] - _quantiles(errors[~tried])
        losses[tried] = np.maximum(levels * beyond, (levels - 1.0) * beyond).mean(axis=2)
    return np.asarray(losses.mean(axis=1))


def _quantiles(errors: np.ndarray) -> np.ndarray:
    """Quantiles of the errors by horizon, shape (HORIZON, len(LEVELS))."""
    if not np.isfinite(errors).any(axis=0).all():
        return np.full((HORIZON, len(LEVELS)), np.nan)
    return np.asarray(np.nanquantile(errors, LEVELS, axis=0).T)


@dataclass(frozen=True, slots=True)
class _Skill:
    """How much better than naive, whether that is more than noise, and over how many origins."""

    value: float
    is_sure: bool
    origins: int


def _compared(naive: np.ndarray, mixture: np.ndarray, exact: float) -> _Skill:
    """Compare losses of the same origins, shapes (n,). Hours resemble their neighbours: noise is taken between days."""
    both = np.isfinite(naive) & np.isfinite(mixture)
    origins = int(both.sum())
    if origins <= (FEWEST_DAYS - 1) * DAY or naive[both].mean() <= exact:
        return _Skill(0.0, is_sure=False, origins=origins)
    days = np.array([day.mean() for day in np.array_split((naive - mixture)[both], -(-origins // DAY))])
    noise = days.std(ddof=1) / np.sqrt(days.size)
    value = float(1.0 - mixture[both].mean() / naive[both].mean())
    return _Skill(value, is_sure=bool(days.mean() > DOUBT * noise), origins=origins)
