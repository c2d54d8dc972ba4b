"""Hours: what moves slowly is renewed once an hour, which costs a tenth of renewing it at every value."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from ai_ops.detect.lookback import earlier, padded

HOUR = timedelta(hours=1)


def columns_per_hour(step: timedelta) -> int:
    """How many columns make an hour, at least one."""
    return max(1, round(HOUR / step))


def hourly_means(values: np.ndarray, step: timedelta) -> np.ndarray:
    """Mean of the known values of each hour since the first column, shape (..., hours); NaN where none is known."""
    width = columns_per_hour(step)
    blocks = padded(values, -values.shape[-1] % width).reshape(*values.shape[:-1], -1, width)
    means = np.asarray(blocks.mean(axis=-1))
    partly = np.isnan(means)
    if partly.any():
        some = blocks[partly]
        known = np.isfinite(some)
        count = known.sum(axis=-1)
        means[partly] = np.where(count > 0, np.where(known, some, 0.0).sum(axis=-1) / np.maximum(count, 1), np.nan)
    return means


def since_the_hour_before(hourly: np.ndarray, step: timedelta, size: int) -> np.ndarray:
    """At each column what was known when its hour began, shape (..., size)."""
    return np.repeat(earlier(hourly, 1), columns_per_hour(step), axis=-1)[..., :size]
