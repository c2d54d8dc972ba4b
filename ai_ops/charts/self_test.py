"""How the detection did on a team's own history: recall on the left, false alarms on the right, a row per metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ai_ops.charts.axes import quantity_of
from ai_ops.charts.charts import Chart
from ai_ops.charts.key import Entry, key_layers, key_rows
from ai_ops.charts.look import AS_IT_IS, CONFIG, EXPECTED, LINES, MEASURED, QUIET_INK
from ai_ops.domain.self_test import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    import altair as alt

    from ai_ops.domain.self_test import Estimate, SelfTest

ROW_HEIGHT = 44
"""Pixels for a metric: room for the whisker and, below it, a mark for each kind of fault."""
RECALL_WIDTH, ALARMS_WIDTH = 520, 260

MARKS: dict[Fault, tuple[str, str]] = {
    Fault.SPIKE: ("triangle-up", "#7a0022"),
    Fault.LEVEL_SHIFT: ("square", "#bf2f0f"),
    Fault.RAMP: ("triangle-right", "#dd6b00"),
    Fault.VARIANCE: ("diamond", "#e8a200"),
    Fault.DROPOUT: ("triangle-down", "#5b3a8c"),
    Fault.PERIOD_BREAK: ("circle", "#2a7f62"),
    Fault.FLAT_LINE: ("cross", "#595959"),
}
"""A shape and a colour for each: one of the two survives colour blindness and a grey printer."""


def recall_and_alarms(test: SelfTest) -> Chart:
    """Draw the recall and the alarms per week of every metric with their 95 % intervals, and each fault's recall.

    A vertical line marks what `anomaly_sensitivity` promises, and what it allows. The values lie in the spec's
    `datasets`: `recall`, `faults` and `alarms`.
    """
    import altair as alt

    chart = (
        alt.hconcat(_recall(test), _alarms(test), spacing=28)
        .properties(title=alt.TitleParams(text=_title(test), subtitle=_subtitle(test)))
        .properties(datasets=_datasets(test), description=" ".join(_description(test)))
        .configure(**CONFIG)
    )
    return Chart(_title(test), " ".join(_description(test)), chart.to_dict())


def _recall(test: SelfTest) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    axis = alt.Axis(format="%", title="Faults that raised an alarm while they lasted")
    rows = _rows(test, alt.Axis(ticks=False, domain=False, labelLimit=200))
    share = alt.X("value:Q", axis=axis, scale=alt.Scale(domain=[0, 1]))
    marks = alt.Chart(alt.NamedData("faults")).mark_point(filled=True, opacity=0.9, size=55, yOffset=12)
    return alt.layer(
        *_line_at(test.promised),
        *_whiskers("recall", share, rows),
        marks.encode(
            x=share,
            y=rows,
            shape=alt.Shape("shape:N", **AS_IT_IS),
            color=alt.Color("colour:N", **AS_IT_IS),
            tooltip=["fault:N", alt.Tooltip("value:Q", format=".0%"), "hits:Q", "trials:Q"],
        ),
        *key_layers(),
    ).properties(width=RECALL_WIDTH, height=ROW_HEIGHT * max(1, len(test.metrics)))


def _alarms(test: SelfTest) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    rate = alt.X("value:Q", axis=alt.Axis(title="Alarms a week on the untouched history"), scale=alt.Scale(zero=True))
    return alt.layer(*_line_at(test.plan.budget_per_week), *_whiskers("alarms", rate, _rows(test, None))).properties(
        width=ALARMS_WIDTH, height=ROW_HEIGHT * max(1, len(test.metrics))
    )


def _rows(test: SelfTest, axis: alt.Axis | None) -> alt.Y:
    """A row per metric, in the order of the test."""
    import altair as alt

    return alt.Y("metric:N", title=None, sort=[quantity_of(one.metric).name for one in test.metrics], axis=axis)


def _whiskers(dataset: str, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """The interval, and the figure on it."""
    import altair as alt

    base = alt.Chart(alt.NamedData(dataset))
    whisker = base.mark_rule(color=EXPECTED, strokeWidth=3, strokeCap="round", yOffset=-4, y2Offset=-4)
    point = base.mark_point(color=MEASURED, filled=True, opacity=1.0, size=90, yOffset=-4)
    style: dict[str, Any] = {"fontSize": 11, "dy": -16}
    labels = [base.mark_text(**style, stroke="white", strokeWidth=4), base.mark_text(**style, color=QUIET_INK)]
    return [
        whisker.encode(x=alt.X("low:Q"), x2="high:Q", y=y),
        point.encode(x=x, y=y),
        *(label.encode(x=x, y=y, text="label:N") for label in labels),
    ]


def _line_at(value: float) -> list[alt.Chart]:
    import altair as alt

    return [alt.Chart(alt.InlineData([{"at": value}])).mark_rule(color=LINES, strokeDash=[4, 4]).encode(x="at:Q")]


def _key(test: SelfTest) -> Iterator[Entry]:
    tried = {fault.fault for one in test.metrics for fault in one.faults if fault.trials}
    yield from (Entry(str(fault), MARKS[fault][1], MARKS[fault][0], 55.0) for fault in Fault if fault in tried)


def _datasets(test: SelfTest) -> dict[str, list[dict[str, Any]]]:
    named = [(quantity_of(one.metric).name, one) for one in test.metrics]
    return {
        "key": key_rows(_key(test)),
        "recall": [
            {"metric": name, "label": f"{one.recall.value:.0%}", **_interval(one.recall)}
            for name, one in named
            if one.recall
        ],
        "faults": [
            {
                "metric": name,
                "fault": str(fault.fault),
                "shape": MARKS[fault.fault][0],
                "colour": MARKS[fault.fault][1],
                "value": fault.recall.value,
                "hits": fault.hits,
                "trials": fault.trials,
            }
            for name, one in named
            for fault in one.faults
            if fault.recall
        ],
        "alarms": [
            {"metric": name, "label": f"{one.alarms_per_week.value:.1f}", **_interval(one.alarms_per_week)}
            for name, one in named
        ],
    }


def _interval(estimate: Estimate) -> dict[str, float]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def _title(test: SelfTest) -> str:
    simulated = " (simulated)" if test.is_simulated else ""
    if test.recall is None:
        return f"Self-test of {test.service}: nothing could be tested{simulated}"
    return f"Self-test of {test.service}: {test.recall.value:.0%} of injected faults found{simulated}"


def _subtitle(test: SelfTest) -> list[str]:
    plan = test.plan
    sizes = f"{plan.sigmas:g} to {3 * plan.sigmas:g} robust sigma"
    return [
        f"faults of {sizes}, {plan.minutes:g} minutes long; whiskers are 95 % intervals",
        f"dashed: the promised {test.promised:.0%}, and the false-alarm budget, {plan.budget_per_week:.2g} a week",
    ]


def _description(test: SelfTest) -> Iterator[str]:
    """What somebody who cannot see the chart should know, in sentences."""
    yield f"{_title(test)}. Verdict: {test.verdict}."
    for one in test.metrics:
        found = "no fault fitted" if one.recall is None else f"{one.recall.value:.0%} found"
        yield f"{quantity_of(one.metric).name}: {found}, {one.alarms_per_week.value:.1f} alarms a week."
