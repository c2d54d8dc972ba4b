"""Quartiles of the time before each value, renewed from time to time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.lookback import padded

if TYPE_CHECKING:
    from datetime import timedelta

MAD_TO_SIGMA = 1.4826
"""Turns a median absolute deviation into a standard deviation, for a normal distribution."""


def trailing_windows(values: np.ndarray, step: timedelta, span: timedelta, renewed: timedelta) -> np.ndarray:
    """The values of `span` before each renewal, shape (..., renewals, m), gaps where nothing was measured.

    Sorting a window of m values at every column would cost m times as much as the series is long, and tell nothing
    more than at every tenth part of the window.
    """
    width, size = max(1, round(renewed / step)), values.shape[-1]
    columns = max(width, round(span / step))
    ahead = np.full((*values.shape[:-1], columns), np.nan)
    row = np.concatenate([ahead, padded(values, -size % width)], axis=-1)
    return np.lib.stride_tricks.sliding_window_view(row, columns, axis=-1)[..., : size + -size % width : width, :]


def quantiles(windows: np.ndarray, shares: tuple[float, ...], least: float) -> tuple[np.ndarray, ...]:
    """Lower-interpolated quantiles of each window, shape (..., renewals) each; NaN where too few values are known.

    Parameters
    ----------
    least
        Share of a window that must be known, 0 to 1.
    """
    ordered = np.sort(windows, axis=-1)
    known = np.isfinite(ordered).sum(axis=-1)
    enough = known >= max(2.0, least * windows.shape[-1])
    found = []
    for share in shares:
        at = (share * np.maximum(known - 1, 0)).astype(np.intp)
        found.append(np.where(enough, np.take_along_axis(ordered, at[..., None], axis=-1)[..., 0], np.nan))
    return tuple(found)


def each_column(renewals: np.ndarray, step: timedelta, renewed: timedelta, size: int) -> np.ndarray:
    """Stretch one value a renewal over its columns, shape (..., size)."""
    return np.repeat(renewals, max(1, round(renewed / step)), axis=-1)[..., :size]
