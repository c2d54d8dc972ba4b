"""Times as callers have them, as seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike

LAST_SECOND = 253_402_300_799.0
"""The end of the year 9999. Whoever counts milliseconds is beyond it since 1978."""


def seconds_of(timestamps: ArrayLike) -> np.ndarray:
    """Seconds since the epoch, shape (n,), float64.

    Parameters
    ----------
    timestamps
        Shape (n,): anything that `pandas.to_datetime` reads; plain numbers are seconds, and times without a zone UTC.

    Raises
    ------
    ValueError
        When a row has no timestamp, or one that cannot be read, or one beyond the year 9999.
    """
    import numpy as np
    import pandas as pd

    given = np.asarray(timestamps)
    if given.dtype == object:  # numbers in the column of a mixed table are numbers all the same
        given = pd.Series(given).infer_objects().to_numpy()
    if np.issubdtype(given.dtype, np.number):
        seconds = given.astype(np.float64)
    else:
        index = pd.to_datetime(pd.Series(timestamps), utc=True)
        seconds = np.where(index.isna(), np.nan, index.dt.as_unit("ns").astype("int64") / 1e9)
    if not np.isfinite(seconds).all():
        raise ValueError(f"row {int(np.argmin(np.isfinite(seconds)))} has no timestamp")
    if (np.abs(seconds) > LAST_SECOND).any():
        raise ValueError("timestamps that are numbers must be seconds since the epoch; these look like milliseconds")
    return np.asarray(seconds)
