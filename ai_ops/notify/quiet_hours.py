"""Hours in which people sleep, by the clock on their wall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)
_LONGEST_MINUTES = 49 * 60
"""A day has at most 25 hours where a clock is turned, and 48 where a country steps over the date line."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A time of day, every day.

    Parameters
    ----------
    begin, end
        Different times of the wall clock; an end that is not later than the begin is on the next day.
    zone
        IANA name of the time zone.

    Examples
    --------
    >>> nights = QuietHours(time(22), time(7), "Europe/London")
    >>> nights.until(datetime(2026, 7, 1, 21, 30, tzinfo=UTC))
    datetime.datetime(2026, 7, 2, 6, 0, tzinfo=datetime.timezone.utc)
    >>> nights.until(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)) is None
    True
    """

    begin: time
    end: time
    zone: str

    def until(self, now: datetime) -> datetime | None:
        """When the quiet hours end in which `now` lies, aware UTC; None outside of them.

        On the night on which a clock is turned back an hour is there twice, and may be quiet twice. On the one on
        which it is turned forward an end that the clock never shows is where it jumps over it.
        """
        if not self.contain(now):
            return None
        return _end_after(self, now.astimezone(UTC).replace(second=0, microsecond=0))

    def contain(self, moment: datetime) -> bool:
        """Whether `moment` lies in them."""
        shown = moment.astimezone(ZoneInfo(self.zone)).time()
        if self.begin < self.end:
            return self.begin <= shown < self.end
        return shown >= self.begin or shown < self.end


@lru_cache(maxsize=64)
def _end_after(quiet: QuietHours, minute: datetime) -> datetime:
    """First minute that is not quiet: looked up one by one, as zones have too many surprises for arithmetic."""
    later = (minute + number * _MINUTE for number in range(1, _LONGEST_MINUTES))
    return next((moment for moment in later if not quiet.contain(moment)), minute + _LONGEST_MINUTES * _MINUTE)
