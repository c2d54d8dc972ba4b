"""What a knob allows, and which way is safer, for every kind of value."""

from __future__ import annotations

import math

import numpy as np
import pytest
from examples import a_knob, the_knobs
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.schedule import minimum_by_minute
from ai_ops.domain.tuning import (
    CostDirection,
    KnobKind,
    ScheduledMinimum,
    Thresholds,
    value_in_words,
)

NUMBER, MODE, WEEK = (the_knobs()[name] for name in ("cpu_scale_in_percent", "scaling_mode", "scheduled_minimum"))
MORNING, NOON = ScheduledMinimum(420, 720, 6), ScheduledMinimum(720, 780, 4)


@pytest.mark.parametrize("value", [20, 70.0, 45.5, np.float64(30)])
def test_a_number_is_allowed_within_its_bounds(value) -> None:
    """Both inclusive."""
    assert NUMBER.allows(value)


@pytest.mark.parametrize("value", [19.99, 70.01, math.nan, math.inf, -math.inf, "30", (), (MORNING,), None])
def test_what_is_no_number_within_the_bounds_is_not_allowed(value) -> None:
    """NaN compares with nothing, and a word is no number (H41)."""
    assert not NUMBER.allows(value)


def test_a_word_is_allowed_when_it_is_one_of_the_words() -> None:
    """Nothing like it will do."""
    assert all(MODE.allows(word) for word in ("threshold", "target"))
    assert not any(MODE.allows(value) for value in ("Target", "", "predictive", 0.0, 1, math.nan, (), None))


@pytest.mark.parametrize("value", [(), (MORNING,), (MORNING, NOON), (ScheduledMinimum(10_000, 60, 1),)])
def test_a_schedule_is_allowed_whose_entries_all_are(value) -> None:
    """None at all is a schedule too."""
    assert WEEK.allows(value)


@pytest.mark.parametrize(
    "value",
    [
        (ScheduledMinimum(0, 60, 21),),
        (MORNING, ScheduledMinimum(719, 780, 4)),
        (ScheduledMinimum(10_000, 60, 1), ScheduledMinimum(30, 90, 1)),
        tuple(ScheduledMinimum(60 * hour, 60 * hour + 60, 1) for hour in range(29)),
        (MORNING, 6.0),
        [MORNING],
        "none",
        6.0,
        math.nan,
        None,
    ],
)
def test_a_schedule_beyond_its_bounds_is_not_allowed(value) -> None:
    """Too many instances, entries that overlap, too many of them, or no schedule at all (H41)."""
    assert not WEEK.allows(value)


@given(*[st.lists(st.tuples(st.integers(0, 167), st.integers(1, 9)), max_size=6)] * 2)
def test_a_schedule_is_safer_when_no_minute_has_less_and_some_minute_more(one, other) -> None:
    """Minute by minute; a trade of one hour for another is a saving somewhere."""
    before, after = (
        tuple(ScheduledMinimum(60 * hour, 60 * hour + 60, least) for hour, least in hours) for hours in (one, other)
    )
    low, high = minimum_by_minute(before), minimum_by_minute(after)
    is_safer = all(b >= a for a, b in zip(low.tolist(), high.tolist(), strict=True)) and bool((low != high).any())
    assert WEEK.is_safer(before, after) is is_safer
    assert not (WEEK.is_safer(before, after) and WEEK.is_safer(after, before))


def test_no_word_is_safer_than_another() -> None:
    """So a switch waits as long as a saving, and is never an emergency."""
    assert not MODE.is_safer("threshold", "target")
    assert not MODE.is_safer("target", "threshold")


def test_numbers_are_safer_where_they_cost_more() -> None:
    """As before; what cannot be compared is not safer."""
    dear = a_knob(costs_money=CostDirection.UP)
    assert NUMBER.is_safer(30.0, 25.0)
    assert dear.is_safer(2.0, 3.0)
    assert not any(NUMBER.is_safer(*pair) for pair in ((30.0, math.nan), (30.0, "25"), ("a", 25.0), ((), 25.0)))


def test_a_file_without_mode_and_schedule_scales_by_thresholds_all_week() -> None:
    """What was the only way before is the default."""
    old = Thresholds({"min_instances": 2.0})
    assert (old.scaling_mode, old.scheduled_minimum, old.numbers) == ("threshold", (), {"min_instances": 2.0})
    new = Thresholds({"min_instances": 2.0, "scaling_mode": "target", "scheduled_minimum": (MORNING,)})
    assert (new.scaling_mode, new.scheduled_minimum, new.numbers) == ("target", (MORNING,), {"min_instances": 2.0})


@pytest.mark.parametrize(
    ("knob", "words"),
    [
        (NUMBER, "20 to 70 percent"),
        (MODE, "threshold or target"),
        (WEEK, "at most 28 entries that do not overlap, each of 1 to 20 instances"),
    ],
)
def test_bounds_can_be_said(knob, words) -> None:
    """In every message that refuses a value."""
    assert knob.bounds_in_words() == words


def test_values_can_be_said() -> None:
    """Whatever their kind."""
    assert [value_in_words(value) for value in (30.0, 1234567.5, "target", (NOON,), ())] == [
        "30",
        "1234567.5",
        "target",
        "Mon 12:00-13:00 UTC at least 4",
        "none",
    ]


def test_a_knob_is_a_number_unless_it_says_otherwise() -> None:
    """Knobs of before keep their meaning."""
    assert a_knob().kind is KnobKind.NUMBER
