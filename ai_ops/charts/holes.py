"""Where nothing was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from datetime import datetime


def hole_rows(
    times: np.ndarray, values: np.ndarray, first: datetime, end: datetime, most_points: int
) -> list[dict[str, int]]:
    """One row per hole in a line, from the last value before it to the first one after it, in epoch milliseconds.

    Parameters
    ----------
    times
        Epoch seconds of the values, shape (n,), between `first` and `end`.
    values
        Shape (n,); NaN where nothing was measured.
    most_points
        About how many lie beside each other from `first` to `end`; a hole that is no wider than one is left out.
    """
    borders = np.array([first.timestamp(), *times, end.timestamp()])
    missing = np.concatenate(([False], np.isnan(values), [False]))
    since = borders[np.flatnonzero(missing[1:] & ~missing[:-1])]
    until = borders[np.flatnonzero(missing[:-1] & ~missing[1:]) + 1]
    is_visible = until - since > (borders[-1] - borders[0]) / most_points
    return [
        {"since": round(1000 * begin), "until": round(1000 * end_of)}
        for begin, end_of in zip(since[is_visible], until[is_visible], strict=True)
    ]
