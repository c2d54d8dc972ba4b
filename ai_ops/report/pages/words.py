"""Spans, moments, counts and money as a report says them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.figure import apart, figure

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.domain.prediction import Interval
    from ai_ops.domain.report_span import ReportSpan

UNKNOWN = "not measured"

WHOLE = 10.0
"""From here on nobody reads the decimals of a change in percent."""


MANY_TIMES = 1_000.0
"""From here on, in percent, nobody feels a percentage."""


def period(span: ReportSpan) -> str:
    """What the report is about: "last 24 hours", "last 7 days"; a day on which clocks are turned has 23 or 25."""
    return f"last {span.span.hours:g} hours" if span.days == 1 else f"last {span.days} days"


def from_to(span: ReportSpan, since: datetime, until: datetime) -> str:
    """Two moments on the team's clock: the day is said once where it is the same, the zone twice where it is not."""
    start, end = span.local(since), span.local(until)
    zone = "" if start.tzname() == end.tzname() else f" {start.tzname()}"
    beyond = f"{end:%H:%M} {end.tzname()}" if start.date() == end.date() else span.in_words(until)
    return f"{start:%a %d %b %H:%M}{zone} to {beyond}"


def percent(value: float | None, decimals: int = 1) -> str:
    """A percentage, or that it was not measured."""
    return UNKNOWN if value is None else f"{figure(value, decimals)} %"


def percent_beside(value: float | None, limit: float, decimals: int = 1) -> str:
    """A percentage with as many decimals as show on which side of its limit it lies.

    >>> percent_beside(99.9497, 99.95, 3), percent_beside(0.3, 0.0, 0)
    ('99.9497 %', '0.3 %')
    """
    return UNKNOWN if value is None else f"{apart(value, limit, decimals)} %"


def signed(value: float | None) -> str:
    """How far something is above something else, in percent, or how many times as much it is; None is not known.

    >>> signed(12.41), signed(-3.14), signed(-0.01), signed(6242.0)
    ('+12 %', '-3.1 %', '+0.0 %', '63 times as much')
    """
    if value is None:
        return "not known"
    if value >= MANY_TIMES:
        return f"{figure(1.0 + value / 100.0, 0)} times as much"
    shown = round(value, 0 if abs(value) >= WHOLE else 1) + 0.0  # and no "-0.0"
    return f"{'+' if shown >= 0 else ''}{figure(shown, 0 if abs(shown) >= WHOLE else 1)} %"


def money(value: float | None, currency: str) -> str:
    """An amount of money: "28.40 EUR"."""
    return UNKNOWN if value is None else f"{figure(value, 2)} {currency}".strip()


def money_range(value: Interval | None, currency: str) -> str:
    """An expected amount and the bounds within which nine of ten should lie: "44.10 EUR (42.00 to 46.90)"."""
    if value is None:
        return "not known"
    return f"{money(value.expected, currency)} ({figure(value.low, 2)} to {figure(value.high, 2)})"


def times(count: int) -> str:
    """How often, in words.

    >>> times(1), times(4)
    ('once', '4 times')
    """
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def counted(count: int, thing: str) -> str:
    """A number of things.

    >>> counted(1, "service"), counted(5, "service")
    ('1 service', '5 services')
    """
    return f"{count} {thing}{'' if count == 1 else 's'}"
