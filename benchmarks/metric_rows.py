"""Rows of metrics of made-up services, as a model learns from them: every ten minutes, without copies of the fleet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from tuning_cases import START

if TYPE_CHECKING:
    from tuning_cases import Case

    from ai_ops.detect.learned.held_out_hours import Past

STEP = timedelta(minutes=10)
ROWS_PER_DAY = 144
DAY_SECONDS = 86_400.0
METRICS = (
    "cpu_percent",
    "memory_percent",
    "latency_p95_ms",
    "error_percent",
    "requests_per_second",
    "slo_good_ratio",
    "instances",
)


@dataclass(frozen=True, slots=True, eq=False)
class MetricRows:
    """Rows of one service from a Monday's midnight on.

    Parameters
    ----------
    times
        Epoch seconds, shape (n,).
    values
        Shape (n, d), the columns of `METRICS`; NaN where nothing was measured.
    """

    times: np.ndarray
    values: np.ndarray

    @property
    def days(self) -> int:
        """How many whole days there are."""
        return len(self.values) // ROWS_PER_DAY

    def between(self, first_day: int, last_day: int) -> MetricRows:
        """The days from the first on, the last one excluded."""
        part = slice(max(0, first_day) * ROWS_PER_DAY, last_day * ROWS_PER_DAY)
        return MetricRows(self.times[part], self.values[part])

    def shifted(self, by: np.ndarray) -> MetricRows:
        """The same rows, moved by an array that fits `values`."""
        return replace(self, values=self.values + by)


def simulated(case: Case, days: int, seed: int) -> MetricRows:
    """Simulate a service under its standing thresholds."""
    from ai_ops.simulator.service import SimulatedService

    service = SimulatedService(case.profile, case.demand(days, seed), START, case.thresholds(0), seed=seed)
    service.advance(days * 1440)
    minutes = service.history(days)[list(METRICS)]
    rows = minutes.resample(STEP).mean().to_numpy()
    return MetricRows(START.timestamp() + STEP.total_seconds() * np.arange(len(rows)), rows)


def newest_as_past(rows: MetricRows, days: int = 1) -> Past:
    """What an examination on the newest days is set from; nothing is known to be wrong with them."""
    from ai_ops.detect.learned.held_out_hours import Past

    nothing = np.zeros(rows.times.size, dtype=bool)
    newest = np.arange(rows.times.size) >= rows.times.size - days * ROWS_PER_DAY
    return Past(rows.values, rows.times, METRICS, STEP, newest, nothing, nothing, nothing)
