"""Quartiles of the time before each hour, checked against numpy."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from examples import STEP
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ai_ops.detect.quartiles import each_column, quantiles, trailing_windows


@settings(max_examples=50)
@given(arrays.arrays(np.float64, 12, elements=st.floats(-1e6, 1e6) | st.just(np.nan)), st.floats(0.0, 1.0))
def test_a_quantile_is_that_of_the_known_values(window, share):
    """Gaps are sorted behind the values and never counted."""
    (found,) = quantiles(window[None], (share,), least=0.25)
    known = np.sort(window[np.isfinite(window)])
    if known.size < 3:
        assert np.isnan(found[0])
    else:
        assert found[0] == known[int(share * (known.size - 1))]


def test_a_window_holds_what_came_before_its_hour():
    """The hour itself is not in it, or a value would be measured by itself."""
    windows = trailing_windows(np.arange(15.0), STEP, timedelta(hours=2), timedelta(hours=1))
    np.testing.assert_array_equal(windows[1], [np.nan] * 6 + [0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    np.testing.assert_array_equal(windows[2], np.arange(12.0))


def test_one_value_an_hour_is_stretched_over_its_columns():
    """The last hour may be cut short by the end of the row."""
    np.testing.assert_array_equal(each_column(np.array([1.0, 2.0]), STEP, timedelta(hours=1), 8), [1.0] * 6 + [2.0] * 2)
