"""Demand lies on whole hours, dated by when it came, and hides neither gaps nor peaks."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from demands import MONDAY

from ai_ops.domain.metrics import Series
from ai_ops.twin.outlook.demand import DAY, HOUR, SLOT, Demand, demand_of


def rate(values, minutes, start=MONDAY):
    """A series of requests in steps of so many minutes."""
    return Series("requests_per_second", start, timedelta(minutes=minutes), np.asarray(values, dtype=float))


def test_a_point_belongs_to_the_minutes_before_it():
    """A rate over a range says what came in the range: else every spike would be foreseen ten minutes late."""
    demand = demand_of(rate(np.arange(13.0), 10))
    assert demand.start == MONDAY
    assert demand.values.tolist() == list(np.arange(1.0, 13.0))
    assert demand.end == MONDAY + timedelta(hours=2)


def test_minutes_become_means_of_ten():
    """No autoscaler answers anything finer."""
    demand = demand_of(rate(np.repeat([1.0, 3.0], 60), 1, MONDAY + timedelta(minutes=1)))
    assert demand.step == SLOT
    assert demand.values.tolist() == [1.0] * 6 + [3.0] * 6


def test_hours_that_are_not_over_are_left_out_at_both_ends():
    """The peak of half an hour is no hour's peak."""
    demand = demand_of(rate(np.arange(20.0), 10, MONDAY + timedelta(minutes=30)))
    assert (demand.start, demand.end) == (MONDAY + HOUR, MONDAY + 3 * HOUR)
    assert demand.values.tolist() == list(np.arange(4.0, 16.0))


@pytest.mark.parametrize(
    ("minutes", "slot"), [(1, 10), (3, 12), (4, 12), (5, 10), (6, 12), (15, 15), (20, 20), (60, 60)]
)
def test_every_step_that_is_part_of_an_hour_fits(minutes, slot):
    """Whatever `metrics.step_minutes` says, hours are whole."""
    demand = demand_of(rate(np.ones(3 * 1440 // minutes), minutes))
    assert demand.step == timedelta(minutes=slot)
    assert demand.values.size * slot % 60 == 0
    assert (demand.values == 1.0).all()


def test_steps_that_cross_hours_are_refused():
    """A mean over two hours belongs to neither."""
    with pytest.raises(ValueError, match="no part of an hour"):
        demand_of(rate(np.ones(100), 45))


def test_what_was_hardly_measured_is_a_gap():
    """One minute of ten, or one tenth of an hour, says too little."""
    values = np.ones(121)
    values[1:7] = np.nan
    values[11:61] = np.nan
    demand = demand_of(rate(values, 1))
    assert np.isnan(demand.values[:6]).tolist() == [True, True, True, True, True, True]
    assert np.isnan(demand.hourly_peaks().values).tolist() == [True, False]


def test_a_peak_of_ten_minutes_is_the_peak_of_its_hour():
    """A mean over the hour would hide what instances are needed for."""
    values = np.ones(12)
    values[4] = 7.0
    peaks = Demand(MONDAY, SLOT, values).hourly_peaks()
    assert (peaks.step, peaks.values.tolist()) == (HOUR, [7.0, 1.0])


def test_weekends_are_those_of_utc():
    """Saturday and Sunday, also where the series begins in the middle of a week's day."""
    demand = Demand(MONDAY + 3 * HOUR, HOUR, np.zeros(0))
    at = {
        name: demand.is_weekend(np.array([(MONDAY + day * DAY - demand.start) // HOUR]))[0]
        for name, day in {"friday": 4.99, "saturday": 5, "sunday": 6.9, "monday": 7}.items()
    }
    assert at == {"friday": False, "saturday": True, "sunday": True, "monday": False}


def test_looking_back_and_cutting_off_keep_the_dates():
    """A forecast is dated by the end of what it knows."""
    demand = Demand(MONDAY, HOUR, np.arange(72.0))
    assert demand.last(DAY).start == MONDAY + 2 * DAY
    assert demand.last(30 * DAY).start == MONDAY
    assert demand.until(24).end == MONDAY + DAY
