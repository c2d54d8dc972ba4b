"""Minutes that were not measured, filled with what was probably there: a replay needs every minute."""

from __future__ import annotations

import numpy as np

from ai_ops.twin.telemetry import MINUTES_PER_DAY, MINUTES_PER_WEEK

SHORT_GAP_MINUTES = 15
"""Up to here a straight line is a fair guess; beyond it the rhythm of the week is a better one."""


def filled(values: np.ndarray, default: float = 0.0) -> np.ndarray:
    """Fill every gap: short ones by a line, long ones from the week, or the day, before or after.

    Parameters
    ----------
    values
        Shape (minutes,), NaN where nothing was measured.
    default
        What stands everywhere when nothing was measured at all.
    """
    known = np.isfinite(values)
    if not known.any():
        return np.full(values.size, default)
    if known.all():
        return values
    whole = values.copy()
    is_long = ~known & (_gap_length(known) > SHORT_GAP_MINUTES)
    for shift in (MINUTES_PER_WEEK, -MINUTES_PER_WEEK, MINUTES_PER_DAY, -MINUTES_PER_DAY):
        places = np.flatnonzero(is_long & ~np.isfinite(whole))
        sources = places - shift
        is_inside = (sources >= 0) & (sources < values.size)
        whole[places[is_inside]] = values[sources[is_inside]]
    still_known = np.isfinite(whole)
    where = np.arange(values.size)
    return np.asarray(np.interp(where, where[still_known], whole[still_known]))


def _gap_length(known: np.ndarray) -> np.ndarray:
    """How long the gap is in which each minute lies, shape (minutes,); 0 where something was measured."""
    edges = np.flatnonzero(np.diff(np.concatenate(([True], known, [True]))))
    lengths = np.zeros(known.size, dtype=np.int64)
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        lengths[start:end] = end - start
    return lengths
