"""The bounds of a projected month: worked out by hand, and held against months that were made up."""

from __future__ import annotations

from datetime import timedelta
from math import sqrt

import numpy as np
import pytest
from gathered import END

from ai_ops.report.service.hours import HourlyRecord
from ai_ops.report.service.projection import Days, days_of, projected

HOUR = timedelta(hours=1)

NOTHING = Days(0.0, 0.0, np.empty(0))


def some(*each: float) -> Days:
    """Whole days at these costs."""
    return Days(float(sum(each)), float(len(each)), np.array(each))


def test_one_day_alone_is_taken_to_differ_by_a_fifth():
    """Spread 2, two days in a row as one, t(2) at 0.95 = 2.92, 29 days to come: 2.92 x sqrt(8) x sqrt(29 x 30)."""
    month = projected(some(10.0), NOTHING, 1.0, 30.0)
    width = 2.91998558 * sqrt(8.0) * sqrt(29 * 30)
    assert month.expected == pytest.approx(300.0)
    assert month.high == pytest.approx(300.0 + width)
    assert month.low == pytest.approx(10.0 + 290.0 * 290.0 / (290.0 + width))


def test_days_that_differ_widen_the_bounds():
    """12 and 8: squares 2 x (0.2 x 10)^2 + 8 = 16 over 3 degrees of freedom, products 8 / 3 - 4 < 0: no likeness."""
    month = projected(some(12.0, 8.0), NOTHING, 2.0, 30.0)
    assert month.expected == pytest.approx(300.0)
    assert month.high == pytest.approx(300.0 + 2.35336343 * sqrt(16 / 3) * sqrt(28 * (1 + 28 / 2)))


def test_more_days_narrow_them():
    """Every day that passes leaves fewer to guess."""
    widths = []
    for days in range(1, 31):
        month = projected(some(*[10.0] * days), NOTHING, float(days), 30.0)
        widths.append(month.high - month.low)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] == 0.0


def test_last_month_outweighs_one_day_and_is_outweighed_by_a_week():
    """R9: one day at 20 after days at 10 makes 12.5, seven of them 17."""
    last = some(*[10.0] * 31)
    assert projected(some(20.0), last, 1.0, 30.0).expected == pytest.approx(20 + 29 * (20 + 30) / 4)
    assert projected(some(*[20.0] * 7), last, 7.0, 30.0).expected == pytest.approx(140 + 23 * (140 + 30) / 10)


def a_year_of_months(rng: np.random.Generator, *, likeness: float, spread: float) -> np.ndarray:
    """Months of 61 days with quiet weekends, each of whose days resembles the one before it; shape (months, 61)."""
    noise = np.zeros((150, 61))
    for day in range(1, 61):
        fresh = spread * np.sqrt(1 - likeness**2) * rng.normal(size=150)
        noise[:, day] = likeness * noise[:, day - 1] + fresh
    weekday = (np.arange(61) + rng.integers(7, size=(150, 1))) % 7
    return np.where(weekday >= 5, 8.0, 10.0) * np.exp(noise)


@pytest.mark.parametrize("days", [1, 3, 7, 15, 25])
@pytest.mark.parametrize("with_last", [True, False])
def test_nine_of_ten_months_end_within_the_bounds(days, with_last):
    """R9: for days that are each other's like to a third, and for days that are not."""
    for likeness in (0.0, 1 / 3):
        months = a_year_of_months(np.random.default_rng(7), likeness=likeness, spread=0.1)
        inside = [
            month[31:].sum() in projected(some(*month[31 : 31 + days]), some(*month[: 31 * with_last]), days, 30.0)
            for month in months
        ]
        assert np.mean(inside) >= 0.87


def test_ten_minutes_say_no_less_than_they_do():
    """A minute counted as a minute would put the upper bound at ten times the month."""
    month = projected(Days(10 / 144, 1 / 144, np.empty(0)), NOTHING, 1 / 144, 30.0)
    assert month.expected == pytest.approx(300.0)
    assert 600.0 < month.high < 1200.0


def test_a_day_counts_when_half_of_it_is_known():
    """The first day is whole, of the second 18 hours are known, of the third 11, and the fourth has only begun."""
    cost = np.concatenate([np.full(60, 0.5), np.full(25, 1.0)])
    cost[24:30] = cost[48:61] = np.nan
    record = HourlyRecord(END - 85 * HOUR, END, np.ones(85), cost, cost, cost)
    days = days_of(record)
    assert days.each == pytest.approx([12.0, 12.0])
    assert days.days == pytest.approx(66 / 24)
    assert days.per_day == pytest.approx((24 * 0.5 + 18 * 0.5 + 24 * 1.0) / (66 / 24))
