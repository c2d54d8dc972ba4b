"""Hourly means of a series."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Series

HOUR = timedelta(hours=1)


def hourly(series: Series) -> np.ndarray:
    """Means of whole hours, counted back from the end of the series, shape (hours,).

    An hour of which less than half was measured is a gap, NaN; an incomplete first hour is left out.

    Raises
    ------
    ValueError
        When the step is longer than an hour, or no part of one.
    """
    points = HOUR // series.step
    if points * series.step != HOUR:
        raise ValueError(f"{series.metric} has a step of {series.step}, which is no part of an hour")
    hours = series.values[series.values.size % points :].reshape(-1, points)
    known = np.isfinite(hours)
    enough = 2 * known.sum(axis=1) >= points
    return np.where(enough, np.where(known, hours, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1), np.nan)
