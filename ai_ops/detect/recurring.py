"""Recurring jobs: what happens at this time on most days, or every week, is nobody's incident."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from ai_ops.detect.lookback import around, columns_per_day, earlier, median_of_days, padded

DAYS, LEAST_DAYS = 7, 2
SLOT = timedelta(minutes=30)
"""A job that waits for another starts in the half hour before or after its own."""

HALF_AS_MUCH_AGAIN = 1.5
"""A job is not the same size every day."""


def habitual(scores: np.ndarray, step: timedelta) -> np.ndarray:
    """Score that this time of day has usually brought, shape (..., n), in the scores' unit; 0 where none has.

    The median over seven days of the largest score in this half hour or its neighbours, or what both of the last two
    weeks brought there, half as much again.
    """
    day, size = columns_per_day(step), scores.shape[-1]
    width = round(SLOT / step) if step < SLOT and day % round(SLOT / step) == 0 else 1
    slots, slots_a_day = padded(scores, -size % width).reshape(*scores.shape[:-1], -1, width), day // width
    reach = min(1, slots_a_day - 1)
    nearby = around(padded(np.fmax.reduce(slots, axis=-1), reach), reach, np.fmax)
    daily = median_of_days(nearby, range(slots_a_day, (DAYS + 1) * slots_a_day, slots_a_day), LEAST_DAYS)
    weekly = np.minimum(earlier(nearby, DAYS * slots_a_day), earlier(nearby, 2 * DAYS * slots_a_day))
    usual = np.nan_to_num(np.fmax(daily, weekly))
    # The loudest of m normal values, sqrt(2 ln m) sigmas out (Gumbel 1958), is no job.
    by_chance = np.sqrt(2.0 * np.log((2 * reach + 1) * width))
    habit = np.where(usual > by_chance, HALF_AS_MUCH_AGAIN * usual, 0.0)
    return np.asarray(np.repeat(habit, width, axis=-1)[..., :size])
