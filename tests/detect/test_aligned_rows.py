"""Series that begin, end or tick differently become rows of one grid."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
from examples import STEP, a_series

from ai_ops.detect.learned.aligned_rows import aligned_rows


def test_series_of_other_lengths_meet_at_the_same_times():
    """A source leaves out what it does not have: the newest value of one belongs beside that time of the other."""
    long = a_series("cpu_percent", np.arange(10.0))
    late = replace(a_series("latency_p95_ms", np.arange(100.0, 104.0)), start=long.start + 8 * STEP)
    rows = aligned_rows({"cpu_percent": long, "latency_p95_ms": late}, ("latency_p95_ms", "cpu_percent"))
    assert rows is not None
    assert (rows.step, rows.times[0], rows.values.shape) == (STEP, long.start.timestamp(), (12, 2))
    np.testing.assert_array_equal(rows.values[8], [100.0, 8.0])
    np.testing.assert_array_equal(rows.values[11], [103.0, np.nan])


def test_a_series_on_another_grid_is_a_gap():
    """Five minutes beside it is another time; another step has other times."""
    first = a_series("cpu_percent", np.arange(10.0))
    beside = replace(first, metric="memory_percent", start=first.start + timedelta(minutes=5))
    other = replace(first, metric="error_percent", step=timedelta(minutes=1))
    series = {one.metric: one for one in (first, beside, other)}
    rows = aligned_rows(series, tuple(series))
    assert rows is not None
    assert np.isfinite(rows.values).any(axis=0).tolist() == [True, False, False]


def test_without_any_of_the_metrics_there_are_no_rows():
    """An expected answer, not an error."""
    assert aligned_rows({}, ("cpu_percent",)) is None
    assert aligned_rows({"cpu_percent": a_series("cpu_percent", np.zeros(0))}, ("cpu_percent",)) is None
