"""What moves slowly is renewed once an hour."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from ai_ops.detect.hours import columns_per_hour, hourly_means, since_the_hour_before

TEN = timedelta(minutes=10)


@pytest.mark.parametrize(("minutes", "columns"), [(1, 60), (7, 9), (10, 6), (60, 1), (24 * 60, 1)])
def test_an_hour_is_at_least_one_column(minutes, columns):
    """Of daily values an hour is one of them."""
    assert columns_per_hour(timedelta(minutes=minutes)) == columns


def test_the_mean_of_an_hour_leaves_out_its_gaps():
    """An hour of which half is missing has the mean of the other half; one without values has none."""
    values = np.array([1.0, np.nan, 3.0, np.nan, np.nan, 5.0] + [np.nan] * 6 + [7.0] * 6)
    np.testing.assert_allclose(hourly_means(values, TEN), [3.0, np.nan, 7.0])


def test_a_column_knows_only_the_hours_that_ended():
    """The hour that is going on is the future of its own first value."""
    hourly = np.array([[1.0, 2.0, 3.0]])
    held = since_the_hour_before(hourly, TEN, 14)
    np.testing.assert_array_equal(held, [[np.nan] * 6 + [1.0] * 6 + [2.0] * 2])
