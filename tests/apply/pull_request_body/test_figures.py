"""Figures by the month, and how they are written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from predictions import a_prediction

from ai_ops.apply.pull_request_body.figures import allowed_minutes, amount, difference, monthly, span
from ai_ops.domain.prediction import Interval

ORDERED = (
    st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3).map(sorted).map(lambda at: Interval(at[1], at[0], at[2]))
)


def test_a_month_is_a_twelfth_of_a_year() -> None:
    """730.5 hours: 2.00 an hour are 1,461, and 0.02 % of the time are 8.8 minutes."""
    month = monthly(a_prediction())
    assert month.cost == Interval(1461.0, pytest.approx(1168.8), pytest.approx(1753.2))
    assert month.slo_minutes.expected == pytest.approx(8.766)
    assert month.slo_minutes.low < month.slo_minutes.expected < month.slo_minutes.high


def test_what_the_promise_allows_follows_from_the_burn() -> None:
    """0.03 % bad at a burn of 0.6 is a promise of 99.95 %: 21.9 minutes a month; unknown where nothing burns."""
    assert allowed_minutes(a_prediction()) == pytest.approx(21.915)
    calm = Interval(0.0, 0.0, 0.0)
    assert allowed_minutes(replace(a_prediction(), burn=calm)) is None


@given(ORDERED, ORDERED)
def test_a_difference_is_ordered_and_never_surer_than_either(one: Interval, other: Interval) -> None:
    """Its bounds hold the expectation, and it is as wide as the wider of the two."""
    found = difference(one, other)
    assert found.low <= found.expected <= found.high
    widest = max(one.high - one.low, other.high - other.low)
    assert found.high - found.low >= widest * (0.5 - 1e-9)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.0001, "0"),
        (0.0823, "0.082"),
        (-0.5, "-0.5"),
        (4.123, "4.1"),
        (99.96, "100.0"),
        (158.6, "159"),
        (1e15, "1,000,000,000,000,000"),
        (float("inf"), "unknown"),
        (float("nan"), "unknown"),
    ],
)
def test_figures_are_written_for_people(value: float, text: str) -> None:
    """As many digits as somebody can use, and no exponent."""
    assert amount(value) == text


def test_an_interval_reads_as_one() -> None:
    """The expectation first."""
    assert span(Interval(-365.25, -599.0, -131.0)) == "-365 (-599 to -131)"
