"""One minute of requests on the instances there are: how busy they get, how long it takes, what is left over."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.simulator.latency_table import BIN_RATIO, LOADS
from ai_ops.simulator.weather import SLOT_SECONDS, SLOTS

if TYPE_CHECKING:
    from ai_ops.simulator.latency_table import LatencyTable
    from ai_ops.simulator.profiles import ServiceProfile
    from ai_ops.simulator.weather import Weather


@dataclass(frozen=True, slots=True)
class Served:
    """What became of a minute's requests.

    Parameters
    ----------
    cpu_percent
        Mean over the serving instances, 0 to 100, without noise.
    busy_share
        Share of the workers that were busy, 0 to 1.
    latency_p95_ms
        95th percentile of the requests that did not fail.
    good_share, failed_share
        Shares of all requests that succeeded in time, and that failed.
    """

    cpu_percent: float
    busy_share: float
    latency_p95_ms: float
    good_share: float
    failed_share: float


class Serving:
    """Serves minute after minute and carries what could not be served.

    Parameters
    ----------
    profile, table
        What the service is like, and its latencies.
    """

    def __init__(self, profile: ServiceProfile, table: LatencyTable) -> None:
        self._profile = profile
        self._table = table
        self._busy = table.busy.tolist()
        self._backlog = 0.0
        self._cold_bins = _bins(profile.cold_factor)

    def serve(self, serving: int, cold: int, weather: Weather, minute: int) -> Served:
        """Serve `minute` with `serving` instances, `cold` of them slow."""
        profile = self._profile
        warm_share = serving - cold
        cold_share = cold / profile.cold_factor
        capacity = (warm_share + cold_share) * profile.instance_requests_per_second
        rates = weather.rates[minute]
        arriving = SLOTS * float(weather.arriving[minute])
        if self._backlog > 0.0 or weather.highest[minute] > capacity:
            done, busy, dropped = self._overloaded(rates.tolist(), capacity)
        else:
            rows = (rates * (LOADS / capacity) + 0.5).astype(np.int64)
            done = rates @ self._table.done[rows] / arriving if arriving > 0.0 else self._table.done[0]
            busy, dropped = sum([self._busy[row] for row in rows.tolist()]) / SLOTS, 0.0
        if cold:
            done = _slower(done, cold_share / (warm_share + cold_share), self._cold_bins)
        slow_share = float(weather.slow_share[minute])
        if slow_share:
            done = _slower(done, slow_share, _bins(float(weather.slow_factor[minute])))
        # While a dependency is slow, the workers wait for it instead of computing.
        cpu = profile.idle_cpu_percent + (100.0 - profile.idle_cpu_percent) * busy * (1.0 - 4.0 * slow_share)
        failed = min(1.0, profile.failing_ratio + dropped / arriving) if arriving > 0.0 else 0.0
        return Served(cpu, busy, self._p95(done), float(done[self._table.slo_bin]) * (1.0 - failed), failed)

    def _overloaded(self, rates: list[float], capacity: float) -> tuple[np.ndarray, float, float]:
        """Serve slot by slot: what exceeds the capacity waits, and what waits too long is dropped.

        Returns the share done by each edge, shape (bins,), the share of busy workers and the dropped requests,
        in slots times requests per second as `rates` are.
        """
        done, weight, busy, dropped = np.zeros(self._table.edges_ms.size), 1e-12, 0.0, 0.0
        longest = capacity * self._profile.timeout_seconds
        for rate in rates:
            before = self._backlog
            after = max(0.0, before + (rate - capacity) * SLOT_SECONDS)
            lost = max(0.0, after - longest)
            self._backlog = after - lost
            load = min(1.0, rate / capacity + before / (capacity * SLOT_SECONDS))
            busy += self._busy[round(load * LOADS)]
            row = self._table.done[round(load * LOADS)]
            wait_ms = 500.0 * (before + self._backlog) / capacity
            served = max(0.0, rate - lost / SLOT_SECONDS)
            edges = self._table.edges_ms
            done += served * (np.interp(edges - wait_ms, edges, row, left=0.0) if wait_ms > 0.0 else row)
            weight += served
            dropped += lost / SLOT_SECONDS
        return done / weight, busy / SLOTS, dropped

    def _p95(self, done: np.ndarray) -> float:
        edges = self._table.edges_ms
        at = min(max(1, int(done.searchsorted(0.95))), edges.size - 1)
        low, high = float(done[at - 1]), float(done[at])
        part = (0.95 - low) / (high - low) if high > low else 1.0
        return float(edges[at - 1] * BIN_RATIO ** min(1.0, max(0.0, part)))


def _bins(factor: float) -> int:
    """How many bins later a request is done that takes `factor` times as long."""
    return round(log(factor) / log(BIN_RATIO))


def _slower(done: np.ndarray, share: float, bins: int) -> np.ndarray:
    """Let `share` of the requests be done `bins` later; shape (bins,)."""
    later = np.zeros_like(done)
    later[bins:] = done[: done.size - bins]
    return np.asarray((1.0 - share) * done + share * later)
