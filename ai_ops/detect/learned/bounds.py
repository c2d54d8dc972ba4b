"""How far a model may move in a day, whatever the rows say (H04)."""

from __future__ import annotations

import numpy as np

from ai_ops.detect.learned.baseline import FAR_RATIO
from ai_ops.detect.learned.moments import Moments, blended

MOST_SIGMAS_PER_DAY = 0.1
"""Who wants to move what is usual by its own spread needs ten days, and is reported on the way."""

MOST_RATIO_PER_DAY = 1.03
"""Of a standard deviation and of the threshold, up or down: half as much again in two weeks."""

ROUNDING = 1e-9


def bounded(before: Moments, wanted: Moments, floor: np.ndarray, days: float) -> tuple[Moments, float]:
    """Go from one state to another as far as a model may in so many days.

    The way is the convex combination of their sufficient statistics. The longest first part of it is taken on which,
    of every column, the mean stays within `MOST_SIGMAS_PER_DAY` and the standard deviation within
    `MOST_RATIO_PER_DAY` of the state before.

    Parameters
    ----------
    floor
        Shape (d,), see `Scaling`: a part of what counts as the spread.
    days
        Since `before`, not negative.

    Returns
    -------
    tuple of Moments and float
        The state that is reached, and the share of the way, 0 to 1.

    Raises
    ------
    ValueError
        When `days` is no time that can have passed.
    """
    ratio = _ratio(days)
    spread = before.variance + floor
    apart = np.abs(wanted.mean - before.mean)
    steps = [_quotient(MOST_SIGMAS_PER_DAY * days * np.sqrt(spread), apart)]
    steps += _until_spread_leaves(spread, wanted.variance + floor, apart**2, ratio**2)
    share = min(1.0, float(np.min(steps)) * (1.0 - ROUNDING))
    return (wanted, 1.0) if share == 1.0 else (blended(before, wanted, share, wanted.rows), share)


def bounded_threshold(before: float, wanted: float, days: float, anchor: float) -> float:
    """Threshold within `MOST_RATIO_PER_DAY` of the one before, and within `FAR_RATIO` of the last cold fit's.

    Rows that all lie above it, day after day, raise it. Without an end a model that should be fitted anew would grow
    deaf instead.
    """
    ratio = _ratio(days)
    wanted = min(max(wanted, anchor / FAR_RATIO), anchor * FAR_RATIO)
    return min(max(wanted, before / ratio), before * ratio)


def _ratio(days: float) -> float:
    if not 0.0 <= days < np.inf:
        raise ValueError(f"a model cannot have got {days} days older")
    return float(MOST_RATIO_PER_DAY ** min(days, 1e4))


def _until_spread_leaves(before: np.ndarray, after: np.ndarray, apart: np.ndarray, most: float) -> list[np.ndarray]:
    """Share of the way at which a variance first leaves [before / most, before * most]; shape (d,) each.

    On the way a lies the variance ``before + a * slope - a^2 * apart``: between two clouds it is greater than in
    either of them.
    """
    slope = after - before + apart
    up, down = before * (most - 1.0), before * (1.0 - 1.0 / most)
    rises = slope**2 - 4.0 * apart * up
    root = np.sqrt(np.maximum(rises, 0.0))
    above = np.where((slope > 0.0) & (rises >= 0.0), _quotient(2.0 * up, slope + root), np.inf)
    root = np.sqrt(slope**2 + 4.0 * apart * down)
    below = np.where(slope < 0.0, _quotient(2.0 * down, root - slope), _quotient(slope + root, 2.0 * apart))
    return [above, below]


def _quotient(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Quotient, infinite where there is nothing, or next to nothing, to divide by."""
    with np.errstate(over="ignore"):
        return np.asarray(np.divide(above, below, out=np.full(np.shape(below), np.inf), where=below > 0.0))
