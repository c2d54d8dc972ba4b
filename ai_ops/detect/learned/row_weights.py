"""How much each row teaches: what was abnormal teaches nothing, and the day around it less than others."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from ai_ops.domain.held_out import DAY_SECONDS

WORTH_TELLING = 0.1
"""A day whose other rows count less by this share is named to people."""


def row_weights(times: np.ndarray, flagged: np.ndarray) -> np.ndarray:
    """Weight of each row, 0 to 1: flagged ones 0, the others of a UTC day of which a share f was flagged 1 - f.

    What surrounds an incident is seldom quite normal either, and the more of a day was abnormal the less is.

    Parameters
    ----------
    times
        Epoch seconds, shape (n,).
    flagged
        Booleans, shape (n,): rows in findings or planned work, or above the champion's own threshold.
    """
    _, day, share = _shares(times, flagged)
    return np.where(flagged, 0.0, 1.0 - share[day])


def lightened_days(times: np.ndarray, flagged: np.ndarray) -> tuple[str, ...]:
    """Days of which so much was flagged that the rest counts visibly less, as ISO dates."""
    days, _, share = _shares(times, flagged)
    return tuple(
        f"{datetime.fromtimestamp(float(day) * DAY_SECONDS, UTC):%Y-%m-%d}" for day in days[share >= WORTH_TELLING]
    )


def counted(values: np.ndarray, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Rows and their weights such that one counts exactly where the other does: without weight NaN, without value 0.

    Raises
    ------
    ValueError
        When there is not one weight for each row, or one is no share.
    """
    weights = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
    if values.ndim != 2 or weights.shape != (len(values),):  # noqa: PLR2004  # rows and columns
        raise ValueError(f"rows of shape (n, d) and n weights are needed, not {values.shape} and {weights.shape}")
    if not ((weights >= 0.0) & (weights <= 1.0)).all():
        raise ValueError("a weight is not between 0 and 1")
    weights = np.where(np.isfinite(values).any(axis=1), weights, 0.0)
    return np.where((weights > 0.0)[:, None] & np.isfinite(values), values, np.nan), weights


def _shares(times: np.ndarray, flagged: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Days, the day of each row as an index into them, and the share of each that was flagged."""
    days, day = np.unique(times // DAY_SECONDS, return_inverse=True)
    share = np.bincount(day, flagged.astype(float), days.size) / np.maximum(np.bincount(day, minlength=days.size), 1)
    return days, day, share
