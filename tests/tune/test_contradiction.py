"""Metrics that tell of users must agree before anything is decided on them (H03, H04)."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from modelled import make_service, the_service

from ai_ops.simulator.profiles import PROFILES, platform
from ai_ops.tune.contradiction import contradiction, unconfirmed
from ai_ops.twin.telemetry import Telemetry, telemetry

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
PLATFORM = the_service().platform
MINUTES = 1000


def a_day(**columns: object) -> Telemetry:
    """A calm service, with something else in it."""
    calm = {
        "requests_per_second": 100.0,
        "slo_good_ratio": 0.9999,
        "latency_p95_ms": 200.0,
        "error_percent": 0.01,
    }
    return Telemetry(MONDAY, {name: np.broadcast_to(level, MINUTES).copy() for name, level in (calm | columns).items()})


def minutes(count: int, inside: float, outside: float) -> np.ndarray:
    """The first minutes are different."""
    return np.where(np.arange(MINUTES) < count, inside, outside)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda one: one.name)
def test_what_is_true_never_contradicts_itself(profile) -> None:
    """Services that are calm, and services that break their promise: their metrics agree."""
    for scale_out in (60.0, 90.0):
        danger = {"cpu_scale_out_percent": scale_out, "cpu_scale_in_percent": scale_out - 20.0}
        simulated, _ = make_service("weekly", 6, days=0, warm_days=3, profile=profile, **danger)
        assert contradiction(telemetry(simulated.history(3)), platform(profile)) is None


def test_a_promise_that_only_one_metric_sees_kept_is_doubted() -> None:
    """Twenty minutes beyond the promise are at least two budgets of the day, whatever the share of good ones says."""
    late = minutes(20, PLATFORM.slo_ms * 1.3, 200.0)
    said = contradiction(a_day(latency_p95_ms=late), PLATFORM)
    assert said is not None
    assert "2.0 of the error budget" in said
    assert contradiction(a_day(latency_p95_ms=late, slo_good_ratio=minutes(20, 0.94, 0.9999)), PLATFORM) is None


def test_errors_betray_it_as_well() -> None:
    """A tenth of the requests failed for three minutes, and none of them was bad."""
    failing = minutes(3, 10.0, 0.0)
    assert contradiction(a_day(error_percent=failing), PLATFORM) is not None
    assert contradiction(a_day(error_percent=failing, slo_good_ratio=minutes(3, 0.9, 1.0)), PLATFORM) is None


@pytest.mark.parametrize("columns", [{"latency_p95_ms": 550.0}, {"latency_p95_ms": np.nan, "error_percent": np.nan}])
def test_what_says_nothing_for_sure_is_no_contradiction(columns) -> None:
    """A percentile just beyond the promise may be a matter of buckets, and what is not measured tells nothing."""
    assert contradiction(a_day(**columns), PLATFORM) is None


def test_without_requests_there_is_nothing_to_contradict() -> None:
    """A service that sleeps."""
    assert contradiction(a_day(requests_per_second=0.0, latency_p95_ms=5000.0), PLATFORM) is None


def test_a_broken_promise_that_nothing_else_tells_of_buys_nothing_in_a_hurry() -> None:
    """A share of good ones that somebody capped is no reason to run the fleet to its maximum (H03)."""
    said = unconfirmed(a_day(cpu_percent=60.0, slo_good_ratio=0.99), PLATFORM)
    assert said is not None
    assert "only slo_good_ratio" in said


@pytest.mark.parametrize(
    "witness",
    [
        {"latency_p95_ms": minutes(20, 400.0, 200.0)},
        {"error_percent": minutes(20, 2.0, 0.01)},
        {"cpu_percent": minutes(20, 95.0, 60.0)},
        {"latency_p95_ms": np.nan},
    ],
    ids=["latency", "errors", "cpu", "nothing to ask"],
)
def test_a_broken_promise_with_a_witness_is_believed(witness) -> None:
    """Any one of them, in the minutes that spent the budget."""
    day = {"cpu_percent": 60.0, "slo_good_ratio": minutes(20, 0.9, 0.9999)}
    assert unconfirmed(a_day(**(day | witness)), PLATFORM) is None
