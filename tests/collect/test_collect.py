"""Collect: every query is asked, what fails is a gap with its reason, and silence is not asked twice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from examples import NOON, STEP, a_window

from ai_ops.collect.collect import Collector
from ai_ops.collect.history import MetricsHistory
from ai_ops.domain.errors import BudgetSpent, DataUnavailable, SourceError, SourceSilent
from ai_ops.domain.metrics import Answer, Gap, Query, Series, Window
from ai_ops.domain.tuning import Thresholds

if TYPE_CHECKING:
    from collections.abc import Mapping

QUERIES = tuple(Query(metric, f"the {metric}") for metric in ("cpu_percent", "latency_p95_ms", "instances"))


class Recorded:
    """A source that answers ones, or fails as it is told, and remembers what it was asked."""

    name = "recorded"
    is_simulated = False

    def __init__(self, failures: Mapping[str, Exception] | None = None, warnings: tuple[str, ...] = ()) -> None:
        self.asked: list[tuple[str, Window]] = []
        self._failures, self._warnings = failures or {}, warnings

    def fetch(self, query: Query, window: Window) -> Answer:
        """Answer, or fail."""
        self.asked.append((query.metric, window))
        if query.metric in self._failures:
            raise self._failures[query.metric]
        return Answer(Series(query.metric, window.start, window.step, np.ones(window.points)), self._warnings)

    def probe(self) -> str:
        """It is there."""
        return "recorded"


def collector(source: Recorded, **changes) -> Collector:
    """Three metrics over two days."""
    return Collector(
        **{
            "service": "web",
            "source": source,
            "queries": QUERIES,
            "history_days": 2,
            "thresholds": lambda: Thresholds({}),
            **changes,
        }
    )


def test_one_failed_query_is_a_gap_and_the_others_go_on():
    """A gap says which metric and why."""
    source = Recorded({"latency_p95_ms": SourceError("no such metric"), "instances": BudgetSpent("100 per hour")})
    observation = collector(source).observe(a_window())
    assert set(observation.series) == {"cpu_percent"}
    assert observation.gaps == (Gap("latency_p95_ms", "no such metric"), Gap("instances", "100 per hour"))


def test_nothing_at_all_is_told_with_the_way_out():
    """The message names every reason and the two addresses to try (S001-121)."""
    source = Recorded({query.metric: SourceError("401") for query in QUERIES})
    with pytest.raises(DataUnavailable, match="No metrics history found") as told:
        collector(source).observe(a_window())
    for words in ("cpu_percent: 401", "$GRAFANA_URL/api/health", "$PROMETHEUS_URL/api/v1/query?query=up", "doctor"):
        assert words in str(told.value)


def test_a_server_that_is_not_there_is_asked_once():
    """Ten queries do not wait ten times for the same connection (H29)."""
    source = Recorded({"cpu_percent": SourceSilent("connection refused")})
    with pytest.raises(DataUnavailable, match="connection refused"):
        collector(source).observe(a_window())
    assert [metric for metric, _ in source.asked] == ["cpu_percent"]


def test_partial_answers_are_not_remembered(tmp_path):
    """What came with a warning is asked for again, whole."""
    history = MetricsHistory(tmp_path / "h.json", print)
    partial = collector(Recorded(warnings=("truncated",)), history=history).observe(a_window())
    assert partial.warnings == ("truncated",)
    assert history.load("web") == {}


def test_the_second_run_asks_for_the_last_hour_and_what_is_new(tmp_path):
    """The rest comes from the history (S001-41)."""
    history = MetricsHistory(tmp_path / "h.json", print)
    collector(Recorded(), history=history).observe(a_window())
    later = Recorded()
    end = NOON + timedelta(hours=6)
    observation = collector(later, history=history).observe(a_window(end=end))
    assert {window.start for _, window in later.asked} == {NOON - 7 * STEP}
    assert np.isfinite(observation.series["cpu_percent"].values).all()
    assert observation.series["cpu_percent"].values.size == 288


def test_a_failed_query_keeps_what_was_known(tmp_path):
    """A bad moment does not cost two weeks of history."""
    history = MetricsHistory(tmp_path / "h.json", print)
    collector(Recorded(), history=history).observe(a_window())
    known = history.load("web")
    collector(Recorded({"cpu_percent": SourceError("busy")}), history=history).observe(a_window())
    assert set(history.load("web")) == set(known)


def test_the_platform_is_asked_for_what_it_runs():
    """The newest value counts; no answer is unknown, not zero."""
    live = {"cpu_scale_in_percent": Query("live", "x"), "min_instances": Query("gone", "y")}
    source = Recorded({"gone": SourceError("no data")})
    assert collector(source, live_queries=live).observe(a_window()).live == {"cpu_scale_in_percent": 1.0}


def test_a_cost_is_derived_only_where_no_query_gives_it():
    """Counted instances, or a gap that says what is missing."""
    made = Series("cost_per_hour", NOON - 288 * STEP, STEP, np.full(288, 2.0))
    derived = collector(Recorded(), cost=lambda _s, _w: made).observe(a_window())
    assert derived.mean("cost_per_hour") == 2.0
    asked = collector(Recorded(), cost=lambda _s, _w: made, queries=(*QUERIES, Query("cost_per_hour", "c")))
    assert asked.observe(a_window()).mean("cost_per_hour") == 1.0
    missing = collector(Recorded(), cost=lambda _s, _w: Gap("cost_per_hour", "no count")).observe(a_window())
    assert missing.gaps == (Gap("cost_per_hour", "no count"),)
