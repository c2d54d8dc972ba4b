"""What load makes of the CPU: the twin finds the line, and the bend, that made the data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_ops.twin.utilisation import Utilisation, fit_utilisation


def loads(minutes=3000, seed=0, low=5.0, high=80.0):
    """Requests per second and instance, in a rhythm."""
    rng = np.random.default_rng(seed)
    middle, reach = (low + high) / 2.0, (high - low) / 2.0
    return middle + reach * np.sin(np.arange(minutes) / 200.0) * rng.uniform(0.9, 1.0, minutes)


@pytest.mark.parametrize(("idle", "slope", "scale"), [(4.0, 1.0, 1.0), (12.0, 0.02, 40.0), (2.0, 90.0, 0.01)])
def test_a_known_line_is_found(idle, slope, scale):
    """Whatever the size of the numbers: a heavy service has few requests, a light one thousands."""
    load = loads() * scale
    cpu = idle + slope * load + np.random.default_rng(1).normal(0.0, 1.0, load.size)
    seen = fit_utilisation(load[cpu < 97], cpu[cpu < 97])
    assert isinstance(seen, Utilisation)
    assert seen.idle_percent == pytest.approx(idle, abs=0.5)
    assert seen.percent_per_load == pytest.approx(slope, rel=0.02)
    assert seen.spread_percent == pytest.approx(1.0, rel=0.2)


def test_a_bend_is_followed():
    """Contention makes the last requests dearer than the first."""
    load = loads(high=75.0)
    cpu = 3.0 + 0.6 * load + 0.005 * load**2 + np.random.default_rng(1).normal(0.0, 0.5, load.size)
    seen = fit_utilisation(load, cpu)
    where = np.array([10.0, 30.0, 50.0, 70.0])
    assert seen.cpu(where) == pytest.approx(3.0 + 0.6 * where + 0.005 * where**2, abs=0.7)


def test_beyond_the_data_a_bent_curve_goes_on_as_steeply_as_its_upper_half():
    """A service that bends upwards does not straighten where nobody has looked."""
    load = loads(high=60.0)
    seen = fit_utilisation(load, 3.0 + 0.4 * load + 0.01 * load**2)
    last = float(seen.loads[-1])
    steepness = float(seen.cpu(np.array([last + 10.0]))[0] - seen.cpu(np.array([last]))[0]) / 10.0
    assert steepness > seen.percent_per_load
    assert steepness == pytest.approx(0.4 + 0.02 * 45.0, rel=0.15)


def test_a_few_wild_minutes_move_nothing():
    """One in twenty minutes is full of something else."""
    rng = np.random.default_rng(2)
    load = loads()
    cpu = 5.0 + load + rng.normal(0.0, 0.5, load.size)
    cpu[rng.random(load.size) < 0.05] = 96.0
    seen = fit_utilisation(load, cpu)
    assert seen.cpu(np.array([40.0]))[0] == pytest.approx(45.0, abs=1.0)


def test_saturated_minutes_are_no_evidence():
    """A full CPU hides how much was asked of it."""
    load = loads(high=140.0)
    seen = fit_utilisation(load, np.minimum(5.0 + load, 100.0))
    assert seen.cpu(np.array([120.0]))[0] == pytest.approx(125.0, rel=0.02)


@given(st.integers(0, 40))
@settings(max_examples=10)
def test_the_way_back_leads_back(seed):
    """Load to CPU to load, within the data and beyond it."""
    rng = np.random.default_rng(seed)
    load = loads(600, seed)
    curve = fit_utilisation(load, 3.0 + rng.uniform(0.3, 1.0) * load + rng.normal(0.0, 1.0, load.size))
    there = np.linspace(1.0, 300.0, 50)
    assert curve.load(curve.cpu(there)) == pytest.approx(there, rel=1e-3, abs=0.1)


@given(st.integers(0, 40), st.floats(0.0, 8.0))
@settings(max_examples=10)
def test_more_load_is_never_less_cpu(seed, noise):
    """However noisy the metrics, the curve rises."""
    rng = np.random.default_rng(seed)
    load = loads(600, seed)
    curve = fit_utilisation(load, np.clip(8.0 + 0.8 * load + rng.normal(0.0, noise, load.size), 0.0, 100.0))
    assert not isinstance(curve, str)
    assert (np.diff(curve.cpu(np.linspace(0.0, 400.0, 500))) >= 0.0).all()


@pytest.mark.parametrize(
    ("load", "cpu", "says"),
    [
        (np.linspace(5, 50, 100), np.linspace(10, 60, 100), "100 steady minutes"),
        (np.linspace(5, 50, 600), np.full(600, 30.0), "does not rise"),
        (np.linspace(5, 50, 600), np.linspace(80, 20, 600), "does not rise"),
        (np.linspace(5, 50, 600), np.full(600, 99.0), "0 steady minutes"),
        (np.zeros(600), np.full(600, 4.0), "0 steady minutes"),
    ],
    ids=["too few minutes", "flat", "falling", "always full", "no load"],
)
def test_a_cpu_that_does_not_follow_the_load_has_no_curve_and_says_why(load, cpu, says):
    """Without it no number of instances can be worked out."""
    assert says in fit_utilisation(load, cpu)


def test_a_service_with_the_same_load_all_day_has_a_line_through_its_idle_point():
    """Flat traffic still tells what a request costs."""
    rng = np.random.default_rng(3)
    load = 40.0 * rng.normal(1.0, 0.03, 2000)
    seen = fit_utilisation(load, 5.0 + load + rng.normal(0.0, 0.5, load.size))
    assert seen.cpu(np.array([40.0, 60.0])) == pytest.approx([45.0, 65.0], abs=2.0)


def test_a_service_that_is_busy_without_any_load_has_no_model():
    """More instances would not make one of them less busy."""
    load = np.linspace(1.0, 20.0, 600)
    assert "without any load" in fit_utilisation(load, 60.0 + 1.5 * load)
