"""Fewer points for the eye to see the same: what is extreme, what is abnormal and what is missing stays."""

from __future__ import annotations

from itertools import pairwise

import numpy as np


def points_to_draw(values: np.ndarray, scores: np.ndarray, limit: int) -> np.ndarray:
    """Indices of the points that draw the same picture as all of them, in order.

    The series is cut into `limit / 2` stretches of equal length, each about as wide as a pixel. Of each stay the
    smallest and the largest value, the loudest abnormal one, and one gap if there is any: a line through them covers
    the same pixels, and no outage and no spike is averaged away.

    Parameters
    ----------
    values
        Shape (n,); NaN is a gap.
    scores
        How abnormal each value is, shape (n,); above 1 counts.
    limit
        Points from which on there are too many. A few more may stay: those that are abnormal or missing.

    Examples
    --------
    >>> points_to_draw(np.array([1.0, 9.0, 5.0, 2.0, 3.0, 4.0]), np.zeros(6), limit=4).tolist()
    [0, 1, 3, 5]
    """
    if values.size <= limit:
        return np.arange(values.size)
    ends = np.linspace(0, values.size, limit // 2 + 1).astype(np.int64)
    kept = {0, values.size - 1}
    for begin, end in pairwise(ends.tolist()):
        kept |= {begin + one for one in _telling(values[begin:end], scores[begin:end])}
    return np.array(sorted(kept))


def _telling(values: np.ndarray, scores: np.ndarray) -> set[int]:
    """Places of what one stretch must show."""
    missing = np.isnan(values)
    told = {int(np.argmax(missing))} if missing.any() else set()
    if not missing.all():
        told |= {int(np.nanargmin(values)), int(np.nanargmax(values))}
    loudness = np.nan_to_num(scores)
    loudest = int(np.argmax(loudness))
    return told | {loudest} if loudness[loudest] > 1.0 else told
