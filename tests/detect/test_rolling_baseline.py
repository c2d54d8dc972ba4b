"""Rolling baseline: three in a row are critical, and a person reads how far from usual it was."""

from __future__ import annotations

import math

import pytest

from ai_ops.detect.rolling_baseline import Limit, Standing, ThresholdChecker

API = Limit("latency_p95_ms", 500.0, "ms")


def after(*values: float, service: str = "checkout") -> ThresholdChecker:
    """A checker that has seen these events."""
    checker = ThresholdChecker(API)
    for value in values:
        checker.check(service, value)
    return checker


def test_the_sentence_compares_with_the_baseline():
    """The golden sentence: the reader sees at a glance how bad it is (S003-21)."""
    checked = after(*[120.0] * 100).check("checkout", 650.0)
    assert checked.sentence == "Baseline 120 ms, current 650 ms (+441 %)"
    assert checked.threshold_exceeded == 500.0
    assert (checked.baseline, checked.change_percent) == (120.0, 441)


def test_one_exceedance_is_flagged():
    """A single slow request is noted, no more (S003-19)."""
    checked = after(120.0).check("checkout", 500.1)
    assert (checked.severity, checked.in_a_row) == (Standing.FLAGGED, 1)


def test_the_limit_itself_is_allowed():
    """More than 500 ms means more."""
    checked = after(120.0).check("checkout", 500.0)
    assert (checked.severity, checked.threshold_exceeded) == (Standing.NORMAL, None)


def test_three_in_a_row_are_critical_and_stay_so_until_a_good_one():
    """What lasts is an incident; the first good event ends the row (S003-20)."""
    checker = after(120.0)
    events = [600.0, 600.0, 600.0, 600.0, 120.0, 600.0]
    assert [checker.check("checkout", value).severity for value in events] == [
        Standing.FLAGGED,
        Standing.FLAGGED,
        Standing.CRITICAL,
        Standing.CRITICAL,
        Standing.NORMAL,
        Standing.FLAGGED,
    ]


def test_every_service_has_a_baseline_of_its_own():
    """A slow report service is no excuse for a slow checkout, nor do their exceedances add up (S003-17)."""
    checker = after(600.0, 600.0, service="reports")
    checked = checker.check("checkout", 600.0)
    assert (checked.severity, checked.baseline) == (Standing.FLAGGED, None)
    assert checked.sentence == "No baseline yet, current 600 ms"
    assert checker.check("reports", 600.0).severity is Standing.CRITICAL


def test_the_baseline_is_that_of_the_last_hundred_events():
    """Last month's speed is not today's: event 101 pushes out the first (S003-17)."""
    assert after(*[100.0] * 50, *[200.0] * 51).check("checkout", 200.0).baseline == 200.0
    assert after(*[100.0] * 51, *[200.0] * 49).check("checkout", 200.0).baseline == 100.0


def test_a_short_incident_does_not_become_what_is_usual():
    """After forty slow events the sentence still says how it was before."""
    assert after(*[120.0] * 60, *[650.0] * 40).check("checkout", 650.0).baseline == 120.0


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_an_event_without_a_value_changes_nothing(value):
    """A gap in the middle of an incident neither ends it nor prolongs it."""
    checker = after(120.0, 600.0, 600.0)
    checked = checker.check("checkout", value)
    assert (checked.severity, checked.in_a_row) == (Standing.UNKNOWN, 2)
    assert checked.sentence == "Baseline 600 ms, nothing measured"
    assert checker.check("checkout", 600.0).severity is Standing.CRITICAL


def test_a_baseline_of_zero_has_no_percentage():
    """No division by what is not there."""
    assert after(0.0).check("checkout", 650.0).sentence == "Baseline 0 ms, current 650 ms"


def test_less_than_usual_is_said_too():
    """A fall is a change like a rise."""
    assert after(120.0).check("checkout", 30.0).sentence == "Baseline 120 ms, current 30 ms (-75 %)"


def test_memory_is_bounded():
    """Service names come from logs: whoever invents new ones all day only pushes out who was silent longest."""
    checker = ThresholdChecker(API, most_services=2)
    for service in ("checkout", "reports", "checkout", "invented"):
        checker.check(service, 120.0)
    assert checker.check("checkout", 120.0).baseline == 120.0
    assert checker.check("reports", 1.0).baseline is None
