"""The hours that a model is examined on: those that it was not trained on, sorted by what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.metrics import Series

if TYPE_CHECKING:
    from collections.abc import Iterable

HOUR_SECONDS = 3600
"""A window: long enough for a fault of half an hour, and half as long as what is held out at a time."""

CONTEXT = 4
"""Rows before a window that a score rests on. They are real, though the first may have been trained on."""

LEAST_KNOWN = 0.5
"""Share of a window's rows in which something must have been measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """What a service's metrics were, and what is known of each row.

    Parameters
    ----------
    values
        Shape (n, d), in the order of time, on a regular grid; NaN where nothing was measured.
    times
        Epoch seconds, shape (n,).
    metrics
        Canonical names of the d columns.
    step
        Distance between two rows.
    is_held_out
        Shape (n,), bool: rows that no model was trained on, see `domain.held_out`.
    is_abnormal
        Shape (n,), bool: findings that nobody has called false, and planned work. They are neither a quiet hour nor a
        false alarm.
    is_incident
        Shape (n,), bool: findings that people have confirmed.
    is_refuted
        Shape (n,), bool: findings that people have called false. They are quiet where nothing else was wrong: that one
        finding is false says nothing of another in the same rows.

    Raises
    ------
    ValueError
        When the arrays do not fit together, or the rows are not one step apart.
    """

    values: np.ndarray
    times: np.ndarray
    metrics: tuple[str, ...]
    step: timedelta
    is_held_out: np.ndarray
    is_abnormal: np.ndarray
    is_incident: np.ndarray
    is_refuted: np.ndarray

    def __post_init__(self) -> None:
        """Refuse what would be examined wrongly without a word."""
        rows = (self.times.size,)
        masks = (self.is_held_out, self.is_abnormal, self.is_incident, self.is_refuted)
        if self.values.shape != (*rows, len(self.metrics)) or any(mask.shape != rows for mask in masks):
            raise ValueError(f"{len(self.metrics)} metrics at {rows[0]} times do not fit values of {self.values.shape}")
        if not np.allclose(np.diff(self.times), self.step.total_seconds(), atol=0.0):
            raise ValueError(f"the rows are not {self.step} apart")

    def series(self, column: int) -> Series:
        """One of the metrics."""
        start = datetime.fromtimestamp(float(self.times[0]), UTC)
        return Series(self.metrics[column], start, self.step, self.values[:, column])

    @property
    def is_disturbed(self) -> np.ndarray:
        """Rows that are no normal life, shape (n,)."""
        return np.asarray(self.is_incident | self.is_abnormal)

    @property
    def is_judged(self) -> np.ndarray:
        """Held-out rows on which an alarm would be a false one, shape (n,): none near a disturbance."""
        return np.asarray(self.is_held_out & ~_widened(self.is_disturbed, CONTEXT))


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """First rows of the windows, each shape (m,).

    Parameters
    ----------
    rows
        Rows in one window.
    quiet
        Windows in which nothing was wrong, those included that people have been wrongly alarmed about.
    hosts
        Quiet windows about which nobody was alarmed, in which a fault may be injected.
    incidents
        Windows that hold a part of a confirmed incident.
    """

    rows: int
    quiet: np.ndarray
    hosts: np.ndarray
    incidents: np.ndarray


def rows_inside(times: np.ndarray, spans: Iterable[tuple[float, float]]) -> np.ndarray:
    """Which epoch seconds lie in one of the half-open spans, given by theirs; bool, same shape."""
    inside = np.zeros(times.shape, dtype=bool)
    for start, end in spans:
        inside |= (times >= start) & (times < end)
    return inside


def held_out_hours(past: Past) -> Hours:
    """Every whole hour of held-out rows that has `CONTEXT` before it and in which enough was measured."""
    rows = max(1, round(HOUR_SECONDS / past.step.total_seconds()))
    first = np.flatnonzero(np.diff(past.times // HOUR_SECONDS, prepend=-1) != 0)
    first = first[(first >= CONTEXT) & (first + rows <= past.times.size)]
    known = np.isfinite(past.values).any(axis=1)
    kept = (_count(past.is_held_out, first, rows) == rows) & (_count(known, first, rows) >= LEAST_KNOWN * rows)
    first = first[kept]
    is_quiet = _count(past.is_disturbed, first - CONTEXT, rows + CONTEXT) == 0
    is_plain = _count(past.is_refuted, first - CONTEXT, rows + CONTEXT) == 0
    has_incident = _count(past.is_incident, first, rows) > 0
    return Hours(rows, first[is_quiet], first[is_quiet & is_plain], first[has_incident])


def _count(mask: np.ndarray, first: np.ndarray, rows: int) -> np.ndarray:
    """How many of the `rows` rows from each first one are true."""
    sums = np.concatenate(([0], np.cumsum(mask)))
    return np.asarray(sums[first + rows] - sums[first])


def _widened(mask: np.ndarray, reach: int) -> np.ndarray:
    """The mask, true as well up to `reach` rows beside what is true."""
    return np.convolve(mask, np.ones(2 * reach + 1), mode="same") > 0 if mask.size > 2 * reach else mask | mask.any()
