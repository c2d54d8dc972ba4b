"""What is worth a replay: all of it allowed, none of it twice, today's settings first, and the same every time."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import A_PLATFORM, DAY, STEPPED, a_week_of_work

from ai_ops.tune.search.candidates import Candidate, space
from ai_ops.tune.search.limits import BOUNDS, Limits
from ai_ops.twin.calibration import calibrate
from ai_ops.twin.telemetry import MINUTES_PER_WEEK

HISTORY = a_week_of_work(8 * DAY)
MODEL = calibrate(HISTORY, A_PLATFORM)


def searched(current=STEPPED, limits=None, history=HISTORY):
    """The search for a service that runs on these settings."""
    return space(dict(current), limits or Limits(), history, MODEL, A_PLATFORM.slo_ms)


def as_text(candidates):
    """What tells candidates apart."""
    return [repr(sorted(one.settings.items())) for one in candidates]


currents = st.fixed_dictionaries(
    {
        "scaling_mode": st.sampled_from(["threshold", "target"]),
        "cpu_scale_out_percent": st.floats(45.0, 95.0),
        "cpu_scale_in_percent": st.floats(10.0, 75.0),
        "memory_scale_out_percent": st.floats(50.0, 99.0),
        "latency_scale_out_ms": st.integers(50, 5000),
        "min_instances": st.integers(1, 30),
        "max_instances": st.integers(30, 300),
        "cooldown_minutes": st.integers(0, 40),
        "scheduled_minimum": st.sampled_from(
            [[], [{"from_minute_of_week": 0, "to_minute_of_week": 600, "min_instances": 6}]]
        ),
    }
)


@given(currents)
@settings(max_examples=12)
def test_every_candidate_is_allowed_and_none_comes_twice(current):
    """What is replayed may be proposed as it stands (H41)."""
    limits, found = Limits(), searched(current).candidates()
    assert found[0].settings == current
    assert len(set(as_text(found))) == len(found)
    for one in found[1:]:
        assert one.settings == limits.kept(one.settings, current)
        assert one.settings.keys() == current.keys()
        for name, (low, high) in BOUNDS.items():
            assert one.settings[name] == current[name] or low <= one.settings[name] <= high


def test_the_same_service_gives_the_same_candidates():
    """So that a decision can be derived again to the byte."""
    first, second = searched().candidates(), searched().candidates()
    assert as_text(first) == as_text(second)
    best = first[7]
    assert as_text(searched().refined(best, 30)) == as_text(searched().refined(best, 30))


def test_the_search_reaches_all_of_what_is_allowed():
    """Both modes, both ends of the thresholds, schedules or none, some hundred of them."""
    found = [one.settings for one in searched().candidates()]
    assert 200 < len(found) < 600
    assert {one["scaling_mode"] for one in found} == {"threshold", "target"}
    targets = [one["cpu_scale_out_percent"] for one in found if one["scaling_mode"] == "target"]
    assert min(targets) < 55
    assert max(targets) > 80
    assert any(one["scheduled_minimum"] for one in found)
    assert any(not one["scheduled_minimum"] and one != STEPPED for one in found)
    assert len({one["min_instances"] for one in found}) > 4
    assert len({one["cooldown_minutes"] for one in found}) > 2


def test_refined_candidates_lie_near_the_best():
    """Within a few points, and in its mode."""
    best = Candidate(STEPPED | {"cpu_scale_out_percent": 75.0, "cpu_scale_in_percent": 55.0})
    found = [one.settings for one in searched().refined(best, 40)[1:]]
    assert found
    assert all(abs(one["cpu_scale_out_percent"] - 75.0) <= 10.0 for one in found)
    assert {one["scaling_mode"] for one in found} == {"threshold"}


def test_a_fixed_knob_is_the_same_in_every_candidate():
    """What a team keeps is kept."""
    limits = Limits(fixed=frozenset({"scaling_mode", "scheduled_minimum", "min_instances"}))
    found = [one.settings for one in searched(limits=limits).candidates()]
    assert {one["scaling_mode"] for one in found} == {"threshold"}
    assert {one["min_instances"] for one in found} == {2}
    assert all(one["scheduled_minimum"] == [] for one in found)


@pytest.mark.parametrize("left_out", ["scaling_mode", "scheduled_minimum", "latency_scale_out_ms"])
def test_a_knob_that_is_left_out_is_never_recommended(left_out):
    """Not every platform has it."""
    known = {name: value for name, value in STEPPED.items() if name != left_out}
    assert all(left_out not in one.settings for one in searched(known).candidates())


def test_a_schedule_is_a_whole_week_that_a_person_can_read():
    """At most four stretches a day, in order, none overlapping; whole instances within the maximum."""
    for one in searched().candidates():
        blocks = one.settings["scheduled_minimum"]
        assert len(blocks) <= 4 * 7
        assert all(a["to_minute_of_week"] <= b["from_minute_of_week"] for a, b in pairwise(blocks))
        for block in blocks:
            assert 0 <= block["from_minute_of_week"] < block["to_minute_of_week"] <= MINUTES_PER_WEEK
            assert block["from_minute_of_week"] % 60 == block["to_minute_of_week"] % 60 == 0
            assert one.settings["min_instances"] < block["min_instances"] <= STEPPED["max_instances"]


def test_a_learned_schedule_is_replayed_on_days_it_has_not_seen():
    """Its floor was learned from other days; a candidate that keeps today's schedule has none."""
    for one in searched().candidates():
        if one.settings["scheduled_minimum"]:
            assert one.floor is not None
            assert one.floor.shape == (HISTORY.minutes,)
        elif one.settings["scheduled_minimum"] == STEPPED["scheduled_minimum"]:
            assert one.floor is None


def test_a_service_with_the_same_load_all_day_gets_no_schedule():
    """There is nothing to schedule."""
    rng = np.random.default_rng(1)
    flat = replace(HISTORY, columns=HISTORY.columns | {"requests_per_second": 300.0 * rng.normal(1, 0.01, 8 * DAY)})
    assert all(not one.settings["scheduled_minimum"] for one in searched(history=flat).candidates())


@pytest.mark.parametrize("rate", [0.5, 20.0, 40_000.0])
def test_the_minimum_that_is_tried_fits_the_demand(rate):
    """A service of one instance is not offered a hundred, nor one of hundreds only a handful."""
    scaled = HISTORY.get("requests_per_second") / HISTORY.get("requests_per_second").max() * rate
    history = replace(HISTORY, columns=HISTORY.columns | {"requests_per_second": scaled})
    found = searched(STEPPED | {"max_instances": 5000}, history=history).candidates()
    tried = [one.settings["min_instances"] for one in found]
    assert max(tried) <= max(4.0, 3.0 * rate / 60.0)
    assert max(tried) >= min(0.4 * rate / 60.0, 5000)
    assert min(tried) >= 1
