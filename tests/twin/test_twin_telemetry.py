"""What a frame must look like to become telemetry, and what becomes of the values in it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twins import DAY, MONDAY, WEEK, measured

from ai_ops.twin.telemetry import LONGEST_DAYS, NEEDED, telemetry


def a_frame(minutes=120, **columns):
    """A frame from Monday on with the needed metrics at 1."""
    index = pd.date_range(MONDAY, periods=minutes, freq="min")
    return pd.DataFrame({name: np.ones(minutes) for name in NEEDED} | columns, index=index)


REFUSED = {
    "a clock without a zone": (lambda frame: frame.tz_localize(None), "tz_localize"),
    "no clock at all": (lambda frame: frame.reset_index(drop=True), "DatetimeIndex"),
    "a missing metric": (lambda frame: frame.drop(columns="slo_good_ratio"), "no column slo_good_ratio"),
    "several missing metrics": (lambda frame: frame[["cpu_percent"]], "requests_per_second, slo_good_ratio, instances"),
    "no row": (lambda frame: frame.iloc[:0], "empty"),
    "the newest row first": (lambda frame: frame.iloc[::-1], "oldest first"),
    "a row twice": (lambda frame: pd.concat((frame, frame.iloc[-1:])), "duplicates"),
}


@pytest.mark.parametrize("broken", REFUSED)
def test_a_frame_that_cannot_be_read_is_refused_with_a_way_out(broken):
    """The message says what is wrong, and what to do."""
    breaks, says = REFUSED[broken]
    with pytest.raises(ValueError, match=says):
        telemetry(breaks(a_frame()))


def test_a_row_that_is_not_there_is_a_gap():
    """The grid has every minute, whether anybody scraped it or not."""
    read = telemetry(a_frame(10).drop(a_frame(10).index[[3, 4]]))
    assert read.minutes == 10
    assert np.flatnonzero(np.isnan(read.get("cpu_percent"))).tolist() == [3, 4]
    assert read.start == MONDAY


def test_rows_a_few_seconds_off_the_minute_belong_to_it():
    """Scrapes do not happen on the stroke of the minute."""
    frame = a_frame(5, cpu_percent=np.arange(5.0))
    frame.index += pd.Timedelta(seconds=13)
    assert telemetry(frame).get("cpu_percent").tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert telemetry(frame).start == MONDAY


def test_another_zone_means_the_same_moments():
    """Only the clock on the wall differs."""
    there = telemetry(a_frame().tz_convert("Asia/Tokyo"))
    assert there.start == MONDAY
    assert there.minute_of_week()[0] == 0


@given(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([*NEEDED, "memory_percent", "cost_per_hour"]))
def test_no_value_that_cannot_be_gets_in(value, metric):
    """A broken exporter's values count as not measured."""
    column = np.ones(20)
    column[7] = value
    read = telemetry(a_frame(20, **{metric: column})).get(metric)
    assert np.isnan(read[7]) or (0.0 <= read[7] < np.inf and (metric != "slo_good_ratio" or read[7] <= 1.001))
    assert (np.delete(read, 7) == 1.0).all()


def test_a_percentage_above_a_hundred_is_no_percentage():
    """But a rounding error above it is one."""
    read = telemetry(a_frame(3, cpu_percent=[100.2, 140.0, -3.0])).get("cpu_percent")
    assert read[0] == 100.2
    assert np.isnan(read[1:]).all()


def test_columns_of_objects_and_missing_numbers_are_read():
    """What a database driver hands over: None, nullable numbers."""
    frame = a_frame(4)
    frame["cpu_percent"] = pd.array([1.0, None, 3.0, 4.0], dtype="Float64")
    frame["instances"] = np.array([2, None, 2, 2], dtype=object)
    read = telemetry(frame)
    assert np.isnan(read.get("cpu_percent")).tolist() == [False, True, False, False]
    assert np.isnan(read.get("instances")).tolist() == [False, True, False, False]


def test_old_minutes_are_left_out():
    """Four weeks are read, whatever is handed over; the newest ones."""
    frame = a_frame((LONGEST_DAYS + 2) * DAY, cpu_percent=np.linspace(0, 100, (LONGEST_DAYS + 2) * DAY))
    read = telemetry(frame)
    assert read.minutes == LONGEST_DAYS * DAY
    assert read.get("cpu_percent")[-1] == 100.0


def test_a_metric_that_nobody_measures_is_all_gaps():
    """Asking for it is no error: the caller decides what can be done without."""
    assert np.isnan(telemetry(a_frame(6)).get("memory_percent")).all()


def test_what_was_wanted_is_what_is_ready_where_nobody_says():
    """Without `instances_desired` the ready ones are what is paid, minute by minute."""
    read = measured(4, instances=[2, 3, 3, 4], instances_desired=[3, np.nan, 5, np.nan])
    assert read.desired.tolist() == [3.0, 3.0, 5.0, 4.0]
    assert measured(3, instances=[1, 2, 3]).desired.tolist() == [1.0, 2.0, 3.0]


def test_a_part_knows_its_own_place_in_the_week():
    """Cutting keeps the clock."""
    whole = measured(WEEK + 100, instances=np.arange(WEEK + 100))
    part = whole.last(90)
    assert part.minutes == 90
    assert part.minute_of_week()[0] == 10
    assert whole.between(WEEK - 5, WEEK + 5).minute_of_week().tolist() == [*range(WEEK - 5, WEEK), 0, 1, 2, 3, 4]
    assert whole.last(10 * WEEK).minutes == whole.minutes
