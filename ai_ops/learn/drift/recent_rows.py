"""The newest predictions of a running service, and the gauge of drift, kept up to date with each of them."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.learn.drift.drift import ROWS
from ai_ops.learn.drift.features import Features, features_of
from ai_ops.learn.drift.reference import LEAST_ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.learn.drift.reference import Reference


class RecentRows:
    """A rolling window of predictions of one model; any thread may add to it (S004-13).

    Parameters
    ----------
    reference
        Of the model's training. Another model has other scores, so it has its own window.
    metrics
        Names of the model's columns.
    """

    def __init__(self, reference: Reference, metrics: Sequence[str]) -> None:
        self._metrics = tuple(metrics)
        names = features_of(np.empty(0), self._metrics, np.empty((0, len(self._metrics))), np.empty(0)).names
        self._names = names
        known = {one.name: one for one in reference.features}
        self._mean = np.array([known[name].mean if name in known else 0.0 for name in names])
        self._sigma = np.array([known[name].sigma if name in known else np.inf for name in names])
        self._times = np.zeros(ROWS)
        self._values = np.full((ROWS, len(names)), np.nan)
        self._sum, self._count = np.zeros(len(names)), np.zeros(len(names))
        self._added = 0
        self._lock = Lock()

    def append(self, time: float, values: np.ndarray, score: float) -> None:
        """Add one prediction; the oldest goes when there are `ROWS`.

        Parameters
        ----------
        time
            Epoch seconds, not before that of the last row.
        values
            Shape (d,), in the model's order; not finite where nothing was measured.
        score
            What the model said.
        """
        row = features_of(np.array([time]), self._metrics, np.asarray(values)[None], np.array([score])).values[0]
        with self._lock:
            place = self._added % ROWS
            self._replace(place, row)
            self._times[place] = time
            self._added += 1
            if place == ROWS - 1:
                self._sum_up()

    def features(self) -> Features:
        """The rows that are kept, oldest first."""
        with self._lock:
            order = np.arange(max(self._added - ROWS, 0), self._added) % ROWS
            return Features(self._names, self._times[order], self._values[order])

    def drift_score(self) -> float | None:
        """The gauge of S004-14: largest distance of a mean from that of the training, in sigmas; None while unknown."""
        with self._lock:
            enough = (self._count >= LEAST_ROWS) & np.isfinite(self._sigma)
            if not enough.any():
                return None
            return float(np.abs(self._sum[enough] / self._count[enough] / self._sigma[enough]).max())

    def _replace(self, place: int, row: np.ndarray) -> None:
        """Put a row where another was, and keep the sums true."""
        for one, sign in ((self._values[place], -1.0), (row, 1.0)):
            known = np.isfinite(one)
            self._sum += np.where(known, sign * (one - self._mean), 0.0)
            self._count += sign * known
        self._values[place] = row

    def _sum_up(self) -> None:
        """Add everything anew, so that rounding does not build up."""
        known = np.isfinite(self._values)
        self._sum = np.where(known, self._values - self._mean, 0.0).sum(axis=0)
        self._count = known.sum(axis=0).astype(np.float64)
