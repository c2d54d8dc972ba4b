"""Collect: every query is asked, what fails is a gap with its reason, and silence is not asked twice."""

from __future__ import annotations

from dataclasses import replace
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
    """A source that answers ones, or as it is told, or fails, and remembers what it was asked."""

    name = "recorded"
    is_simulated = False

    def __init__(
        self,
        failures: Mapping[str, Exception] | None = None,
        warnings: tuple[str, ...] = (),
        values: Mapping[str, float] | None = None,
    ) -> None:
        self.asked: list[tuple[str, Window]] = []
        self._failures, self._warnings, self._values = failures or {}, warnings, values or {}

    def fetch(self, query: Query, window: Window) -> Answer:
        """Answer, or fail."""
        self.asked.append((query.metric, window))
        if query.metric in self._failures:
            raise self._failures[query.metric]
        values = np.full(window.points, self._values.get(query.metric, 1.0))
        return Answer(Series(query.metric, window.start, window.step, values), self._warnings)

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


def test_a_partial_answer_does_not_say_what_the_platform_runs():
    """The newest value of a part may be old: unknown, so that the change waits."""
    source = Recorded(warnings=("one store did not answer",))
    live = {"min_instances": Query("min_instances", "x")}
    assert collector(source, live_queries=live).observe(a_window()).live == {}


def test_a_value_that_cannot_be_is_a_gap_and_is_forgotten(tmp_path):
    """Wrong units decide nothing; a corrected expression, or corrected data, is then asked for from the start."""
    history = MetricsHistory(tmp_path / "h.json", print)
    collector(Recorded(), history=history).observe(a_window())
    observation = collector(Recorded(values={"latency_p95_ms": -5.0}), history=history).observe(a_window())
    assert set(observation.series) == {"cpu_percent", "instances"}
    (gap,) = observation.gaps
    assert "latency_p95_ms is -5 at 11-18 11:50 UTC, it cannot be negative" in gap.reason
    assert {series.metric for series in history.load("web").values()} == {"cpu_percent", "instances"}


class OnceTooGood(Recorded):
    """Answers 0.999, but for one value of 1.02 so many steps before noon."""

    def __init__(self, steps):
        super().__init__()
        self.at = NOON - steps * STEP

    def fetch(self, query, window):
        """All of `window`, with that value where it reaches so far."""
        answer = super().fetch(query, window)
        answer.series.values[:] = 0.999
        if window.start <= self.at < window.end:
            answer.series.values[round((self.at - window.start) / window.step)] = 1.02
        return answer


GOOD = (Query("slo_good_ratio", "good"),)


def test_one_value_of_long_ago_that_cannot_be_is_told_and_costs_no_metric(tmp_path):
    """Else the metric would be missing in each nightly training for two weeks (H29)."""
    said: list[str] = []
    history = MetricsHistory(tmp_path / "h.json", print)
    watching = collector(OnceTooGood(100), queries=GOOD, history=history, warn=said.append)
    observation = watching.observe(a_window())
    assert np.isnan(observation.series["slo_good_ratio"].values).sum() == 1
    assert (observation.gaps, observation.mean("slo_good_ratio")) == ((), pytest.approx(0.999))
    assert said == [
        "web: slo_good_ratio is 1.02 at 11-17 19:20 UTC, a share lies between 0 and 1: it counts as not measured"
    ]
    (kept,) = history.load("web").values()
    assert np.nanmax(kept.values) == pytest.approx(0.999)


def test_one_value_in_the_window_that_cannot_be_still_costs_the_metric():
    """A run decides on nothing that is wrong, as before (H29)."""
    observation = collector(OnceTooGood(10), queries=(*GOOD, *QUERIES[:1])).observe(a_window())
    assert set(observation.series) == {"cpu_percent"}
    (gap,) = observation.gaps
    assert "slo_good_ratio is 1.02 at 11-18 10:20 UTC, a share lies between 0 and 1: good and total" in gap.reason


def test_another_servers_history_is_never_mixed_in(tmp_path):
    """The same query on another Prometheus is about another service: everything is asked for anew."""
    history = MetricsHistory(tmp_path / "h.json", print)
    staging, live = Recorded(values={"cpu_percent": 3.0}), Recorded(values={"cpu_percent": 80.0})
    collector(staging, origin="prometheus http://staging", history=history).observe(a_window())
    observation = collector(live, origin="prometheus http://live", history=history).observe(a_window())
    assert set(observation.series["cpu_percent"].values) == {80.0}
    assert {window.start for _, window in live.asked} == {NOON - timedelta(days=2)}
    assert len(history.load("web")) == len(QUERIES)


def test_a_cost_is_derived_only_where_no_query_gives_it():
    """Counted instances, or a gap that says what is missing."""
    made = Series("cost_per_hour", NOON - 288 * STEP, STEP, np.full(288, 2.0))
    derived = collector(Recorded(), cost=lambda _s, _w: made).observe(a_window())
    assert derived.mean("cost_per_hour") == 2.0
    asked = collector(Recorded(), cost=lambda _s, _w: made, queries=(*QUERIES, Query("cost_per_hour", "c")))
    assert asked.observe(a_window()).mean("cost_per_hour") == 1.0
    absurd = collector(Recorded(), cost=lambda _s, _w: replace(made, values=-made.values)).observe(a_window())
    assert "cost_per_hour is -2 at" in absurd.gaps[0].reason
    missing = collector(Recorded(), cost=lambda _s, _w: Gap("cost_per_hour", "no count")).observe(a_window())
    assert missing.gaps == (Gap("cost_per_hour", "no count"),)
