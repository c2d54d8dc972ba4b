"""The agent's own predictions of the last weeks: what it expected, and what came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from ai_ops.charts.axes import milliseconds
from ai_ops.charts.calendar_axis import calendar_axis, day_in_words
from ai_ops.charts.charts import Chart
from ai_ops.charts.key import Entry, key_layers
from ai_ops.charts.look import AS_IT_IS, EXPECTED, FAINT, INK, MEASURED, SEVERITY_COLOURS
from ai_ops.charts.report_look import LETTERS, PLOT_WIDTH, REPORT_CONFIG, SHORT, heading, narrow_key, spec_of
from ai_ops.charts.short_numbers import short
from ai_ops.domain.finding import Severity
from ai_ops.domain.prediction import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import altair as alt

    from ai_ops.domain.prediction import Interval

PANEL_HEIGHT = 105
BETWEEN_PANELS = 20
KEY_ABOVE = 38.0
EDGE = timedelta(hours=12)
"""Room on both sides, so that no mark is cut in half."""

LEAST = timedelta(days=7)
"""The shortest time that is shown: the first prediction stands in a week, not in an hour."""

AIR = 1.08


class Mark(NamedTuple):
    """Shape, colour and size of what came."""

    shape: str
    colour: str
    size: float


MARKS = {
    Verdict.HIT: Mark("circle", MEASURED, 38.0),
    Verdict.MISS: Mark("diamond", SEVERITY_COLOURS[Severity.MEDIUM], 100.0),
    Verdict.NOT_JUDGEABLE: Mark("cross", FAINT, 64.0),
}


@dataclass(frozen=True, slots=True)
class PredictionShown:
    """One prediction that was held against reality; None where nothing was predicted, or nothing was measured."""

    made_at: datetime
    verdict: Verdict
    cost_per_hour: Interval | None
    cost_came: float | None
    burn: Interval | None
    burn_came: float | None


@dataclass(frozen=True, slots=True)
class PredictionsSeen:
    """What the chart is about.

    Parameters
    ----------
    predictions
        Those of the last weeks, oldest first and none later than `end`; at least one has an interval.
    end
        Up to when they were judged, aware UTC.
    zone
        IANA name of the team's time zone.
    hits, misses
        How many came true, and how many did not. A day's predictions count once, so that there may be fewer.
    calibration
        Share of hits with its 95 % interval; None where nothing could be judged.
    currency
        Of the cost; "" where nobody said which.
    """

    service: str
    is_simulated: bool
    predictions: tuple[PredictionShown, ...]
    end: datetime
    zone: str
    hits: int
    misses: int
    calibration: Interval | None
    currency: str = ""

    @property
    def first(self) -> datetime:
        """Where the chart begins."""
        return min(self.end - LEAST, self.predictions[0].made_at - EDGE)


def predictions_seen(seen: PredictionsSeen) -> Chart:
    """Draw each interval with a mark for what came: one panel for the cost, one for the error budget.

    The values lie in the spec's `datasets`: `cost` and `burn`.
    """
    import altair as alt

    datasets = {
        "cost": _rows([(one, one.cost_per_hour, one.cost_came) for one in seen.predictions]),
        "burn": _rows([(one, one.burn, one.burn_came) for one in seen.predictions]),
    }
    drawn = [name for name, rows in datasets.items() if rows]
    panels = [_panel(seen, name, datasets[name], drawn) for name in drawn]
    description = " ".join(_description(seen))
    datasets = {name: datasets[name] for name in drawn} | {"key": narrow_key(_key(seen), KEY_ABOVE)}
    chart = (
        alt.vconcat(*panels, spacing=BETWEEN_PANELS)
        .properties(title=heading(_title(seen), _subtitle(seen)), description=description)
        .configure(**REPORT_CONFIG)
    )
    return Chart(_title(seen), description, spec_of(chart, datasets))


def _rows(figures: list[tuple[PredictionShown, Interval | None, float | None]]) -> list[dict[str, Any]]:
    """One row for each prediction of one figure."""
    return [
        {
            "time": milliseconds(one.made_at),
            "low": max(0.0, interval.low),
            "high": interval.high,
            "expected": interval.expected,
            "came": came,
            "marked": interval.expected if one.verdict is Verdict.NOT_JUDGEABLE else came,
            "verdict": str(one.verdict),
            "shape": MARKS[one.verdict].shape,
            "colour": MARKS[one.verdict].colour,
            "size": MARKS[one.verdict].size,
        }
        for one, interval, came in figures
        if interval is not None
    ]


def _panel(
    seen: PredictionsSeen, name: str, rows: list[dict[str, Any]], drawn: list[str]
) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    values = [value for row in rows for value in (row["high"], row["came"]) if value is not None]
    time = calendar_axis("time", seen.first, seen.end, seen.zone, is_labelled=name == drawn[-1])
    top = AIR * max(values) or 1.0
    value = alt.Y(
        "low:Q",
        title=None,
        # A root keeps one terrible day from flattening all that decides whether the promise is kept.
        scale=alt.Scale(type="sqrt" if name == "burn" else "linear", domain=[0.0, top], nice=True),
        axis=alt.Axis(tickCount=4, labelExpr=SHORT),
    )
    layers = [*_intervals(name, time, value), *_marks(name, time), *_name(seen, name)]
    return alt.layer(*layers, *(key_layers(LETTERS) if name == drawn[0] else ())).properties(
        width=PLOT_WIDTH, height=PANEL_HEIGHT
    )


def _intervals(name: str, time: alt.X, value: alt.Y) -> list[alt.Chart]:
    """From bound to bound, with a notch where it was expected."""
    import altair as alt

    data = alt.Chart(alt.NamedData(name)).encode(x=time)
    return [
        data.mark_rule(color=EXPECTED, strokeWidth=3).encode(y=value, y2=alt.Y2("high:Q")),
        data.mark_tick(color=EXPECTED, thickness=2, width=7, orient="horizontal", opacity=1.0).encode(
            y=alt.Y("expected:Q")
        ),
    ]


def _marks(name: str, time: alt.X) -> list[alt.Chart]:
    """What came: the misses on top. What cannot be judged is crossed out, for whatever came says nothing of it."""
    import altair as alt

    data = alt.Chart(alt.NamedData(name)).transform_filter("isValid(datum.marked)")
    mark = data.mark_point(opacity=1.0, stroke=INK, strokeWidth=0.6)
    came = mark.encode(
        x=time,
        y=alt.Y("marked:Q"),
        fill=alt.Fill("colour:N", **AS_IT_IS),
        shape=alt.Shape("shape:N", **AS_IT_IS),
        size=alt.Size("size:Q", **AS_IT_IS),
    )
    is_miss = alt.datum.verdict == str(Verdict.MISS)
    return [came.transform_filter(~is_miss), came.transform_filter(is_miss)]


def _name(seen: PredictionsSeen, name: str) -> list[alt.Chart]:
    """What the panel shows, with its unit."""
    import altair as alt

    says = f"Cost an hour{f' ({seen.currency})' if seen.currency else ''}" if name == "cost" else "Error budget spent"
    note = "" if name == "cost" else "1 is all of it"
    style: dict[str, Any] = {"fontSize": LETTERS, "baseline": "bottom", "y": -5}
    text = alt.Chart(alt.InlineData([{"says": says, "note": note}]))
    return [
        text.mark_text(**style, x=0, align="left", fontWeight="bold", color=INK).encode(text=alt.Text("says:N")),
        text.mark_text(**style, x=PLOT_WIDTH, align="right", color=INK).encode(text=alt.Text("note:N")),
    ]


def _key(seen: PredictionsSeen) -> Iterator[Entry]:
    yield Entry("predicted, nine of ten", EXPECTED)
    says = {Verdict.HIT: "came true", Verdict.MISS: "did not", Verdict.NOT_JUDGEABLE: "cannot be judged"}
    for verdict, mark in MARKS.items():
        if any(one.verdict is verdict for one in seen.predictions):
            yield Entry(says[verdict], mark.colour, mark.shape, mark.size)


def _title(seen: PredictionsSeen) -> str:
    """The conclusion: how many came true."""
    simulated = " (simulated)" if seen.is_simulated else ""
    if seen.calibration is None:
        return f"{seen.service}: no prediction could be judged yet{simulated}"
    came_true = f"{seen.hits} of {seen.hits + seen.misses} predictions came true"
    return f"{seen.service}: {came_true}, {100 * seen.calibration.expected:.0f} %{simulated}"


def _subtitle(seen: PredictionsSeen) -> str:
    until = f"p to {day_in_words(seen.end, seen.zone)}, times in {seen.zone}"
    if seen.calibration is None:
        return f"U{until}"
    low, high = 100 * seen.calibration.low, 100 * seen.calibration.high
    return f"90 % is claimed, {low:.0f} to {high:.0f} % fits what came; a day counts once; u{until}"


def _description(seen: PredictionsSeen) -> Iterator[str]:
    """What somebody who cannot see the chart should know, in sentences."""
    yield f"{_title(seen)}. {_subtitle(seen)}."
    for one in seen.predictions:
        if one.verdict is Verdict.MISS:
            yield f"A miss was made on {day_in_words(one.made_at, seen.zone)}: {'; '.join(_beside(seen, one))}."


def _beside(seen: PredictionsSeen, one: PredictionShown) -> Iterator[str]:
    cost = f"cost {{}}{f' {seen.currency}' if seen.currency else ''} an hour"
    for says, interval, came in (
        (cost, one.cost_per_hour, one.cost_came),
        ("{} of the error budget", one.burn, one.burn_came),
    ):
        if interval is not None and came is not None:
            yield f"{says.format(short(came))} where {short(interval.low)} to {short(interval.high)} was predicted"
