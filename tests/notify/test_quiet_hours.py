"""Quiet hours follow the clock on the wall, over midnight and through the two odd nights of a year."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ai_ops.notify.quiet_hours import QuietHours

MINUTE = timedelta(minutes=1)
BEGIN = datetime(2011, 12, 1, tzinfo=UTC)
ZONES = ("UTC", "Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia")

TIMES = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=6_000)).map(lambda after: BEGIN + after)


def utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def shown(moment: datetime, zone: str) -> time:
    """What a clock on the wall shows."""
    return moment.astimezone(ZoneInfo(zone)).time()


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        (utc(11, 20, 21, 59), None),
        (utc(11, 20, 22), utc(11, 21, 7)),
        (utc(11, 20, 23, 59), utc(11, 21, 7)),
        (utc(11, 21, 0), utc(11, 21, 7)),
        (utc(11, 21, 6, 59), utc(11, 21, 7)),
        (utc(11, 21, 7), None),
    ],
)
def test_a_night_goes_over_midnight(moment: datetime, until: datetime | None) -> None:
    """From the first minute that is quiet to the last."""
    assert QuietHours(time(22), time(7), "UTC").until(moment) == until


def test_a_lunch_break_lies_within_a_day() -> None:
    """An end that is later than the begin is on the same day, by the team's clock."""
    lunch = QuietHours(time(12), time(13, 30), "Asia/Kolkata")
    assert lunch.until(utc(11, 20, 7)) == utc(11, 20, 8)
    assert lunch.until(utc(11, 20, 8)) is None
    assert lunch.until(utc(11, 20, 12)) is None


def test_the_end_follows_the_clock_that_is_turned() -> None:
    """Seven in the morning in Berlin is another moment the day after the clock was turned."""
    nights = QuietHours(time(22), time(7), "Europe/Berlin")
    assert nights.until(utc(10, 24, 22)) == utc(10, 25, 6)  # turned back in that night
    assert nights.until(utc(10, 23, 22)) == utc(10, 24, 5)
    assert nights.until(utc(3, 28, 22)) == utc(3, 29, 5)  # turned forward in that night


def test_an_end_that_the_clock_never_shows_is_where_it_jumps() -> None:
    """On the night in spring on which half past two does not exist, quiet hours end at the jump."""
    nights = QuietHours(time(22), time(2, 30), "Europe/Berlin")
    assert nights.until(utc(3, 29, 0, 15)) == utc(3, 29, 1)
    assert nights.until(utc(3, 29, 1)) is None


def test_an_hour_that_is_there_twice_may_be_quiet_twice() -> None:
    """On the night in autumn the clock shows half past two twice, and what it shows counts."""
    nights = QuietHours(time(22), time(2, 30), "Europe/Berlin")
    assert nights.until(utc(10, 25, 0, 15)) == utc(10, 25, 0, 30)
    assert nights.until(utc(10, 25, 0, 45)) is None
    assert nights.until(utc(10, 25, 1, 15)) == utc(10, 25, 1, 30)


def test_a_country_may_skip_a_day() -> None:
    """Samoa had no 30 December 2011: the night before it ends on the morning after it."""
    nights = QuietHours(time(22), time(7), "Pacific/Apia")
    assert nights.until(datetime(2011, 12, 30, 9, 30, tzinfo=UTC)) == datetime(2011, 12, 30, 17, 0, tzinfo=UTC)


@settings(max_examples=150, deadline=None)
@given(MOMENTS, TIMES, TIMES, st.sampled_from(ZONES))
@example(utc(10, 25, 1, 15), time(22), time(2, 30), "Europe/London")
@example(datetime(2026, 4, 4, 14, 45, 30, tzinfo=UTC), time(1, 30), time(2, 15), "Australia/Lord_Howe")
def test_until_is_the_first_minute_that_is_not_quiet(now: datetime, begin: time, end: time, zone: str) -> None:
    """Between now and then every minute is quiet, and what is quiet is what the clock on the wall says."""
    if begin == end:
        return
    quiet = QuietHours(begin, end, zone)
    until = quiet.until(now)
    is_within = begin <= shown(now, zone) < end if begin < end else not end <= shown(now, zone) < begin
    assert (until is not None) is is_within
    if until is None:
        return
    assert until > now
    assert quiet.until(until) is None
    for part in range(1, 12):
        assert quiet.until(now + part * (until - MINUTE - now) / 12) == until
