"""Amounts by hours, of which some are not known, as a chart adds them up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from datetime import datetime

SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True, slots=True, eq=False)
class HoursSeen:
    """Amounts by hours that are counted from `start`; the last one ends with `end`, and may be a part of an hour.

    Parameters
    ----------
    start, end
        Aware UTC, `end` later.
    amounts
        Shape (hours,), never negative; NaN where it is not known.
    """

    start: datetime
    end: datetime
    amounts: np.ndarray

    @property
    def edges(self) -> np.ndarray:
        """Epoch seconds where hours begin, and where the last one ends, shape (hours + 1,)."""
        start, end = self.start.timestamp(), self.end.timestamp()
        return np.append(start + SECONDS_PER_HOUR * np.arange(self.amounts.size), end)

    @property
    def is_known(self) -> np.ndarray:
        """Of which hours the amount is known, shape (hours,)."""
        return np.asarray(np.isfinite(self.amounts))

    @property
    def missing_hours(self) -> float:
        """How many hours are not known."""
        return sum(until - since for since, until in self.holes) / SECONDS_PER_HOUR

    @property
    def holes(self) -> list[tuple[float, float]]:
        """From where to where nothing is known, in epoch seconds."""
        missing = np.concatenate(([False], ~self.is_known, [False]))
        since = self.edges[np.flatnonzero(missing[1:] & ~missing[:-1])]
        until = self.edges[np.flatnonzero(missing[:-1] & ~missing[1:])]
        return list(zip(since.tolist(), until.tolist(), strict=True))

    @property
    def is_at_known(self) -> np.ndarray:
        """Which edges are those of an hour that is known, shape (hours + 1,)."""
        padded = np.concatenate(([False], self.is_known, [False]))
        return np.asarray(padded[1:] | padded[:-1])

    def so_far(self) -> np.ndarray:
        """Sum of what is known up to each edge, shape (hours + 1,)."""
        return np.append(0.0, np.cumsum(np.nan_to_num(self.amounts)))

    def filled(self) -> HoursSeen:
        """The same, where unknown hours are like the known ones on average; at least one is known."""
        known, lengths = self.is_known, np.diff(self.edges)
        per_second = float(self.amounts[known].sum() / lengths[known].sum())
        return HoursSeen(self.start, self.end, np.where(known, self.amounts, per_second * lengths))
