"""What rests most of the time has no spread: rare events and settings are known by their records alone."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from ai_ops.detect.calibration import BLOCK
from ai_ops.detect.lookback import earlier, padded

SPAN = timedelta(days=7)

MOSTLY = 0.75
"""Of a row that stands still in three values of four the quartiles, and every robust spread, are zero."""


def rests(values: np.ndarray, step: timedelta) -> np.ndarray:
    """Whether each value comes after a week in which the row mostly repeated itself; boolean, same shape."""
    width, size = max(1, round(BLOCK / step)), values.shape[-1]
    moved = values - earlier(values, 1)
    blocks = padded(moved, -size % width).reshape(*values.shape[:-1], -1, width)
    known = np.cumsum(np.isfinite(blocks).sum(axis=-1), axis=-1)
    still = np.cumsum((blocks == 0.0).sum(axis=-1), axis=-1)
    week = round(SPAN / BLOCK)
    before = [np.nan_to_num(earlier(one.astype(np.float64), 1)) for one in (still, known)]
    still_lately, known_lately = (one - np.nan_to_num(earlier(one, week)) for one in before)
    resting = still_lately > MOSTLY * known_lately
    return np.asarray(np.repeat(resting, width, axis=-1)[..., :size])
