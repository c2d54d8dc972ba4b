"""The last days of a service: its metrics under each other, with the report's own span, its alarms and its gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ai_ops.charts.axes import quantity_of
from ai_ops.charts.calendar_axis import calendar_axis, day_in_words
from ai_ops.charts.charts import Chart
from ai_ops.charts.key import Entry, key_layers
from ai_ops.charts.look import (
    AS_IT_IS,
    FAINT,
    GROUND,
    INK,
    MEASURED,
    MISSING,
    QUIET_INK,
    SEVERITY_COLOURS,
    SEVERITY_SHAPES,
)
from ai_ops.charts.report_look import LETTERS, PLOT_WIDTH, REPORT_CONFIG, SHORT, heading, narrow_key, spec_of
from ai_ops.charts.short_numbers import short
from ai_ops.charts.week_seen import HOUR, known_values, metric_rows, missing_hours, span_rows, value_range
from ai_ops.domain.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    import altair as alt

    from ai_ops.charts.week_seen import AlarmShown, MetricShown, WeekSeen

PANEL_HEIGHT = 72
BETWEEN_PANELS = 20
"""Pixels, beside the ticks of an axis: the name of a panel stands there."""

KEY_ABOVE = 38.0
"""Pixels from the key to the first panel, whose name stands between them."""

HOURS_OF_A_DAY = 24
COUNTED = frozenset({"instances", "instances_desired"})
ALARM_HEIGHT = 7
"""Pixels below the upper edge of a panel where its alarms are marked."""


def report_metrics(week: WeekSeen) -> Chart:
    """Draw each metric in a panel of its own on one time axis.

    The values lie in the spec's `datasets`: `span`, and for each metric `<metric>`, `<metric>_week_ago`,
    `<metric>_gaps` and `<metric>_alarms`.
    """
    import altair as alt

    by_metric = {metric.name: metric_rows(week, metric) for metric in week.drawn}
    panels = [_panel(week, metric, by_metric[metric.name]) for metric in week.drawn]
    datasets = {name: rows for panel in by_metric.values() for name, rows in panel.items()}
    datasets["span"] = span_rows(week)
    datasets["key"] = narrow_key(_key(week, datasets), KEY_ABOVE)
    description = " ".join(_description(week))
    chart = (
        alt.vconcat(*panels, spacing=BETWEEN_PANELS)
        .properties(title=heading(_title(week), _subtitle(week)), description=description)
        .configure(**REPORT_CONFIG)
    )
    return Chart(_title(week), description, spec_of(chart, datasets))


def _panel(
    week: WeekSeen, metric: MetricShown, rows: dict[str, list[dict[str, Any]]]
) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    drawn = [one.name for one in week.drawn]
    time = calendar_axis("time", week.first, week.end, week.zone, is_labelled=metric.name == drawn[-1])
    value = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(domain=list(value_range(metric, rows)), nice=False),
        axis=alt.Axis(tickCount=3, labelExpr=SHORT, tickMinStep=1 if metric.name in COUNTED else alt.Undefined),
    )
    layers = [
        *_grounds(metric),
        *_lines(metric, time, value),
        *_alarms(metric),
        *_names(metric),
        *(key_layers(LETTERS) if metric.name == drawn[0] else ()),
    ]
    return alt.layer(*layers).properties(width=PLOT_WIDTH, height=PANEL_HEIGHT)


def _grounds(metric: MetricShown) -> list[alt.Chart]:
    """The report's own span where it is not all of it, and where nothing was measured."""
    import altair as alt

    grounds = {"span": GROUND, f"{metric.name}_gaps": MISSING}
    return [
        alt.Chart(alt.NamedData(name))
        .mark_rect(color=colour, opacity=1.0)
        .encode(x=alt.X("since:T"), x2=alt.X2("until:T"))
        for name, colour in grounds.items()
    ]


def _lines(metric: MetricShown, time: alt.X, value: alt.Y) -> list[alt.Chart]:
    """What was measured over what was measured a week earlier; interrupted where nothing was."""
    import altair as alt

    style: dict[str, Any] = {
        "invalid": "break-paths-show-path-domains",
        "strokeCap": "round",
        "strokeJoin": "round",
        "interpolate": "step-after" if metric.name in COUNTED else "linear",
    }
    earlier = alt.Chart(alt.NamedData(f"{metric.name}_week_ago")).mark_line(**style, color=FAINT, strokeWidth=1.2)
    measured = alt.Chart(alt.NamedData(metric.name)).mark_line(**style, color=MEASURED, strokeWidth=1.3)
    return [line.encode(x=time, y=value) for line in (earlier, measured)]


def _alarms(metric: MetricShown) -> list[alt.Chart]:
    """A tinted span, and a shape where it begins."""
    import altair as alt

    alarms = alt.Chart(alt.NamedData(f"{metric.name}_alarms")).encode(x=alt.X("since:T"))
    return [
        alarms.mark_rect(opacity=0.22).encode(x2=alt.X2("until:T"), color=alt.Color("colour:N", **AS_IT_IS)),
        alarms.mark_point(opacity=1.0, size=70, stroke=INK, strokeWidth=0.8).encode(
            y=alt.value(ALARM_HEIGHT),
            fill=alt.Fill("colour:N", **AS_IT_IS),
            shape=alt.Shape("shape:N", **AS_IT_IS),
        ),
    ]


def _names(metric: MetricShown) -> list[alt.Chart]:
    """What the panel shows, with its unit, and the mean of the report's span."""
    import altair as alt

    says = alt.Chart(alt.InlineData([{"name": metric.quantity.title, "figure": _figure(metric)}]))
    style: dict[str, Any] = {"fontSize": LETTERS, "baseline": "bottom", "y": -5}
    return [
        says.mark_text(**style, x=0, align="left", fontWeight="bold", color=INK).encode(text=alt.Text("name:N")),
        says.mark_text(**style, x=PLOT_WIDTH, align="right", color=QUIET_INK).encode(text=alt.Text("figure:N")),
    ]


def _figure(metric: MetricShown) -> str:
    """The mean of the report's span, and how far it moved in a week."""
    if metric.mean is None:
        return ""
    moved = "" if metric.change_percent is None else f"{metric.change_percent:+.0f} %"
    compared = ", as a week ago" if moved in {"+0 %", "-0 %"} else f", {moved} in a week" if moved else ""
    return f"mean {short(metric.mean)}{compared}"


def _key(week: WeekSeen, datasets: dict[str, list[dict[str, Any]]]) -> Iterator[Entry]:
    yield Entry("measured", MEASURED)
    if any(datasets[f"{metric.name}_week_ago"] for metric in week.drawn):
        yield Entry("a week earlier", FAINT)
    if datasets["span"]:
        yield Entry("this report", GROUND, "square")
    if any(datasets[f"{metric.name}_gaps"] for metric in week.drawn):
        yield Entry("not measured", MISSING, "square")
    for severity in Severity:
        if any(alarm.severity is severity for alarm in week.alarms):
            yield Entry(f"alarm, {severity}", SEVERITY_COLOURS[severity], SEVERITY_SHAPES[severity], 90.0)


def _title(week: WeekSeen) -> str:
    """The conclusion: how often something was abnormal, and how bad the worst of it was."""
    simulated = " (simulated)" if week.is_simulated else ""
    match week.alarms:
        case []:
            says = f"no alarm in {_length(week)}"
        case [one]:
            says = f"one {one.severity} alarm in {_length(week)}"
        case several:
            worst = max((alarm.severity for alarm in several), key=list(Severity).index)
            says = f"{len(several)} alarms in {_length(week)}, the worst {worst}"
    return f"{week.service}: {says}{simulated}"


def _length(week: WeekSeen) -> str:
    hours = (week.end - week.first) / HOUR
    days = round(hours / HOURS_OF_A_DAY)
    return f"{days} days" if days > 1 else f"{hours:.0f} hours"


def _subtitle(week: WeekSeen) -> str:
    return f"{day_in_words(week.first, week.zone)} to {day_in_words(week.end, week.zone)}, times in {week.zone}"


def _description(week: WeekSeen) -> Iterator[str]:
    """What somebody who cannot see the chart should know, in sentences."""
    yield f"{_title(week)}. {_subtitle(week)}."
    for metric in week.metrics:
        yield _metric_in_words(week, metric)
    for alarm in week.alarms:
        yield _alarm_in_words(week, alarm)


def _metric_in_words(week: WeekSeen, metric: MetricShown) -> str:
    words, values, missing = metric.quantity.words, known_values(week, metric), missing_hours(week, metric)
    if not values.size:
        return f"{metric.quantity.name}: not measured."
    says = f"{metric.quantity.name}: {words(values.min())} to {words(values.max())}, at last {words(values[-1])}"
    if figure := _figure(metric):
        says += f"; in this report's time {figure}"
    return says + (f"; not measured for {missing:.3g} hours." if missing >= 1.0 else ".")


def _alarm_in_words(week: WeekSeen, alarm: AlarmShown) -> str:
    names = ", ".join(quantity_of(metric).name for metric in alarm.metrics)
    since, until = (day_in_words(moment, week.zone) for moment in (alarm.since, alarm.until))
    return f"{alarm.severity.capitalize()} alarm of {names} from {since} to {until}."
