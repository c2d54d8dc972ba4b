"""What instances carry is learned from what they did, by minutes or by wider steps, and said with its doubts."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from demands import MONDAY, PLATFORM, SETTINGS, a_capacity, daily

from ai_ops.domain.metrics import Series
from ai_ops.simulator.profiles import WEB, default_thresholds, platform
from ai_ops.simulator.service import SimulatedService
from ai_ops.simulator.traffic import SHAPES
from ai_ops.twin.outlook.capacity import Capacity, capacity_of
from ai_ops.twin.telemetry import telemetry


def coarse(percent_per_load=2.0, **changes):
    """Two weeks by ten minutes of a service whose CPU follows the load on each of five to ten instances."""
    demand = daily(14, level=200.0)
    ready = np.repeat(np.random.default_rng(1).integers(5, 11, demand.size // 12), 12).astype(float)
    cpu = 5.0 + percent_per_load * demand / ready + 0.3 * np.random.default_rng(2).normal(size=demand.size)
    columns = {"requests_per_second": demand, "instances": ready, "cpu_percent": cpu} | changes
    return {name: Series(name, MONDAY, timedelta(minutes=10), values) for name, values in columns.items()}


@pytest.fixture(scope="module")
def history():
    """Two simulated weeks by the minute."""
    demand = SHAPES["daily"](WEB.peak_for(10), 14, np.random.default_rng(1))
    service = SimulatedService(WEB, demand, MONDAY, default_thresholds(WEB, 30), 1)
    service.advance(demand.size)
    return service.history(14)


def test_wide_steps_tell_what_an_instance_carries():
    """5 % idle and 2 % for each request per second: 37.5 of them make 80 %."""
    capacity = capacity_of(None, coarse(), PLATFORM, SETTINGS)
    assert isinstance(capacity, Capacity)
    assert capacity.per_instance == pytest.approx(37.5, rel=0.03)
    assert (capacity.most, capacity.most_demand) == (40, pytest.approx(1500.0, rel=0.03))


def test_minutes_tell_it_where_there_are_some(history):
    """A made-up instance at 80 % CPU serves what its workers can, and boots as long as it was seen to (S000-56)."""
    capacity = capacity_of(telemetry(history), {}, platform(WEB), default_thresholds(WEB, 30))
    assert isinstance(capacity, Capacity)
    assert capacity.per_instance == pytest.approx(0.8 * WEB.instance_requests_per_second, rel=0.12)
    assert abs(capacity.steps.boot_minutes - WEB.boot_minutes) <= 1


def test_minutes_that_cannot_be_calibrated_leave_the_wider_steps(history):
    """Without a good ratio there is no twin, but CPU still follows the load."""
    without = telemetry(history.assign(slo_good_ratio=np.nan))
    capacity = capacity_of(without, coarse(), PLATFORM, SETTINGS)
    assert isinstance(capacity, Capacity)
    assert capacity.per_instance == pytest.approx(37.5, rel=0.03)


@pytest.mark.parametrize(
    ("settings", "given", "words"),
    [
        ({}, coarse(), "cpu_scale_out_percent"),
        (SETTINGS, {"instances": coarse()["instances"]}, "requests_per_second and cpu_percent could not be had"),
        (SETTINGS, coarse(percent_per_load=0.0), "does not rise with the load"),
        (SETTINGS | {"cpu_scale_out_percent": 3.0}, coarse(), "without any load is at 5 % CPU"),
        (SETTINGS, coarse(cpu_percent=np.full(2016, np.nan)), "0 steady minutes"),
    ],
)
def test_what_cannot_be_told_says_why(settings, given, words):
    """A number of instances that rests on nothing is worse than none."""
    assert words in capacity_of(None, given, PLATFORM, settings)


def test_instances_come_whole():
    """And never none; what carries the demand exactly is enough."""
    capacity = a_capacity(per_instance=40.0)
    assert [capacity.needed(demand) for demand in (0.0, 40.0, 40.01, 400.0)] == [1, 1, 2, 10]


def test_the_minimum_is_the_higher_of_the_two():
    """A scheduled minimum below the plain one changes nothing."""
    blocks = [{"from_minute_of_week": 60, "to_minute_of_week": 120, "min_instances": 6},
              {"from_minute_of_week": 120, "to_minute_of_week": 180, "min_instances": 1}]  # fmt: skip
    capacity = a_capacity(min_instances=3.0, scheduled_minimum=blocks)
    assert capacity.minimum(np.array([59, 60, 119, 120])).tolist() == [3.0, 6.0, 6.0, 3.0]


def test_what_no_instance_has_done_is_called_drawn_out():
    """A fleet that idles at 20 % says little of 80 %."""
    idle = capacity_of(None, coarse(percent_per_load=0.3), PLATFORM, SETTINGS)
    busy = capacity_of(None, coarse(), PLATFORM, SETTINGS | {"cpu_scale_out_percent": 50.0})
    assert (idle.is_seen, busy.is_seen) == (False, True)


def test_without_a_maximum_everything_can_be_carried():
    """Nothing is reached where nothing bounds."""
    capacity = a_capacity(max_instances=None)
    assert (capacity.most, capacity.most_demand) == (None, np.inf)
