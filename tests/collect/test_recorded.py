"""A person's own file of minutes: read as it is, or refused with the place and what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from ai_ops.collect.recorded import read_recorded
from ai_ops.domain.errors import DataUnavailable

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
timestamp,requests_per_second,cpu_percent
2026-11-18T12:00Z,80.5,41
2026-11-18T12:01Z,,NaN
2026-11-18T12:02Z,0,1e1
"""


def write(folder: Path, text: str, name: str = "traffic.csv") -> Path:
    """The file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path, **wishes) -> str:
    """What is said of the file, in one line that names it."""
    with pytest.raises(DataUnavailable) as caught:
        read_recorded(path, **wishes)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(str(path))


def test_a_csv_becomes_minutes_in_utc(tmp_path):
    """One float column a metric, gaps as NaN, an index of exactly one minute."""
    frame = read_recorded(write(tmp_path, GOOD), needed=("requests_per_second", "cpu_percent"))
    assert list(frame.columns) == ["requests_per_second", "cpu_percent"]
    assert (frame.dtypes == np.float64).all()
    assert frame.index.equals(pd.date_range("2026-11-18 12:00", periods=3, freq="min", tz="UTC"))
    np.testing.assert_array_equal(frame["requests_per_second"], [80.5, np.nan, 0])
    np.testing.assert_array_equal(frame["cpu_percent"], [41, np.nan, 10])


@pytest.mark.parametrize(
    "document",
    [
        [{"time": f"2026-11-18T12:0{n}Z", "requests_per_second": value} for n, value in enumerate([80.5, None, 0])],
        {"time": [f"2026-11-18T12:0{n}Z" for n in range(3)], "requests_per_second": [80.5, None, 0]},
    ],
    ids=["rows", "columns"],
)
def test_json_is_read_by_rows_and_by_columns(tmp_path, document):
    """As most tools write it; null is a gap."""
    frame = read_recorded(write(tmp_path, json.dumps(document), "traffic.json"))
    np.testing.assert_array_equal(frame["requests_per_second"], [80.5, np.nan, 0])


def test_other_zones_and_a_byte_order_mark_are_understood(tmp_path):
    """Spreadsheets write the one, people the other; what they mean is not in doubt."""
    text = "\ufeff" + GOOD.replace("T12:00Z", " 13:00:00+01:00").replace("T12:01Z", "T07:01-0500")
    frame = read_recorded(write(tmp_path, text))
    assert frame.index.equals(pd.date_range("2026-11-18 12:00", periods=3, freq="min", tz="UTC"))


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("timestamp,", "when,", ": needs one column `timestamp` (or `time`), has when, requests_per_second"),
        ("cpu_percent", "cpu", ": unknown column cpu; known are cpu_percent, memory_percent"),
        ("requests_per_second", "memory_percent", ": lacks the column requests_per_second; it has memory_percent"),
        ("12:01Z", "12:01", ":3: '2026-11-18T12:01' is no time with its zone"),
        ("2026-11-18T12:01Z", "1763467260", ":3: '1763467260' is no time with its zone"),
        ("2026-11-18T12:01Z", "", ":3: '' is no time with its zone"),
        ("11-18T12:01Z", "13-18T12:01Z", ":3: '2026-13-18T12:01Z' is no time with its zone"),
        ("cpu_percent", "requests_per_second", ": has the column requests_per_second more than once"),
        ("12:01Z", "12:01:30Z", ":3: 2026-11-18T12:01:30Z lies between two minutes"),
        ("12:02Z", "12:01Z", ":4: 2026-11-18T12:01Z stands twice; keep one row a minute"),
        ("12:02Z", "11:59Z", ":4: 2026-11-18T11:59Z comes after 2026-11-18T12:01Z; sort the rows by time"),
        ("12:02Z", "12:05Z", ":4: 4 minutes lie between 2026-11-18T12:01Z and 2026-11-18T12:05Z; give a row for each"),
        ("80.5", "lots", ":2: requests_per_second is 'lots', which is no number"),
        ("80.5", "-1", ":2: requests_per_second is -1, it cannot be negative"),
        ("80.5", "inf", ":2: requests_per_second is 'inf', which is no number"),
        ("80.5,41", "80.5,41,7", ": is no CSV table (line 2 has 4 values for 3 columns)"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, before, after, says):
    """Nothing is guessed: a wrong zone would move the night into the day."""
    assert before in GOOD
    assert says in refusal(write(tmp_path, GOOD.replace(before, after, 1)))


def test_a_share_beyond_its_range_is_refused(tmp_path):
    """80 % as 80 where a share of one is meant."""
    text = GOOD.replace("cpu_percent", "slo_good_ratio")
    assert ":2: slo_good_ratio is 41, a share lies between 0 and 1" in refusal(write(tmp_path, text))


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("traffic.csv", "", "needs one column `timestamp` (or `time`), has none"),
        ("traffic.csv", "timestamp,requests_per_second\n", "holds no row"),
        ("traffic.json", "{", "is no JSON table"),
        ("traffic.json", "5", "is no JSON table"),
        ("traffic.json", '{"time": [1], "requests_per_second": [1, 2]}', "is no JSON table"),
        ("traffic.json", "[]", "needs one column"),
        ("traffic.json", '[{"time": "2026-11-18T12:00Z", "requests_per_second": {}}]', "row 1: requests_per_second"),
        ("traffic.parquet", "PAR1", "must be a .csv or a .json file"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, name, text, says):
    """In a sentence, not with the words of a parser's inside."""
    assert says in refusal(write(tmp_path, text, name))


def test_a_file_that_is_not_there_is_told(tmp_path):
    """With its name."""
    assert "cannot be read (No such file or directory)" in refusal(tmp_path / "away.csv")


def test_wider_steps_are_read_where_they_will_do(tmp_path):
    """Traffic is often recorded every five minutes; how wide a step is, the first two rows say."""
    rows = [f"2026-11-18T12:{5 * n:02}Z,{n}" for n in range(4)]
    path = write(tmp_path, "timestamp,requests_per_second\n" + "\n".join(rows) + "\n")
    frame = read_recorded(path, is_any_step=True)
    assert frame.index.equals(pd.date_range("2026-11-18 12:00", periods=4, freq="5min", tz="UTC"))
    assert "5 minutes lie between" in refusal(path)


@pytest.mark.parametrize(
    ("minutes", "says"),
    [
        ((0, 5, 15), ":4: 10 minutes lie between 2026-11-18T12:05Z and 2026-11-18T12:15Z; give a row every 5 minutes"),
        ((0, 5, 5), ":4: 2026-11-18T12:05Z stands twice; keep one row every 5 minutes"),
        ((5, 0), ":3: 2026-11-18T12:00Z comes after 2026-11-18T12:05Z; sort the rows by time"),
    ],
)
def test_wider_steps_must_be_even(tmp_path, minutes, says):
    """A hole in the rows is no quiet time."""
    rows = [f"2026-11-18T12:{minute:02}Z,1" for minute in minutes]
    path = write(tmp_path, "timestamp,requests_per_second\n" + "\n".join(rows) + "\n")
    assert refusal(path, is_any_step=True).startswith(says)
