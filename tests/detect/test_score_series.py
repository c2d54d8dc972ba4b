"""The stable entry for one series, on timestamps as they come."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rhythms import DAY, demand

from ai_ops.detect import score_series

FAULT = 1500


def faulty(days=14):
    """Demand with a fault of half an hour on the eleventh day."""
    values = demand(days)
    values[FAULT : FAULT + 3] *= 1.6
    return values


def every(minutes=10, count=14 * DAY, start="2026-11-01"):
    """Times on a grid."""
    return pd.date_range(start, periods=count, freq=pd.Timedelta(minutes=minutes), tz="UTC")


KNOWN = np.arange(14 * DAY) != 700


@cache
def wanted():
    """Raw scores of the faulty demand on a plain grid."""
    return score_series(every(), faulty(), raw=True)


def test_a_fault_scores_once_and_raw_for_as_long_as_it_lasts():
    """A reader of onsets is told once; a reader of raw scores sees how bad each value was."""
    edge = score_series(every(), faulty())
    assert edge[FAULT] > 1.0
    assert (wanted()[FAULT : FAULT + 3] > 1.0).all()
    assert ((edge == 0.0) | (edge == wanted())).all()
    assert (edge > 1.0).sum() < (wanted() > 1.0).sum()


@pytest.mark.parametrize(
    "times",
    [
        every().to_numpy(),
        list(every().to_pydatetime()),
        every().strftime("%Y-%m-%d %H:%M:%S").tolist(),
        every().tz_convert("Asia/Kathmandu"),
        every().tz_localize(None),
        pd.Series(every()),
        every().as_unit("s"),
        [moment.isoformat() if k % 3 else f"{moment:%Y-%m-%dT%H:%M:%S}.000+00:00" for k, moment in enumerate(every())],
        (every() - pd.Timestamp(0, tz="UTC")).total_seconds().to_numpy(),
        ((every() - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(seconds=1)).to_numpy(),
        (every() - pd.Timestamp(0, tz="UTC")).total_seconds().to_numpy().astype(object),
    ],
    ids=[
        "numpy",
        "datetime",
        "text",
        "time zone",
        "naive",
        "Series",
        "seconds unit",
        "mixed text",
        "floats",
        "integers",
        "object",
    ],
)
def test_any_form_of_time_gives_the_same_scores(times):
    """Nobody converts timestamps before asking."""
    np.testing.assert_array_equal(score_series(times, faulty(), raw=True), wanted())


@settings(max_examples=10)
@given(st.integers(0, 14 * DAY))
def test_later_rows_never_change_a_score(cut):
    """Neither does their number, nor the step between them."""
    times, values = every(), faulty()
    np.testing.assert_array_equal(score_series(times[:cut], values[:cut], raw=True), wanted()[:cut])


def test_a_row_left_out_is_the_same_as_a_gap():
    """Exports leave out what was not measured, or write NaN; both mean the same."""
    values = faulty()
    values[~KNOWN] = np.nan
    as_gap = score_series(every(), values, raw=True)
    assert as_gap[~KNOWN] == 0.0
    np.testing.assert_array_equal(score_series(every()[KNOWN], values[KNOWN], raw=True), as_gap[KNOWN])


@pytest.mark.parametrize("value", [np.inf, -np.inf, None, 1e151, -1.7e308])
def test_what_is_no_number_is_a_gap(value):
    """An infinite quantile of an empty histogram, or the largest float there is, must not swallow the scale."""
    values = list(faulty())
    values[700] = value
    scores = score_series(every(), values, raw=True)
    assert scores[700] == 0.0
    assert scores[FAULT] > 1.0


def test_what_is_masked_is_a_gap():
    """What lies under a mask was declared to be no measurement."""
    values = np.ma.masked_array(faulty(), mask=~KNOWN)
    values.data[~KNOWN] = 1e6
    scores = score_series(every(), values, raw=True)
    assert scores[~KNOWN] == 0.0
    np.testing.assert_array_equal(scores[KNOWN], score_series(every()[KNOWN], faulty()[KNOWN], raw=True))


def test_the_largest_values_are_judged_without_a_warning():
    """Squares of what is allowed still fit, and warnings are errors here."""
    scores = score_series(every(), 1e147 * faulty(), raw=True)
    assert np.isfinite(scores).all()
    assert scores[FAULT] > 1.0


@pytest.mark.parametrize("shift", [timedelta(0), timedelta(minutes=-30)], ids=["duplicate", "late"])
def test_a_row_that_repeats_a_time_or_comes_late_scores_nothing_and_changes_nothing(shift):
    """A value that arrives twice, or out of order, cannot be judged by what came after it."""
    times = every().insert(1000, every()[999] + shift)
    scores = score_series(times, np.insert(faulty(), 1000, 1e6), raw=True)
    assert scores[1000] == 0.0
    np.testing.assert_array_equal(np.delete(scores, 1000), wanted())


def test_of_rows_in_reverse_only_the_first_counts():
    """Every other one is late; nothing is guessed."""
    assert (score_series(every()[::-1], faulty(), raw=True) == 0.0).all()


def test_times_may_tremble():
    """A scrape comes some seconds early or late, and belongs to its own step."""
    seconds = np.random.default_rng(1).uniform(-200, 200, 14 * DAY)
    seconds[:100] = 0.0
    trembling = every() + pd.to_timedelta(seconds.round(), unit="s")
    scores = score_series(trembling, faulty(), raw=True)
    np.testing.assert_array_equal(scores > 1.0, wanted() > 1.0)


@pytest.mark.parametrize("minutes", [1, 5, 60])
def test_the_step_is_taken_from_the_rows(minutes):
    """A spike is found at a value a minute as at a value an hour."""
    a_day = 1440 // minutes
    rhythm = 100.0 + 40.0 * np.sin(2 * np.pi * np.arange(14 * a_day) / a_day)
    values = rhythm + np.random.default_rng(2).normal(size=rhythm.size)
    values[-5] += 60.0
    scores = score_series(every(minutes, values.size), values, raw=True)
    assert scores[-5] > 1.0


def test_rows_that_are_mostly_missing_at_first_do_not_hide_the_step():
    """The most frequent distance of the first rows counts, not the longest or the first."""
    kept = np.arange(14 * DAY) > 60
    kept[[0, 7, 30]] = True
    scores = score_series(every()[kept], faulty()[kept], raw=True)
    assert scores[np.flatnonzero(np.flatnonzero(kept) == FAULT)[0]] > 1.0


def test_a_silence_of_years_costs_no_memory():
    """A service that was off for a while must not be laid out minute by minute."""
    times = every(1, 5 * DAY).append(every(1, 5 * DAY, start="2036-11-01"))
    values = np.tile(demand(5), 2)
    tracemalloc.start()
    scores = score_series(times, values)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert scores.shape == (10 * DAY,)
    assert peak < 100e6


def test_what_is_usual_survives_a_silence_of_some_days():
    """After a long weekend off, Tuesday noon is still Tuesday noon."""
    kept = (np.arange(21 * DAY) < 10 * DAY) | (np.arange(21 * DAY) >= 14 * DAY)
    scores = score_series(every(count=21 * DAY)[kept], demand(21)[kept])
    assert (scores > 1.0).sum() <= 3


@pytest.mark.parametrize("step", [0.001, 0.01, 1.0])
def test_a_few_rows_of_a_short_step_cost_nothing(step):
    """A day of milliseconds must not be laid out for two thousand rows of them."""
    tracemalloc.start()
    scores = score_series(step * np.arange(2000), demand(14)[:2000])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (scores == 0.0).all()
    assert peak < 10e6


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1e-4 * np.arange(50), r"most of the first rows lie 0.0001 s apart; .* resample"),
        (np.r_[0.001 * np.arange(100), 1e6], r"101 rows would need 1e\+09 steps of 0.001 s, .* give rows at one step"),
        (np.r_[np.arange(100.0), 1e6 * np.arange(1, 12)], r"111 rows would need 1.1e\+07 steps of 1 s"),
    ],
    ids=["a tenth of a millisecond", "a million seconds of milliseconds", "four months of seconds"],
)
def test_rows_that_would_fill_the_memory_are_refused_with_the_way_out(seconds, said):
    """A hundred rows that take minutes, or the whole machine, look like a defect."""
    with pytest.raises(ValueError, match=said):
        score_series(seconds, np.ones(seconds.size))


@pytest.mark.parametrize(
    ("times", "values", "said"),
    [
        (every(count=3), [1.0, 2.0], r"one value for every timestamp.*\(2,\) values, \(3,\) timestamps"),
        (every(count=3), np.ones((3, 1)), "one value for every timestamp"),
        ([*every(count=3), pd.NaT], np.ones(4), "row 3 has no timestamp"),
        ([0.0, np.nan, 20.0], np.ones(3), "row 1 has no timestamp"),
        (1_760_000_000_000.0 + 3e5 * np.arange(3), np.ones(3), "look like milliseconds"),
        (["2026-11-01", "soon"], np.ones(2), "soon"),
        (every(count=2), ["many", "few"], "many"),
        ([True, False], np.ones(2), "type bool are no points in time"),
        (pd.period_range("2026-11-01", periods=2, freq="h"), np.ones(2), "no points in time.*to_timestamp"),
        (every(count=2) - every()[0], np.ones(2), "type timedelta.* are no points in time"),
        (np.ma.masked_array([0.0, 1.0, 2.0], mask=[0, 1, 0]), np.ones(3), "row 1 has no timestamp"),
    ],
    ids=[
        *("lengths", "shape", "NaT", "NaN", "milliseconds", "text", "values"),
        *("truth values", "periods", "spans of time", "masked"),
    ],
)
def test_what_cannot_be_read_is_refused_and_named(times, values, said):
    """Whoever has a million rows wants to know which one."""
    with pytest.raises(ValueError, match=said):
        score_series(times, values)


@pytest.mark.parametrize("count", [0, 1, 2, 50, 287])
def test_too_little_history_scores_nothing(count):
    """No rows are no error, and before two days nothing is abnormal (R3)."""
    values = demand(2)[:count]
    if count:
        values[-1] = 1e9
    scores = score_series(every(count=count), values)
    assert scores.shape == (count,)
    assert (scores == 0.0).all()


def test_rows_of_one_single_time_score_nothing():
    """There is no step, so there is no order to judge by."""
    assert (score_series([every()[0]] * 5, np.arange(5.0)) == 0.0).all()


def test_the_callers_values_are_left_alone():
    """They may be locked, or a column of somebody's frame."""
    values = faulty()
    values.flags.writeable = False
    score_series(every(), values)
