"""Recurring jobs: what happens at this time on most days, or every week, is nobody's incident."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from ai_ops.detect.lookback import around, columns_per_day, earlier, median_at, padded

DAYS = 7
REACH = timedelta(minutes=30)
"""A job that waits for another starts up to half an hour early or late."""

HALF_AS_MUCH_AGAIN = 1.5
"""A job is not the same size every day."""


def habitual(scores: np.ndarray, step: timedelta) -> np.ndarray:
    """Score that this time of day has usually brought, shape (..., n), in the scores' unit; 0 where none has.

    The median over seven days of the largest score within half an hour, or what both of the last two weeks
    brought at this time, half as much again.
    """
    day, size = columns_per_day(step), scores.shape[-1]
    reach = min(max(1, round(REACH / step)), day - 1)
    nearby = around(padded(scores, reach), reach, np.fmax)
    daily = median_at(nearby, range(day, (DAYS + 1) * day, day))
    weekly = np.minimum(earlier(nearby, DAYS * day), earlier(nearby, 2 * DAYS * day))
    return np.asarray(HALF_AS_MUCH_AGAIN * np.nan_to_num(np.fmax(daily, weekly)[..., :size]))
