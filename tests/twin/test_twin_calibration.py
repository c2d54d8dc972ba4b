"""A service's model from its metrics alone: it recovers what made them, and says what it doubts."""

from __future__ import annotations

import numpy as np
import pytest
from twins import A_PLATFORM, DAY, a_week_of_work

from ai_ops.twin.calibration import Calibration, Uncalibrated, calibrate

UNKNOWN = np.full(4 * DAY, np.nan)


def a_model(**columns) -> Calibration:
    """Calibrated on a week of work with these columns otherwise."""
    model = calibrate(a_week_of_work(**columns), A_PLATFORM)
    assert isinstance(model, Calibration)
    return model


def test_the_service_that_made_the_metrics_is_found():
    """CPU, bad requests, latency, memory and price."""
    model, where = a_model(), np.array([30.0, 50.0, 60.0])
    assert model.utilisation.cpu(where - 5.0) == pytest.approx(where, abs=0.7)
    assert np.log10(model.bad_ratio.at(where)) == pytest.approx(where / 40.0 - 5.0, abs=0.05)
    assert model.latency_ms.at(where) == pytest.approx(80.0 * 10 ** (where / 200.0), rel=0.03)
    assert model.memory_per_load == pytest.approx(0.2, rel=0.05)
    assert model.price_per_instance_hour == pytest.approx(0.1)
    assert model.notes == ()


def test_an_incident_is_left_out_of_the_curves():
    """Otherwise a low CPU would look dangerous, and no saving would ever be safe."""
    quiet = slice(int(0.75 * DAY), int(0.75 * DAY) + 60)
    plain = a_week_of_work()
    good, latency = plain.get("slo_good_ratio").copy(), plain.get("latency_p95_ms").copy()
    good[quiet], latency[quiet] = 0.8, 3000.0
    model = a_model(slo_good_ratio=good, latency_p95_ms=latency)
    assert model.abnormal[quiet].all()
    assert model.bad_ratio.at(np.array([15.0])) < 1e-4
    assert model.used_minutes < 4 * DAY - 60


def test_minutes_right_after_a_change_of_instances_are_not_used():
    """They belong to neither number: a fleet that never rests has no curve."""
    restless = np.tile([8.0, 8.0, 9.0, 9.0], DAY)
    assert isinstance(calibrate(a_week_of_work(instances=restless), A_PLATFORM), Uncalibrated)


BROKEN_COSTS = {
    "zeros": np.zeros(4 * DAY),
    "noise around the price": np.random.default_rng(1).lognormal(np.log(0.8), 1.5, 4 * DAY),
    "noise": np.random.default_rng(1).exponential(5.0, 4 * DAY),
    "the whole company's bill": np.full(4 * DAY, 4200.0),
    "cents of a cent": np.full(4 * DAY, 0.0008),
}


@pytest.mark.parametrize("cost", BROKEN_COSTS.values(), ids=BROKEN_COSTS)
def test_a_cost_that_is_no_price_is_doubted_and_the_described_price_is_used(cost):
    """A broken cost metric changes no decision."""
    model = a_model(cost_per_hour=cost)
    assert model.price_per_instance_hour == A_PLATFORM.price_per_instance_hour
    assert any("which is no price" in note for note in model.notes)


def test_a_cost_that_nobody_measures_is_said():
    """The described price is used."""
    model = a_model(cost_per_hour=UNKNOWN)
    assert model.price_per_instance_hour == 0.1
    assert any("was not measured" in note for note in model.notes)


def test_a_price_that_was_really_paid_counts_more_than_the_described_one():
    """A discount shows in the bill."""
    assert a_model(cost_per_hour=8 * 0.07).price_per_instance_hour == pytest.approx(0.07)


@pytest.mark.parametrize("metric", ["latency_p95_ms", "memory_percent", "instances_desired"])
def test_what_is_nice_to_have_may_be_missing(metric):
    """Four metrics are needed, the others make it better."""
    model = a_model(**{metric: UNKNOWN})
    assert model.utilisation.cpu(np.array([45.0])) == pytest.approx(50.0, abs=0.7)


@pytest.mark.parametrize("metric", ["cpu_percent", "requests_per_second", "slo_good_ratio", "instances"])
def test_without_what_is_needed_there_is_no_model_and_a_reason(metric):
    """Nothing is made up."""
    model = calibrate(a_week_of_work(**{metric: UNKNOWN}), A_PLATFORM)
    assert isinstance(model, Uncalibrated)
    assert model.reason


def test_a_leak_is_no_memory_by_load():
    """Memory that climbs with time and not with load is not blamed on the load."""
    model = a_model(memory_percent=40.0 + 8.0 * np.arange(4 * DAY) / DAY)
    assert abs(model.memory_per_load * 40.0) < 3.0
