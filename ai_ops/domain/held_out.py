"""Rows that no model is ever trained on, so that every model can be measured, and compared with others, on them."""

from __future__ import annotations

import numpy as np

BLOCK_SECONDS = 2 * 3600
"""Long enough for a fault of half an hour with quiet before it, short enough to take one of each time of day."""

DAY_SECONDS = 24 * 3600

ONE_IN = 4
"""Every fourth block; it shifts by one each day, so that within four days each time of day is held out once."""


def is_held_out(times: np.ndarray) -> np.ndarray:
    """Which rows are held out: time alone decides, so it is the same for every model for ever.

    Parameters
    ----------
    times
        Epoch seconds, any shape.

    Returns
    -------
    numpy.ndarray
        Booleans of the same shape.
    """
    return np.asarray((times // BLOCK_SECONDS + times // DAY_SECONDS) % ONE_IN == ONE_IN - 1)
