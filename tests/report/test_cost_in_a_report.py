"""What a service costs: literally as asked for, and so that it can be believed on the first of a month."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from gathered import END, episodes, first_day, flat, gathered, levels, nothing_gathered, series_of, span, with_gap
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.report_span import ReportSpan
from ai_ops.report.service.cost import cost_standing, variance_percent

HOURS = 17.5 * 24
"""Of November, up to noon of the 18th."""


def cost_at(end: datetime, zone: str = "UTC", days: float = 62.0, level: float = 0.09, **changes):
    """What is said at the end of so many days that cost the same."""
    series = {"cost_per_hour": flat("cost_per_hour", level, days=days, end=end)}
    return cost_standing(gathered(**({"series": series, "episodes": ()} | changes)), ReportSpan(end, zone), "USD")


def test_the_literal_figures_are_those_that_were_asked_for():
    """S001-105 to S001-107: 37.80 over 17.5 days is 2.16 a day, 64.80 in 30 days, 7.43 % below a budget of 70."""
    cost = cost_at(END)
    assert cost.to_date == pytest.approx(0.09 * HOURS)
    assert cost.daily_average == pytest.approx(2.16)
    assert cost.projected_literal == pytest.approx(64.8)
    assert cost.variance_literal_percent == pytest.approx((64.8 - 70) / 70 * 100)
    assert (cost.currency, cost.budget) == ("USD", 70.0)


def test_the_day_costs_what_was_measured():
    """24 hours at 0.09, and 25 of them on the day on which the clock is turned back."""
    assert cost_at(END).span_cost == pytest.approx(2.16)
    autumn = datetime(2026, 10, 25, 9, 10, tzinfo=UTC)
    assert cost_at(autumn, "Europe/Berlin").span_cost == pytest.approx(2.25)


def test_a_month_has_its_own_length():
    """R9: 31 days of October cost more than 30, and 28 of February less, at the same price a day."""
    assert cost_at(datetime(2026, 10, 20, tzinfo=UTC)).projected.expected == pytest.approx(31 * 2.16)
    assert cost_at(datetime(2026, 2, 20, tzinfo=UTC)).projected.expected == pytest.approx(28 * 2.16)


def test_the_month_in_which_the_clock_is_turned_has_an_hour_more():
    """October has 745 hours in Berlin, and November begins at 23:00 UTC."""
    berlin = cost_at(datetime(2026, 10, 31, 23, 0, tzinfo=UTC), "Europe/Berlin")
    assert berlin.hours_elapsed == pytest.approx(745.0)
    assert berlin.to_date == pytest.approx(745 * 0.09)


def test_a_month_that_is_over_is_what_it_cost():
    """R9: at midnight of the first, all of November is known, and there is nothing left to project."""
    cost = cost_at(datetime(2026, 12, 1, tzinfo=UTC))
    assert (cost.hours_elapsed, cost.hours_known) == pytest.approx((720.0, 720.0))
    assert cost.to_date == pytest.approx(64.8)
    assert (cost.projected.expected, cost.projected.low, cost.projected.high) == pytest.approx((64.8, 64.8, 64.8))
    assert cost.last_month == pytest.approx(744 * 0.09)


def test_the_first_morning_of_a_month_leans_on_the_last_one():
    """R9: half a day at twice the price: (0.5 x 4.32 + 3 x 2.16) / 3.5 a day for what is left of December."""
    end = datetime(2026, 12, 1, 12, tzinfo=UTC)
    values = np.concatenate([np.full(30 * 144, 0.09), np.full(72, 0.18)])
    series = {"cost_per_hour": series_of("cost_per_hour", values, end=end)}
    cost = cost_standing(gathered(series=series, episodes=()), span(end=end), "USD")
    assert cost.projected_literal == pytest.approx(4.32 * 30), "the literal one doubles at once"
    assert cost.projected.expected == pytest.approx(2.16 + 30.5 * (0.5 * 4.32 + 3 * 2.16) / 3.5)
    assert cost.last_month == pytest.approx(64.8)


def test_ten_minutes_into_a_month_nothing_explodes():
    """R9: one value of the new month, at twenty times the price, moves the projection by less than a quarter."""
    end = datetime(2026, 12, 1, 0, 10, tzinfo=UTC)
    values = np.concatenate([np.full(30 * 144, 0.09), [1.8]])
    series = {"cost_per_hour": series_of("cost_per_hour", values, end=end)}
    cost = cost_standing(gathered(series=series, episodes=()), span(end=end), "USD")
    assert 31 * 2.16 < cost.projected.expected < 1.25 * 31 * 2.16
    assert cost.projected.high < 2 * 31 * 2.16


def test_the_first_day_of_all_knows_little_and_says_so():
    """Seven hours, no month before: the expectation is what they cost, its bounds are far apart."""
    cost = cost_standing(first_day(), span(), "USD")
    assert cost.hours_known == pytest.approx(7.0)
    assert cost.projected.expected == pytest.approx(64.8)
    assert 0.3 < cost.projected.low / 64.8 < 0.7
    assert 1.5 < cost.projected.high / 64.8 < 3.0
    assert cost.last_month is None


def test_hours_that_nobody_measured_cost_what_the_others_did():
    """Five days without metrics in the middle of the month, which the ledger does not know either."""
    series = with_gap(levels(days=62), hours=120, hours_ago=48)
    cost = cost_standing(gathered(series=series, episodes=()), span(), "USD")
    assert cost.hours_known == pytest.approx(HOURS - 120)
    assert cost.to_date == pytest.approx(0.09 * HOURS)
    assert cost.projected.expected == pytest.approx(64.8)


def test_the_ledger_knows_the_days_before_the_metrics():
    """Fourteen days of metrics at 0.09 an hour, and of the month before what the episodes have seen, at 0.05."""
    cost = cost_standing(gathered(episodes=episodes(60, reward_cost=0.3)), span(), "USD")
    assert cost.hours_known == pytest.approx(HOURS)
    assert cost.to_date == pytest.approx(0.09 * 14 * 24 + 0.05 * 3.5 * 24)
    assert cost.last_month == pytest.approx(0.05 * 744)


def test_less_than_half_a_month_is_not_called_a_month():
    """14 of October's 31 days, of which the projection learns all the same."""
    cost = cost_at(END, days=17.5 + 14)
    assert cost.last_month is None
    assert cost_at(END, days=17.5 + 16).last_month == pytest.approx(744 * 0.09)


def test_nothing_known_is_unknown():
    """Nobody said what an instance costs."""
    cost = cost_standing(nothing_gathered(), span(), "")
    assert (cost.span_cost, cost.to_date, cost.daily_average, cost.projected_literal) == (None, None, None, None)
    assert (cost.projected, cost.variance_percent, cost.variance_literal_percent, cost.last_month) == (None,) * 4
    assert (cost.hours_known, cost.hours_elapsed) == (0.0, pytest.approx(HOURS))


def test_a_month_of_which_nothing_is_known_is_projected_from_the_one_before():
    """Metrics stopped on the 31st: what the month costs so far is unknown, what it will cost is not."""
    series = with_gap(levels(days=62), hours=HOURS)
    cost = cost_standing(gathered(series=series, episodes=()), span(), "USD")
    assert (cost.to_date, cost.projected_literal) == (None, None)
    assert cost.projected.expected == pytest.approx(64.8)
    assert cost.variance_percent == pytest.approx((64.8 - 70) / 70 * 100)


def test_a_service_that_costs_nothing_costs_nothing():
    """Zero is a price, and its bounds have no width."""
    cost = cost_at(END, level=0.0)
    assert (cost.to_date, cost.projected.low, cost.projected.expected, cost.projected.high) == (0.0, 0.0, 0.0, 0.0)
    assert cost.variance_percent == pytest.approx(-100.0)


def test_no_budget_has_no_variance():
    """Nothing is divided by nothing."""
    assert variance_percent(10.0, 0.0) is None
    assert cost_at(END, monthly_budget=0.0).variance_literal_percent is None


@given(
    st.lists(st.floats(0.0, 1e12) | st.just(np.nan), min_size=1, max_size=60),
    st.integers(0, 35 * 24),
)
def test_every_projection_is_in_order(days, hours):
    """R9: no bound below what was already spent, none on the wrong side, none infinite."""
    end = END.replace(day=1, hour=6)
    series = {"cost_per_hour": series_of("cost_per_hour", np.repeat(days, 144), end=end)}
    report = ReportSpan(end, "America/New_York")
    cost = cost_standing(gathered(series=series, episodes=episodes(hours / 24)), report, "USD")
    if cost.projected is not None:
        assert 0.0 <= cost.projected.low <= cost.projected.expected <= cost.projected.high < np.inf
    assert (cost.to_date is None) == (cost.hours_known == 0)
    assert cost.hours_known <= cost.hours_elapsed + 1e-9


def test_the_evidence_is_enough_to_work_it_out_again():
    """H45: money and hours of all three spans."""
    evidence = cost_at(END).evidence
    assert evidence.id == "web-cost"
    assert dict(evidence.inputs) == {
        "cost of the span": "2.16 USD in 24 of 24 h",
        "cost of this month": "37.8 USD in 420 of 420 h",
        "cost of last month": "66.96 USD in 744 of 744 h",
        "hours of this month": "720 h",
        "budget": "70 USD a month",
    }
