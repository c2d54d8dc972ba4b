"""Hour profile: how much livelier a series is at this hour than over the whole day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.hours import columns_per_hour, hourly_means
from ai_ops.detect.lookback import around, columns_per_day, earlier, median_of_days, padded

if TYPE_CHECKING:
    from datetime import timedelta

DAYS, LEAST_DAYS = 7, 3

LEAST_HOURS = 8
"""Parts of a day below which it has no profile: of daily values, the day before would be one value."""

LEAST, MOST = 0.7, 2.0
"""Bounds of the ratio of roots: a profile of a few quiet hours must neither make noise an alarm nor hide one."""


def hour_profile(residual: np.ndarray, step: timedelta) -> np.ndarray:
    """Ratio of this hour's residuals to the day's, shape of the residuals, 1/2 to 4; 1 while unknown.

    Noise of traffic grows with traffic, so that one spread for the whole day is too wide by night and too narrow at
    noon. Roots are compared, as in `slow_sigma`: this hour's mean root, the median of seven days, against the mean
    of the day that ended when this hour began. A lively hour may begin half an hour early or end half an hour late.

    Parameters
    ----------
    residual
        Absolute residuals, shape (..., n), NaN where unknown.
    """
    day, size, width = columns_per_day(step), residual.shape[-1], columns_per_hour(step)
    hours_a_day = round(day / width)
    if hours_a_day < LEAST_HOURS:
        return np.ones_like(residual)
    root = hourly_means(np.sqrt(residual), step)
    lags = [round(days * day / width) for days in range(1, DAYS + 1)]
    # The next hour of earlier days is known, and the row is read that far.
    this_hour = median_of_days(padded(root, 1), lags, LEAST_DAYS)
    halves = 2 if width % 2 == 0 else 1
    liveliest = around(np.repeat(this_hour, halves, axis=-1), 1, np.fmax)[..., : halves * root.shape[-1]]
    with np.errstate(divide="ignore", invalid="ignore"):  # a day on which nothing moved has no profile
        ratio = np.clip(liveliest / np.repeat(_mean_before(root, hours_a_day), halves, axis=-1), LEAST, MOST) ** 2
    return np.asarray(np.repeat(np.nan_to_num(ratio, nan=1.0), width // halves, axis=-1)[..., :size])


def _mean_before(values: np.ndarray, count: int) -> np.ndarray:
    """Mean of the known among the `count` values before each."""
    known = np.isfinite(values)
    total, known_so_far = (np.cumsum(one, axis=-1) for one in (np.where(known, values, 0.0), known.astype(np.float64)))
    seen, number = (earlier(one - earlier(one, count, 0.0), 1, 0.0) for one in (total, known_so_far))
    return np.asarray(seen / np.maximum(number, 1.0))
