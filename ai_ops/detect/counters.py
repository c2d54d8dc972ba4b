"""Raw counters: what only ever grows, and starts again from zero, is judged by its increase."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from ai_ops.detect.lookback import earlier

WATCHED = timedelta(days=2)
"""What a row is must be decided before it is judged, or later points would change old scores."""

RESET_SHARE = 0.5
"""A counter that starts again is far below where it was; a gauge that falls a little is no counter."""

GROWING_SHARE = 0.5
"""A flat row with a step or two is a gauge, too."""

LONGEST_STEP = timedelta(hours=2)
"""Of longer steps two days hold less than 24 values, and some gauges grow as often by chance."""


def is_counter(values: np.ndarray, step: timedelta) -> np.ndarray:
    """Whether each row behaves like a Prometheus counter in its first two days, shape (...,); False when unsure."""
    if step > LONGEST_STEP:
        return np.zeros(values.shape[:-1], dtype=bool)
    first = values[..., : max(2, round(WATCHED / step))]
    growth = first[..., 1:] - first[..., :-1]
    known = np.maximum(np.isfinite(growth).sum(axis=-1), 1)
    grows = (growth > 0).sum(axis=-1) / known
    falls = (growth < 0) & (first[..., 1:] > RESET_SHARE * first[..., :-1])
    negative = (first < 0).any(axis=-1)
    return np.asarray((grows > GROWING_SHARE) & ~falls.any(axis=-1) & ~negative & (known > first.shape[-1] // 4))


def increases(values: np.ndarray) -> np.ndarray:
    """Increase since the column before; a gap at a reset, since nobody knows how much was lost before it."""
    growth = values - earlier(values, 1)
    return np.where(growth < 0, np.nan, growth)


def by_increase(values: np.ndarray, step: timedelta) -> np.ndarray:
    """The same values, but the increases of the rows that are counters."""
    counters = is_counter(values, step)
    if not counters.any():
        return values
    return np.where(counters[..., None], increases(values), values)
