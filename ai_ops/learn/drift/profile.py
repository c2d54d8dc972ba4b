"""What is usual of a feature at this hour, on working days and at weekends.

It is taken out before distributions are compared: a day has the same shape next week, and a window that holds one
night more than another has not drifted.
"""

from __future__ import annotations

import numpy as np

from ai_ops.learn.drift.features import DAY_SECONDS, HOUR_SECONDS

HOURS = 24
SLOTS = 2 * HOURS

LEAST_DAYS = 2
"""The mean of a single day at an hour is that day, not what is usual."""

MONDAY, SATURDAY, WEEK = 4, 5, 7
"""The first Monday of the epoch is its day 4; Saturday is day 5 of a week that begins on Monday."""


def slots(times: np.ndarray) -> np.ndarray:
    """Number of the hour in UTC: 0 to 23 from Monday to Friday, 24 to 47 at the weekend; the shape of `times`."""
    hour = times % DAY_SECONDS // HOUR_SECONDS
    is_weekend = (times // DAY_SECONDS - MONDAY) % WEEK >= SATURDAY
    return np.asarray(hour + HOURS * is_weekend, dtype=np.int64)


def profile_of(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mean by slot, shape (48,).

    An hour that was seen on a single day only, or never, of working days or of weekends, is given the mean of that hour
    on all days; where that says no more, the mean of everything.

    Parameters
    ----------
    times
        Epoch seconds, shape (n,).
    values
        Shape (n,), all known.
    """
    slot, day = slots(times), times // DAY_SECONDS
    by_hour = _means(slot % HOURS, day, values, HOURS)
    by_hour = np.where(np.isnan(by_hour), values.mean(), by_hour)
    by_slot = _means(slot, day, values, SLOTS)
    return np.where(np.isnan(by_slot), np.tile(by_hour, 2), by_slot)


def _means(part: np.ndarray, day: np.ndarray, values: np.ndarray, parts: int) -> np.ndarray:
    """Mean of each part; NaN where it was seen on too few days."""
    days = np.bincount(np.unique(day.astype(np.int64) * parts + part) % parts, minlength=parts)
    count = np.bincount(part, minlength=parts)
    total = np.bincount(part, weights=values, minlength=parts)
    return np.where(days >= LEAST_DAYS, total / np.maximum(count, 1), np.nan)
