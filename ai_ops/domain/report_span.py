"""The span of time that a report is about, and those that it is compared with, by the clock on the team's wall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open span of time, [start, end); aware UTC, `end` later than `start`."""

    start: datetime
    end: datetime

    @property
    def hours(self) -> float:
        """Its length."""
        return (self.end - self.start) / timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ReportSpan:
    """What a report is about: the time up to `end`, in days of the team's own clock.

    Days are days of the wall clock, so the two days a year on which it is turned have 23 and 25 hours; everything is
    compared from the same time of day to the same time of day, and never a busy hour with a quiet one.

    Parameters
    ----------
    end
        Up to when data is looked at, aware UTC.
    zone
        IANA name of the team's time zone.
    days
        How many days it is about: 1, or 7 in a weekly brief.

    Examples
    --------
    >>> autumn = ReportSpan(datetime(2026, 10, 25, 9, 10, tzinfo=UTC), "Europe/Berlin")
    >>> autumn.span.hours  # the clock was turned back in the night before
    25.0
    """

    end: datetime
    zone: str = "UTC"
    days: int = 1

    @property
    def span(self) -> Span:
        """What it is about."""
        return Span(self._back(self.days), self.end)

    @property
    def before(self) -> Span:
        """As many days, just before."""
        return Span(self._back(2 * self.days), self._back(self.days))

    @property
    def week_ago(self) -> Span:
        """The same days of the week, a week ago."""
        return Span(self._back(self.days + 7), self._back(7))

    @property
    def baseline(self) -> Span:
        """The seven days before it."""
        return Span(self._back(self.days + 7), self._back(self.days))

    @property
    def month(self) -> Span:
        """The calendar month up to `end`: the one of its last moment, so that a month is told on its last day."""
        last = (self.end - timedelta(microseconds=1)).astimezone(ZoneInfo(self.zone))
        return Span(_utc(last.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)), self.end)

    @property
    def whole_month(self) -> Span:
        """The same calendar month from beginning to end."""
        start = self.month.start.astimezone(ZoneInfo(self.zone))
        following = (start.replace(day=28, fold=0) + timedelta(days=4)).replace(day=1)
        return Span(self.month.start, _utc(following))

    @property
    def last_month(self) -> Span:
        """The calendar month before."""
        start = self.month.start.astimezone(ZoneInfo(self.zone))
        return Span(_utc((start.replace(fold=0) - timedelta(days=1)).replace(day=1)), self.month.start)

    def local(self, moment: datetime) -> datetime:
        """The moment on the team's clock."""
        return moment.astimezone(ZoneInfo(self.zone))

    def in_words(self, moment: datetime) -> str:
        """Day and time on the team's clock, with its zone: "Fri 20 Nov 09:10 UTC"."""
        return f"{self.local(moment):%a %d %b %H:%M} {self.local(moment).tzname()}"

    def _back(self, days: int) -> datetime:
        """The same time of day so many days earlier."""
        local = self.local(self.end)
        return _utc(local - timedelta(days=days))  # arithmetic on one clock keeps its time of day


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
