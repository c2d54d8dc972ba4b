"""What a replay tells: day by day for every candidate, minute by minute for those that were followed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Replayed:
    """What each candidate would have cost, and done to users, day by day.

    Parameters
    ----------
    instance_hours
        Paid for, booting ones included; shape (scenarios, candidates, days).
    bad_requests
        Shape (scenarios, candidates, days).
    requests
        Shape (scenarios, days).
    day_lengths
        In days, shape (days,): the first may be a part of one. A day ends where the conditions end.
    scale_events
        Steps out and in, shape (scenarios, candidates).
    trace
        Minute by minute for a replay that asked for it, else None.
    """

    instance_hours: np.ndarray
    bad_requests: np.ndarray
    requests: np.ndarray
    day_lengths: np.ndarray
    scale_events: np.ndarray
    trace: Trace | None = None

    def first(self, count: int) -> Replayed:
        """Keep the first `count` candidates."""
        kept = slice(None, count)
        return replace(
            self,
            instance_hours=self.instance_hours[:, kept],
            bad_requests=self.bad_requests[:, kept],
            scale_events=self.scale_events[:, kept],
        )

    def burn(self, allowed_bad_ratio: float) -> np.ndarray:
        """Spent share of the error budget over all days, shape (scenarios, candidates)."""
        total = np.maximum(self.requests.sum(axis=-1), 1e-12)[:, None]
        return np.asarray(self.bad_requests.sum(axis=-1) / total / allowed_bad_ratio)

    def hourly_instances(self) -> np.ndarray:
        """Mean number of instances paid for, shape (scenarios, candidates)."""
        return np.asarray(self.instance_hours.sum(axis=-1) / (24.0 * self.day_lengths.sum()))


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Minute by minute, shape (minutes, scenarios, traced candidates) each."""

    ready: np.ndarray
    wanted: np.ndarray
    cpu_percent: np.ndarray
    bad_ratio: np.ndarray
