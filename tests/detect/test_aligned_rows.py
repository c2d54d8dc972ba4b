"""Series that begin, end or tick differently become rows of one grid."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
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


@pytest.mark.timeout(20)
@pytest.mark.parametrize("year", [1, 1970, 2026, 2100, 9999])
@pytest.mark.parametrize("astray", ["cpu_percent", "error_percent"])
def test_a_series_of_another_age_stretches_nothing(year, astray):
    """Decades at ten minutes would take all memory: what lies elsewhere than the others is a gap (H32)."""
    series = {one: a_series(one, np.arange(10.0)) for one in ("cpu_percent", "memory_percent", "error_percent")}
    series[astray] = replace(series[astray], start=datetime(year, 1, 1, tzinfo=UTC))
    rows = aligned_rows(series, tuple(series))
    assert rows is not None
    assert (rows.values.shape, rows.times[0]) == ((10, 3), series["memory_percent"].start.timestamp())
    known = dict(zip(series, np.isfinite(rows.values).any(axis=0).tolist(), strict=True))
    assert known == {metric: metric != astray for metric in series}


def test_where_two_series_are_of_different_ages_the_newer_one_counts():
    """The older one has stopped; what is judged is what is measured now."""
    new = a_series("memory_percent", np.arange(10.0))
    old = replace(a_series("cpu_percent", np.arange(10.0)), start=datetime(2026, 1, 1, tzinfo=UTC))
    rows = aligned_rows({"cpu_percent": old, "memory_percent": new}, ("cpu_percent", "memory_percent"))
    assert rows is not None
    assert np.isfinite(rows.values).any(axis=0).tolist() == [False, True]


def test_a_metric_that_stopped_weeks_ago_stays_beside_the_others():
    """Within what a history may reach back nothing is left out."""
    new = a_series("memory_percent", np.arange(10.0))
    old = replace(a_series("cpu_percent", np.arange(10.0)), start=new.start - timedelta(days=80))
    rows = aligned_rows({"cpu_percent": old, "memory_percent": new}, ("cpu_percent", "memory_percent"))
    assert rows is not None
    assert rows.values.shape == (80 * 144 + 10, 2)
    assert np.isfinite(rows.values).any(axis=0).all()


def test_a_series_longer_than_any_history_is_laid_out_whole():
    """Whoever gives half a year means it."""
    rows = aligned_rows({"cpu_percent": a_series("cpu_percent", np.arange(180 * 144.0))}, ("cpu_percent",))
    assert rows is not None
    assert rows.values.shape == (180 * 144, 1)


@pytest.mark.parametrize("step", [timedelta(0), timedelta(minutes=-10)])
def test_a_series_that_goes_nowhere_or_backwards_is_a_gap(step):
    """There is no grid of such a step (H32)."""
    whole = a_series("memory_percent", np.arange(10.0))
    wrong = replace(a_series("cpu_percent", np.arange(10.0)), step=step)
    rows = aligned_rows({"cpu_percent": wrong, "memory_percent": whole}, ("cpu_percent", "memory_percent"))
    assert rows is not None
    assert np.isfinite(rows.values).any(axis=0).tolist() == [False, True]
    assert aligned_rows({"cpu_percent": wrong}, ("cpu_percent",)) is None
