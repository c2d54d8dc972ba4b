"""Minimums that hold at certain times of the week, in UTC: when they hold, whether they fit together, how they read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

MINUTES_PER_DAY = 24 * 60
MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NO_SCHEDULE = "none"

_RANGES = {
    "from_minute_of_week": (0, MINUTES_PER_WEEK - 1),
    "to_minute_of_week": (0, MINUTES_PER_WEEK),
    "min_instances": (1, 100_000),
}


@dataclass(frozen=True, slots=True)
class ScheduledMinimum:
    """Never fewer than `min_instances` from one minute of every week until another.

    Parameters
    ----------
    from_minute_of_week
        First minute, 0 to 10079, counted from Monday 00:00 UTC.
    to_minute_of_week
        First minute after it, 0 to 10080. Below `from_minute_of_week` it lies in the week after.
    min_instances
        1 to 100,000.

    Raises
    ------
    ValueError
        When a figure cannot be meant; the message names it and its range.
    """

    from_minute_of_week: int
    to_minute_of_week: int
    min_instances: int

    def __post_init__(self) -> None:
        """Refuse what is no time of the week, and what lasts no time."""
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int):
                raise ValueError(f"{name} must be a whole number, not {value!r}")  # noqa: TRY004  # one kind of refusal
            if not low <= value <= high:
                raise ValueError(f"{name} is {value}; it must lie between {low} and {high}")
        if self.from_minute_of_week == self.to_minute_of_week:
            raise ValueError(f"it begins and ends at minute {self.from_minute_of_week}; a whole week is 0 to 10080")

    @property
    def length_minutes(self) -> int:
        """How long it holds each week, 1 to 10080."""
        length = self.to_minute_of_week - self.from_minute_of_week
        return length if length > 0 else length + MINUTES_PER_WEEK


Schedule = tuple[ScheduledMinimum, ...]


def schedule_of(entries: Iterable[Mapping[str, object]]) -> Schedule:
    """Read the JSON form, a list of objects with the fields of `ScheduledMinimum`, into the order of the week.

    >>> schedule_of([{"from_minute_of_week": 420, "to_minute_of_week": 1140, "min_instances": 6}])
    (ScheduledMinimum(from_minute_of_week=420, to_minute_of_week=1140, min_instances=6),)

    Raises
    ------
    ValueError
        When an entry lacks a field, has another, or holds what `ScheduledMinimum` refuses.
    """
    read: list[ScheduledMinimum] = []
    for entry in entries:
        if entry.keys() != _RANGES.keys():
            raise ValueError(
                f"an entry has exactly {', '.join(_RANGES)}; this one has {', '.join(sorted(entry)) or 'nothing'}"
            )
        read.append(ScheduledMinimum(**entry))  # type: ignore[arg-type]  # the class refuses what is no whole number
    return in_order(read)


def in_order(entries: Iterable[ScheduledMinimum]) -> Schedule:
    """Sort by the time of the week; schedules in order can be compared with `==`."""
    return tuple(sorted(entries, key=lambda one: (one.from_minute_of_week, one.to_minute_of_week, one.min_instances)))


def overlap(schedule: Schedule) -> tuple[ScheduledMinimum, ScheduledMinimum] | None:
    """Two entries that hold at the same minute, or None."""
    for place, one in enumerate(schedule):
        for other in schedule[:place] + schedule[place + 1 :]:
            if (other.from_minute_of_week - one.from_minute_of_week) % MINUTES_PER_WEEK < one.length_minutes:
                return one, other
    return None


def minimum_by_minute(schedule: Schedule, floor: int = 0) -> np.ndarray:
    """Minimum at each minute of the week; shape (10080,), never below `floor`."""
    minimum = np.full(MINUTES_PER_WEEK, floor, dtype=np.int64)
    for one in schedule:
        minutes = np.arange(one.from_minute_of_week, one.from_minute_of_week + one.length_minutes) % MINUTES_PER_WEEK
        minimum[minutes] = np.maximum(minimum[minutes], one.min_instances)
    return minimum


def schedule_in_words(schedule: Schedule) -> str:
    """Say when at least how many run; days with the same hours share a phrase.

    >>> schedule_in_words(tuple(ScheduledMinimum(day * 1440 + 420, day * 1440 + 1140, 6) for day in range(5)))
    'Mon-Fri 07:00-19:00 UTC at least 6'
    >>> schedule_in_words((ScheduledMinimum(9960, 120, 3),))
    'Sun 22:00-Mon 02:00 UTC at least 3'
    >>> schedule_in_words(())
    'none'
    """
    days_of: dict[tuple[str, int], list[int]] = {}
    for one in in_order(schedule):
        day, begin = divmod(one.from_minute_of_week, MINUTES_PER_DAY)
        end = begin + one.length_minutes
        if end <= MINUTES_PER_DAY:
            days_of.setdefault((f"{_clock(begin)}-{_clock(end)}", one.min_instances), []).append(day)
        else:
            later, rest = divmod(end - 1, MINUTES_PER_DAY)
            until = f"{DAYS[(day + later) % 7]} {_clock(rest + 1)}"
            days_of.setdefault((f"{_clock(begin)}-{until}", one.min_instances), []).append(day)
    phrases = (f"{_days(days)} {hours} UTC at least {least}" for (hours, least), days in days_of.items())
    return " and ".join(phrases) or NO_SCHEDULE


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _days(days: list[int]) -> str:
    """Name the days: three and more in a row as a range."""
    return ", ".join(
        f"{DAYS[run[0]]}-{DAYS[run[-1]]}" if len(run) > 2 else ", ".join(DAYS[day] for day in run)  # noqa: PLR2004
        for run in _runs(days)
    )


def _runs(days: list[int]) -> Iterator[list[int]]:
    """Days in a row, ascending."""
    run: list[int] = []
    for day in days:
        if run and day != run[-1] + 1:
            yield run
            run = []
        run.append(day)
    if run:
        yield run
