"""What is put where nothing was measured."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from twins import DAY, WEEK

from ai_ops.twin.gaps import filled

NAN = np.nan


def with_gap(values, begin, end):
    """A copy without the minutes from `begin` up to `end`."""
    holed = np.array(values, dtype=np.float64)
    holed[begin:end] = NAN
    return holed


def test_a_short_gap_is_a_straight_line():
    """Over a few minutes nothing bends much."""
    assert filled(np.array([1.0, NAN, NAN, 4.0])).tolist() == [1.0, 2.0, 3.0, 4.0]


def test_a_long_gap_is_what_came_a_week_before():
    """The rhythm of the week says more than a line through the night."""
    rhythm = np.tile(np.arange(WEEK, dtype=np.float64), 2)
    assert np.array_equal(filled(with_gap(rhythm, WEEK + 500, WEEK + 1500)), rhythm)


def test_a_long_gap_in_the_first_week_is_what_came_a_week_later():
    """The same, seen from the other side."""
    rhythm = np.tile(np.arange(WEEK, dtype=np.float64), 2)
    assert np.array_equal(filled(with_gap(rhythm, 500, 1500)), rhythm)


def test_where_there_is_no_other_week_another_day_must_do():
    """Three days of history still have a rhythm."""
    rhythm = np.tile(np.arange(DAY, dtype=np.float64), 3)
    assert np.array_equal(filled(with_gap(rhythm, DAY + 300, DAY + 600)), rhythm)


def test_a_gap_at_either_end_is_what_was_next_to_it():
    """Nothing is made up beyond what was seen."""
    assert filled(np.array([NAN, NAN, 3.0, 5.0, NAN])).tolist() == [3.0, 3.0, 3.0, 5.0, 5.0]


def test_where_nothing_was_measured_the_default_stands():
    """A replay needs every minute."""
    assert filled(np.full(5, NAN), default=1.0).tolist() == [1.0] * 5


@given(st.lists(st.one_of(st.just(NAN), st.floats(0, 1e6)), min_size=1, max_size=80))
def test_what_was_measured_is_kept_and_nothing_leaves_its_range(values):
    """Filling invents no peak."""
    series = np.array(values)
    whole, known = filled(series), np.isfinite(series)
    assert np.isfinite(whole).all()
    assert np.array_equal(whole[known], series[known])
    if known.any():
        assert whole.min() >= series[known].min()
        assert whole.max() <= series[known].max()


def test_the_series_that_was_given_is_left_as_it_was():
    """Filling has no trace."""
    series = np.array([1.0, NAN, 3.0])
    filled(series)
    assert np.isnan(series[1])
