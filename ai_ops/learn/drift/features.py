"""What is watched of the rows that a model judges: every metric, its score, how much was measured, and the hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

SCORE, KNOWN_COLUMNS, HOUR_OF_DAY = "score", "known_columns", "hour_of_day"

HOUR_SECONDS, DAY_SECONDS = 3600, 86_400


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Rows as drift sees them, oldest first.

    Parameters
    ----------
    names
        Of the f columns: the model's metrics, then "score", "known_columns" and "hour_of_day" (S004-12).
    times
        Epoch seconds, shape (n,).
    values
        Shape (n, f); NaN where nothing was measured, or nothing could be scored.
    """

    names: tuple[str, ...]
    times: np.ndarray
    values: np.ndarray

    def newest(self, rows: int) -> Features:
        """At most so many rows, the last ones."""
        return Features(self.names, self.times[-rows:], self.values[-rows:])

    def column(self, name: str) -> np.ndarray:
        """Values of one feature, shape (n,).

        Raises
        ------
        ValueError
            When there is no such feature.
        """
        if name not in self.names:
            raise ValueError(f"the rows have no {name}, only {', '.join(self.names)}")
        return np.asarray(self.values[:, self.names.index(name)])


def features_of(times: np.ndarray, metrics: Sequence[str], values: np.ndarray, scores: np.ndarray) -> Features:
    """Put the features of rows together.

    Parameters
    ----------
    times
        Epoch seconds, shape (n,), in the order of time.
    metrics
        Names of the model's d columns.
    values
        Shape (n, d), in the metrics' own units; not finite where nothing was measured.
    scores
        The model's, shape (n,), in units of its own threshold.

    Raises
    ------
    ValueError
        When the shapes do not fit each other.
    """
    if values.shape != (times.size, len(metrics)) or scores.shape != times.shape:
        raise ValueError(f"{values.shape} values and {scores.shape} scores do not fit {times.size} times")
    names = (*metrics, SCORE, KNOWN_COLUMNS, HOUR_OF_DAY)
    known = np.isfinite(values)
    columns = np.column_stack([values, scores, known.sum(axis=1), times % DAY_SECONDS / HOUR_SECONDS])
    return Features(names, times, np.where(np.isfinite(columns), columns, np.nan))
