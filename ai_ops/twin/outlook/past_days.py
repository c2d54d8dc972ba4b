"""What came at the same time on earlier days, seen in several ways: the simplest forecasts there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ai_ops.twin.outlook.demand import Demand

DAYS_SEEN, DAYS_OF_A_WEEK, WEEKS_SEEN = 14, 7, 4
"""Two weeks hold ten weekdays and four days of weekends; four of the same weekday reach back a month."""

FURTHEST_LEVEL = 3.0
"""A day that is this many times above its forecast, or below, has another reason than its level."""


def past_days(demand: Demand, origins: np.ndarray, horizon: int) -> np.ndarray:
    """Forecast what follows each origin by what came at the same time of day before it.

    Five ways: yesterday; the median of a week; the median of the days of the same kind, weekday or weekend, in two
    weeks; a week ago; the median of four such weekdays. Then the same five again, each at the level at which the
    last day lay above or below what it would have said.

    Parameters
    ----------
    demand
        What is known; an origin sees what lies before it only.
    origins
        Indices at which a forecast begins, shape (k,), a fixed distance apart that is a part of a day.
    horizon
        Spans ahead; at most a week.

    Returns
    -------
    np.ndarray
        Shape (10, k, horizon); NaN where nothing at all was known.
    """
    per_day = demand.per_day
    target = origins[:, None] + np.arange(horizon)
    source = target - per_day * (1 + np.arange(horizon) // per_day)
    days = np.stack([_at(demand.values, source - ago * per_day) for ago in range(DAYS_SEEN)])
    kinds = np.stack([demand.is_weekend(source - ago * per_day) for ago in range(DAYS_SEEN)])
    week = per_day * DAYS_OF_A_WEEK
    weeks = np.stack([_at(demand.values, target - ago * week) for ago in range(1, WEEKS_SEEN + 1)])
    usual = median_of_known(days[:DAYS_OF_A_WEEK])
    alike = _or(median_of_known(np.where(kinds == demand.is_weekend(target), days, np.nan)), usual)
    plain = np.stack([_or(days[0], usual), usual, alike, _or(weeks[0], alike), _or(median_of_known(weeks), alike)])
    return np.concatenate([plain, plain * _levels(demand, origins, plain)[:, :, None]])


def median_of_known(stack: np.ndarray) -> np.ndarray:
    """Median over the first axis, gaps left out; NaN where there are only gaps."""
    in_order = np.sort(stack, axis=0)  # gaps come last
    known = np.isfinite(stack).sum(axis=0)
    low, high = np.maximum(known - 1, 0) // 2, known // 2
    high = np.minimum(high, np.maximum(known - 1, 0))
    pick = [np.take_along_axis(in_order, place[None], axis=0)[0] for place in (low, high)]
    return np.asarray((pick[0] + pick[1]) / 2.0)


def _levels(demand: Demand, origins: np.ndarray, plain: np.ndarray) -> np.ndarray:
    """How far the day before each origin usually lay above its forecast, shape (ways, k); 1 where that is not known.

    The median over its hours: a crowd of some hours is no new level.
    """
    per_day = demand.per_day
    levels = np.ones(plain.shape[:2])
    back = per_day // (origins[1] - origins[0]) if origins.size > 1 else origins.size
    came = _at(demand.values, origins[back:, None] - per_day + np.arange(per_day))
    said = plain[:, : origins.size - back, :per_day]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = median_of_known(np.moveaxis(np.where(said > 0, came / said, np.nan), -1, 0))
    ratio = np.where(ratio > 0, ratio, 1.0)
    levels[:, back:] = np.clip(ratio, 1.0 / FURTHEST_LEVEL, FURTHEST_LEVEL)
    return levels


def _at(values: np.ndarray, index: np.ndarray) -> np.ndarray:
    inside = (index >= 0) & (index < values.size)
    return np.where(inside, values[np.clip(index, 0, values.size - 1)], np.nan)


def _or(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(first), first, second)
