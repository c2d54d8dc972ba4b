"""A detection can be tested only by faults that are what they claim to be."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from examples import STEP, a_series

from ai_ops.detect.self_test.faults import Dose, bounds, inject, points_of, robust_sigmas
from ai_ops.domain.self_test import Fault

DAY = 144
CHOSEN = (Fault.SPIKE, Fault.LEVEL_SHIFT, Fault.RAMP, Fault.VARIANCE)


def rhythmic(metric="requests_per_second", noise=1.0, days=14, level=100.0):
    """A daily rhythm that swings by half of its level, and normal noise."""
    rng = np.random.default_rng(5)
    phase = 2.0 * np.pi * np.arange(days * DAY) / DAY
    return a_series(metric, level * (1.0 + 0.5 * np.sin(phase)) + noise * rng.normal(size=phase.size))


def a_dose(series, size=4.0, **changes):
    """Four sigmas for half an hour."""
    return Dose(robust_sigmas(series), size, **changes)


def injected(series, fault, start=1500, **changes):
    """The fault, put where it fits."""
    return inject(series, fault, start, a_dose(series, **changes), np.random.default_rng(1))


@pytest.mark.parametrize("fault", Fault)
def test_only_the_rows_of_the_fault_change(fault):
    """What an alarm outside of it says is not its merit; the user's own history stays as it is."""
    series = rhythmic()
    before = series.values.copy()
    one = injected(series, fault)
    assert one is not None
    np.testing.assert_array_equal(series.values, before)
    changed = np.flatnonzero(one.values != before)
    assert one.start <= changed.min()
    assert changed.max() < one.end
    assert one.start <= one.since < one.end


@pytest.mark.parametrize("fault", CHOSEN)
@pytest.mark.parametrize("size", [4.0, 8.0])
def test_the_largest_change_is_as_large_as_was_asked(fault, size):
    """Recall means nothing without the size of what was to be found (R26)."""
    series = rhythmic()
    one = injected(series, fault, size=size)
    change = np.abs(one.values - series.values)[one.start : one.end]
    assert change.max() == pytest.approx(size * robust_sigmas(series)[one.start : one.end].max())


@pytest.mark.parametrize(
    ("fault", "shape"),
    [
        (Fault.SPIKE, [1.0, 2 / 3, 1 / 3]),
        (Fault.LEVEL_SHIFT, [1.0, 1.0, 1.0]),
        (Fault.RAMP, [1 / 3, 2 / 3, 1.0]),
        (Fault.VARIANCE, [1.0, -1.0, 1.0]),
    ],
)
def test_a_fault_has_the_shape_of_its_name(fault, shape):
    """Half an hour of ten-minute values."""
    series = rhythmic()
    one = injected(series, fault, direction=1)
    change = (one.values - series.values)[1500:1503] / robust_sigmas(series)[1500:1503].max()
    np.testing.assert_allclose(change, 4.0 * np.array(shape))


def test_a_dropout_is_reported_as_zero():
    """A value that is missing would be a gap, for which the answer is "no data" and not an alarm."""
    one = injected(rhythmic(), Fault.DROPOUT)
    assert (one.values[1500:1503] == 0.0).all()


def test_a_period_break_brings_the_night_at_noon():
    """The values of half a day ago return."""
    series = rhythmic()
    one = injected(series, Fault.PERIOD_BREAK)
    assert one.end - one.start == 36
    np.testing.assert_array_equal(one.values[one.start : one.end], series.values[one.start - 72 : one.end - 72])


def test_a_flat_line_repeats_the_last_value_and_counts_from_when_it_shows():
    """A stuck exporter says nothing wrong until the metric would have moved; the delay begins there."""
    series = rhythmic()
    one = injected(series, Fault.FLAT_LINE, start=1476)  # the top of the wave
    assert set(one.values[one.start : one.end]) == {series.values[one.start - 1]}
    assert one.since > one.start + 3


@pytest.mark.parametrize("fault", [Fault.FLAT_LINE, Fault.PERIOD_BREAK])
def test_without_a_rhythm_there_is_nothing_to_break(fault):
    """A steady metric that stands still for a while is healthy: whoever counts that as missed, counts wrongly."""
    steady = a_series("requests_per_second", 100.0 + np.random.default_rng(1).normal(size=14 * DAY))
    assert injected(steady, fault) is None


@pytest.mark.parametrize(("metric", "level"), [("cpu_percent", 98.0), ("slo_good_ratio", 0.99), ("cost_per_hour", 0.1)])
def test_no_fault_leaves_the_range_of_the_metric(metric, level):
    """A load of 130 % is easy to find and never happens; at the edge the fault goes the other way."""
    noise = 0.002 * level * np.random.default_rng(1).normal(size=14 * DAY)
    series = a_series(metric, np.clip(level + noise, 0.0, 1.0 if metric.endswith("ratio") else 100.0))
    low, high = bounds(series)
    for fault, seed in product(CHOSEN, range(4)):
        one = inject(series, fault, 1500, a_dose(series, 30.0), np.random.default_rng(seed))
        assert one is not None
        assert low <= one.values.min()
        assert one.values.max() <= high


def test_where_only_a_rise_harms_every_fault_is_a_rise():
    """Nobody wants to be woken since the errors are gone."""
    series = rhythmic("error_percent", noise=0.1, level=10.0)
    assert injected(series, Fault.DROPOUT, direction=1) is None
    for start in range(1400, 1500, 10):
        one = injected(series, Fault.LEVEL_SHIFT, start, direction=1)
        assert (one.values >= series.values).all()


def test_where_only_a_fall_harms_every_fault_is_a_fall():
    """More good requests than ever are good news."""
    series = rhythmic("slo_good_ratio", noise=0.001, level=0.6)
    assert injected(series, Fault.DROPOUT, direction=-1) is not None
    for start in range(1400, 1500, 10):
        one = injected(series, Fault.LEVEL_SHIFT, start, direction=-1)
        assert (one.values <= series.values).all()


@pytest.mark.parametrize("fault", Fault)
def test_nothing_is_injected_where_values_are_missing(fault):
    """There is nothing to change."""
    series = rhythmic()
    series.values[1501] = np.nan
    assert injected(series, fault) is None


@pytest.mark.parametrize("start", [-1, 0, 2015, 2016, 9999])
def test_a_fault_must_fit_into_the_series(start):
    """Half of a fault is another fault."""
    assert injected(rhythmic(), Fault.LEVEL_SHIFT, start) is None


def test_a_fault_lasts_as_long_on_every_grid():
    """Half an hour is three values of ten minutes, thirty of one, and one of an hour."""
    for minutes, points in ((10, 3), (1, 30), (60, 1)):
        assert points_of(Fault.SPIKE, 30.0, STEP * minutes / 10) == points
    assert points_of(Fault.FLAT_LINE, 30.0, STEP) == 36
    assert points_of(Fault.FLAT_LINE, 600.0, STEP) == 60


def test_sigma_is_that_of_the_noise():
    """A rhythm is no noise: it can be expected, so it does not make a fault smaller."""
    sigmas = robust_sigmas(rhythmic(noise=1.0))
    assert 0.9 < np.median(sigmas) < 1.6


def test_incidents_of_the_past_do_not_move_sigma():
    """The median absolute deviation ignores them."""
    series = rhythmic()
    spoiled = replace(series, values=series.values.copy())
    spoiled.values[1000:1040] *= 30.0
    assert np.median(robust_sigmas(spoiled)) == pytest.approx(np.median(robust_sigmas(series)), rel=0.1)


def test_sigma_follows_the_time_of_day():
    """What is four sigmas by night may be ordinary at noon."""
    series = rhythmic(noise=0.0)
    noisy_by_day = np.where(np.arange(series.values.size) % DAY < 72, 4.0, 0.5)
    noise = noisy_by_day * np.random.default_rng(1).normal(size=series.values.size)
    sigmas = robust_sigmas(replace(series, values=series.values + noise)).reshape(14, DAY)[13]
    assert sigmas[36] > 2.0 * sigmas[108]


@pytest.mark.parametrize(
    ("metric", "level", "sigma"),
    [
        ("requests_per_second", 50.0, 0.5),
        ("error_percent", 0.0, 1.0),
        ("slo_good_ratio", 0.0, 0.01),
        ("jobs", 0.0, 1.0),
    ],
)
def test_a_constant_metric_has_a_sigma_as_well(metric, level, sigma):
    """One percent of its level, or of its range: a change that a person would see."""
    np.testing.assert_allclose(robust_sigmas(a_series(metric, np.full(2016, level))), sigma)


def test_a_sparse_metric_has_the_sigma_of_its_bursts():
    """More than half of it is zero, so the median deviation is too; a size of zero would be no fault."""
    values = np.zeros(2016)
    values[::30] = 5.0
    assert (robust_sigmas(a_series("requests_per_second", values)) > 0.1).all()
