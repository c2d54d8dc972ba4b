"""Looking back along a row, checked against the plain way to compute it."""

from __future__ import annotations

import warnings
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ai_ops.detect.lookback import around, columns_per_day, earlier, mean_of_last, median_at, over, padded

ROWS = arrays.arrays(np.float64, (2, 40), elements=st.floats(-1e6, 1e6) | st.just(np.nan))


def plain(values, columns, extreme):
    """Extreme of the values at some numbers of columns before each, one at a time."""
    result = np.full_like(values, np.nan)
    for at in range(values.shape[1]):
        for column in columns:
            if 0 <= at - column < values.shape[1]:
                result[:, at] = extreme(result[:, at], values[:, at - column])
    return result


@pytest.mark.parametrize(("minutes", "columns"), [(10, 144), (1, 1440), (7, 206), (2880, 1)])
def test_a_day_has_at_least_one_column(minutes, columns):
    """A step longer than a day must not make a look-back of nothing, which would be the value itself."""
    assert columns_per_day(timedelta(minutes=minutes)) == columns


@pytest.mark.parametrize(
    ("columns", "expected"),
    [(1, [9, 1, 2]), (-1, [2, 3, 9]), (0, [1, 2, 3]), (3, [9, 9, 9]), (5, [9, 9, 9]), (-3, [9, 9, 9])],
)
def test_a_row_is_moved_and_the_rest_is_missing(columns, expected):
    """A look-back that wraps around would compare the first day with the future."""
    np.testing.assert_array_equal(earlier(np.array([1.0, 2.0, 3.0]), columns, 9.0), expected)


@settings(max_examples=30)
@given(ROWS, st.integers(1, 6), st.integers(1, 7), st.sampled_from([np.fmax, np.fmin]))
def test_an_extreme_over_strides_is_that_of_each_stride(values, stride, count, extreme):
    """Doubling the width saves time and changes nothing."""
    columns = [stride * n for n in range(1, count + 1)]
    np.testing.assert_array_equal(over(values, stride, count, extreme), plain(values, columns, extreme))


@settings(max_examples=30)
@given(ROWS, st.integers(1, 6), st.sampled_from([np.fmax, np.fmin]))
def test_an_extreme_around_reaches_to_both_sides(values, reach, extreme):
    """A job that starts early is as familiar as one that starts late; what lies ahead of the end is unknown."""
    expected = plain(values, range(-reach, reach + 1), extreme)
    expected[:, -reach:] = np.nan
    np.testing.assert_array_equal(around(values, reach, extreme), expected)


@settings(max_examples=30)
@given(ROWS, st.sampled_from([(1, 2, 3, 4, 5), (2, 4, 6, 8, 10, 12, 14)]))
def test_the_median_is_one_of_the_middle_values(values, lags):
    """Whichever days failed to be measured: of an even number one of the two in the middle, never a smaller one."""
    lanes = np.stack([earlier(values, lag) for lag in lags])
    found = median_at(values, lags)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column of gaps has no median
        below, above = (np.nanquantile(lanes, 0.5, axis=0, method=method) for method in ("lower", "higher"))
    np.testing.assert_array_equal(np.isnan(found), np.isnan(lanes).all(axis=0))
    assert (((found == below) | (found == above)) | np.isnan(found)).all()


@settings(max_examples=30)
@given(
    st.integers(0, 12), st.integers(1, 20), st.integers(0, 12), st.sampled_from([(-2, -1, 0, 1, 2), (1, 2, 3, 4, 5)])
)
def test_a_row_whose_ends_are_missing_has_the_median_of_its_middle(before, known, after, lags):
    """Gaps at the ends take a short cut; with other rows beside it a row has the medians that it has alone."""
    row = np.r_[np.full(before, np.nan), np.random.default_rng(1).normal(size=known), np.full(after, np.nan)]
    gappy = np.where(np.arange(row.size) % 3 == 0, np.nan, row)
    alone, beside = median_at(row[None], lags)[0], median_at(np.stack([row, gappy]), lags)[0]
    np.testing.assert_array_equal(alone, beside)
    lanes = np.stack([earlier(row, lag) for lag in lags])
    np.testing.assert_array_equal(np.isnan(alone), np.isnan(lanes).all(axis=0))


def test_padding_adds_gaps_behind():
    """What lies ahead of a column on an earlier day is read beyond the end of the row."""
    np.testing.assert_array_equal(padded(np.ones((1, 2)), 2), [[1.0, 1.0, np.nan, np.nan]])


@pytest.mark.parametrize("count", [1, 2, 3, 15, 128, 900])
def test_the_mean_of_the_last_is_that_of_all_of_them(count):
    """Of the 900 seconds of a quarter of an hour as of three values; a huge one long ago rounds nothing off."""
    values = 1e9 + np.random.default_rng(5).normal(size=(2, 4 * count))
    values[0, 0], values[1, 2 * count] = 1e140, np.nan
    windows = np.lib.stride_tricks.sliding_window_view(values, count, axis=1)
    found = mean_of_last(values, count)
    assert np.isnan(found[:, : count - 1]).all()
    np.testing.assert_allclose(found[:, count - 1 :], windows.mean(axis=2), rtol=1e-13)


def test_of_fewer_values_than_are_asked_for_there_is_no_mean():
    """A quarter of an hour that has not passed yet is not known."""
    assert np.isnan(mean_of_last(np.ones(5), 900_000)).all()
