"""The error budget of the last days: how much of it was left at every hour, and when it was spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.charts.calendar_axis import calendar_axis, day_in_words
from ai_ops.charts.charts import Chart
from ai_ops.charts.key import Entry, key_layers
from ai_ops.charts.look import GROUND, HALO, INK, MEASURED, MISSING, SEVERITY_COLOURS, SPENT
from ai_ops.charts.report_look import LEAST_SHOWN, LETTERS, PLOT_WIDTH, REPORT_CONFIG, heading, narrow_key, spec_of
from ai_ops.charts.short_numbers import short
from ai_ops.domain.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    import altair as alt

    from ai_ops.charts.hours_seen import HoursSeen

PLOT_HEIGHT = 170
WEEK = timedelta(days=7)
ALL_OF_IT = 1.0
SHARES = "abs(datum.value) >= 10 ? format(100 * datum.value, '.2~s') + '%' : format(datum.value, '.0%')"
LIMIT = SEVERITY_COLOURS[Severity.HIGH]
ROOM_BELOW = 0.2
"""Share of the height from which words fit below the end of the line, which has come down from above all the way."""

BELOW, ABOVE, HIGH_ABOVE = 18, -12, -36
"""Pixels from the end of the line to the words: the last where the line itself still comes down beside them."""

NOTED_RATIO = 0.05
"""An hour that spent so much of the budget is worth naming."""


@dataclass(frozen=True, slots=True, eq=False)
class BudgetSpent:
    """Requests and bad requests of the time over which the error budget is counted.

    Parameters
    ----------
    requests, bad
        By hours of the same span; at least one is known, and some requests came.
    target_percent
        Share of requests that must be good, below 100.
    zone
        IANA name of the team's time zone.
    """

    service: str
    is_simulated: bool
    requests: HoursSeen
    bad: HoursSeen
    target_percent: float
    zone: str

    @property
    def left(self) -> np.ndarray:
        """Share of the budget that is left at each edge of an hour, shape (hours + 1,), from 1 down and below 0.

        The budget is that of all requests of the span, so that the last value is what is left today.
        """
        allowed = (1.0 - self.target_percent / 100.0) * np.nansum(self.requests.amounts)
        return np.asarray(1.0 - self.bad.so_far() / allowed)

    @property
    def left_now(self) -> float:
        """What is left at the end."""
        return float(self.left[-1])

    @property
    def end(self) -> datetime:
        """Where the chart ends."""
        return self.requests.end

    @property
    def first(self) -> datetime:
        """Where the chart begins: with the span, or where measuring began."""
        known = float(self.requests.edges[:-1][self.requests.is_known][0])
        return max(self.requests.start, min(self.end - LEAST_SHOWN, datetime.fromtimestamp(known, UTC)))


def error_budget(spent: BudgetSpent) -> Chart:
    """Draw what was left of the budget from hour to hour, interrupted where nothing was measured.

    The values lie in the spec's `datasets`: `left`, `gaps` and `now`.
    """
    import altair as alt

    datasets = {"left": _rows(spent), "gaps": _gaps(spent), "now": _now(spent)}
    datasets["key"] = narrow_key(_key(has_gaps=bool(datasets["gaps"])))
    low = min(0.0, float(spent.left.min()))
    value = alt.Y(
        "left:Q",
        title=None,
        scale=alt.Scale(domain=[low, ALL_OF_IT], nice=True),
        axis=alt.Axis(tickCount=5, labelExpr=SHARES),
    )
    time = calendar_axis("time", spent.first, spent.end, spent.zone)
    description = " ".join(_description(spent))
    chart = (
        alt.layer(*_grounds(time), *_lines(time, value), *_ends(), *key_layers(LETTERS))
        .properties(width=PLOT_WIDTH, height=PLOT_HEIGHT, title=heading(_title(spent), _subtitle(spent)))
        .properties(description=description)
        .configure(**REPORT_CONFIG)
    )
    return Chart(_title(spent), description, spec_of(chart, datasets))


def _rows(spent: BudgetSpent) -> list[dict[str, Any]]:
    """One row at each edge of a known hour, what lies above 0 and below it apart; one without a value in each hole."""
    at, left = spent.requests.edges, np.where(spent.requests.is_at_known, spent.left, np.nan)
    between = [(since + until) / 2 for since, until in spent.requests.holes]  # else a hole of one hour is bridged
    points = [*zip(at.tolist(), left.tolist(), strict=True), *((moment, np.nan) for moment in between)]
    begins = spent.first.timestamp()
    return [_row(moment, value) for moment, value in sorted(points) if moment >= begins]


def _row(moment: float, left: float) -> dict[str, Any]:
    value = round(left, 5) if np.isfinite(left) else None
    kept, over = (None, None) if value is None else (max(0.0, value), min(0.0, value))
    return {"time": round(1000 * moment), "left": value, "kept": kept, "over": over}


def _gaps(spent: BudgetSpent) -> list[dict[str, int]]:
    begins = spent.first.timestamp()
    holes = ((max(since, begins), until) for since, until in spent.requests.holes if until > begins)
    return [{"since": round(1000 * since), "until": round(1000 * until)} for since, until in holes]


def _now(spent: BudgetSpent) -> list[dict[str, Any]]:
    """One row with what is left today, and where there is room for words: not on the line that came down to it."""
    left = spent.left_now
    says = f"{in_percent(left)} left" if left >= 0.0 else f"{in_percent(-left)} over"
    low = min(0.0, float(spent.left.min()))
    has_room = (left - low) / (ALL_OF_IT - low) > ROOM_BELOW
    away = ABOVE if left < 0.0 else BELOW if has_room else HIGH_ABOVE
    place = {"time": round(1000 * spent.end.timestamp()), "left": round(left, 5)}
    return [place | {"says": says, "beside": max(0.0, place["left"]), "away": away}]


def _grounds(time: alt.X) -> list[alt.Chart]:
    """What is left above 0, what is overspent below it, and where nothing was measured."""
    import altair as alt

    style: dict[str, Any] = {"invalid": "break-paths-show-path-domains", "opacity": 1.0}
    left = alt.Chart(alt.NamedData("left")).encode(x=time)
    nothing = alt.datum(0.0)
    return [
        left.mark_area(**style, color=GROUND).encode(y=alt.Y("kept:Q"), y2=nothing),
        left.mark_area(**style, color=SPENT).encode(y=alt.Y("over:Q"), y2=nothing),
        alt.Chart(alt.NamedData("gaps"))
        .mark_rect(color=MISSING, opacity=1.0)
        .encode(x=alt.X("since:T"), x2=alt.X2("until:T")),
    ]


def _lines(time: alt.X, value: alt.Y) -> list[alt.Chart]:
    """What is left, and the line below which it is more than all."""
    import altair as alt

    zero = alt.Chart(alt.InlineData([{"at": 0.0}])).encode(y=alt.Y("at:Q"))
    left = alt.Chart(alt.NamedData("left")).encode(x=time, y=value)
    return [
        zero.mark_rule(color=LIMIT, strokeWidth=1.5),
        left.mark_line(color=MEASURED, strokeWidth=1.8, invalid="break-paths-show-path-domains", strokeCap="round"),
    ]


def _ends() -> list[alt.Chart]:
    """Today's value, at the end of the line."""
    import altair as alt

    now = alt.Chart(alt.NamedData("now")).encode(x=alt.X("time:T"))
    style: dict[str, Any] = {
        "align": "right",
        "dx": -6,
        "dy": {"expr": "datum.away"},
        "fontSize": LETTERS + 1,
        "fontWeight": "bold",
    }
    return [
        now.mark_circle(color=MEASURED, size=60, opacity=1.0).encode(y=alt.Y("left:Q")),
        now.mark_text(**style, **HALO).encode(y=alt.Y("beside:Q"), text=alt.Text("says:N")),
        now.mark_text(**style, color=INK).encode(y=alt.Y("beside:Q"), text=alt.Text("says:N")),
    ]


def _key(*, has_gaps: bool) -> Iterator[Entry]:
    yield Entry("left of the budget", MEASURED)
    yield Entry("all spent", LIMIT)
    if has_gaps:
        yield Entry("not measured", MISSING, "square")


def _title(spent: BudgetSpent) -> str:
    """The conclusion: how much is left."""
    simulated = " (simulated)" if spent.is_simulated else ""
    left = spent.left_now
    if left >= 0.0:
        return f"{spent.service}: {in_percent(left)} of the error budget is left{simulated}"
    return f"{spent.service}: the error budget is spent, and {in_percent(-left)} more{simulated}"


def _subtitle(spent: BudgetSpent) -> str:
    days = (spent.end - spent.requests.start) / timedelta(days=1)
    until = day_in_words(spent.end, spent.zone)
    promise = f"{spent.target_percent:g} % good requests in {days:.0f} days, to {until}, times in {spent.zone}"
    hours = f"{spent.requests.missing_hours:.0f} of {24 * days:.0f} hours were not measured"
    return f"{promise}; {hours}" if spent.requests.missing_hours >= 1.0 else promise


def _description(spent: BudgetSpent) -> Iterator[str]:
    """What somebody who cannot see the chart should know, in sentences."""
    yield f"{_title(spent)}. {_subtitle(spent)}."
    at = [spent.end - weeks * WEEK for weeks in range(4, 0, -1)]
    known = [moment for moment in at if moment >= spent.first]
    left = np.interp([moment.timestamp() for moment in known], spent.requests.edges, spent.left)
    if known:
        levels = (
            f"{day_in_words(moment, spent.zone)}: {in_percent(value)}"
            for moment, value in zip(known, left.tolist(), strict=True)
        )
        yield f"Week by week it was {', '.join(levels)}."
    costs = -np.diff(spent.left)
    worst = int(np.argmax(costs))
    if costs[worst] >= NOTED_RATIO:
        begins = datetime.fromtimestamp(float(spent.requests.edges[worst]), UTC)
        yield f"The hour from {day_in_words(begins, spent.zone)} spent {in_percent(float(costs[worst]))} of it."


def in_percent(ratio: float) -> str:
    """Write a share.

    >>> in_percent(0.6213), in_percent(0.0041), in_percent(66.0)
    ('62 %', '0.41 %', '6600 %')
    """
    percent = 100.0 * ratio
    return f"{percent:.0f} %" if abs(percent) >= 10.0 or percent == 0 else f"{short(percent)} %"  # noqa: PLR2004
