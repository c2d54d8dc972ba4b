"""The embedded simulated service: alive, plausible, and obedient to the thresholds."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from examples import NOON, STEP

from ai_ops.collect.simulated import SAFE_DEFAULTS, SimulatedSource
from ai_ops.domain.errors import SourceError
from ai_ops.domain.metrics import CANONICAL_METRICS, Query, Window
from ai_ops.domain.tuning import Thresholds

FORTNIGHT = Window(NOON - timedelta(days=14), NOON, STEP)


def simulated(**thresholds: float) -> dict[str, np.ndarray]:
    """Every metric over fourteen days under these thresholds."""
    source = SimulatedSource(lambda: Thresholds(thresholds))
    return {metric: source.fetch(Query(metric, ""), FORTNIGHT).series.values for metric in CANONICAL_METRICS}


@pytest.fixture(scope="module")
def usual():
    """Fourteen days under the default thresholds."""
    return simulated()


def test_every_canonical_metric_has_a_value_everywhere(usual):
    """A first look has no gaps."""
    assert all(np.isfinite(values).all() and values.shape == (2016,) for values in usual.values())


def test_demand_has_a_day_and_a_week(usual):
    """Nights and weekends are quieter."""
    demand = usual["requests_per_second"].reshape(14, 24, 6).mean(axis=2)
    day = np.roll(demand, 12, axis=1).mean(axis=0)
    assert day.max() > 2 * day.min()
    weekday = np.array([(NOON - timedelta(days=14) + timedelta(hours=h)).weekday() >= 5 for h in range(336)])
    assert demand.reshape(-1)[weekday].mean() < 0.8 * demand.reshape(-1)[~weekday].mean()


def test_the_service_reacts_to_its_thresholds(usual):
    """A higher scale-in is cheaper; far too high, it breaks the promise; a lower scale-out is dearer."""
    thrifty, reckless = simulated(cpu_scale_in_percent=50), simulated(cpu_scale_in_percent=65)
    careful = simulated(cpu_scale_out_percent=60)
    cost = {
        name: run["cost_per_hour"].mean()
        for name, run in (("usual", usual), ("thrifty", thrifty), ("careful", careful))
    }
    assert cost["thrifty"] < 0.95 * cost["usual"] < 0.95 * cost["careful"]
    bad = [np.average(1 - run["slo_good_ratio"], weights=run["requests_per_second"]) for run in (usual, reckless)]
    assert bad[1] > 3 * bad[0]


def test_the_fleet_stays_within_its_limits(usual):
    """Between the smallest and the largest number of instances."""
    assert usual["instances"].min() >= SAFE_DEFAULTS["min_instances"]
    assert usual["instances_desired"].max() <= SAFE_DEFAULTS["max_instances"]


def test_the_same_minute_looks_the_same_in_every_run(usual):
    """A later run sees the same past, so that the history cache tells the truth."""
    source = SimulatedSource(lambda: Thresholds({}))
    later = Window(FORTNIGHT.start + timedelta(days=3), FORTNIGHT.end + timedelta(hours=6), STEP)
    demand = source.fetch(Query("requests_per_second", ""), later).series.values
    np.testing.assert_allclose(demand[:-36], usual["requests_per_second"][3 * 144 :])


def test_it_never_pretends_to_be_real():
    """The label is part of every observation."""
    source = SimulatedSource(lambda: Thresholds({}))
    assert source.is_simulated
    assert "simulated" in source.probe()


def test_an_unknown_metric_is_an_error_and_no_zero():
    """It answers what it has."""
    with pytest.raises(SourceError, match="queue_depth"):
        SimulatedSource(lambda: Thresholds({})).fetch(Query("queue_depth", ""), FORTNIGHT)
