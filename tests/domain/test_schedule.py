"""Minimums over the week: what they may be, when they hold, and how they read."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain import schedule, tuning
from ai_ops.domain.schedule import (
    MINUTES_PER_WEEK,
    ScheduledMinimum,
    in_order,
    minimum_by_minute,
    overlap,
    schedule_in_words,
    schedule_of,
)

DAY = 24 * 60


def entries(most: int = 20) -> st.SearchStrategy[ScheduledMinimum]:
    """Any time span of the week."""
    spans = st.tuples(st.integers(0, 10_079), st.integers(0, 10_080)).filter(lambda span: span[0] != span[1])
    return st.builds(lambda span, least: ScheduledMinimum(*span, least), spans, st.integers(1, most))


def on(day: int, begin: float, end: float, least: int = 6) -> ScheduledMinimum:
    """One span of hours on a day, Monday = 0."""
    return ScheduledMinimum(
        day * DAY + round(begin * 60), (day * DAY + round(end * 60) - 1) % MINUTES_PER_WEEK + 1, least
    )


def test_the_examples_are_true() -> None:
    """A docstring that lies is worse than none."""
    assert doctest.testmod(schedule).failed == 0
    assert doctest.testmod(tuning).failed == 0


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ((-1, 60, 2), "from_minute_of_week is -1; it must lie between 0 and 10079"),
        ((10_080, 60, 2), "from_minute_of_week is 10080; it must lie between 0 and 10079"),
        ((60, 10_081, 2), "to_minute_of_week is 10081; it must lie between 0 and 10080"),
        ((60, 60, 2), "it begins and ends at minute 60; a whole week is 0 to 10080"),
        ((60, 120, 0), "min_instances is 0; it must lie between 1 and 100000"),
        ((60.0, 120, 2), "from_minute_of_week must be a whole number, not 60.0"),
        ((60, 120, True), "min_instances must be a whole number, not True"),
        ((60, 120, "2"), "min_instances must be a whole number, not '2'"),
    ],
)
def test_what_is_no_time_of_the_week_is_refused(entry, words) -> None:
    """Wherever an entry comes from: a file, a policy, a caller of the library."""
    with pytest.raises(ValueError, match=f"^{words}$"):
        ScheduledMinimum(*entry)


def test_the_json_form_is_read_in_the_order_of_the_week() -> None:
    """So that two schedules which mean the same are equal."""
    rows = [
        {"from_minute_of_week": 600, "to_minute_of_week": 660, "min_instances": 3},
        {"min_instances": 2, "to_minute_of_week": 120, "from_minute_of_week": 60},
    ]
    assert schedule_of(rows) == (ScheduledMinimum(60, 120, 2), ScheduledMinimum(600, 660, 3))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({}, "this one has nothing"),
        ({"from_minute_of_week": 0, "to_minute_of_week": 60}, "this one has from_minute_of_week, to_minute_of_week"),
        ({"from_minute_of_week": 0, "to_minute_of_week": 60, "min_instances": 2, "days": 5}, "this one has days, "),
    ],
)
def test_an_entry_has_exactly_its_three_fields(row, words) -> None:
    """A field that is not understood may mean something."""
    with pytest.raises(ValueError, match="an entry has exactly from_minute_of_week, .*" + words):
        schedule_of([row])


@given(entries())
def test_an_entry_holds_from_its_begin_until_before_its_end(entry) -> None:
    """`to` is exclusive, and an entry may go on over Sunday night."""
    minimum = minimum_by_minute((entry,))
    assert minimum[entry.from_minute_of_week] == entry.min_instances
    assert minimum[(entry.to_minute_of_week - 1) % MINUTES_PER_WEEK] == entry.min_instances
    if entry.length_minutes < MINUTES_PER_WEEK:
        assert minimum[entry.to_minute_of_week % MINUTES_PER_WEEK] == 0
    assert (minimum > 0).sum() == entry.length_minutes


@given(st.lists(entries(), max_size=5), st.integers(0, 10))
def test_the_highest_minimum_counts_and_never_less_than_the_floor(spans, floor) -> None:
    """Where entries overlap, as nobody may write them, the safest one counts."""
    minimum = minimum_by_minute(tuple(spans), floor)
    every = [minimum_by_minute((span,)) for span in spans]
    np.testing.assert_array_equal(minimum, np.max([np.full(MINUTES_PER_WEEK, floor), *every], axis=0))


@given(st.lists(entries(), max_size=5))
def test_an_overlap_is_found_exactly_where_a_minute_has_two_minimums(spans) -> None:
    """Around the end of the week too."""
    held = sum((minimum_by_minute((span,)) > 0).astype(int) for span in spans)
    found = overlap(tuple(spans))
    assert (found is not None) == bool(np.any(held > 1))
    if found is not None:
        both = [minimum_by_minute((span,)) > 0 for span in found]
        assert np.any(both[0] & both[1])


@pytest.mark.parametrize(
    ("spans", "words"),
    [
        ((), "none"),
        ((on(0, 7, 19),), "Mon 07:00-19:00 UTC at least 6"),
        (tuple(on(day, 7, 19) for day in range(5)), "Mon-Fri 07:00-19:00 UTC at least 6"),
        ((on(5, 8, 12.5, 3), on(6, 8, 12.5, 3)), "Sat, Sun 08:00-12:30 UTC at least 3"),
        (tuple(on(day, 0, 24, 2) for day in range(7)), "Mon-Sun 00:00-24:00 UTC at least 2"),
        (tuple(on(day, 7, 19) for day in (0, 1, 2, 4)), "Mon-Wed, Fri 07:00-19:00 UTC at least 6"),
        (
            (*(on(day, 7, 19) for day in range(5)), on(5, 9, 12, 3)),
            "Mon-Fri 07:00-19:00 UTC at least 6 and Sat 09:00-12:00 UTC at least 3",
        ),
        ((on(0, 7, 12, 4), on(0, 12, 19, 6)), "Mon 07:00-12:00 UTC at least 4 and Mon 12:00-19:00 UTC at least 6"),
        ((on(4, 22, 30, 3),), "Fri 22:00-Sat 06:00 UTC at least 3"),
        ((on(6, 22, 26, 3),), "Sun 22:00-Mon 02:00 UTC at least 3"),
        ((ScheduledMinimum(6 * DAY, 0, 3),), "Sun 00:00-24:00 UTC at least 3"),
        ((ScheduledMinimum(5 * DAY, 7 * DAY, 3),), "Sat 00:00-Sun 24:00 UTC at least 3"),
        ((ScheduledMinimum(0, 10_080, 3),), "Mon 00:00-Sun 24:00 UTC at least 3"),
        ((ScheduledMinimum(4 * DAY + 1080, 420, 2),), "Fri 18:00-Mon 07:00 UTC at least 2"),
    ],
)
def test_a_schedule_reads_as_a_person_would_say_it(spans, words) -> None:
    """Days with the same hours share a phrase; the order in the file does not matter."""
    assert schedule_in_words(spans) == words
    assert schedule_in_words(spans[::-1]) == words
    assert in_order(spans[::-1]) == in_order(spans)
