"""The minutes of a service: only what is new, all on one grid, and a gap with its reason for what could not be had."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from examples import NOON, a_series, a_window

from ai_ops.collect.collect import Collector
from ai_ops.collect.cost import PricedInstances
from ai_ops.collect.fetching import Fetching
from ai_ops.collect.minute_cache import MinuteCache
from ai_ops.collect.minutes import LATE_MINUTES, MINUTE, MINUTE_METRICS, MinuteHistory, held
from ai_ops.collect.simulated import SimulatedSource
from ai_ops.domain.errors import BudgetSpent, SourceError
from ai_ops.domain.metrics import Answer, Gap, Query, Series, Window
from ai_ops.domain.quantised import quantised
from ai_ops.domain.tuning import Thresholds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

DAYS = 2
QUERIES = tuple(Query(metric, f"the {metric}") for metric in MINUTE_METRICS)
COARSE = {"cost_per_hour": a_series("cost_per_hour", np.arange(288.0))}


class Clockwork:
    """A source that answers with the number of the minute modulo 100, or fails, and notes what it was asked."""

    name = "clockwork"
    is_simulated = False

    def __init__(self, failures: Mapping[str, Exception] | None = None, warnings: Mapping[str, str] | None = None):
        self.asked: list[tuple[str, Window]] = []
        self._failures, self._warnings = failures or {}, warnings or {}

    def fetch(self, query: Query, window: Window) -> Answer:
        """Answer, or fail."""
        self.asked.append((query.metric, window))
        if query.metric in self._failures:
            raise self._failures[query.metric]
        values = (window.times() // 60) % 100 / (100 if query.metric == "slo_good_ratio" else 1)
        said = self._warnings.get(query.metric)
        return Answer(Series(query.metric, window.start, window.step, values), (said,) if said else ())

    def probe(self) -> str:
        """It is there."""
        return "clockwork"


def history(source: Clockwork, queries=QUERIES, cost=None, **fetching) -> MinuteHistory:
    """Two days of the minutes of "web"."""
    return MinuteHistory(Fetching("web", source, queries, LATE_MINUTES, **fetching), DAYS, cost)


def truth(end: datetime = NOON) -> np.ndarray:
    """What the clockwork says of the two days before `end`."""
    return (Window(end - timedelta(days=DAYS), end, MINUTE).times() // 60) % 100


def without(*metrics: str) -> tuple[Query, ...]:
    """All queries but some."""
    return tuple(query for query in QUERIES if query.metric not in metrics)


def test_all_metrics_lie_on_one_grid_that_ends_with_the_window():
    """A model lays them beside each other without looking at times."""
    minutes = history(Clockwork()).fetch(NOON, {})
    assert set(minutes.series) == set(MINUTE_METRICS)
    assert minutes.gaps == ()
    for one in minutes.series.values():
        assert (one.start, one.step, one.values.shape) == (NOON - timedelta(days=DAYS), MINUTE, (DAYS * 1440,))
    np.testing.assert_array_equal(minutes.series["cpu_percent"].values, truth())


def test_what_is_given_is_already_rounded():
    """Whether a minute comes from the cache or from the source must not change a decision."""
    series = MinuteHistory(Fetching("web", SimulatedSource(lambda: Thresholds({})), QUERIES, LATE_MINUTES), DAYS).fetch(
        NOON, {}
    )
    for one in series.series.values():
        assert quantised(one) == one


def test_the_second_day_asks_for_the_last_hour_and_what_is_new(tmp_path):
    """What is known is not asked again; the result is the same as if all of it were (S001-41)."""
    cache = MinuteCache(tmp_path, pytest.fail)
    history(Clockwork(), cache=cache).fetch(NOON, {})
    later, end = Clockwork(), NOON + timedelta(days=1)
    minutes = history(later, cache=cache).fetch(end, {})
    assert {window.start for _, window in later.asked} == {NOON - MINUTE - LATE_MINUTES * MINUTE}
    assert minutes.series == history(Clockwork()).fetch(end, {}).series


def test_a_late_sample_of_the_last_hour_still_counts(tmp_path):
    """What was a gap, or another value, half an hour before the end of the first fetch is corrected by the second."""
    cache = MinuteCache(tmp_path, pytest.fail)
    first = history(Clockwork(), cache=cache)
    known = dict(first.fetch(NOON, {}).series)
    key = next(name for name, one in cache.load("web").items() if one.metric == "cpu_percent")
    holed = known["cpu_percent"].values.copy()
    holed[-30:] = np.nan
    cache.save("web", {**cache.load("web"), key: replace(known["cpu_percent"], values=holed)})
    np.testing.assert_array_equal(first.fetch(NOON, {}).series["cpu_percent"].values, truth())


def test_a_failed_query_is_a_gap_and_keeps_what_was_known(tmp_path):
    """The budget's end or a busy server costs this metric today, and not its two weeks."""
    cache = MinuteCache(tmp_path, pytest.fail)
    history(Clockwork(), cache=cache).fetch(NOON, {})
    failing = Clockwork({"cpu_percent": BudgetSpent("all 100 are spent"), "instances": SourceError("busy")})
    minutes = history(failing, cache=cache).fetch(NOON, {})
    assert minutes.gaps == (Gap("cpu_percent", "all 100 are spent"), Gap("instances", "busy"))
    assert len(cache.load("web")) == len(MINUTE_METRICS)


def test_a_partial_answer_is_a_gap_and_is_not_remembered(tmp_path):
    """A model must not learn that demand halves whenever a store is away."""
    cache = MinuteCache(tmp_path, pytest.fail)
    partial = Clockwork(warnings={"requests_per_second": "store 2 is away"})
    minutes = history(partial, cache=cache).fetch(NOON, {})
    assert minutes.gaps == (Gap("requests_per_second", "partial: store 2 is away"),)
    assert "requests_per_second" not in minutes.series
    assert len(cache.load("web")) == len(MINUTE_METRICS) - 1


def test_a_value_that_cannot_be_is_a_gap():
    """As on the cycle's own grid: nothing is calibrated on wrong units."""

    class Wrong(Clockwork):
        def fetch(self, query: Query, window: Window) -> Answer:
            answer = super().fetch(query, window)
            return replace(answer, series=replace(answer.series, values=answer.series.values + 1))

    minutes = history(Wrong()).fetch(NOON, {})
    (gap,) = minutes.gaps
    assert "slo_good_ratio is 1." in gap.reason
    assert "a share lies between 0 and 1" in gap.reason


@pytest.mark.parametrize(("every", "is_gap"), [(1, False), (2, False), (3, True)])
def test_minutes_that_are_mostly_holes_say_which_setting_is_wrong(every, is_gap):
    """A rate over two minutes of a service that is scraped every five: the wider grid has it, the minutes do not."""

    class Rare(Clockwork):
        def fetch(self, query: Query, window: Window) -> Answer:
            answer = super().fetch(query, window)
            values = np.where(window.times() // 60 % every == 0, answer.series.values, np.nan)
            return replace(answer, series=replace(answer.series, values=values))

    wide = {metric: a_series(metric, np.ones(288)) for metric in MINUTE_METRICS}
    minutes = history(Rare()).fetch(NOON, wide)
    assert bool(minutes.gaps) is is_gap
    assert bool(minutes.series) is not is_gap
    if is_gap:
        assert minutes.gaps[0].reason == (
            "33% of the minutes have a value, where the wider grid has 100%: "
            "set metrics.minute_window to four scrape intervals"
        )
    young = {metric: a_series(metric, [np.nan] * 200 + [1.0] * 88) for metric in MINUTE_METRICS}
    assert history(Rare()).fetch(NOON, young).series.keys() == set(MINUTE_METRICS)


def test_a_metric_without_a_query_says_so():
    """Many services have no autoscaler that reports what it asks for."""
    minutes = history(Clockwork(), without("instances_desired")).fetch(NOON, {})
    assert minutes.gaps == (Gap("instances_desired", "no query is configured for it"),)


def test_the_cost_is_instances_times_price_minute_by_minute():
    """Where no query gives it; without a price it is a gap that says what to set."""
    priced = history(Clockwork(), without("cost_per_hour"), PricedInstances(0.5)).fetch(NOON, COARSE)
    np.testing.assert_allclose(priced.series["cost_per_hour"].values, 0.5 * truth(), rtol=2e-5)
    unpriced = history(Clockwork(), without("cost_per_hour"), PricedInstances(None)).fetch(NOON, COARSE)
    assert "price_per_instance_hour" in unpriced.gaps[0].reason


def test_a_cost_that_is_known_only_by_the_cycles_grid_holds_between_its_points():
    """What a platform bills has no minutes."""
    minutes = history(Clockwork(), without("cost_per_hour")).fetch(NOON, COARSE)
    values = minutes.series["cost_per_hour"].values
    assert values[:12].tolist() == [0] + [1] * 10 + [2]
    assert values[-10:].tolist() == [287] * 10
    nothing = history(Clockwork(), without("cost_per_hour")).fetch(NOON, {})
    assert nothing.gaps == (Gap("cost_per_hour", "the cost is not known; see cost.source"),)


def test_nothing_is_held_beyond_what_was_measured():
    """One step behind the last value, and none before the first one's."""
    ten = a_series("cost_per_hour", [1.0, np.nan, 3.0], end=NOON - timedelta(minutes=30))
    values = held(ten, Window(NOON - timedelta(minutes=80), NOON, MINUTE)).values
    known = np.flatnonzero(np.isfinite(values)) - 20  # minutes after the first value's time
    assert known.tolist() == [*range(-9, 1), *range(11, 31)]
    assert np.isnan(held(ten, a_window(end=NOON + timedelta(days=2))).values).all()


def test_an_objection_asks_nobody_and_stands_as_the_reason():
    """Where the requests are needed elsewhere the minutes wait, and what is known stays known."""
    source, told = Clockwork(), []
    objecting = history(source, objection=lambda requests: told.append(requests) or "waits")
    minutes = objecting.fetch(NOON, COARSE)
    assert source.asked == []
    assert told == [len(QUERIES)]
    assert minutes.series == {}
    assert minutes.gaps == tuple(Gap(metric, "waits") for metric in MINUTE_METRICS)


def test_two_weeks_of_nine_metrics_are_eighteen_requests():
    """They fit beside the cycle's own into the 100 an hour that Grafana allows (S001-130)."""
    told = []
    fortnight = MinuteHistory(
        Fetching("web", Clockwork(), QUERIES, LATE_MINUTES, objection=lambda requests: told.append(requests) or "no"),
        days=14,
    )
    fortnight.fetch(NOON, {})
    assert told == [18]


def test_a_collector_carries_the_minutes_only_where_they_are_wanted():
    """Nothing more is fetched for a policy that does not need them."""
    source = Clockwork()
    collector = Collector("web", source, QUERIES, 2, lambda: Thresholds({}))
    observation = collector.observe(a_window())
    assert (observation.minutes, observation.minute_gaps) == ({}, ())
    assert {window.step for _, window in source.asked} == {a_window().step}
    modelled = replace(collector, minutes=history(source, without("instances_desired"))).observe(a_window())
    assert modelled.minutes["cpu_percent"].start == NOON - timedelta(days=DAYS)
    assert modelled.minute_gaps == (Gap("instances_desired", "no query is configured for it"),)
    assert modelled.gaps == ()
