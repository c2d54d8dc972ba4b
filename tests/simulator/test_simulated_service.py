"""The made-up service behaves as services do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from ai_ops.simulator.profiles import EDGE, JVM, PROFILES, WEB, default_thresholds
from ai_ops.simulator.service import SimulatedService

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
CALM = replace(WEB, deploys_per_week=0.0, incidents_per_week=0.0, lost_scrapes_ratio=0.0, boot_jitter_minutes=0.01)


def run(profile, demand, seed=1, **thresholds):
    """Run the service through all of the demand."""
    service = SimulatedService(profile, demand, MONDAY, default_thresholds(profile, 60) | thresholds, seed)
    service.advance(demand.size)
    return service


def fixed(count):
    """Thresholds that leave the autoscaler nothing to do."""
    return {"min_instances": count, "max_instances": count}


def test_the_same_seed_gives_the_same_service_whatever_the_chunks():
    """A benchmark can be repeated, and calling in between changes nothing."""
    demand = JVM.peak_for(10) * (1.0 + 0.5 * np.sin(np.arange(4000) / 200))
    whole = run(JVM, demand)
    parts = SimulatedService(JVM, demand, MONDAY, default_thresholds(JVM, 60), 1)
    for _ in range(10):
        parts.advance(400)
        parts.history(1)
    assert whole.history(3).equals(parts.history(3))
    assert np.array_equal(whole.good, parts.good)
    assert not np.array_equal(whole.good, run(JVM, demand, seed=2).good)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_more_load_on_the_same_instances_means_more_cpu_and_slower_requests(profile):
    """A queue near its limit is slow: latency rises ever faster, CPU does not exceed 100."""
    levels = [
        run(profile, np.full(600, share * 8 * profile.instance_requests_per_second), **fixed(8)).history(1)
        for share in (0.3, 0.6, 0.9, 1.2)
    ]
    cpu = [level.cpu_percent.median() for level in levels]
    latency = [level.latency_p95_ms.median() for level in levels]
    assert cpu == sorted(cpu)
    assert cpu[-1] > 98
    assert max(level.cpu_percent.max() for level in levels) <= 100
    assert latency == sorted(latency)
    assert latency[2] - latency[1] > latency[1] - latency[0]
    assert levels[-1].error_percent.median() > 5


def test_an_overload_is_felt_after_it_has_ended():
    """What could not be served waits, and is slow although the demand has fallen."""
    demand = np.full(40, 0.5 * 4 * CALM.instance_requests_per_second)
    demand[10:13] *= 2.1
    bad = run(CALM, demand, **fixed(4))
    slow = 1.0 - bad.good / bad.total
    assert slow[:9].max() < 0.001
    assert slow[12] > 0.5
    assert slow[13] > 0.05
    assert slow[-1] < 0.001


def test_instances_serve_only_after_their_boot_and_are_paid_from_their_order_on():
    """Money is spent on booting instances, capacity comes later."""
    demand = np.full(60, CALM.peak_for(6))
    service = SimulatedService(CALM, demand, MONDAY, default_thresholds(CALM, 60) | fixed(6), 1)
    service.advance(20)
    service.apply(default_thresholds(CALM, 60) | fixed(9))
    service.advance(40)
    history = service.history(1)
    assert history.instances_desired.iloc[[20, 21]].tolist() == [6, 9]
    assert history.instances.iloc[20 + CALM.boot_minutes] == 6
    assert history.instances.iloc[21 + CALM.boot_minutes] == 9
    assert history.cost_per_hour.iloc[21] == pytest.approx(9 * CALM.price_per_instance_hour)
    assert service.cost[21] == pytest.approx(9 * CALM.price_per_instance_hour / 60)


def test_fresh_instances_are_slow_at_first():
    """A cold start costs speed, not only time."""
    demand = np.full(600, 4.0 * JVM.instance_requests_per_second)
    calm = replace(JVM, deploys_per_week=0.0, incidents_per_week=0.0, boot_jitter_minutes=0.01)
    service = SimulatedService(calm, demand, MONDAY, default_thresholds(calm, 60) | fixed(6), 1)
    service.advance(100)
    service.apply(default_thresholds(calm, 60) | fixed(12))
    service.advance(500)
    history = service.history(1)
    fresh = 101 + calm.boot_minutes
    is_cold = slice(fresh, fresh + calm.cold_minutes)
    settled = slice(fresh + 30, fresh + 90)
    assert (history.instances.iloc[is_cold] == 12).all()
    assert history.cpu_percent.iloc[is_cold].mean() > history.cpu_percent.iloc[settled].mean() + 3


def test_a_deploy_takes_instances_away_for_a_while_and_empties_their_memory():
    """A rolling restart costs capacity, and ends a leak's climb."""
    leaky = replace(JVM, incidents_per_week=0.0, deploys_per_week=3.0, leak_percent_per_day=3.0)
    history = run(leaky, np.full(10 * 1440, leaky.peak_for(10)), **fixed(12)).history(10)
    restarting = history.instances < 12
    assert 0.001 < restarting.mean() < 0.02
    before = history.memory_percent[restarting[restarting].index[0] - np.timedelta64(60, "m")]
    after = history.memory_percent[restarting[restarting].index[0] + np.timedelta64(60, "m")]
    assert after < before


def test_a_slow_dependency_hurts_while_the_cpu_is_low():
    """Not all that is slow is a lack of instances."""
    troubled = replace(CALM, incidents_per_week=7.0)
    calm, hurt = (run(kind, np.full(14 * 1440, kind.peak_for(8)), **fixed(10)) for kind in (CALM, troubled))
    slow = 1.0 - hurt.good / hurt.total
    is_slow = slow > 0.002
    assert is_slow.any()
    assert (1.0 - calm.good / calm.total).max() < 0.002
    cpu = hurt.history(14).cpu_percent.to_numpy()
    assert cpu[is_slow].mean() < cpu[~is_slow].mean()


def test_history_has_the_canonical_columns_and_lost_scrapes_are_gaps():
    """A tuner sees what monitoring would show it, no truth beside."""
    history = run(EDGE, np.full(3 * 1440, EDGE.peak_for(6))).history(2)
    assert list(history.columns) == [
        "cpu_percent",
        "memory_percent",
        "latency_p95_ms",
        "error_percent",
        "requests_per_second",
        "slo_good_ratio",
        "instances",
        "instances_desired",
        "cost_per_hour",
    ]
    assert str(history.index.tz) == "UTC"
    assert len(history) == 2 * 1440
    lost = history.isna()
    assert (lost.any(axis=1) == lost.all(axis=1)).all()
    assert 0.0 < lost.to_numpy().mean() < 0.02


def test_a_service_without_any_request_stays_alive():
    """No demand: nothing is slow, nothing divides by zero but the ratios that mean nothing."""
    service = run(CALM, np.zeros(600))
    assert service.total.sum() == service.good.sum() == 0
    history = service.history(1)
    assert history.slo_good_ratio.isna().all()
    assert history.cpu_percent.notna().all()
    assert history.instances.iloc[-1] == 2
