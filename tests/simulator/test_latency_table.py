"""The tabulated queue agrees with one that is simulated request by request."""

from __future__ import annotations

import heapq
from dataclasses import replace

import numpy as np
import pytest

from ai_ops.simulator.latency_table import LOADS, latency_table
from ai_ops.simulator.profiles import WEB

ONE_QUEUE = replace(WEB, contention_ratio=0.0, imbalance_ratio=0.0)


def request_by_request(profile, busy, requests):
    """Latencies of single requests in a first-come queue, shape (requests,)."""
    rng = np.random.default_rng(1)
    arrivals = np.cumsum(rng.exponential(profile.service_ms / profile.workers / busy, requests))
    services = profile.median_ms * np.exp(profile.spread * rng.normal(size=requests))
    free = [0.0] * profile.workers
    latencies = []
    for arrival, service in zip(arrivals.tolist(), services.tolist(), strict=True):
        done = max(arrival, heapq.heappop(free)) + service
        heapq.heappush(free, done)
        latencies.append(done - arrival)
    return np.array(latencies)


@pytest.mark.parametrize("busy", [0.6, 0.85, 0.95])
def test_latencies_are_those_of_single_requests(busy):
    """Median and tail lie where the table says, within what Allen and Cunneen's approximation is known for."""
    table = latency_table(ONE_QUEUE)
    row = table.done[round(busy * LOADS)]
    quantiles = np.quantile(request_by_request(ONE_QUEUE, busy, 1_000_000), [0.5, 0.95, 0.99])
    off = np.abs(np.interp(quantiles, table.edges_ms, row) - [0.5, 0.95, 0.99])
    assert (off < [0.03, 0.015, 0.006]).all()


def test_contention_makes_load_cost_more_than_its_share():
    """Busyness is convex in the load, and both are full together."""
    busy = latency_table(WEB).busy
    assert busy[[0, -1]] == pytest.approx([0.0, 1.0])
    assert (np.diff(busy, 2) > -1e-6).all()
    assert busy[LOADS // 2] < 0.48


def test_the_promise_is_an_edge_of_the_axis():
    """The share of good requests is read, not interpolated."""
    table = latency_table(WEB)
    assert table.edges_ms[table.slo_bin] == pytest.approx(WEB.slo_ms)
    assert (np.diff(table.done, axis=1) >= -1e-12).all()
