"""Demand as it was and as it will probably be, beside what the greatest number of instances carries."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.charts.axes import milliseconds, time_axis
from ai_ops.charts.charts import Chart
from ai_ops.charts.key import Entry, key_layers, key_rows
from ai_ops.charts.look import BAND, CONFIG, EXPECTED, HALO, HEIGHT, INK, MEASURED, QUIET_INK, WIDTH
from ai_ops.twin.outlook.demand import HOUR

if TYPE_CHECKING:
    from collections.abc import Iterator

    import altair as alt

    from ai_ops.twin.outlook.outlook import Outlook

HISTORY = timedelta(days=7)
"""Shown before now: every weekday once."""

FAR = 2.5
"""A capacity this many times above all demand is told in words: drawn, it would flatten everything else."""

AIR = 1.08
LIMIT, ADVISED = "#bf2f0f", "#f3dcae"
SIGNIFICANT_DIGITS = 5


def capacity_chart(outlook: Outlook, service: str, *, is_simulated: bool = False) -> Chart:
    """Draw a week of demand, the forecast of two days with its interval, the limit, and what would be advised.

    The values lie in the spec's `datasets`: `came`, `ahead`, `advised`, `limit`.
    """
    import altair as alt

    datasets = {
        "came": _came(outlook),
        "ahead": _ahead(outlook),
        "advised": _advised(outlook),
        "limit": _limit(outlook),
        "now": [{"at": milliseconds(outlook.demand.end)}],
    }
    datasets["key"] = key_rows(_key(outlook, is_limit_drawn=bool(datasets["limit"])))
    first, end = outlook.demand.end - HISTORY, outlook.demand.end + outlook.hours.expected.size * HOUR
    drawn = [row for name in ("came", "ahead", "limit") for row in datasets[name]]
    values = [row.get("upper", row["value"]) for row in drawn]
    top = AIR * max((value for value in values if value is not None), default=1.0)
    value = alt.Y(
        "value:Q",
        title="Requests per second, busiest ten minutes of the hour",
        scale=alt.Scale(domain=[0.0, top or 1.0], nice=True),
        axis=alt.Axis(tickCount=6),
    )
    title, subtitle = _title(outlook, service, is_simulated=is_simulated), _subtitle(outlook)
    layers = [*_now(), *_blocks(), *_lines(time_axis("time", first, end), value), *_limits(), *key_layers()]
    chart = (
        alt.layer(*layers, datasets=datasets)
        .properties(width=WIDTH, height=HEIGHT, description=f"{title}. {subtitle}.")
        .properties(title=alt.TitleParams(text=title, subtitle=subtitle))
        .configure(**CONFIG)
    )
    return Chart(title, f"{title}. {subtitle}.", chart.to_dict())


def _came(outlook: Outlook) -> list[dict[str, Any]]:
    """One row per hour that was; None where nothing was measured."""
    peaks = outlook.demand.hourly_peaks().last(HISTORY)
    return [{"time": milliseconds(peaks.at(index)), "value": _short(value)} for index, value in enumerate(peaks.values)]


def _ahead(outlook: Outlook) -> list[dict[str, Any]]:
    """One row per hour to come."""
    figures = zip(outlook.hours.expected, outlook.hours.lower, outlook.hours.upper, strict=True)
    return [
        {
            "time": milliseconds(outlook.demand.end + index * HOUR),
            "value": _short(expected),
            "lower": _short(lower),
            "upper": _short(upper),
        }
        for index, (expected, lower, upper) in enumerate(figures)
    ]


def _advised(outlook: Outlook) -> list[dict[str, Any]]:
    return [
        {
            "since": milliseconds(one.begins),
            "until": milliseconds(one.ends),
            "middle": milliseconds(one.begins + (one.ends - one.begins) / 2),
            "says": f"at least {one.min_instances}",
        }
        for one in outlook.advised
    ]


def _limit(outlook: Outlook) -> list[dict[str, Any]]:
    """One row with what the greatest number of instances carries; none where it is not known, or far away."""
    capacity = outlook.capacity
    if isinstance(capacity, str) or capacity.most is None:
        return []
    highest = max(float(np.nanmax(outlook.demand.last(HISTORY).values, initial=0.0)), float(outlook.hours.upper.max()))
    if capacity.most_demand > FAR * highest:
        return []
    says = f"{capacity.most} instances at {capacity.full_percent:g} % CPU"
    return [{"value": _short(capacity.most_demand), "says": says}]


def _blocks() -> list[alt.Chart]:
    """The hours in which more instances should stand ready, with their number."""
    import altair as alt

    advised = alt.Chart(alt.NamedData("advised"))
    words = advised.encode(x="middle:T", y=alt.value(12), text="says:N")
    return [
        advised.mark_rect(color=ADVISED, opacity=1.0, clip=True).encode(x="since:T", x2="until:T"),
        words.mark_text(fontSize=11, **HALO),
        words.mark_text(fontSize=11, color=INK),
    ]


def _lines(time: alt.X, value: alt.Y) -> list[alt.Chart]:
    """What came, and what is expected within its interval; interrupted where it is not known."""
    import altair as alt

    style: dict[str, Any] = {"invalid": "break-paths-show-path-domains", "clip": True, "strokeJoin": "round"}
    ahead = alt.Chart(alt.NamedData("ahead")).encode(x=time)
    came = alt.Chart(alt.NamedData("came")).encode(x=time)
    return [
        ahead.mark_area(**style, color=BAND, opacity=1.0).encode(y="lower:Q", y2="upper:Q"),
        ahead.mark_line(**style, color=EXPECTED, strokeWidth=1.5).encode(y="value:Q"),
        came.mark_line(**style, color=MEASURED, strokeWidth=1.5).encode(y=value),
    ]


def _now() -> list[alt.Chart]:
    """Where measurement ends."""
    import altair as alt

    return [alt.Chart(alt.NamedData("now")).mark_rule(color=QUIET_INK, strokeDash=[3, 3]).encode(x="at:T")]


def _limits() -> list[alt.Chart]:
    """What the greatest number of instances carries, with its name."""
    import altair as alt

    limit = alt.Chart(alt.NamedData("limit")).encode(y="value:Q")
    words = limit.encode(x=alt.value(6), text="says:N")
    style: dict[str, Any] = {"align": "left", "dy": -7, "fontSize": 12}
    return [
        limit.mark_rule(color=LIMIT, strokeWidth=1.5),
        words.mark_text(**style, **HALO),
        words.mark_text(**style, color=LIMIT),
    ]


def _key(outlook: Outlook, *, is_limit_drawn: bool) -> Iterator[Entry]:
    yield Entry("measured", MEASURED)
    yield Entry("expected", EXPECTED)
    yield Entry("nine of ten lie here", BAND, "square")
    if is_limit_drawn:
        yield Entry("what the maximum carries", LIMIT)
    if outlook.advised:
        yield Entry("advised minimum", ADVISED, "square")


def _title(outlook: Outlook, service: str, *, is_simulated: bool) -> str:
    """The conclusion: whether the greatest number of instances is enough."""
    simulated = " (simulated)" if is_simulated else ""
    reached = outlook.reached
    if reached is None:
        says = "demand of the next 48 hours"
    elif reached.earliest is None:
        says = f"enough instances up to {reached.horizon:%-d %B %Y}"
    else:
        says = f"the maximum may be too few from {reached.earliest:%-d %B %H:%M} UTC on"
    return f"Capacity of {service}: {says}{simulated}"


def _subtitle(outlook: Outlook) -> str:
    end, capacity = outlook.demand.end, outlook.capacity
    span = (
        f"{end - HISTORY:%-d %B} to {end + outlook.hours.expected.size * HOUR:%-d %B %Y}, now is {end:%-d %B %H:%M} UTC"
    )
    if isinstance(capacity, str) or capacity.most is None:
        return span
    return f"{span}; {capacity.most} instances carry {capacity.most_demand:.4g} requests per second"


def _short(value: float) -> float | None:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if np.isfinite(value) else None
