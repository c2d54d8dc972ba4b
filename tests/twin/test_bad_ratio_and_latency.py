"""What a CPU means for users, as the twin reads it from the data and carries it beyond them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_ops.twin.curves import LEAST_BAD_RATIO, Curve, fit_bad_ratio, fit_latency

SCALE = np.linspace(0.0, 160.0, 400)


def minutes(seed=0, count=5000, low=10.0, high=85.0):
    """CPU, and requests, of so many minutes."""
    rng = np.random.default_rng(seed)
    cpu = rng.uniform(low, high, count)
    return cpu, rng.uniform(100.0, 5000.0, count), rng


def test_a_known_curve_is_found():
    """A decade every 15 points."""
    cpu, requests, rng = minutes()
    truth = 1e-5 * 10 ** ((cpu - 10.0) / 15.0)
    curve = fit_bad_ratio(cpu, rng.poisson(truth * requests * 50) / requests / 50, requests)
    where = np.array([30.0, 50.0, 70.0, 80.0])
    assert np.log10(curve.at(where)) == pytest.approx((where - 10.0) / 15.0 - 5.0, abs=0.12)


@given(st.integers(0, 30), st.floats(0.0, 0.3))
@settings(max_examples=30)
def test_a_busier_instance_is_never_better(seed, noise):
    """However the data wriggle, both curves rise, within the data and beyond."""
    cpu, requests, rng = minutes(seed, 400)
    bad = np.clip(0.01 + 0.001 * cpu + rng.normal(0.0, noise, cpu.size), 0.0, 1.0)
    assert (np.diff(fit_bad_ratio(cpu, bad, requests).at(SCALE)) >= -1e-12).all()
    assert (np.diff(fit_latency(cpu, 100.0 * np.exp(rng.normal(0.0, noise, cpu.size))).at(SCALE)) >= -1e-9).all()


@given(st.integers(0, 60))
@settings(max_examples=30)
def test_the_total_of_bad_requests_is_what_it_was(seed):
    """Making the curve rise moves bad requests between bins, and loses none."""
    rng = np.random.default_rng(seed)
    cpu = np.repeat(np.arange(11.0, 91.0, 2.0), 20)  # each bin's minutes lie on its centre
    requests = rng.uniform(100.0, 1000.0, cpu.size)
    bad = rng.uniform(0.001, 0.2, cpu.size)
    fitted = fit_bad_ratio(cpu, bad, requests).at(cpu)
    assert (fitted * requests).sum() == pytest.approx((bad * requests).sum(), rel=1e-6)


def test_beyond_the_data_requests_go_wrong_ten_times_as_often_every_five_points_or_faster():
    """What is unknown is dear."""
    cpu, requests, _ = minutes(high=60.0)
    mild = fit_bad_ratio(cpu, np.full(cpu.size, 1e-4), requests)
    assert mild.known_up_to_percent == pytest.approx(59.0, abs=1.0)
    top = mild.known_up_to_percent
    assert mild.at(np.array([top + 5.0, top + 10.0])) == pytest.approx([1e-3, 1e-2], rel=1e-6)
    steep = fit_bad_ratio(cpu, 1e-6 * 10 ** ((cpu - 10.0) / 4.0).clip(0.0, 5e5), requests)
    assert steep.slope >= 1.0 / 4.5


def test_beyond_the_data_latency_doubles_every_ten_points_or_faster():
    """The same for the slowest twentieth."""
    cpu, _, _ = minutes(high=60.0)
    curve = fit_latency(cpu, np.full(cpu.size, 200.0))
    top = curve.known_up_to_percent
    assert curve.at(np.array([30.0, top, top + 10.0])) == pytest.approx([200.0, 200.0, 400.0], rel=1e-6)


def test_a_perfect_service_has_a_floor_and_no_logarithm_of_zero():
    """Fourteen days without a bad request are no proof that there is none."""
    cpu, requests, _ = minutes()
    curve = fit_bad_ratio(cpu, np.zeros(cpu.size), requests)
    assert curve.at(np.array([20.0])) == pytest.approx(LEAST_BAD_RATIO)
    assert curve.at(np.array([150.0])) > 1.0


def test_the_few_busiest_minutes_are_not_lost_among_quieter_ones():
    """They are what a threshold is about."""
    cpu, requests, rng = minutes(high=60.0)
    bad = np.full(cpu.size, 1e-5)
    cpu = np.concatenate((cpu, rng.uniform(84.0, 85.9, 9)))
    curve = fit_bad_ratio(cpu, np.concatenate((bad, np.full(9, 0.1))), np.concatenate((requests, np.full(9, 1000.0))))
    assert curve.at(np.array([cpu[-9:].mean()])) == pytest.approx(0.1)
    assert curve.at(np.array([58.0])) == pytest.approx(1e-5, rel=0.1)


def test_too_few_minutes_have_no_curve():
    """Seven minutes say nothing."""
    assert isinstance(fit_bad_ratio(np.full(7, 50.0), np.zeros(7), np.ones(7)), str)
    assert fit_latency(np.full(50, 50.0), np.full(50, np.nan)) is None


@pytest.mark.parametrize("cpu", [0.0, 3.0, 99.9, 130.0])
def test_a_service_that_was_seen_at_one_cpu_only_still_has_a_curve(cpu):
    """Flat traffic: one bin, and what lies beyond it is dear."""
    curve = fit_bad_ratio(np.full(300, cpu), np.full(300, 1e-4), np.full(300, 100.0))
    assert curve.at(np.array([cpu - 3.0, cpu])) == pytest.approx([1e-4, 1e-4])
    assert curve.at(np.array([cpu + 20.0])) == pytest.approx(1.0)


def test_a_curve_never_overflows():
    """Four times as much as an instance can do is still a number."""
    assert np.isfinite(Curve(np.array([50.0]), np.array([-2.0]), 50.0, 50.0).at(np.array([1e6]))).all()
