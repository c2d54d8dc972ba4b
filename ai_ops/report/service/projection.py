"""What a month will have cost when it is over, from the days that are known of it and of the month before (R9).

Reference: A. Gelman et al., *Bayesian Data Analysis*, 3rd edition, section 3.3: the predictive distribution of a normal
model with conjugate prior is Student's t.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.prediction import Interval

if TYPE_CHECKING:
    from ai_ops.report.service.hours import HourlyRecord

HOURS_PER_DAY = 24

PRIOR_DAYS = 3.0
"""The month before weighs as much as so many days of this one: on day 1 it decides, and once a whole week with its
weekend was seen, this month's own days have more than twice its weight."""

USUAL_SPREAD_RATIO = 0.2
"""By which part of the mean one day differs from another before there are days to compare: a service that scales costs
about a fifth less on a weekend."""

SPREAD_DAYS = 2.0
"""How many days' worth of evidence that is: three weeks of days outvote it ten to one."""

LIKENESS = 1.0 / 3.0
"""How much a day is like the one before it, as a correlation, with the same evidence: then two days in a row tell as
much as one alone. A mean of days that follow one another is known less well than of days picked at random, by
``sqrt((1 + likeness) / (1 - likeness))`` (G. V. Bayley and J. M. Hammersley, 1946)."""

GREATEST_LIKENESS = 0.9
"""A month has too few days to tell a greater one from a trend."""

LEAST_DAYS = 0.25
"""A few minutes are no less than that of a day: the hours of a day differ more than days do, and a minute counted as a
minute would make the bounds of the first morning meaningless."""

UPPER_TAIL = 0.95
"""Nine of ten outcomes lie between the bounds, one of twenty above them."""


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """What is known of the cost of a month's days.

    Parameters
    ----------
    amount
        Cost of all that is known.
    days
        How many days that rests on, with fractions.
    each
        Cost of every whole day of which at least half is known, shape (n,).
    """

    amount: float
    days: float
    each: np.ndarray

    @property
    def per_day(self) -> float:
        """Mean cost of a day; 0 where nothing is known."""
        return self.amount / self.days if self.days > 0 else 0.0


def days_of(record: HourlyRecord) -> Days:
    """Sum the hours of a record up to days of 24 hours, counted from its start."""
    known = record.sum_of(record.cost)
    whole_days = int(record.lengths.sum()) // HOURS_PER_DAY
    whole = record.cost[: whole_days * HOURS_PER_DAY].reshape(-1, HOURS_PER_DAY)
    hours = np.isfinite(whole).sum(axis=1)
    is_known = 2 * hours >= HOURS_PER_DAY
    each = np.nansum(whole[is_known], axis=1) * HOURS_PER_DAY / hours[is_known]
    return Days(known.amount, known.hours / HOURS_PER_DAY, each)


def projected(this: Days, last: Days, elapsed_days: float, month_days: float) -> Interval | None:
    """Cost of the whole month, with the bounds within which nine of ten such months should end.

    ``to_date + (month_days - elapsed_days) x rate``, where ``rate`` is this month's mean day, shrunk to last month's
    with the weight of `PRIOR_DAYS`. The upper bound is ``t x spread x sqrt(open x (1 + open / weight))`` above it, for
    the ``open`` days that nobody has measured yet: it counts how much days differ, and how badly a few of them know
    their mean. The lower bound divides what is to come by what the upper one multiplies it with, since no day costs
    less than nothing. For small spreads that is as far below as the other is above.

    Parameters
    ----------
    this, last
        The month, and the one before; None comes out where nothing is known of either.
    elapsed_days, month_days
        How much of the month is over, and how long it is.
    """
    prior_days = min(PRIOR_DAYS, last.days)
    weight = this.days + prior_days
    if weight <= 0:
        return None
    rate = (this.days * this.per_day + prior_days * last.per_day) / weight
    to_date = (this.per_day if this.days > 0 else rate) * elapsed_days
    expected = to_date + max(0.0, month_days - elapsed_days) * rate
    to_come = max(0.0, month_days - this.days)
    width = _quantile_of_spread(this, last, rate) * sqrt(to_come * (1.0 + to_come / max(LEAST_DAYS, weight)))
    rest = max(0.0, expected - this.amount)
    return Interval(expected, expected - (rest * width / (rest + width) if width > 0 else 0.0), expected + width)


def _quantile_of_spread(this: Days, last: Days, rate: float) -> float:
    """How far above its mean one independent day in twenty lies, by the days that are known and by what is usual."""
    from scipy.special import stdtrit

    residuals = [one.each - one.each.mean() for one in (this, last) if one.each.size]
    usual = SPREAD_DAYS * (USUAL_SPREAD_RATIO * rate) ** 2
    squares = usual + sum(float((one**2).sum()) for one in residuals)
    products = LIKENESS * usual + sum(float((one[1:] * one[:-1]).sum()) for one in residuals)
    freedom = SPREAD_DAYS + sum(one.size - 1 for one in residuals)
    likeness = min(GREATEST_LIKENESS, max(0.0, products / squares)) if squares > 0 else 0.0
    inflation = (1.0 + likeness) / (1.0 - likeness)
    return float(stdtrit(freedom, UPPER_TAIL)) * sqrt(squares / freedom * inflation)
