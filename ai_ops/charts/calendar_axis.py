"""Time by the clock on the team's wall: ticks at its midnights, however long its days are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ai_ops.charts.axes import milliseconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    import altair as alt

MOST_TICKS = 7
"""Times of which each is as long as "Fri 20", below a narrow plot."""

FLUSH = 12
"""Pixels from an end of the axis within which words stay inside of it."""

EVERY_OTHER_DAY = 2
WEEKS = timedelta(days=14)
"""From how many days on the month says more than the day of the week."""


def calendar_axis(field: str, first: datetime, end: datetime, zone: str, *, is_labelled: bool = True) -> alt.X:
    """Time from `first` to `end`, with ticks at whole days of `zone`, or at whole hours where it is a day or two.

    Parameters
    ----------
    zone
        IANA name.
    is_labelled
        Whether times stand at the ticks; else an axis below does it.
    """
    import altair as alt

    ticks = dict(_ticks(first, end, ZoneInfo(zone)))
    says = ", ".join(f'"{moment}": "{label}"' for moment, label in ticks.items())
    # A picture is drawn in UTC, and its midnights are not the team's: each tick brings its own words.
    axis = alt.Axis(
        title=None,
        values=list(ticks),
        labelExpr=f"({{{says}}})[time(datum.value)]",
        labels=is_labelled,
        grid=True,
        labelOverlap=True,
        labelFlush=FLUSH,
    )
    return alt.X(f"{field}:T", axis=axis, scale=alt.Scale(type="utc", domain=[milliseconds(first), milliseconds(end)]))


def _ticks(first: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[int, str]]:
    """Epoch milliseconds of round times of the wall clock, and what stands there."""
    hours = next((one for one in (1, 3, 6, 12) if (end - first) / timedelta(hours=one) <= MOST_TICKS), None)
    days = ceil((end - first) / timedelta(days=MOST_TICKS))
    if days > EVERY_OTHER_DAY:
        days = 7 * ceil(days / 7)  # the same day of the week under each other
    last_midnight = end.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    step = timedelta(hours=hours) if hours else timedelta(days=days)
    moment = last_midnight + (timedelta(days=1) if hours else timedelta(0))
    while (at := moment.astimezone(UTC)) >= first:
        if at <= end:
            yield milliseconds(at), _label(moment, end - first)
        moment -= step  # arithmetic on the wall clock keeps its hours


def _label(moment: datetime, span: timedelta) -> str:
    if moment.hour:
        return f"{moment:%H:%M}"
    return f"{moment:%-d %b}" if span > WEEKS else f"{moment:%a %-d}"


def day_in_words(moment: datetime, zone: str) -> str:
    """Day and time by the team's clock: "Fri 20 Nov 09:10"."""
    return f"{moment.astimezone(ZoneInfo(zone)):%a %-d %b %H:%M}"
