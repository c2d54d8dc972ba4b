"""Ticks at the midnights of the team's clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from ai_ops.charts.calendar_axis import calendar_axis, day_in_words

END = datetime(2026, 11, 20, 9, 10, tzinfo=UTC)


def ticks(span, end=END, zone="UTC"):
    """What stands at which time."""
    axis = calendar_axis("time", end - span, end, zone).to_dict()["axis"]
    says = dict(re.findall(r'"(\d+)": "([^"]+)"', axis["labelExpr"]))
    assert sorted(says) == sorted(map(str, axis["values"]))
    return {datetime.fromtimestamp(int(at) / 1000, UTC): words for at, words in sorted(says.items())}


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (6, ["04:00", "05:00", "06:00", "07:00", "08:00", "09:00"]),
        (20, ["15:00", "18:00", "21:00", "Fri 20", "03:00", "06:00", "09:00"]),
        (72, ["12:00", "Wed 18", "12:00", "Thu 19", "12:00", "Fri 20"]),
        (7 * 24, ["Sat 14", "Sun 15", "Mon 16", "Tue 17", "Wed 18", "Thu 19", "Fri 20"]),
        (13 * 24, ["Sun 8", "Tue 10", "Thu 12", "Sat 14", "Mon 16", "Wed 18", "Fri 20"]),
        (30 * 24, ["23 Oct", "30 Oct", "6 Nov", "13 Nov", "20 Nov"]),
    ],
)
def test_as_many_times_are_written_as_there_is_room_for(hours, words):
    """Hours of a day, days of a week, and one weekday of a month."""
    assert list(ticks(timedelta(hours=hours)).values()) == words


def test_midnights_are_those_of_the_wall_clock_when_it_is_turned():
    """25 October 2026 has 25 hours in Berlin."""
    found = ticks(timedelta(days=4), datetime(2026, 10, 27, 12, tzinfo=UTC), "Europe/Berlin")
    hours = [(moment.day, moment.hour) for moment, words in found.items() if words != "12:00"]
    assert hours == [(23, 22), (24, 22), (25, 23), (26, 23)]


def test_a_clock_that_is_a_fraction_of_an_hour_off_has_its_own_midnights():
    """Kathmandu is at +05:45."""
    found = ticks(timedelta(days=3, hours=12), zone="Asia/Kathmandu")
    assert found[datetime(2026, 11, 17, 18, 15, tzinfo=UTC)] == "Wed 18"
    assert found[datetime(2026, 11, 18, 18, 15, tzinfo=UTC)] == "Thu 19"


def test_a_moment_is_told_by_the_teams_clock():
    """As people say it."""
    assert day_in_words(END, "Europe/Berlin") == "Fri 20 Nov 10:10"
