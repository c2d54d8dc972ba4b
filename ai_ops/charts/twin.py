"""The twin beside reality: instances and error budget over the days, and the curves it was calibrated on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.charts.axes import milliseconds, time_axis
from ai_ops.charts.charts import Chart
from ai_ops.charts.key import Entry, key_layers, key_rows
from ai_ops.charts.look import CONFIG, EXPECTED, MEASURED, WIDTH
from ai_ops.charts.minute_lines import lines_of
from ai_ops.twin.error_budget import spent
from ai_ops.twin.telemetry import MINUTE, SECONDS_PER_MINUTE
from ai_ops.twin.utilisation import SATURATED_PERCENT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import altair as alt

    from ai_ops.twin.calibration import Calibration
    from ai_ops.twin.gate import Fit
    from ai_ops.twin.telemetry import Telemetry

REPLAYED = "#dd6b00"
INSTANCES_HEIGHT, BURN_HEIGHT, CURVE_HEIGHT = 170, 110, 170
CURVE_WIDTH = (WIDTH - 2 * 85) // 3
"""Three beside each other, with their axes, below the whole width."""
MOST_DOTS = 600
"""Minutes that are drawn behind a curve: enough to see how far they stray."""

BIN_PERCENT = 2.0
LEAST_BAD_PERCENT = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A twin, and what it is held against.

    Parameters
    ----------
    telemetry
        What was measured.
    wanted, bad_ratio
        Instances paid for and share of bad requests when what ran is replayed, shape (minutes,).
    allowed_bad_ratio
        Share of the requests that the promise lets fail.
    """

    service: str
    is_simulated: bool
    telemetry: Telemetry
    calibration: Calibration
    wanted: np.ndarray
    bad_ratio: np.ndarray
    fit: Fit
    allowed_bad_ratio: float

    @property
    def first(self) -> datetime:
        """Where the window begins."""
        return self.telemetry.start

    @property
    def end(self) -> datetime:
        """Where it ends."""
        return self.first + self.telemetry.minutes * MINUTE


def twin_beside_reality(portrait: Portrait) -> Chart:
    """Draw what ran and what the replay makes of it, above the three curves with the minutes they rest on.

    The values lie in the spec's `datasets`: `instances`, `burn`, `cpu`, `bad`, `latency` and their `_curve`s.
    """
    import altair as alt

    curves = alt.hconcat(_cpu_panel(), _bad_panel(), _latency_panel(), spacing=28)
    chart = (
        alt.vconcat(_instances(portrait), _burn(portrait), curves, spacing=18)
        .properties(title=alt.TitleParams(text=_title(portrait), subtitle=_subtitle(portrait)))
        .properties(datasets=_datasets(portrait), description=" ".join(_description(portrait)))
        .configure(**CONFIG)
    )
    return Chart(_title(portrait), " ".join(_description(portrait)), chart.to_dict())


def _instances(portrait: Portrait) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    value = alt.Y(
        "value:Q", title="Instances paid", scale=alt.Scale(zero=True, nice=True), axis=alt.Axis(tickMinStep=1)
    )
    return alt.layer(*_pair("instances", portrait, value), *key_layers()).properties(
        width=WIDTH, height=INSTANCES_HEIGHT
    )


def _burn(portrait: Portrait) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    value = alt.Y("value:Q", title="Error budget spent", axis=alt.Axis(format="%"), scale=alt.Scale(zero=True))
    return alt.layer(*_pair("burn", portrait, value)).properties(width=WIDTH, height=BURN_HEIGHT)


def _pair(dataset: str, portrait: Portrait, value: alt.Y) -> list[alt.Chart]:
    """Reality below, the replay on top of it, thinner."""
    import altair as alt

    time = time_axis("time", portrait.first, portrait.end)
    base = alt.Chart(alt.NamedData(dataset)).encode(x=time, y=value)
    style: dict[str, Any] = {"invalid": "break-paths-show-path-domains", "clip": True}
    return [
        base.transform_filter(alt.datum.name == "measured").mark_line(**style, color=MEASURED, strokeWidth=2.2),
        base.transform_filter(alt.datum.name == "replayed").mark_line(**style, color=REPLAYED, strokeWidth=1.1),
    ]


def _cpu_panel() -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    load = alt.X("x:Q", title="Requests per second and instance", scale=alt.Scale(zero=True))
    return _curve("cpu", load, alt.Y("y:Q", title="CPU (%)", scale=alt.Scale(zero=True)))


def _bad_panel() -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    return _curve(
        "bad",
        _cpu_axis(),
        alt.Y("y:Q", title="Bad requests (%)", scale=alt.Scale(type="log"), axis=alt.Axis(tickCount=5)),
    )


def _latency_panel() -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    return _curve(
        "latency",
        _cpu_axis(),
        alt.Y("y:Q", title="Latency p95 (ms)", scale=alt.Scale(type="log"), axis=alt.Axis(tickCount=5)),
    )


def _cpu_axis() -> alt.X:
    import altair as alt

    return alt.X("x:Q", title="CPU (%)", scale=alt.Scale(domain=[0, 110]))


def _curve(name: str, x: alt.X, y: alt.Y) -> alt.LayerChart | alt.FacetChart:
    """Minutes as dots, the curve through them; dashed where nothing was ever seen."""
    import altair as alt

    dots = alt.Chart(alt.NamedData(name)).mark_circle(color=EXPECTED, opacity=0.35, size=14).encode(x=x, y=y)
    line = alt.Chart(alt.NamedData(f"{name}_curve")).encode(x=x, y=y)
    return alt.layer(
        dots,
        line.transform_filter(alt.datum.is_known).mark_line(color=REPLAYED, strokeWidth=2),
        line.transform_filter(~alt.datum.is_known).mark_line(color=REPLAYED, strokeWidth=1.5, strokeDash=[4, 3]),
    ).properties(width=CURVE_WIDTH, height=CURVE_HEIGHT)


def _datasets(portrait: Portrait) -> dict[str, list[dict[str, Any]]]:
    seen, curve = portrait.telemetry, portrait.calibration
    requests = seen.get("requests_per_second") * SECONDS_PER_MINUTE
    observed_bad = 1.0 - np.clip(seen.get("slo_good_ratio"), 0.0, 1.0)
    compared = np.where(np.isfinite(observed_bad), portrait.bad_ratio, np.nan)  # both over the same minutes
    burns = [spent(bad, requests, portrait.allowed_bad_ratio) for bad in (observed_bad, compared)]
    starts = milliseconds(portrait.first)
    dots, curves = _dots(portrait), _curves(curve)
    return {
        "key": key_rows((Entry("measured", MEASURED), Entry("replayed by the twin", REPLAYED))),
        "instances": lines_of(starts, {"measured": seen.desired, "replayed": portrait.wanted}),
        "burn": lines_of(starts, {"measured": burns[0], "replayed": burns[1]}),
        **{name: _rows(*columns) for name, columns in dots.items()},
        **{f"{name}_curve": rows for name, rows in curves.items()},
    }


def _dots(portrait: Portrait) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Places of the minutes behind each curve, those that were left out not among them."""
    seen, kept = portrait.telemetry, ~portrait.calibration.abnormal
    cpu, ready, rate = (seen.get(name) for name in ("cpu_percent", "instances", "requests_per_second"))
    with np.errstate(divide="ignore", invalid="ignore"):
        load = np.where(kept & (ready > 0), rate / ready, np.nan)
    bad = np.where(kept, 100.0 * (1.0 - np.clip(seen.get("slo_good_ratio"), 0.0, 1.0)), np.nan)
    latency = np.where(kept, seen.get("latency_p95_ms"), np.nan)
    return {"cpu": _thinned(load, cpu), "bad": _binned(cpu, bad, rate), "latency": _thinned(cpu, latency)}


def _thinned(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every so many of the minutes that were measured."""
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    known = known[:: max(1, known.size // MOST_DOTS)]
    return x[known], y[known]


def _binned(cpu: np.ndarray, bad_percent: np.ndarray, rate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of bad requests by CPU: in a single minute it is luck, over all minutes alike it is not."""
    known = np.isfinite(cpu) & np.isfinite(bad_percent) & (rate > 0)
    bins = (cpu[known] / BIN_PERCENT).astype(np.int64)
    total = np.bincount(bins, rate[known])
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.bincount(bins, bad_percent[known] * rate[known]) / total
    shown = np.flatnonzero(share >= LEAST_BAD_PERCENT)
    return (shown + 0.5) * BIN_PERCENT, share[shown]


def _curves(curve: Calibration) -> dict[str, list[dict[str, Any]]]:
    """Points of each curve, as far as it was seen and a little beyond."""
    loads = np.linspace(0.0, 1.15 * float(curve.utilisation.loads[-1]), 60)
    cpus = curve.utilisation.cpu(loads)
    steps = np.linspace(1.0, 110.0, 110)
    bad = np.clip(100.0 * curve.bad_ratio.at(steps), LEAST_BAD_PERCENT, 100.0)
    curves = {
        "cpu": _rows(loads, cpus, loads <= curve.utilisation.loads[-1]),
        "bad": _rows(steps, bad, steps <= curve.bad_ratio.known_up_to_percent),
        "latency": [],
    }
    if curve.latency_ms is not None:
        curves["latency"] = _rows(steps, curve.latency_ms.at(steps), steps <= curve.latency_ms.known_up_to_percent)
    return curves


def _rows(x: np.ndarray, y: np.ndarray, is_known: np.ndarray | None = None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"x": float(f"{one:.5g}"), "y": float(f"{other:.5g}")} for one, other in zip(x, y, strict=True)
    ]
    if is_known is not None:
        for row, known in zip(rows, is_known.tolist(), strict=True):
            row["is_known"] = known
    return rows


def _title(portrait: Portrait) -> str:
    """The conclusion: whether it may be trusted."""
    simulated = " (simulated)" if portrait.is_simulated else ""
    verdict = "may not be trusted" if portrait.fit.reason is not None else "tells what is known already"
    return f"Twin of {portrait.service}: it {verdict}{simulated}"


def _subtitle(portrait: Portrait) -> list[str]:
    fit = portrait.fit
    left_out = int(portrait.calibration.abnormal.sum())
    cost = f"replaying what ran costs {fit.cost_error:+.1%} against what was paid"
    burn = f"{fit.replayed_burn:.2f} of the error budget where {fit.observed_burn:.2f} was spent"
    days = f"{portrait.first:%-d %B} to {portrait.end:%-d %B %Y}"
    return [f"{cost}, and spends {burn}", f"{days}; {left_out} abnormal minutes are left out; dashed: never seen"]


def _description(portrait: Portrait) -> Iterator[str]:
    """What somebody who cannot see the chart should know, in sentences."""
    yield f"{_title(portrait)}. {_subtitle(portrait)[0].capitalize()}."
    line = portrait.calibration.utilisation
    yield f"CPU is {line.idle_percent:.3g} % without load and rises by {line.percent_per_load:.3g} points per request."
    known = min(portrait.calibration.bad_ratio.known_up_to_percent, SATURATED_PERCENT)
    share = 100.0 * float(portrait.calibration.bad_ratio.at(np.array([known]))[0])
    yield f"At {known:.0f} % CPU {share:.2g} % of the requests go wrong."
