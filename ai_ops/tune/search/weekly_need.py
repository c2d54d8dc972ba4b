"""How many instances each hour of the week needs, learned from the days that were like it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.twin.telemetry import MINUTES_PER_DAY, MINUTES_PER_WEEK

if TYPE_CHECKING:
    from ai_ops.twin.utilisation import Utilisation

HOURS, HOUR = 24, 60
BLOCKS_PER_DAY = 4
"""A schedule that a person can read: night, rise, day and evening."""

USUAL_QUANTILE = 0.75
"""What an hour needs on three of four such days; the thresholds answer the rest."""

WEEKEND_DIFFERS = 0.1
"""Weekends are days of their own where their demand differs from that of weekdays by more than this share."""

LEAST_DAYS = 4
"""Fewer days of a kind are no rhythm; a fortnight has four of the weekend."""

SMOOTHING_MINUTES = 5


@dataclass(frozen=True, slots=True, eq=False)
class WeeklyNeed:
    """Peak demand of each hour, day by day.

    Parameters
    ----------
    peaks
        Requests per second, shape (days, 24): the highest five-minute mean of the hour and of the boot before it ends.
    weekdays
        Of each day, shape (days,), Monday = 0.
    day_of_minute
        Row of `peaks` that each minute belongs to, shape (minutes,).
    minute_of_week
        Shape (minutes,).
    """

    peaks: np.ndarray
    weekdays: np.ndarray
    day_of_minute: np.ndarray
    minute_of_week: np.ndarray

    def floors(self, utilisation: Utilisation, percent: float) -> np.ndarray | None:
        """Minimum by minute that every day would have got from the *other* days, shape (minutes,).

        Leaving a day out of its own schedule is what makes the replay a test and no echo. None where some day has too
        few others of its kind.
        """
        by_day = []
        for day in range(self.weekdays.size):
            others = self._kin(self.weekdays[day])
            others[day] = False
            if others.sum() < LEAST_DAYS - 1:
                return None
            by_day.append(self._day_floor(others, utilisation, percent))
        hour = self.minute_of_week % MINUTES_PER_DAY // HOUR
        return np.asarray(np.array(by_day)[self.day_of_minute, hour])

    def schedule(self, utilisation: Utilisation, percent: float) -> list[dict[str, int]]:
        """Blocks of the week learned from all days: what would really be written down."""
        week = np.concatenate(
            [np.repeat(self._day_floor(self._kin(day), utilisation, percent), HOUR) for day in range(7)]
        )
        edges = np.flatnonzero(np.diff(week)) + 1
        starts, ends = np.concatenate(([0], edges)), np.concatenate((edges, [MINUTES_PER_WEEK]))
        return [
            {"from_minute_of_week": int(start), "to_minute_of_week": int(end), "min_instances": int(week[start])}
            for start, end in zip(starts, ends, strict=True)
        ]

    def _kin(self, weekday: int) -> np.ndarray:
        """Days that are like this weekday, boolean, shape (days,)."""
        weekend = self.weekdays >= 5  # noqa: PLR2004  # Saturday
        if not weekend.any() or weekend.all():
            return np.ones(self.weekdays.size, dtype=bool)
        levels = self.peaks.mean(axis=1)
        ratio = np.median(levels[weekend]) / max(float(np.median(levels[~weekend])), 1e-9)
        is_apart = abs(ratio - 1.0) > WEEKEND_DIFFERS and weekend.sum() > 1
        return weekend == (weekday >= 5) if is_apart else np.ones(self.weekdays.size, dtype=bool)  # noqa: PLR2004

    def _day_floor(self, days: np.ndarray, utilisation: Utilisation, percent: float) -> np.ndarray:
        """Instances by hour, shape (24,), in a few steps that never lie below the need."""
        usual = np.quantile(self.peaks[days], USUAL_QUANTILE, axis=0)
        return few_steps(np.ceil(usual / float(utilisation.load(np.array([percent]))[0])), BLOCKS_PER_DAY)


def weekly_need(demand: np.ndarray, minute_of_week: np.ndarray, boot_minutes: int) -> WeeklyNeed:
    """Read the peaks of every hour.

    Parameters
    ----------
    demand
        Requests per second, shape (minutes,), no gaps.
    minute_of_week
        Shape (minutes,).
    boot_minutes
        An instance must be wanted this long before the demand that it serves.
    """
    smooth = np.convolve(demand, np.ones(SMOOTHING_MINUTES) / SMOOTHING_MINUTES, mode="same")
    ahead = np.lib.stride_tricks.sliding_window_view(
        np.concatenate((smooth, np.full(boot_minutes, smooth[-1]))), boot_minutes + 1
    ).max(axis=1)
    minute_of_day = minute_of_week % MINUTES_PER_DAY
    day = np.cumsum(np.concatenate(([0], (np.diff(minute_of_day) < 0).astype(np.int64))))
    peaks = np.full((day[-1] + 1, HOURS), np.nan)
    np.fmax.at(peaks, (day, minute_of_day // HOUR), ahead)
    weekdays = np.zeros(day[-1] + 1, dtype=np.int64)
    weekdays[day] = minute_of_week // MINUTES_PER_DAY
    usual = np.nanmedian(peaks, axis=0)
    return WeeklyNeed(np.where(np.isnan(peaks), usual, peaks), weekdays, day, minute_of_week)


def few_steps(need: np.ndarray, blocks: int) -> np.ndarray:
    """Lie on or above `need` with at most `blocks` different stretches, wasting as little as can be found greedily.

    >>> few_steps(np.array([2.0, 2.0, 3.0, 8.0, 8.0, 2.0]), 3).tolist()
    [3.0, 3.0, 3.0, 8.0, 8.0, 2.0]
    """
    stretches = [(1, float(value)) for value in need]
    while len(stretches) > 1:
        waste = [
            a_length * max(b - a, 0.0) + b_length * max(a - b, 0.0)
            for (a_length, a), (b_length, b) in pairwise(stretches)
        ]
        place = int(np.argmin(waste))
        if len(stretches) <= blocks and waste[place] > 0.0:
            break
        (a_length, a), (b_length, b) = stretches[place : place + 2]
        stretches[place : place + 2] = [(a_length + b_length, max(a, b))]
    return np.repeat([value for _, value in stretches], [length for length, _ in stretches])
