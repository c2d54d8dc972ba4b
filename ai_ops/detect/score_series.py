"""The stable entry for one series: a score for every row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

LOOKED_AT = 96
"""Rows from which the sampling step is taken: eight hours at five minutes, before anything could be scored."""

LONGEST_GAP = timedelta(days=28)
"""Of a longer silence four weeks are kept, and the weekday with them: nothing is learned from more."""

SHORTEST_STEP = 0.001
"""Seconds: as exactly as the distances between rows are looked at."""

MOST_SLOTS, SLOTS_PER_ROW = 10_000_000, 10
"""Rows are laid out on a grid, gaps included, at some 300 bytes a step: four months of seconds, or a row in ten."""

LARGEST = 1e150
"""Beyond it squares overflow; whoever writes such a value means that there was none."""


def score_series(timestamps: Sequence[Any], values: Sequence[float], *, raw: bool = False) -> np.ndarray:
    """Score every row by the rows before it: above 1 is abnormal.

    Parameters
    ----------
    timestamps
        Shape (n,): anything that `pandas.to_datetime` reads; plain numbers are seconds since the epoch. Any regular
        step; gaps may be left out.
    values
        Shape (n,). NaN, what is masked, and what lies beyond 1e150 in size are gaps.
    raw
        False: after the alert layer, so that one incident scores once, at its onset and wherever it grows louder.
        True: before it.

    Returns
    -------
    numpy.ndarray
        Shape (n,), float64, finite, never negative: the larger of the deviation and the novelty score, each in units
        of its own threshold. 0 where nothing can be said: a gap, too little history, a row that repeats a time or
        comes late. Causal: later rows never change a score.

    Raises
    ------
    ValueError
        When the lengths differ, or a timestamp cannot be read; when the step is below a millisecond, or so small for
        the rows' span that they would not fit into memory.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> times = pd.date_range("2026-11-01", periods=14 * 144, freq="10min", tz="UTC")
    >>> values = 100 + np.random.default_rng(7).normal(size=times.size)
    >>> values[-3:] += 8
    >>> np.flatnonzero(score_series(times, values) > 1).tolist()
    [2013]
    """
    import numpy as np

    from ai_ops.detect.alerts import leading_edge
    from ai_ops.detect.calibration import CALIBRATED
    from ai_ops.detect.judge import judge
    from ai_ops.detect.timestamps import seconds_of
    from ai_ops.domain.metrics import Series

    seconds, measured = seconds_of(timestamps), _measured(values)
    if seconds.shape != measured.shape or seconds.ndim != 1:
        raise ValueError(f"one value for every timestamp, please: {measured.shape} values, {seconds.shape} timestamps")
    scores = np.zeros(seconds.size)
    step = _step(seconds)
    if step is None:
        return scores
    slots = _slots(seconds, step)
    counted = np.flatnonzero(slots >= 0)
    # Before there is a threshold nothing can be said, and a day of milliseconds is long.
    if int(slots[counted[-1]]) * step < CALIBRATED.total_seconds():
        return scores
    row = np.full(int(slots[counted[-1]]) + 1, np.nan)
    row[slots[counted]] = measured[counted]
    row[~(np.abs(row) <= LARGEST)] = np.nan
    series = Series("value", datetime.fromtimestamp(float(seconds[0]), UTC), timedelta(seconds=step), row)
    judged = judge(series, with_band=False).score
    if not raw:
        judged = leading_edge(judged, series.step)
    scores[counted] = np.nan_to_num(judged[slots[counted]], nan=0.0)
    return scores


def _measured(values: Sequence[float]) -> np.ndarray:
    """The values as floats, NaN for what is masked."""
    import numpy as np

    return np.asarray(np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan))


def _step(seconds: np.ndarray) -> float | None:
    """Most frequent distance of the first rows, in seconds; None when there is none.

    Raises
    ------
    ValueError
        When it is below a millisecond.
    """
    import numpy as np

    distances = np.diff(seconds[:LOOKED_AT])
    distances = distances[distances > 0]
    if not distances.size:
        return None
    found, times = np.unique(np.round(distances, 3), return_counts=True)
    step = float(found[np.argmax(times)])
    if step < SHORTEST_STEP:
        raise ValueError(
            f"most of the first rows lie {np.median(distances):.2g} s apart; steps of a millisecond are the shortest "
            "that can be judged: resample the rows, such as to means of a minute"
        )
    return step


def _slots(seconds: np.ndarray, step: float) -> np.ndarray:
    """Column of each row, shape (n,); -1 for a row that repeats a time or comes late.

    Raises
    ------
    ValueError
        When there would be far more columns than rows.
    """
    import numpy as np

    distances = np.diff(np.maximum.accumulate(seconds), prepend=seconds[0])
    week = timedelta(weeks=1).total_seconds()
    excess = np.maximum(distances - LONGEST_GAP.total_seconds(), 0.0)
    elapsed = np.cumsum(distances - np.ceil(excess / week) * week)
    needed, most = float(elapsed[-1]) / step, max(MOST_SLOTS, SLOTS_PER_ROW * seconds.size)
    if needed > most:
        raise ValueError(
            f"{seconds.size} rows would need {needed:.3g} steps of {step:g} s, which is the most frequent distance of "
            f"the first {LOOKED_AT} rows; at most {most:.3g} are laid out: resample the rows, or give rows at one step"
        )
    slots = np.round(elapsed / step).astype(np.int64)
    is_new = np.diff(slots, prepend=-1) > 0
    is_late = seconds < np.maximum.accumulate(seconds)
    return np.where(is_new & ~is_late, slots, -1)
