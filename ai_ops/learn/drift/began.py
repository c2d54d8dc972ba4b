"""When a drift began."""

from __future__ import annotations

import numpy as np


def began_at(departures: np.ndarray) -> int:
    """Row from which on a level other than zero explains the rows best, by least squares.

    With the level before known to be zero, what a change at row k explains is ``S(k)^2 / (n - k)``, S(k) the sum of all
    rows from k on: a CUSUM run backwards. A change before the first row is the first row.

    Parameters
    ----------
    departures
        From what was expected, shape (n,), n > 0, all known.

    References
    ----------
    Page, Continuous inspection schemes, Biometrika 41 (1954); Hinkley, Inference about the change-point in a sequence
    of random variables, Biometrika 57 (1970).
    """
    sums = np.cumsum(departures[::-1])[::-1]
    return int(np.argmax(sums**2 / np.arange(departures.size, 0, -1)))
