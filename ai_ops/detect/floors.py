"""The smallest spread that means anything, so that a flat or a rare series does not explode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.calibration import BLOCK
from ai_ops.detect.lookback import earlier, padded

if TYPE_CHECKING:
    from datetime import timedelta

    from ai_ops.domain.metrics import Panel, Series

SHARE_OF_SCALE = 0.02
SHARE_OF_LEVEL = 0.001
"""2 % of the running scale plus 0.1 % of the level: finer differences are rounding, not behaviour."""

SMALLEST = float(np.finfo(np.float64).tiny ** 0.5)
"""Nothing is divided by zero."""

RATIOS = {"error_percent": 100.0, "slo_good_ratio": 1.0}
"""Metrics that are shares of requests, each with the value that means all of them."""


def plain_floor(values: np.ndarray, step: timedelta, *, may_count: bool = True) -> np.ndarray:
    """Smallest meaningful spread at each column, from the blocks of six hours before it; same shape, positive.

    The running scale and level give shares; and a value is not known better than its resolution, the smallest step
    ever seen: one request, one instance, one rounded digit. Whole numbers count something, at least by ones, unless
    `may_count` says that the metric is a share.
    """
    width, size = max(1, round(BLOCK / step)), values.shape[-1]
    blocks = padded(values, -size % width).reshape(*values.shape[:-1], -1, width)
    known = np.isfinite(blocks)
    count = np.maximum(np.cumsum(known.sum(axis=-1), axis=-1), 1)
    # Sums of squares lose digits on large levels (bytes), and the spread does not depend on the level.
    first = _first_known(values)
    present = blocks if known.all() else np.where(known, blocks, first[..., None])
    offset = present - first[..., None]
    mean = _running_sum(offset) / count
    level = np.abs(first + mean)
    scale = np.sqrt(np.maximum(_running_sum(offset * offset) / count - mean * mean, 0.0))
    floor = np.maximum(SHARE_OF_SCALE * scale + SHARE_OF_LEVEL * level, _resolution(blocks, may_count=may_count))
    return np.asarray(np.fmax(np.repeat(earlier(floor, 1), width, axis=-1)[..., :size], SMALLEST))


def _first_known(values: np.ndarray) -> np.ndarray:
    first = np.argmax(np.isfinite(values), axis=-1)[..., None]
    return np.asarray(np.nan_to_num(np.take_along_axis(values, first, axis=-1)))


def _running_sum(blocks: np.ndarray) -> np.ndarray:
    return np.asarray(np.cumsum(blocks.sum(axis=-1), axis=-1))


def _resolution(blocks: np.ndarray, *, may_count: bool) -> np.ndarray:
    """Finest step seen up to and with each block, shape (..., blocks); 0 where none was seen."""
    steps = np.abs(blocks[..., 1:] - blocks[..., :-1])
    steps[steps == 0.0] = np.nan
    finest = np.fmin.accumulate(np.fmin.reduce(steps, axis=-1, initial=np.inf), axis=-1)
    resolution = np.where(np.isfinite(finest), finest, 0.0)
    if not may_count:
        return np.asarray(resolution)
    fractions = np.fmax.reduce(np.abs(blocks - np.rint(blocks)), axis=-1)
    counts = np.fmax.accumulate(fractions, axis=-1) == 0.0
    return np.asarray(np.maximum(resolution, counts))


def spread_floor(grid: Series | Panel, requests_per_second: Series | None) -> np.ndarray:
    """Smallest meaningful spread of one metric, shape of its values, in its unit; always positive.

    A share of requests cannot be steadier than its binomial standard deviation sqrt(n p (1 - p)) / n, with n
    the requests behind one value. One request is added to the variance, so that after a flawless past a single
    failure is one sigma and a storm is many. Where nobody knows how many requests there were, one in a thousand is the
    smallest share that means anything.

    Parameters
    ----------
    grid
        The metric, of one service or of many.
    requests_per_second
        The traffic on the same grid, for shares of requests of one service; None when it was not measured.
    """
    whole = RATIOS.get(grid.metric)
    floor = plain_floor(grid.values, grid.step, may_count=whole is None)
    if whole is None:
        return floor
    if requests_per_second is None or requests_per_second.values.shape != grid.values.shape:
        return np.asarray(np.maximum(floor, SHARE_OF_LEVEL * whole))
    return np.asarray(np.maximum(floor, _binomial_spread(grid, requests_per_second, whole)))


def _binomial_spread(grid: Series | Panel, requests_per_second: Series, whole: float) -> np.ndarray:
    requests = np.nan_to_num(requests_per_second.values) * grid.step.total_seconds()
    hits = np.nan_to_num(grid.values) / whole * requests
    share = np.nan_to_num(earlier(np.cumsum(hits), 1) / np.maximum(earlier(np.cumsum(requests), 1), 1.0))
    variance = requests * share * np.clip(1.0 - share, 0.0, 1.0) + 1.0
    return np.asarray(whole * np.sqrt(variance) / np.maximum(requests, 1.0))
