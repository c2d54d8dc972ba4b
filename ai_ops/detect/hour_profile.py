"""Hour profile: how much livelier a series is at this hour than over the whole day."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from ai_ops.detect.lookback import around, columns_per_day, earlier, median_of_days, padded

DAYS, LEAST_DAYS = 7, 3
HOUR = timedelta(hours=1)

LEAST_HOURS = 8
"""Parts of a day below which it has no profile: of daily values, the day before would be one value."""

EARLY_OR_LATE = timedelta(minutes=30)
"""A lively hour may begin a little earlier or later: the livelier of two neighbours counts near the full hour."""

LEAST, MOST = 0.7, 2.0
"""Bounds of the ratio of roots: a profile of a few quiet hours must neither make noise an alarm nor hide one."""


def hour_profile(residual: np.ndarray, step: timedelta) -> np.ndarray:
    """Ratio of this hour's residuals to the day's, shape of the residuals, 1/2 to 4; 1 while unknown.

    Noise of traffic grows with traffic, so that one spread for the whole day is too wide by night and too narrow at
    noon. Roots are compared, as in `slow_sigma`: this hour's mean root, the median of seven days, against the mean
    of the day that ended when this hour began.

    Parameters
    ----------
    residual
        Absolute residuals, shape (..., n), NaN where unknown.
    """
    day, size, width = columns_per_day(step), residual.shape[-1], max(1, round(HOUR / step))
    hours_a_day = round(day / width)
    if hours_a_day < LEAST_HOURS:
        return np.ones_like(residual)
    hours = padded(np.sqrt(residual), -size % width).reshape(*residual.shape[:-1], -1, width)
    root = hours.mean(axis=-1)
    # The next hour of earlier days is known, and the row is read that far.
    lags = [round(days * day / width) for days in range(1, DAYS + 1)]
    this_hour = median_of_days(padded(root, 1), lags, LEAST_DAYS)
    liveliest = around(np.repeat(this_hour, width, axis=-1), round(EARLY_OR_LATE / step), np.fmax)[..., :size]
    overall = np.repeat(_mean_before(root, hours_a_day), width, axis=-1)[..., :size]
    with np.errstate(divide="ignore", invalid="ignore"):  # a day on which nothing moved has no profile
        ratio = np.clip(liveliest / overall, LEAST, MOST) ** 2
    return np.asarray(np.nan_to_num(ratio, nan=1.0))


def _mean_before(values: np.ndarray, count: int) -> np.ndarray:
    """Mean of the known among the `count` values before each."""
    known = np.isfinite(values)
    total, known_so_far = (np.cumsum(one, axis=-1) for one in (np.where(known, values, 0.0), known.astype(np.float64)))
    seen, number = (earlier(one - earlier(one, count, 0.0), 1, 0.0) for one in (total, known_so_far))
    return np.asarray(seen / np.maximum(number, 1.0))
