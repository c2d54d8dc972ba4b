"""Bounds and steps come last: whatever is asked for, from whatever runs today (H41)."""

from __future__ import annotations

from math import ceil, inf, isfinite, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import STEPPED

from ai_ops.tune.search.limits import BOUNDS, SAVING_SHARE, SAVING_STEPS, Limits

TEAM = Limits(
    bounds=BOUNDS | {"cpu_scale_in_percent": (25.5, 60.5), "min_instances": (3, 12), "max_instances": (6, 80)},
    steps={"cpu_scale_out_percent": 5.0, "cpu_scale_in_percent": 7.5, "min_instances": 2, "cooldown_minutes": 5},
    falls={"cpu_scale_out_percent": 5.0, "cpu_scale_in_percent": 7.5, "min_instances": 1, "max_instances": 6},
    fixed=frozenset({"latency_scale_out_ms"}),
    gap_percent=12.0,
    is_switch_free=False,
    schedule_bounds=(3, 40),
    most_entries=3,
)
"""Halves, steps both ways, a knob that stays, and a wider gap."""

anything = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.floats(0.0, 120.0), st.integers(-5, 20_000))
blocks = st.fixed_dictionaries(
    {
        "from_minute_of_week": st.integers(0, 10_079),
        "to_minute_of_week": st.integers(0, 10_080),
        "min_instances": st.one_of(st.integers(-3, 20_000), st.floats(allow_nan=True, allow_infinity=True)),
    }
)
wishes = st.fixed_dictionaries(
    {},
    optional={
        "scaling_mode": st.sampled_from(["threshold", "target"]),
        **dict.fromkeys(BOUNDS, anything),
        "scheduled_minimum": st.lists(blocks, max_size=4),
    },
)
whole = st.fixed_dictionaries(
    {
        "scaling_mode": st.sampled_from(["threshold", "target"]),
        "cpu_scale_out_percent": st.one_of(st.integers(1, 100), st.floats(0.0, 100.0)),
        "cpu_scale_in_percent": st.one_of(st.integers(0, 100), st.floats(0.0, 100.0)),
        "memory_scale_out_percent": st.floats(0.0, 100.0),
        "latency_scale_out_ms": st.integers(0, 100_000),
        "min_instances": st.integers(1, 50),
        "max_instances": st.integers(50, 20_000),
        "cooldown_minutes": st.one_of(st.integers(0, 100), st.floats(0.0, 100.0)),
        "scheduled_minimum": st.just([]),
    }
)


@given(wishes, whole, st.sampled_from([Limits(), TEAM]))
@settings(max_examples=600)
def test_no_number_leaves_its_bounds_or_its_step(wanted, current, limits):
    """A knob stays where it was, or is where it may be; a value that a person set outside is theirs (H41)."""
    kept = limits.kept(wanted, current)
    assert kept.keys() == current.keys()
    is_switched = limits.is_switch_free and kept["scaling_mode"] != current["scaling_mode"]
    for name, (low, high) in limits.bounds.items():
        before, after = current[name], kept[name]
        assert type(after) is type(before)
        if after == before:
            continue
        assert isfinite(after)
        assert name not in limits.fixed
        assert low <= before <= high
        assert low <= after <= high
        if not (is_switched and name == "cpu_scale_out_percent"):
            assert after <= before + limits.steps.get(name, inf)
            assert after >= before - limits.falls.get(name, inf)
    assert kept["min_instances"] >= ceil(current["min_instances"] * SAVING_SHARE)


@given(wishes, whole, st.sampled_from([Limits(), TEAM]))
@settings(max_examples=400)
def test_what_comes_out_fits_together(wanted, current, limits):
    """Scale-in below scale-out, the minimum below the maximum, a schedule between the two."""
    kept = limits.kept(wanted, current)
    pair = ("cpu_scale_in_percent", "cpu_scale_out_percent")
    is_moved = any(kept[name] != current[name] for name in pair)
    assert not is_moved or kept[pair[0]] <= kept[pair[1]] - limits.gap_percent
    assert kept["min_instances"] <= kept["max_instances"]
    low, high = limits.schedule_bounds
    assert len(kept["scheduled_minimum"]) <= limits.most_entries
    for block in kept["scheduled_minimum"]:
        assert kept["min_instances"] < block["min_instances"] <= kept["max_instances"]
        assert low <= block["min_instances"] <= high
        assert isinstance(block["min_instances"], int)


@given(wishes, whole, st.sampled_from([Limits(), TEAM]))
def test_what_may_be_is_left_as_it_is(wanted, current, limits):
    """Asking again for what came out changes nothing."""
    kept = limits.kept(wanted, current)
    assert limits.kept(kept, current) == kept


@given(whole)
def test_asking_for_nothing_changes_no_number(current):
    """Not even one that a person set outside the bounds."""
    apart = current["cpu_scale_in_percent"] <= current["cpu_scale_out_percent"] - 8.0
    if apart:
        assert Limits().kept({}, current) == current


@pytest.mark.parametrize("name", [*BOUNDS])
@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_what_is_no_number_moves_nothing(name, value):
    """A replay that went wrong may say anything."""
    assert Limits().kept({name: value}, STEPPED) == STEPPED


def test_savings_go_in_steps_and_safety_at_once():
    """Up 12 and 20 points, half of the minimum; down as far as the bounds."""
    rich = STEPPED | {"cpu_scale_out_percent": 60.0, "cpu_scale_in_percent": 30.0, "min_instances": 11}
    greedy = Limits().kept({"cpu_scale_out_percent": 90, "cpu_scale_in_percent": 70, "min_instances": 1}, rich)
    assert greedy["cpu_scale_out_percent"] == 60.0 + SAVING_STEPS["cpu_scale_out_percent"]
    assert greedy["cpu_scale_in_percent"] == 30.0 + SAVING_STEPS["cpu_scale_in_percent"]
    assert greedy["min_instances"] == 6
    careful = Limits().kept({"cpu_scale_out_percent": 50, "cpu_scale_in_percent": 20, "min_instances": 40}, rich)
    assert [careful[name] for name in ("cpu_scale_out_percent", "cpu_scale_in_percent", "min_instances")] == [
        50,
        20,
        40,
    ]


def test_the_target_of_a_mode_that_is_switched_on_may_lie_anywhere():
    """It is no further step of the threshold that stood there before, unless the team says so."""
    wanted = {"scaling_mode": "target", "cpu_scale_out_percent": 85.0, "cpu_scale_in_percent": 60.0}
    free = Limits().kept(wanted, STEPPED | {"cpu_scale_out_percent": 55.0})
    assert (free["scaling_mode"], free["cpu_scale_out_percent"]) == ("target", 85.0)
    assert free["cpu_scale_in_percent"] == STEPPED["cpu_scale_in_percent"]  # it does nothing there
    bound = TEAM.kept(wanted, STEPPED | {"cpu_scale_out_percent": 55.0})
    assert bound["cpu_scale_out_percent"] == 60.0


def test_a_closed_gap_is_opened_on_the_side_of_safety():
    """Scale-in gives way."""
    kept = Limits().kept({"cpu_scale_in_percent": 58.0, "cpu_scale_out_percent": 60.0}, STEPPED)
    assert (kept["cpu_scale_in_percent"], kept["cpu_scale_out_percent"]) == (52.0, 60.0)


def test_a_gap_that_cannot_be_opened_leaves_both_where_they_are():
    """The team's step is too short for it, or scale-in is fixed."""
    current = STEPPED | {"cpu_scale_in_percent": 45.0, "cpu_scale_out_percent": 58.0}
    wanted = {"cpu_scale_out_percent": 50.0}
    short = Limits(falls={"cpu_scale_in_percent": 2.0}).kept(wanted, current)
    fixed = Limits(fixed=frozenset({"cpu_scale_in_percent"})).kept(wanted, current)
    assert short == fixed == current


def test_a_schedule_says_only_what_the_minimum_does_not_say_already():
    """Blocks at or below the minimum are dropped, those above the maximum are cut."""

    def block(least):
        return {"from_minute_of_week": 0, "to_minute_of_week": 60, "min_instances": least}

    kept = Limits().kept({"scheduled_minimum": [block(2), block(5), block(99)]}, STEPPED | {"max_instances": 20})
    assert [one["min_instances"] for one in kept["scheduled_minimum"]] == [5, 20]
    assert (
        TEAM.kept({"scheduled_minimum": [block(least) for least in (5, 6, 7, 8)]}, STEPPED)["scheduled_minimum"] == []
    )
    assert Limits(schedule_bounds=(1, 10)).kept({"scheduled_minimum": [block(11)]}, STEPPED)["scheduled_minimum"] == []


def test_a_knob_that_is_not_there_is_not_made_up():
    """Some platforms know no memory threshold."""
    current = {name: STEPPED[name] for name in ("cpu_scale_out_percent", "cpu_scale_in_percent", "min_instances")}
    assert Limits().kept({"memory_scale_out_percent": 70.0, "scaling_mode": "target"}, current) == current


def test_no_change_takes_away_more_than_half_of_what_a_schedule_holds():
    """Whoever asked for 40 all week meant it; a saving goes there in steps, as the minimum does."""
    week = {"from_minute_of_week": 0, "to_minute_of_week": 10_080}
    today = STEPPED | {"min_instances": 2, "max_instances": 100, "scheduled_minimum": [week | {"min_instances": 40}]}
    assert Limits().kept(today | {"scheduled_minimum": []}, today)["scheduled_minimum"] == today["scheduled_minimum"]
    halved = [week | {"min_instances": 20}]
    assert Limits().kept(today | {"scheduled_minimum": halved}, today)["scheduled_minimum"] == halved
