"""A series, the band in which it was expected, and what detection found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ai_ops.charts.axes import time_axis
from ai_ops.charts.charts import Chart
from ai_ops.charts.judged import finding_rows, gap_rows, point_rows, value_range, window_rows
from ai_ops.charts.key import Entry, key_layers, key_rows
from ai_ops.charts.look import (
    AS_IT_IS,
    BAND,
    CONFIG,
    EXPECTED,
    HALO,
    HEIGHT,
    INK,
    MEASURED,
    MISSING,
    QUIET_INK,
    SEVERITY_COLOURS,
    SEVERITY_SHAPES,
    WIDTH,
)
from ai_ops.domain.finding import Severity
from ai_ops.domain.metrics import CANONICAL_METRICS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import altair as alt

    from ai_ops.charts.judged import Judged
    from ai_ops.domain.finding import Finding


def expected_band(judged: Judged) -> Chart:
    """Draw a series over its expected band, with every finding marked from its beginning to its worst moment.

    Long series are thinned out so that no spike, alarm or outage is lost. Where nothing was measured the line is
    interrupted and the ground is grey. The values lie in the spec's `datasets`: `points`, `gaps` and `findings`.
    """
    import altair as alt

    datasets = {
        "points": point_rows(judged),
        "gaps": (gaps := gap_rows(judged)),
        "findings": finding_rows(judged),
        "window": window_rows(judged),
        "key": key_rows(_key(judged.findings, has_gaps=bool(gaps))),
    }
    # A forecast is no point of the line, and has to lie in the picture all the same.
    marked = [{"value": row["value"], "lower": None, "upper": None} for row in datasets["findings"]]
    reach = value_range([*datasets["points"], *marked], judged.quantity.most)
    value = alt.Y(
        "value:Q",
        title=judged.quantity.title,
        scale=alt.Scale(domain=reach, nice=True, zero=False),
        axis=alt.Axis(tickCount=6),
    )
    title, description = _title(judged), " ".join(_description(judged))
    chart = (
        alt.layer(
            *_gaps(),
            *_series(time_axis("time", judged.first, judged.end), value),
            *_window(),
            *_findings(),
            *key_layers(),
            datasets=datasets,
        )
        .properties(width=WIDTH, height=HEIGHT, description=description)
        .properties(title=alt.TitleParams(text=title, subtitle=_subtitle(judged)))
        .configure(**CONFIG)
    )
    return Chart(title, description, chart.to_dict())


def _gaps() -> list[alt.Chart]:
    import altair as alt

    gaps = alt.Chart(alt.NamedData("gaps")).encode(x="since:T", x2="until:T")
    return [gaps.mark_rect(color=MISSING, opacity=1.0, clip=True)]


def _series(time: alt.X, value: alt.Y) -> list[alt.Chart]:
    """Band, expectation and measured values; each is interrupted where it is not known."""
    import altair as alt

    points = alt.Chart(alt.NamedData("points")).encode(x=time)
    style: dict[str, Any] = {
        "invalid": "break-paths-show-path-domains",
        "clip": True,
        "strokeCap": "round",
        "strokeJoin": "round",
    }
    return [
        points.mark_area(**style, color=BAND, opacity=1.0).encode(y="lower:Q", y2="upper:Q"),
        points.mark_line(**style, color=EXPECTED, strokeWidth=1.0).encode(y="expected:Q"),
        points.mark_line(**style, color=MEASURED, strokeWidth=1.5).encode(y=value),
    ]


def _window() -> list[alt.Chart]:
    """A line where the window begins, unless everything that is shown lies in it."""
    import altair as alt

    begin = alt.Chart(alt.NamedData("window")).encode(x="begin:T")
    style: dict[str, Any] = {
        "text": "findings are looked for from here",
        "align": {"expr": "datum.align"},
        "dx": {"expr": "datum.align === 'left' ? 6 : -6"},
        "fontSize": 11,
    }
    words = begin.encode(y=alt.value(10))
    return [
        begin.mark_rule(color=QUIET_INK, strokeDash=[3, 3]),
        words.mark_text(**style, **HALO),
        words.mark_text(**style, color=QUIET_INK),
    ]


def _findings() -> list[alt.Chart]:
    """A tinted span, a shape at the worst moment, and its value on a white edge."""
    import altair as alt

    findings = alt.Chart(alt.NamedData("findings"))
    colour, shape = alt.Color("colour:N", **AS_IT_IS), alt.Shape("shape:N", **AS_IT_IS)
    worst = findings.encode(x="at:T", y="value:Q")
    label: dict[str, Any] = {"align": {"expr": "datum.align"}, "dy": -16, "fontSize": 12, "fontWeight": "bold"}
    tooltip = [alt.Tooltip("severity:N"), alt.Tooltip("reason:N")]
    return [
        findings.mark_rect(opacity=0.16, clip=True).encode(x="since:T", x2="until:T", color=colour),
        worst.mark_point(opacity=1.0, size=140, stroke="white", strokeWidth=1.5).encode(
            fill=alt.Fill("colour:N", **AS_IT_IS), shape=shape, tooltip=tooltip
        ),
        worst.mark_text(**label, **HALO).encode(text="label:N"),
        worst.mark_text(**label, color=INK).encode(text="label:N"),
    ]


def _key(findings: Sequence[Finding], *, has_gaps: bool) -> Iterator[Entry]:
    yield Entry("measured", MEASURED)
    yield Entry("expected", EXPECTED)
    yield Entry("expected range", BAND, "square")
    if has_gaps:
        yield Entry("not measured", MISSING, "square")
    for severity in Severity:
        if any(finding.severity is severity for finding in findings):
            yield Entry(f"{severity} finding", SEVERITY_COLOURS[severity], SEVERITY_SHAPES[severity], 110.0)


def _title(judged: Judged) -> str:
    """The conclusion: how many findings there are, and how bad the worst is."""
    simulated = " (simulated)" if judged.is_simulated else ""
    match judged.findings:
        case []:
            says = "nothing abnormal" if judged.is_judged else "not judged"
        case [one]:
            says = f"one {one.severity} finding"
        case several:
            worst = max((finding.severity for finding in several), key=list(Severity).index)
            says = f"{len(several)} findings, the worst {worst}"
    return f"{judged.quantity.name} of {judged.service}: {says}{simulated}"


def _subtitle(judged: Judged) -> str:
    meaning = CANONICAL_METRICS.get(judged.series.metric, judged.series.metric)
    return f"{meaning}; {judged.first:%-d %B %H:%M} to {judged.window.end:%-d %B %Y %H:%M} UTC"


def _description(judged: Judged) -> Iterator[str]:
    """What somebody who cannot see the chart should know, in sentences."""
    import numpy as np

    words = judged.quantity.words
    values = judged.series.values[judged.shown]
    values = values[np.isfinite(values)]
    yield f"{_title(judged)}. {_subtitle(judged)}."
    if values.size:
        yield f"It lay between {words(values.min())} and {words(values.max())}, at last at {words(values[-1])}."
    else:
        yield "Nothing was measured."
    for finding in judged.findings:
        beside = "is the limit" if judged.is_ahead(finding) else "was expected"
        yield (
            f"{finding.severity.capitalize()} finding since {finding.since:%-d %B %H:%M} UTC, at its worst at "
            f"{finding.at:%-d %B %H:%M} UTC: {words(finding.value)} where {words(finding.expected)} {beside}."
        )
