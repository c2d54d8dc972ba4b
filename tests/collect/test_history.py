"""The metrics history: ask only for what is new, and never trust it further than a cache."""

from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import pytest
from examples import NOON, STEP, a_series

from ai_ops.collect.history import MetricsHistory, joined, key, resume_at
from ai_ops.domain.metrics import Query, Window

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
