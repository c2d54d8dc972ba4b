"""An idea beside today's settings: instances and error budget over the days, and the hours that carry the risk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from ai_ops.charts.axes import milliseconds, time_axis
from ai_ops.charts.charts import Chart
from ai_ops.charts.key import Entry, key_layers, key_rows
from ai_ops.charts.look import BAND, CONFIG, LINES, MEASURED, WIDTH
from ai_ops.charts.minute_lines import lines_of
from ai_ops.twin.error_budget import spent
from ai_ops.twin.telemetry import MINUTE, SECONDS_PER_MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    import altair as alt
    import numpy as np

    from ai_ops.domain.rationale import RiskyHour

IDEA = "#dd6b00"
INSTANCES_HEIGHT, BURN_HEIGHT, HOUR_HEIGHT = 170, 120, 140
HOUR_WIDTH = (WIDTH - 2 * 75) // 3
SUBTITLE_CHARACTERS = 130
"""In one line; what is longer would be cut off."""

AROUND = timedelta(minutes=30)
"""Before and after a risky hour: how it came, and how it went."""


@dataclass(frozen=True, slots=True, eq=False)
class Alternative:
    """Two sets of settings on the same days; each array has today's in column 0 and the idea's in column 1.

    Parameters
    ----------
    start
        The first minute, aware UTC.
    demand
        Requests per second, shape (minutes,).
    wanted, bad_ratio, cpu_percent
        Instances paid for, share of bad requests and CPU, shape (minutes, 2).
    saving
        Share of the cost that the idea saves; below 0 it costs more.
    burns
        Share of the error budget that each spends, corrected by what was learned from reality.
    riskiest
        Hours of the idea, worst first.
    allowed_bad_ratio
        Share of the requests that the promise lets fail.
    is_proposal
        Whether the agent proposes it; else it is somebody's idea.
    """

    service: str
    is_simulated: bool
    idea: str
    start: datetime
    demand: np.ndarray
    wanted: np.ndarray
    bad_ratio: np.ndarray
    cpu_percent: np.ndarray
    saving: float
    burns: tuple[float, float]
    riskiest: Sequence[RiskyHour]
    allowed_bad_ratio: float
    is_proposal: bool = False

    @property
    def end(self) -> datetime:
        """Where the days end."""
        return self.start + self.demand.size * MINUTE


def idea_beside_today(shown: Alternative) -> Chart:
    """Draw both over the days, and minute by minute around the riskiest hours.

    The values lie in the spec's `datasets`: `instances`, `burn` and `hour_1` to `hour_3`.
    """
    import altair as alt

    hours = [alt.hconcat(*_hours(shown), spacing=26)] if shown.riskiest else []
    chart = (
        alt.vconcat(_instances(shown), _burn(shown), *hours, spacing=18)
        .properties(title=alt.TitleParams(text=_title(shown), subtitle=_subtitle(shown)))
        .properties(datasets=_datasets(shown), description=" ".join(_description(shown)))
        .configure(**CONFIG)
    )
    return Chart(_title(shown), " ".join(_description(shown)), chart.to_dict())


def _instances(shown: Alternative) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    value = alt.Y(
        "value:Q", title="Instances paid", scale=alt.Scale(zero=True, nice=True), axis=alt.Axis(tickMinStep=1)
    )
    layers = [*_pair("instances", time_axis("time", shown.start, shown.end), value), *key_layers()]
    return alt.layer(*layers).properties(width=WIDTH, height=INSTANCES_HEIGHT)


def _burn(shown: Alternative) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    value = alt.Y("value:Q", title="Error budget spent", axis=alt.Axis(format="%"), scale=alt.Scale(zero=True))
    whole = alt.Chart(alt.InlineData([{"at": 1.0}])).mark_rule(color=LINES, strokeDash=[4, 4]).encode(y="at:Q")
    layers = [whole] if max(shown.burns) > 0.5 else []  # noqa: PLR2004  # else the lines would lie flat below it
    return alt.layer(*layers, *_pair("burn", time_axis("time", shown.start, shown.end), value)).properties(
        width=WIDTH, height=BURN_HEIGHT
    )


def _hours(shown: Alternative) -> Iterator[alt.LayerChart | alt.FacetChart]:
    """CPU under both settings around each risky hour, whose ground is blue."""
    import altair as alt

    for place, hour in enumerate(shown.riskiest, start=1):
        first, end = hour.start - AROUND, hour.start + timedelta(hours=1) + AROUND
        span = {"since": milliseconds(hour.start), "until": milliseconds(hour.start + timedelta(hours=1))}
        ground = alt.Chart(alt.InlineData([span])).mark_rect(color=BAND, opacity=0.5).encode(x="since:T", x2="until:T")
        value = alt.Y("value:Q", title="CPU (%)" if place == 1 else None, scale=alt.Scale(domain=[0, 105]))
        title = alt.TitleParams(
            text=f"{hour.start:%a %-d %B, %H:%M}: {hour.budget_ratio:.1%} of the budget", fontSize=12, offset=4
        )
        layers = [ground, *_pair(f"hour_{place}", time_axis("time", first, end).title(None), value)]
        yield alt.layer(*layers).properties(width=HOUR_WIDTH, height=HOUR_HEIGHT, title=title)


def _pair(dataset: str, time: alt.X, value: alt.Y) -> list[alt.Chart]:
    import altair as alt

    base = alt.Chart(alt.NamedData(dataset)).encode(x=time, y=value)
    style: dict[str, Any] = {"invalid": "break-paths-show-path-domains", "clip": True}
    return [
        base.transform_filter(alt.datum.name == "today").mark_line(**style, color=MEASURED, strokeWidth=1.8),
        base.transform_filter(alt.datum.name == "idea").mark_line(**style, color=IDEA, strokeWidth=1.4),
    ]


def _datasets(shown: Alternative) -> dict[str, list[dict[str, Any]]]:
    start, requests = milliseconds(shown.start), shown.demand * SECONDS_PER_MINUTE
    named = "what is proposed" if shown.is_proposal else "the idea"
    burns = [spent(shown.bad_ratio[:, place], requests, shown.allowed_bad_ratio) for place in (0, 1)]
    # What was learned from reality stretches both, as it does the figures.
    burns = [burn * (total / max(float(burn[-1]), 1e-12)) for burn, total in zip(burns, shown.burns, strict=True)]
    datasets = {
        "key": key_rows((Entry("today's settings", MEASURED), Entry(named, IDEA))),
        "instances": lines_of(start, {"today": shown.wanted[:, 0], "idea": shown.wanted[:, 1]}),
        "burn": lines_of(start, {"today": burns[0], "idea": burns[1]}),
    }
    for place, hour in enumerate(shown.riskiest, start=1):
        begin = max(0, round((hour.start - AROUND - shown.start) / MINUTE))
        end = round((hour.start + timedelta(hours=1) + AROUND - shown.start) / MINUTE)
        cpu = shown.cpu_percent[begin:end]
        since = milliseconds(shown.start + begin * MINUTE)
        datasets[f"hour_{place}"] = lines_of(since, {"today": cpu[:, 0], "idea": cpu[:, 1]})
    return datasets


def _title(shown: Alternative) -> str:
    """The conclusion: what it would cost, and what it would do to the promise."""
    money = f"{abs(shown.saving):.1%} {'less' if shown.saving >= 0 else 'more'}"
    simulated = " (simulated)" if shown.is_simulated else ""
    whose = "Proposed" if shown.is_proposal else "What if"
    return f"{whose}: it would cost {money}, and spend {shown.burns[1]:.2f} of the error budget{simulated}"


def _subtitle(shown: Alternative) -> list[str]:
    days = f"{shown.start:%-d %B} to {shown.end:%-d %B %Y}"
    return [
        *wrap(f"{shown.service}: {shown.idea}", SUBTITLE_CHARACTERS),
        f"replayed on {days}; today's settings spend {shown.burns[0]:.2f} of the error budget",
    ]


def _description(shown: Alternative) -> Iterator[str]:
    """What somebody who cannot see the chart should know, in sentences."""
    *whose, replayed = _subtitle(shown)
    yield f"{_title(shown)}. {' '.join(whose)}; {replayed}."
    for hour in shown.riskiest:
        yield (
            f"{hour.start:%a %-d %B, %H:%M} UTC would spend {hour.budget_ratio:.1%} of the budget, "
            f"with the CPU at up to {hour.cpu_percent:.0f} %."
        )
