"""How an error budget is spent over a window, minute by minute."""

from __future__ import annotations

import numpy as np


def spent(bad_ratio: np.ndarray, requests: np.ndarray, allowed_bad_ratio: float) -> np.ndarray:
    """Share of the window's whole error budget that was spent by the end of each minute, shape (minutes,).

    Parameters
    ----------
    bad_ratio, requests
        Share of bad requests, and how many there were, minute by minute; a minute that was not measured (NaN) spends
        nothing and has no budget.
    allowed_bad_ratio
        Share of the requests that the promise lets fail.

    >>> spent(np.array([0.0, 0.2, np.nan, 0.0]), np.array([10.0, 10.0, 10.0, 20.0]), 0.1).tolist()
    [0.0, 0.5, 0.5, 0.5]
    """
    known = np.isfinite(bad_ratio) & np.isfinite(requests)
    budget = max(float(requests[known].sum()) * allowed_bad_ratio, 1e-12)
    return np.asarray(np.cumsum(np.where(known, bad_ratio * requests, 0.0)) / budget)
