"""Timestamps as numbers, whatever unit they come in."""

from __future__ import annotations

import numpy as np


def in_seconds(timestamps: np.ndarray) -> np.ndarray:
    """Seconds since the epoch, float64, of datetime64 timestamps.

    >>> in_seconds(np.array(["1970-01-01T00:01"], dtype="datetime64[us]")).tolist()
    [60.0]
    """
    return timestamps.astype("datetime64[ns]").astype(np.int64) / 1e9


def step_seconds(timestamps: np.ndarray) -> float:
    """The usual distance between two rows: the median, so that gaps and doubled rows do not count."""
    return float(np.median(np.diff(in_seconds(timestamps))))
