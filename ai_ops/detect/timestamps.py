"""Times as callers have them, as seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike

LAST_SECOND = 253_402_300_799.0
"""The end of the year 9999. Whoever counts milliseconds is beyond it since 1978."""


def seconds_of(timestamps: ArrayLike) -> np.ndarray:
    """Seconds since the epoch, shape (n,), float64.

    Parameters
    ----------
    timestamps
        Shape (n,): anything that `pandas.to_datetime` reads; plain numbers are seconds, and times without a zone UTC.
        Text may be ISO 8601 of mixed precision.

    Raises
    ------
    ValueError
        When a row has no timestamp, or one that cannot be read, or one beyond the year 9999; when they are truth
        values or spans of time.
    """
    import numpy as np
    import pandas as pd

    if np.ma.is_masked(timestamps):
        raise ValueError(f"row {int(np.argmax(np.ma.getmaskarray(np.ma.asarray(timestamps))))} has no timestamp")
    given = np.asarray(timestamps)
    if given.dtype == object:  # numbers in the column of a mixed table are numbers all the same
        given = pd.Series(given).infer_objects().to_numpy()
    # NumPy counts spans of time among the integers, and complex numbers among the numbers.
    if given.dtype.kind in "iuf":
        seconds = given.astype(np.float64)
    else:
        index = _read(pd.Series(timestamps))
        seconds = np.where(index.isna(), np.nan, index.dt.as_unit("ns").astype("int64") / 1e9)
    if not np.isfinite(seconds).all():
        raise ValueError(f"row {int(np.argmin(np.isfinite(seconds)))} has no timestamp")
    if (np.abs(seconds) > LAST_SECOND).any():
        raise ValueError("timestamps that are numbers must be seconds since the epoch; these look like milliseconds")
    return np.asarray(seconds)


def _read(times: pd.Series[Any]) -> pd.Series[Any]:
    """Times of any form, in UTC."""
    import pandas as pd

    try:
        return pd.to_datetime(times, utc=True)
    except TypeError as err:
        raise ValueError(f"timestamps of type {times.dtype} are no points in time: {err}") from err
    except ValueError as err:
        # Where seconds are whole, many programs leave out their fraction, and pandas expects all rows to be alike.
        try:
            return pd.to_datetime(times, utc=True, format="ISO8601")
        except (ValueError, TypeError):
            raise err from None
