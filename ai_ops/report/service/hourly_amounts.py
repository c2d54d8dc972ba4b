"""Arithmetic of rates over time: what they add up to hour by hour, as far as they are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ai_ops.domain.metrics import Series

SECONDS_PER_HOUR = 3600.0

LEAST_KNOWN_RATIO = 0.5
"""An hour of which less is known is not known: the rest would weigh more than what was seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Amounts per hour that stay the same from one moment to the next.

    Parameters
    ----------
    moments
        Epoch seconds, rising, shape (n + 1,).
    per_hour
        From each moment to the following one, shape (n,); NaN where nobody knows.
    """

    moments: np.ndarray
    per_hour: np.ndarray

    @property
    def known_since(self) -> float:
        """Epoch seconds of the first moment of which anything is known; infinite without any."""
        known = np.flatnonzero(np.isfinite(self.per_hour))
        return float(self.moments[known[0]]) if known.size else np.inf


def rates_of(series: Series, per_hour: np.ndarray) -> Rates:
    """Let every value on the grid of `series` stand until the next one."""
    step = series.step.total_seconds()
    return Rates(series.start.timestamp() + step * np.arange(per_hour.size + 1), per_hour)


def painted(spans: Sequence[tuple[datetime, datetime, float]]) -> Rates:
    """Rates of spans that may overlap: the later in the sequence counts, so that no moment counts twice.

    Parameters
    ----------
    spans
        From when to when, and how much per hour.
    """
    ends = np.array([(start.timestamp(), end.timestamp()) for start, end, _ in spans]).reshape(-1, 2)
    moments, place = np.unique(ends, return_inverse=True)
    per_hour = np.full(max(0, moments.size - 1), np.nan)
    for (first, beyond), (_, _, rate) in zip(place.reshape(-1, 2), spans, strict=True):
        per_hour[first:beyond] = rate
    return Rates(moments, per_hour)


def hour_edges(since: datetime, until: datetime) -> np.ndarray:
    """Epoch seconds at which hours counted from `since` begin, and `until`, where the last one ends."""
    start, end = since.timestamp(), until.timestamp()
    return np.append(np.arange(start, end, SECONDS_PER_HOUR), end)


def amounts(rates: Rates, edges: np.ndarray) -> np.ndarray:
    """What the rates add up to between each two edges, shape (edges - 1,).

    An hour of which at least half is known counts as if the rest had been like it; any other is NaN.
    """
    first, beyond = np.searchsorted(rates.moments, edges[[0, -1]])
    cuts = np.unique(np.concatenate([rates.moments[first:beyond], edges]))
    begins, hours = cuts[:-1], np.diff(cuts) / SECONDS_PER_HOUR
    place = np.searchsorted(rates.moments, begins, side="right") - 1
    is_inside = (place >= 0) & (place < rates.per_hour.size)
    per_hour = np.full(begins.size, np.nan)
    per_hour[is_inside] = rates.per_hour[place[is_inside]]
    hours = np.where(np.isfinite(per_hour), hours, 0.0)

    hour = np.searchsorted(edges, begins, side="right") - 1
    known = np.bincount(hour, hours, minlength=edges.size - 1)
    amount = np.bincount(hour, np.nan_to_num(per_hour) * hours, minlength=edges.size - 1)
    lengths = np.diff(edges) / SECONDS_PER_HOUR
    is_known = known >= LEAST_KNOWN_RATIO * lengths * (1.0 - 1e-9)
    return np.where(is_known, amount * lengths / np.where(is_known, known, 1.0), np.nan)
