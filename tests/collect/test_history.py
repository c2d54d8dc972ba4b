"""The metrics history: ask only for what is new, and never trust it further than a cache."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from examples import NOON, STEP, a_series

from ai_ops.collect.history import MOST_BYTES, MetricsHistory, joined, key, resume_at
from ai_ops.domain.metrics import CANONICAL_METRICS, Query, Window

QUERY = Query("cpu_percent", "avg(cpu)")
KEY = key(QUERY, "prometheus a")
REACH = Window(NOON - timedelta(days=1), NOON, STEP)


@pytest.fixture
def warnings():
    """What the history complained of."""
    return []


@pytest.fixture
def history(tmp_path, warnings):
    """A history in an empty folder."""
    return MetricsHistory(tmp_path / "metrics_history.json", warnings.append)


def test_what_was_saved_comes_back(history):
    """Gaps included."""
    series = a_series("cpu_percent", [1.0, np.nan, 3.25])
    history.save("web", {KEY: series})
    assert history.load("web") == {KEY: series}
    assert history.load("other") == {}


def test_saving_one_service_keeps_the_others(history):
    """Services share the file."""
    history.save("web", {KEY: a_series("cpu_percent", [1.0])})
    history.save("api", {KEY: a_series("cpu_percent", [2.0])})
    assert set(history.load("web")) == set(history.load("api")) == {KEY}


def test_neither_an_edited_query_nor_another_server_meets_the_old_values():
    """The key holds the expression and where it was asked."""
    assert key(QUERY, "prometheus a") == KEY
    assert KEY not in {key(Query("cpu_percent", "max(cpu)"), "prometheus a"), key(QUERY, "prometheus b")}


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b'{"version": 99, "services": {}}',
        b'{"version": 1}',
        b'{"version": 1, "services": {"web": {"x": 1}}}',
    ],
)
def test_an_unreadable_file_costs_one_longer_fetch(history, warnings, content):
    """It is a cache: a warning, and everything is fetched anew (H32)."""
    history.path.write_bytes(content)
    assert history.load("web") == {}
    assert "fetching everything anew" in warnings[0]


def damaged(path, **wrong):
    """A whole file, but for what is `wrong` with its series."""
    form = {"metric": "cpu_percent", "start": "2026-11-18T11:00:00+00:00", "step_seconds": 600, "values": [1.0, None]}
    path.write_text(json.dumps({"version": 1, "services": {"web": {KEY: form | wrong}}}))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"step_seconds": 0}, "a step of 0:00:00"),
        ({"step_seconds": -600}, "a step of -1 day, 23:50:00"),
        ({"step_seconds": 7}, "a step of 0:00:07"),
        ({"step_seconds": 1e15}, "too large"),
        ({"start": "2026-11-18T11:00:00"}, "a time without its zone"),
        ({"start": "2026-11-18T12:00:00+00:00"}, "values of 2026-11-18, when nothing can have been measured"),
        ({"start": "2100-01-01T00:00:00+00:00"}, "values of 2100-01-01, when nothing can have been measured"),
        ({"start": "1970-01-01T00:00:00+00:00"}, "values of 1970-01-01, when nothing can have been measured"),
        ({"start": "0001-01-01T00:00:00+00:00"}, "when nothing can have been measured"),
        ({"start": "0001-01-01T00:00:00+14:00"}, "when nothing can have been measured"),
        ({"start": "9999-12-31T23:59:00+00:00"}, "values of 9999-12-31, when nothing can have been measured"),
        ({"values": [1.0] * 12_961}, "12,961 values, which are more than 90 days"),
        ({"values": [1.0, "9" * 5000]}, "a value that is no number but str"),
        ({"values": [1.0, True]}, "a value that is no number but bool"),
        ({"values": [1.0, [2.0]]}, "a value that is no number but list"),
        ({"values": [1.0, 1e160]}, "cpu_percent is 1e+160 at 11-18 11:10 UTC, nothing amounts to more than 1e15"),
        ({"values": [1.0, float("inf")]}, "cpu_percent is inf at"),
        ({"values": [1.0, -5]}, "cpu_percent is -5 at 11-18 11:10 UTC, it cannot be negative"),
        ({"values": [1.0, 10**400]}, "too large"),
        ({"metric": None}, "a metric that nobody knows"),
        ({"metric": "x\x1b[31m"}, "a metric that nobody knows"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_cannot_have_been_fetched_is_fetched_anew(history, warnings, wrong, says):
    """One wrong step or year would stretch every grid that it is laid on; a cache is thrown away instead (H32)."""
    damaged(history.path)
    assert set(replace(history, now=NOON).load("web")) == {KEY}
    damaged(history.path, **wrong)
    assert replace(history, now=NOON).load("web") == {}
    (said,) = warnings
    assert says in said
    assert said.startswith("metrics_history.json cannot be read (")
    assert said.endswith("): fetching everything anew; it is safe to delete")
    assert len(said) < 500


def test_without_knowing_the_time_the_far_future_is_still_refused(history, warnings):
    """A date at the end of the calendar cannot even be added to (H32)."""
    damaged(history.path, start="9999-12-31T23:59:00+00:00")
    assert history.load("web") == {}
    assert "values of 9999-12-31" in warnings[0]


def pipe(path):
    """Nobody writes into it."""
    os.mkfifo(path)


def endless(path):
    """Its content has no end."""
    path.symlink_to("/dev/zero")


def linked(path):
    """Another file stands behind it, a good one."""
    damaged(path.with_name("elsewhere.json"))
    path.symlink_to(path.with_name("elsewhere.json"))


def huge(path):
    """Five gigabytes of nothing, which take no room on the disk."""
    path.touch()
    os.truncate(path, 5 * 1024**3)


def test_what_is_wrong_is_told_once_and_written_over(history, warnings):
    """By whoever loads; to save is to mend (H32)."""
    damaged(history.path, step_seconds=0)
    assert history.load("web") == {}
    history.save("web", {KEY: a_series("cpu_percent", [1.0])})
    assert set(history.load("web")) == {KEY}
    assert len(warnings) == 1


@pytest.mark.timeout(20)
@pytest.mark.parametrize("stand_in", [pipe, endless, linked, huge, os.mkdir])
def test_what_is_no_plain_file_of_ours_is_neither_waited_for_nor_followed(history, warnings, stand_in):
    """A pipe would hang each run for ever, a device or a great file would take all memory (H32)."""
    stand_in(history.path)
    assert history.load("web") == {}
    assert "metrics_history.json cannot be read (" in warnings[0]


def test_more_than_can_be_read_again_is_not_written(history, warnings):
    """Else each run would write a file that the next one refuses (H33)."""
    history.save("web", {KEY: a_series("cpu_percent", [1.0])})
    replace(history, most_bytes=200).save("web", {KEY: a_series("cpu_percent", np.ones(500))})
    assert warnings == [
        "metrics_history.json cannot be written (it would be too large to be read again): the next run asks for more"
    ]
    assert history.load("web")[KEY].values.size == 1


def test_the_largest_history_that_the_settings_allow_can_be_read_again(history, warnings):
    """Ninety days minute by minute, of each metric, for four services."""
    minutes = replace(a_series("cpu_percent", np.full(90 * 1440, 123.4567)), step=timedelta(minutes=1))
    history.save("web", {KEY: minutes})
    assert history.path.stat().st_size * len(CANONICAL_METRICS) * 4 < MOST_BYTES
    assert set(history.load("web")) == {KEY}
    assert warnings == []


def test_a_read_only_history_writes_nothing(tmp_path, warnings):
    """A dry run leaves nothing behind."""
    MetricsHistory(tmp_path / "h.json", warnings.append, is_kept=False).save("web", {})
    assert list(tmp_path.iterdir()) == []


def test_the_next_fetch_begins_an_hour_before_the_newest_known_point():
    """Late samples usually arrive within the hour."""
    known = a_series("cpu_percent", np.ones(200), end=NOON - timedelta(hours=6))
    assert resume_at(known, REACH, overlap_points=6) == NOON - timedelta(hours=7, minutes=10)


@pytest.mark.parametrize(
    "known",
    [
        None,
        a_series("cpu_percent", np.full(10, np.nan)),
        a_series("cpu_percent", np.ones(10)),
        a_series("cpu_percent", np.ones(2016), end=NOON + timedelta(minutes=3)),
    ],
    ids=["nothing", "only gaps", "too short", "another grid"],
)
def test_a_cache_that_does_not_fit_is_fetched_anew(known):
    """Nothing known, or not what is needed now."""
    assert resume_at(known, REACH, overlap_points=6) == REACH.start


def test_new_values_win_over_old_ones_and_gaps_stay_gaps():
    """The source may have corrected late data, or lost it."""
    old = a_series("cpu_percent", np.ones(144))
    new = a_series("cpu_percent", [np.nan, 5.0])
    values = joined([old, new], REACH).values
    assert values[:142].tolist() == [1.0] * 142
    assert np.isnan(values[142])
    assert values[143] == 5.0


def test_the_file_is_readable_text_with_a_version(history):
    """A diff shows what the agent knows."""
    history.save("web", {KEY: a_series("cpu_percent", [1.23456789012])})
    document = json.loads(history.path.read_text())
    assert document["version"] == 1
    (form,) = document["services"]["web"].values()
    assert form["values"] == [1.234568]
