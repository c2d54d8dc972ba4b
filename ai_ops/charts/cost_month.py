"""What a calendar month costs: day by day so far, how it will probably end, its budget, and the month before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ai_ops.charts.axes import milliseconds
from ai_ops.charts.calendar_axis import calendar_axis
from ai_ops.charts.charts import Chart
from ai_ops.charts.key import Entry, key_layers
from ai_ops.charts.look import BAND, EXPECTED, FAINT, HALO, INK, MEASURED, MISSING, SEVERITY_COLOURS
from ai_ops.charts.month_of_cost import before_rows, spent_rows
from ai_ops.charts.report_look import LETTERS, PLOT_WIDTH, REPORT_CONFIG, SHORT, heading, narrow_key, spec_of
from ai_ops.domain.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    import altair as alt

    from ai_ops.charts.month_of_cost import MonthOfCost

PLOT_HEIGHT = 190
AIR = 1.1
EARLY, LATE = 0.12, 0.72
"""Shares of the month: before, the time axis is too near below the line; later, the edge is too near on the right."""

LIMIT = SEVERITY_COLOURS[Severity.HIGH]


def cost_month(month: MonthOfCost) -> Chart:
    """Draw what the month has cost at every midnight, and the way to its end.

    The values lie in the spec's `datasets`: `spent`, `ahead`, `before`, `budget`, `gaps` and `now`.
    """
    import altair as alt

    datasets: dict[str, list[dict[str, Any]]] = {
        "spent": spent_rows(month),
        "ahead": _ahead(month),
        "before": before_rows(month),
        "budget": [{"at": month.budget, "says": f"budget {month.money(month.budget)}"}] * month.is_budget_drawn,
        "gaps": [{"since": round(1000 * a), "until": round(1000 * b)} for a, b in month.cost.holes],
        "now": [_now(month)],
    }
    datasets["key"] = narrow_key(_key(month, datasets))
    top = AIR * max(month.highest, month.budget if month.is_budget_drawn else 0.0)
    value = alt.Y(
        "spent:Q",
        title=None,
        scale=alt.Scale(domain=[0.0, top or 1.0], nice=True),
        axis=alt.Axis(tickCount=5, labelExpr=SHORT),
    )
    time = calendar_axis("time", month.whole.start, month.whole.end, month.zone)
    description = " ".join(_description(month))
    chart = (
        alt.layer(*_grounds(time), *_lines(time, value), *_words(), *key_layers(LETTERS))
        .properties(width=PLOT_WIDTH, height=PLOT_HEIGHT, title=heading(_title(month), _subtitle(month)))
        .properties(description=description)
        .configure(**REPORT_CONFIG)
    )
    return Chart(_title(month), description, spec_of(chart, datasets))


def _now(month: MonthOfCost) -> dict[str, Any]:
    """What was spent so far, and on which side of the line there is room for words."""
    elapsed = (month.cost.end - month.whole.start) / (month.whole.end - month.whole.start)
    return {
        "time": milliseconds(month.cost.end),
        "spent": float(f"{month.to_date:.6g}"),
        "says": month.money(month.to_date),
        "align": "right" if elapsed > LATE else "left",
        "is_above": elapsed > LATE or elapsed < EARLY,
    }


def _ahead(month: MonthOfCost) -> list[dict[str, Any]]:
    """Two rows: now, and the end of the month with its bounds; none where nobody can say, or the month is over."""
    if month.projected is None or month.is_over:
        return []
    now, end = month.to_date, month.projected
    return [
        {"time": milliseconds(month.cost.end), "spent": now, "low": now, "high": now},
        {"time": milliseconds(month.whole.end), "spent": end.expected, "low": end.low, "high": end.high},
    ]


def _grounds(time: alt.X) -> list[alt.Chart]:
    """Where nothing was measured, and the bounds of what is to come."""
    import altair as alt

    ahead = alt.Chart(alt.NamedData("ahead")).encode(x=time)
    return [
        alt.Chart(alt.NamedData("gaps"))
        .mark_rect(color=MISSING, opacity=1.0)
        .encode(x=alt.X("since:T"), x2=alt.X2("until:T")),
        ahead.mark_area(color=BAND, opacity=1.0).encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q")),
        ahead.mark_line(color=EXPECTED, strokeWidth=1.0).encode(y=alt.Y("low:Q")),
        ahead.mark_line(color=EXPECTED, strokeWidth=1.0).encode(y=alt.Y("high:Q")),
    ]


def _lines(time: alt.X, value: alt.Y) -> list[alt.Chart]:
    """The month before, the budget, what is expected, and over them what was spent."""
    import altair as alt

    before, ahead, spent = (
        alt.Chart(alt.NamedData(name)).encode(x=time, y=value) for name in ("before", "ahead", "spent")
    )
    budget = alt.Chart(alt.NamedData("budget")).encode(y=alt.Y("at:Q"))
    return [
        before.mark_line(color=FAINT, strokeWidth=1.3),
        budget.mark_rule(color=LIMIT, strokeWidth=1.5),
        ahead.mark_line(color=MEASURED, strokeWidth=1.8, strokeDash=[5, 3]),
        spent.mark_line(color=MEASURED, strokeWidth=2.2, strokeCap="round"),
    ]


def _words() -> list[alt.Chart]:
    """What was spent so far, and what the budget is."""
    import altair as alt

    now = alt.Chart(alt.NamedData("now")).encode(x=alt.X("time:T"), y=alt.Y("spent:Q"))
    budget = alt.Chart(alt.NamedData("budget")).encode(x=alt.value(4), y=alt.Y("at:Q"), text=alt.Text("says:N"))
    at_now: dict[str, Any] = {
        "align": {"expr": "datum.align"},
        "dx": {"expr": "datum.align === 'left' ? 7 : -7"},
        "dy": {"expr": "datum.is_above ? -12 : 15"},
        "fontSize": LETTERS,
        "fontWeight": "bold",
    }
    at_budget: dict[str, Any] = {"dy": -9, "align": "left", "fontSize": LETTERS}
    return [
        budget.mark_text(**at_budget, **HALO),
        budget.mark_text(**at_budget, color=LIMIT),
        now.mark_circle(color=MEASURED, size=60, opacity=1.0),
        now.mark_text(**at_now, **HALO).encode(text=alt.Text("says:N")),
        now.mark_text(**at_now, color=INK).encode(text=alt.Text("says:N")),
    ]


def _key(month: MonthOfCost, datasets: dict[str, list[dict[str, Any]]]) -> Iterator[Entry]:
    yield Entry(f"spent{f' ({month.currency})' if month.currency else ''}", MEASURED)
    if datasets["ahead"]:
        yield Entry("nine of ten end here", EXPECTED)
    if datasets["before"]:
        yield Entry("last month", FAINT)
    if datasets["gaps"]:
        yield Entry("not measured", MISSING, "square")


def _title(month: MonthOfCost) -> str:
    """The conclusion: whether the budget is enough."""
    simulated = " (simulated)" if month.is_simulated else ""
    if month.budget <= 0.0 or (month.projected is None and not month.is_over):
        return f"{month.service}: {month.money(month.to_date)} in {month.name} so far{simulated}"
    return f"{month.service}: {month.name} {_outlook(month)} its budget{simulated}"


def _outlook(month: MonthOfCost) -> str:
    """How the whole month stands to its budget."""
    if month.projected is None or month.is_over:
        return "stayed within" if month.to_date <= month.budget else "exceeded"
    if month.projected.high <= month.budget:
        return "should stay within"
    if month.projected.low > month.budget:
        return "will exceed"
    return "may exceed" if month.projected.expected <= month.budget else "will probably exceed"


def _subtitle(month: MonthOfCost) -> str:
    parts = [f"{month.money(month.to_date)}{'' if month.is_over else ' so far'}"]
    if month.projected is not None and not month.is_over:
        low, high = (month.amount(bound) for bound in (month.projected.low, month.projected.high))
        parts.append(f"{month.money(month.projected.expected)} ({low} to {high}) by its end")
    if month.budget > 0.0:
        parts.append(f"budget {month.money(month.budget)}{'' if month.is_budget_drawn else ', far above the picture'}")
    return "; ".join(parts)


def _description(month: MonthOfCost) -> Iterator[str]:
    """What somebody who cannot see the chart should know, in sentences."""
    yield f"{_title(month)}. {_subtitle(month)}."
    if month.before is not None:
        yield f"The month before cost {month.money(float(month.before.filled().amounts.sum()))}."
    if month.cost.missing_hours >= 1.0:
        yield (
            f"{month.cost.missing_hours:.0f} hours were not measured, and are taken to have cost what the others did "
            "on average."
        )
