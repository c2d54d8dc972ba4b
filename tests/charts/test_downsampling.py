"""A thinned-out line looks like the whole one."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.charts import downsampling
from ai_ops.charts.downsampling import points_to_draw

LIMIT = 20
values = st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=1, max_size=400).map(np.array)


def test_the_example_in_the_docstring_holds():
    """Whoever reads it believes it."""
    assert doctest.testmod(downsampling).failed == 0


@given(values)
def test_the_extremes_of_every_stretch_stay(series):
    """The line covers the same pixels: no spike is averaged away."""
    kept = points_to_draw(series, np.zeros(series.size), LIMIT)
    assert kept.tolist() == sorted(set(kept.tolist()))
    if np.isfinite(series).any():
        assert np.nanmin(series[kept]) == np.nanmin(series)
        assert np.nanmax(series[kept]) == np.nanmax(series)


@given(values)
def test_few_enough_points_stay(series):
    """A spec of ninety days is no larger than one of a week, whatever is in it."""
    kept = points_to_draw(series, np.full(series.size, 2.0), LIMIT)
    assert kept.size <= max(LIMIT, 2 * LIMIT + 2)


def test_a_short_series_is_left_alone():
    """Nothing is lost where there is room for everything."""
    assert points_to_draw(np.arange(20.0), np.zeros(20), LIMIT).tolist() == list(range(20))


@pytest.mark.parametrize("place", [0, 7, 101, 399])
def test_one_missing_point_still_interrupts_the_line(place):
    """An outage is not drawn over, however short it is beside the chart."""
    series = np.sin(np.arange(400.0))
    series[place] = np.nan
    assert place in points_to_draw(series, np.zeros(400), LIMIT)


def test_what_is_abnormal_stays_although_it_is_no_extreme():
    """A level that is new at this time of day may lie in the middle of the others."""
    scores = np.zeros(400)
    scores[123] = 1.5
    assert 123 in points_to_draw(np.sin(np.arange(400.0)), scores, LIMIT)
