"""A month of cost as the rows that a chart draws."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from ai_ops.charts.axes import milliseconds

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.charts.hours_seen import HoursSeen
    from ai_ops.domain.prediction import Interval
    from ai_ops.domain.report_span import Span

FAR = 3.0
"""A budget this many times above all that is drawn is told in words: drawn, it would flatten everything else."""

IN_FULL_BELOW = 1000.0
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class MonthOfCost:
    """What was spent, and what will be.

    Parameters
    ----------
    cost
        Of the month so far, by hours from its beginning; at least one is known.
    whole
        The calendar month from beginning to end.
    budget
        Of the whole month; none where it is 0.
    projected
        Of the whole month, with the bounds within which nine of ten should lie; None where nobody can say.
    before
        Of the month before, by hours from its beginning; None where too little of it is known.
    currency
        Written behind amounts; "" where nobody said which.
    zone
        IANA name of the team's time zone, whose days and months these are.
    """

    service: str
    is_simulated: bool
    cost: HoursSeen
    whole: Span
    budget: float
    projected: Interval | None
    zone: str
    currency: str = ""
    before: HoursSeen | None = None

    @property
    def to_date(self) -> float:
        """Spent so far, where hours that nobody measured cost what the others did on average."""
        return float(self.cost.filled().amounts.sum())

    @property
    def highest(self) -> float:
        """The greatest amount that is drawn, without the budget."""
        drawn = [self.to_date, *(float(row["spent"]) for row in before_rows(self))]
        return max([*drawn, self.projected.high] if self.projected else drawn)

    @property
    def is_over(self) -> bool:
        """Whether nothing of the month is to come."""
        return self.cost.end >= self.whole.end

    @property
    def is_budget_drawn(self) -> bool:
        """Whether the budget is a line in the picture."""
        return 0.0 < self.budget <= FAR * self.highest

    def money(self, amount: float) -> str:
        """An amount in words: "28.40 EUR"."""
        return f"{self.amount(amount)} {self.currency}".rstrip()

    def amount(self, amount: float) -> str:
        """The same without the currency."""
        return f"{amount:,.{2 if abs(amount) < IN_FULL_BELOW else 0}f}"

    @property
    def name(self) -> str:
        """The month's."""
        return f"{self.whole.start.astimezone(ZoneInfo(self.zone)):%B}"


def spent_rows(month: MonthOfCost) -> list[dict[str, Any]]:
    """One row for each midnight so far, and one for now."""
    cost = month.cost
    days = [one for one in _midnights(cost.start, month.zone) if one < cost.end]
    return _rows([*days, cost.end], _sums(cost, [*days, cost.end]))


def before_rows(month: MonthOfCost) -> list[dict[str, Any]]:
    """The month before, each of its days beside the same day of this one; days that this one lacks are left out."""
    if month.before is None:
        return []
    days = zip(_midnights(month.before.start, month.zone), _midnights(month.whole.start, month.zone), strict=True)
    pairs = [(own, here) for own, here in days if own <= month.before.end and here <= month.whole.end]
    return _rows([here for _, here in pairs], _sums(month.before, [own for own, _ in pairs]))


def _midnights(start: datetime, zone: str) -> list[datetime]:
    """The first midnight of a month by the wall clock, and the 31 behind it."""
    wall = start.astimezone(ZoneInfo(zone))
    return [(wall + place * DAY).astimezone(UTC) for place in range(32)]


def _sums(hours: HoursSeen, moments: list[datetime]) -> list[float]:
    """What was spent up to each moment; hours that nobody measured are like the others."""
    at = [one.timestamp() for one in moments]
    return [float(one) for one in np.interp(at, hours.edges, hours.filled().so_far())]


def _rows(moments: list[datetime], sums: list[float]) -> list[dict[str, Any]]:
    return [
        {"time": milliseconds(moment), "spent": float(f"{spent:.6g}")}
        for moment, spent in zip(moments, sums, strict=True)
    ]
