"""The scaling rule of the made-up platform."""

from __future__ import annotations

from math import nan

import pytest

from ai_ops.simulator.autoscaler import Autoscaler, Measured
from ai_ops.simulator.profiles import WEB, default_thresholds, platform


class Rule:
    """An autoscaler that is asked minute after minute, with instances that boot at once."""

    def __init__(self, count, **thresholds):
        self.autoscaler = Autoscaler(default_thresholds(WEB, 60) | thresholds, platform(WEB))
        self.count, self.minute = count, 0

    def see(self, cpu, minutes=1, memory=50.0, latency=100.0, minute_of_week=0):
        """Counts after each of the minutes."""
        counts = []
        for _ in range(minutes):
            measured = Measured(cpu, memory, latency)
            self.count = self.autoscaler.decide(measured, self.count, self.count, self.minute, minute_of_week)
            self.minute += 1
            counts.append(self.count)
        return counts


@pytest.mark.parametrize("signal", [{"cpu": 81.0}, {"cpu": 50.0, "memory": 90.0}, {"cpu": 50.0, "latency": 460.0}])
def test_any_signal_beyond_its_threshold_for_long_enough_adds_a_step(signal):
    """Three minutes in a row, then a fifth more, rounded up."""
    assert Rule(11).see(**signal, minutes=3) == [11, 11, 14]


def test_a_signal_that_returns_in_between_adds_nothing():
    """The periods count in a row."""
    rule = Rule(10)
    assert rule.see(85.0, 2) + rule.see(70.0) + rule.see(85.0, 2) == [10] * 5


def test_quiet_minutes_remove_a_step():
    """Ten quiet minutes in a row, then a tenth less, rounded down, at least one."""
    assert Rule(25).see(20.0, 10) == [25] * 9 + [23]
    assert Rule(4).see(20.0, 10)[-1] == 3


def test_cooldown_holds_the_next_action():
    """Nothing happens within the cooldown, and at once after it."""
    assert Rule(10, cooldown_minutes=5).see(90.0, 9) == [10, 10, 12, 12, 12, 12, 12, 12, 15]


def test_the_count_stays_within_its_bounds():
    """Neither signal leaves least and greatest."""
    assert Rule(10, max_instances=11).see(95.0, 3)[-1] == 11
    assert Rule(3, min_instances=3).see(5.0, 30)[-1] == 3


def test_a_scheduled_minimum_lifts_the_count_at_once_and_only_in_its_time():
    """No signal and no cooldown is waited for; an entry may run over the end of the week."""
    entry = {"from_minute_of_week": 10_000, "to_minute_of_week": 100, "min_instances": 8}
    rule = Rule(3, scheduled_minimum=[entry])
    assert rule.see(50.0, minute_of_week=9_999) == [3]
    assert rule.see(50.0, minute_of_week=10_000) == [8]
    assert rule.see(20.0, 30, minute_of_week=99)[-1] == 8
    assert rule.see(20.0, 30, minute_of_week=100)[-1] < 8


def test_target_tracking_follows_the_ratio_but_for_its_tolerance():
    """Kubernetes leaves the count alone within a tenth of the target."""
    target = {"scaling_mode": "target", "cpu_scale_out_percent": 60.0}
    assert Rule(10, **target).see(65.9) == [10]
    assert Rule(10, **target).see(66.5) == [12]
    assert Rule(10, **target).see(90.0) == [15]


def test_target_tracking_removes_only_what_all_of_the_window_agree_on():
    """Scale-in waits for the stabilization window."""
    rule = Rule(10, scaling_mode="target", cpu_scale_out_percent=60.0)
    assert rule.see(60.0) == [10]
    assert rule.see(30.0, 5) == [10, 10, 10, 10, 5]


def test_target_tracking_ignores_memory_and_latency():
    """Only CPU has a target."""
    assert Rule(10, scaling_mode="target").see(80.0, 10, memory=99.0, latency=9999.0)[-1] == 10


def test_a_lost_scrape_moves_nothing():
    """Who sees nothing does nothing, in either mode, and the minutes in a row are not broken."""
    rule = Rule(10)
    assert rule.see(90.0, 2) + rule.see(nan) + rule.see(90.0) == [10, 10, 10, 12]
    assert Rule(10, scaling_mode="target").see(nan, 3) == [10] * 3


def test_settings_that_cannot_be_meant_are_refused():
    """A wrong mode or crossed bounds must not simulate something else."""
    with pytest.raises(ValueError, match="scaling_mode"):
        Rule(3, scaling_mode="magic")
    with pytest.raises(ValueError, match="min_instances"):
        Rule(3, min_instances=5, max_instances=4)
