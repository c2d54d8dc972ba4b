"""What a service cost and served hour by hour: by its metrics, else by the ledger, and no moment twice."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from gathered import END, episode, episodes, flat, gathered, levels, nothing_gathered, series_of, with_gap
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.report_span import ReportSpan
from ai_ops.report.service.hours import hourly_record

HOUR = timedelta(hours=1)


def spent(hours: float = 24.0, **known):
    """The record of so many hours up to noon."""
    return hourly_record(gathered(**known), END - hours * HOUR, END)


def test_an_hour_costs_what_was_measured_in_it():
    """Six values of 0.06 and six of 0.12 an hour."""
    series = {"cost_per_hour": series_of("cost_per_hour", [0.06] * 6 + [0.12] * 6)}
    assert spent(2, series=series, episodes=()).cost == pytest.approx([0.06, 0.12])


def test_requests_are_counted_with_their_quality():
    """200 a second, of which one in a thousand was bad: 720,000 and 720 in an hour."""
    record = spent(2, series=levels(slo_good_ratio=0.999), episodes=())
    assert record.requests == pytest.approx([720_000.0, 720_000.0])
    assert record.bad_requests == pytest.approx([720.0, 720.0])


def test_the_last_hour_counts_for_its_part():
    """An hour and a half is a whole hour and a half one."""
    record = hourly_record(gathered(), END - 1.5 * HOUR, END)
    assert record.lengths == pytest.approx([1.0, 0.5])
    assert record.cost == pytest.approx([0.09, 0.045])


def test_an_hour_that_is_half_known_counts_as_a_whole_one():
    """Three of six values are enough, two are not."""
    series = {"cost_per_hour": series_of("cost_per_hour", [0.06] * 3 + [np.nan] * 3 + [0.06] * 2 + [np.nan] * 4)}
    record = spent(2, series=series, episodes=())
    assert record.cost[0] == pytest.approx(0.06)
    assert np.isnan(record.cost[1])
    assert record.sum_of(record.cost).hours == pytest.approx(1.0)


def test_what_is_older_than_the_metrics_comes_from_the_ledger():
    """One day of metrics at 0.09 an hour, and two days before it of episodes at 0.05."""
    past = episodes(3, reward_cost=0.3, reward_requests=60.0, reward_slo_good_percent=90.0)
    record = spent(72, series=levels(days=1), episodes=past)
    assert record.cost == pytest.approx([0.05] * 48 + [0.09] * 24)
    assert record.requests[:48] == pytest.approx([10.0] * 48)
    assert record.bad_requests[:48] == pytest.approx([1.0] * 48)
    assert record.sum_of(record.cost).hours == pytest.approx(72.0)


def test_a_hole_in_the_metrics_is_not_filled_by_the_ledger():
    """An episode has averaged over the same hole, and its figures would count the hours around it twice."""
    record = spent(24, series=with_gap(levels(), hours=5, hours_ago=3), episodes=episodes(3))
    assert np.isnan(record.cost[16:21]).all()
    assert record.sum_of(record.requests).hours == pytest.approx(19.0)


def test_a_period_that_was_decided_again_counts_once():
    """The last decision's figures count."""
    past = (episode(reward_cost=0.3), episode(again=2, reward_cost=0.6))
    record = spent(6, series={}, episodes=past)
    assert record.sum_of(record.cost).amount == pytest.approx(0.6)


def test_where_the_second_decision_does_not_know_the_first_one_counts():
    """A source that failed takes nothing back that was measured before."""
    past = (episode(reward_cost=0.3), episode(again=2, reward_cost=None, reward_slo_good_percent=None))
    record = spent(6, series={}, episodes=past)
    assert record.sum_of(record.cost).amount == pytest.approx(0.3)
    assert record.sum_of(record.requests).hours == pytest.approx(6.0)


def test_a_window_that_reaches_back_over_others_counts_every_hour_once():
    """After missed runs a window of two days overlaps the one before it: the newer one has the say."""
    past = (episode(42.0, hours=12.0, reward_cost=12.0), episode(0.0, hours=48.0, reward_cost=24.0))
    record = spent(60, series={}, episodes=past)
    known = record.sum_of(record.cost)
    assert known.hours == pytest.approx(54.0)
    assert known.amount == pytest.approx(6 * 1.0 + 48 * 0.5)


def test_a_point_without_traffic_is_known_and_weighs_nothing():
    """There is no share of no requests; that is no gap."""
    series = levels(requests_per_second=[0.0] * 6, slo_good_ratio=[np.nan] * 6)
    record = spent(1, series=series, episodes=())
    assert (record.requests[0], record.bad_requests[0]) == (0.0, 0.0)


@pytest.mark.parametrize("impossible", [99.9, -0.2, np.inf])
def test_a_share_that_is_none_says_nothing(impossible):
    """A query that answers in percent must not read as a promise kept."""
    record = spent(1, series=levels(slo_good_ratio=[impossible] * 6), episodes=())
    assert np.isnan(record.requests[0])
    assert np.isnan(record.bad_requests[0])


@pytest.mark.parametrize("impossible", [-1.0, np.inf, 1e300])
def test_money_that_cannot_be_is_a_gap(impossible):
    """Neither a negative amount nor an infinite one is a cost."""
    assert np.isnan(spent(1, series=levels(cost_per_hour=[impossible] * 6), episodes=()).cost[0])


@pytest.mark.parametrize("minutes", [1, 5, 15, 60])
def test_the_step_of_the_metrics_does_not_matter(minutes):
    """Metrics by the minute or by the hour make the same hours."""
    step = timedelta(minutes=minutes)
    series = {"cost_per_hour": flat("cost_per_hour", 0.09, days=1, step=step)}
    assert spent(24, series=series, episodes=()).cost == pytest.approx([0.09] * 24)


def test_series_on_shifted_grids_meet():
    """The SLI may have been asked for later than the demand; what both know counts."""
    series = levels(days=1)
    series["slo_good_ratio"] = flat("slo_good_ratio", 0.99, days=0.5)
    record = spent(24, series=series, episodes=())
    assert record.sum_of(record.requests).hours == pytest.approx(12.0)
    assert record.sum_of(record.bad_requests).amount == pytest.approx(0.01 * 200 * 3600 * 12)


def test_nothing_known_is_unknown_and_not_nothing():
    """The first run of all."""
    record = hourly_record(nothing_gathered(), END - 24 * HOUR, END)
    assert np.isnan(record.cost).all()
    assert record.sum_of(record.cost).per_hour is None


def test_a_month_begins_at_midnight_on_the_teams_clock():
    """Nepal is 5:45 ahead: the month begins at 18:15 UTC of the day before, and no quarter of an hour is lost."""
    month = ReportSpan(END, "Asia/Kathmandu").month
    assert month.start == datetime(2026, 10, 31, 18, 15, tzinfo=UTC)
    record = hourly_record(gathered(series=levels(days=30), episodes=()), month.start, month.end)
    assert record.sum_of(record.cost).amount == pytest.approx(0.09 * month.hours)


@given(st.integers(0, 1000))
def test_episodes_side_by_side_may_come_in_any_order(seed):
    """Only overlaps are a question of who came last."""
    past = [episode(6.0 * place, reward_cost=float(place)) for place in range(8)]
    random.Random(seed).shuffle(past)
    assert spent(48, series={}, episodes=tuple(past)).cost == pytest.approx(
        np.repeat([float(place) / 6 for place in range(7, -1, -1)], 6)
    )


@given(st.lists(st.one_of(st.floats(0.0, 1e6), st.just(np.nan)), min_size=1, max_size=40), st.integers(1, 7).map(float))
def test_no_hour_leaves_the_range_of_its_values(values, hours):
    """Never NaN where it says it knows, never below the lowest or above the highest of its hour's rates."""
    record = spent(hours, series={"cost_per_hour": series_of("cost_per_hour", values)}, episodes=())
    known = record.sum_of(record.cost)
    assert known.hours <= hours
    present = np.array(values)[np.isfinite(values)]
    if known.per_hour is not None:
        assert present.min() * (1 - 1e-9) <= known.per_hour <= present.max() * (1 + 1e-9)


@given(st.integers(1, 71), st.lists(st.floats(0.0, 100.0), min_size=72, max_size=72))
def test_a_span_costs_what_its_parts_cost(cut, values):
    """No moment is lost between two spans, and none counts in both."""
    known = {"series": {"cost_per_hour": series_of("cost_per_hour", values, step=HOUR)}, "episodes": ()}
    start, middle = END - 72 * HOUR, END - cut * HOUR
    parts = [hourly_record(gathered(**known), *one) for one in ((start, middle), (middle, END))]
    whole = hourly_record(gathered(**known), start, END)
    assert sum(one.cost.sum() for one in parts) == pytest.approx(whole.cost.sum())
    assert whole.cost.sum() == pytest.approx(sum(values))
