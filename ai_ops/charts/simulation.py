"""Weeks in closed loop: what each day cost, what it spent of the error budget, and where the thresholds stood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ai_ops.charts.charts import Chart
from ai_ops.charts.key import Entry, key_layers, key_rows
from ai_ops.charts.look import AS_IT_IS, BAND, CONFIG, EXPECTED, FAINT, LINES, MEASURED, QUIET_INK, WIDTH
from ai_ops.domain.tuning import BY_TARGET, MIN_INSTANCES, SCALE_IN, SCALE_OUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    import altair as alt

    from ai_ops.domain.simulation import Course, Simulation

LOOKS = ((MEASURED, (1, 0), 2.0), (FAINT, (6, 3), 1.5), ("#2a7f62", (2, 2), 1.5))
"""Colour, dashes and width of each course; dashes survive a grey printer."""

KNOBS = ((SCALE_OUT, "scale out above, or target", "#bf2f0f"), (SCALE_IN, "scale in below", EXPECTED))
MONEY_HEIGHT, BURN_HEIGHT, KNOBS_HEIGHT, LEAST_HEIGHT = 150, 130, 130, 70


def weeks_in_closed_loop(simulation: Simulation) -> Chart:
    """Draw cost, burn and thresholds over the days.

    The values lie in the spec's `datasets`: `courses`, `knobs`, `least` and `targets`.
    """
    import altair as alt

    panels = alt.vconcat(_money(simulation), _burn(simulation), _knobs(simulation), _least(simulation), spacing=18)
    chart = (
        panels.properties(title=alt.TitleParams(text=_title(simulation), subtitle=_subtitle(simulation)))
        .properties(datasets=_datasets(simulation), description=" ".join(_description(simulation)))
        .configure(**CONFIG)
    )
    return Chart(_title(simulation), " ".join(_description(simulation)), chart.to_dict())


def _money(simulation: Simulation) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    cost = alt.Y("cost:Q", title="Cost of the day", scale=alt.Scale(zero=True))
    return alt.layer(*_lines(simulation, cost), *key_layers()).properties(width=WIDTH, height=MONEY_HEIGHT)


def _burn(simulation: Simulation) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    # A root keeps one terrible day from flattening all that decides whether the promise is kept.
    burn = alt.Y("burn:Q", title="Error budget spent", scale=alt.Scale(type="sqrt", zero=True))
    limit = alt.Chart(alt.InlineData([{"at": 1.0}])).mark_rule(color=LINES, strokeDash=[4, 4]).encode(y="at:Q")
    return alt.layer(limit, *_lines(simulation, burn)).properties(width=WIDTH, height=BURN_HEIGHT)


def _knobs(simulation: Simulation) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    targets = alt.Chart(alt.NamedData("targets")).mark_rect(color=BAND, opacity=0.5)
    lines = alt.Chart(alt.NamedData("knobs")).mark_line(
        interpolate="step-after", strokeWidth=2, invalid="break-paths-show-path-domains"
    )
    value = alt.Y("value:Q", title="CPU (%)", scale=alt.Scale(domain=[0, 100]))
    colour = alt.Color("colour:N", **AS_IT_IS)
    return alt.layer(
        targets.encode(x=_day(simulation), x2="until:Q"),
        lines.encode(x=_day(simulation), y=value, color=colour, detail="knob:N"),
    ).properties(width=WIDTH, height=KNOBS_HEIGHT)


def _least(simulation: Simulation) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    least = alt.Y("value:Q", title="Min instances", scale=alt.Scale(zero=True), axis=alt.Axis(tickMinStep=1))
    day, data = _day(simulation, title="Day"), alt.Chart(alt.NamedData("least"))
    scheduled = data.mark_area(interpolate="step-after", color=BAND, opacity=0.8).encode(x=day, y=least, y2="scheduled")
    plain = data.mark_line(interpolate="step-after", strokeWidth=2, color=QUIET_INK).encode(x=day, y=least)
    return alt.layer(scheduled, plain).properties(width=WIDTH, height=LEAST_HEIGHT)


def _lines(simulation: Simulation, value: alt.Y) -> list[alt.Chart]:
    """One line for each course."""
    import altair as alt

    data = alt.Chart(alt.NamedData("courses"))
    lines = []
    for course, (colour, dashes, width) in zip(simulation.courses, LOOKS, strict=True):
        line = data.transform_filter(alt.datum.name == course.name)
        line = line.mark_line(color=colour, strokeDash=list(dashes), strokeWidth=width)
        lines.append(line.encode(x=_day(simulation), y=value, tooltip=["name:N", "day:Q", "cost:Q", "burn:Q"]))
    return lines[::-1]  # the agent's own on top


def _day(simulation: Simulation, title: str | None = None) -> alt.X:
    import altair as alt

    axis = alt.Axis(title=title, grid=False, tickMinStep=1)
    return alt.X("day:Q", axis=axis, scale=alt.Scale(domain=[0, simulation.days], nice=False))


def _datasets(simulation: Simulation) -> dict[str, list[dict[str, Any]]]:
    return {
        "key": key_rows(_key(simulation)),
        "courses": [row for course in simulation.courses for row in _days(course, simulation.sla_target_percent)],
        "knobs": [
            {"day": day, "knob": knob, "value": value, "colour": colour}
            for knob, _, colour in KNOBS
            for day, value in _over_time(simulation, knob)
        ],
        "least": list(_least_rows(simulation)),
        "targets": list(_targets(simulation)),
    }


def _days(course: Course, sla_target_percent: float) -> Iterator[dict[str, Any]]:
    """One row a day, in its middle."""
    for day, (cost, burn) in enumerate(zip(course.cost, course.burns(sla_target_percent), strict=True)):
        yield {"name": course.name, "day": day + 0.5, "cost": round(cost, 4), "burn": round(burn, 4)}


def _key(simulation: Simulation) -> Iterator[Entry]:
    for course, (colour, _, _) in zip(simulation.courses, LOOKS, strict=True):
        yield Entry(course.name, colour)
    for _, says, colour in KNOBS:
        yield Entry(says, colour)


def _over_time(simulation: Simulation, knob: str) -> Iterator[tuple[float, float | None]]:
    """Where a knob stood from which day on, and at the end; None where it had no meaning."""
    last = None
    for one in simulation.standing:
        is_asleep = knob == SCALE_IN and one.thresholds.scaling_mode == BY_TARGET
        if is_asleep and last is not None:
            yield one.day, last
        last = None if is_asleep else one.thresholds.numbers[knob]
        yield one.day, last
    yield float(simulation.days), last


def _least_rows(simulation: Simulation) -> Iterator[dict[str, float]]:
    """The plain minimum from which day on, and the highest that a schedule asks for."""
    ends = [*(one.day for one in simulation.standing), float(simulation.days)]
    for day, one in zip(ends, [*simulation.standing, simulation.standing[-1]], strict=True):
        least = one.thresholds.numbers[MIN_INSTANCES]
        scheduled = [block.min_instances for block in one.thresholds.scheduled_minimum]
        yield {"day": day, "value": least, "scheduled": max([least, *scheduled])}


def _targets(simulation: Simulation) -> Iterator[dict[str, float]]:
    """Spans in which a target was tracked."""
    ends = [*(one.day for one in simulation.standing[1:]), float(simulation.days)]
    for one, end in zip(simulation.standing, ends, strict=True):
        if one.thresholds.scaling_mode == BY_TARGET:
            yield {"day": one.day, "until": end}


def _title(simulation: Simulation) -> str:
    """The conclusion: what was saved, and whether the promise was kept."""
    saved = simulation.saving
    money = f"{abs(saved):.0%} {'cheaper' if saved >= 0 else 'dearer'} than untouched"
    kept = "kept" if simulation.is_kept(simulation.tuned) else "broken"
    return f"{simulation.days} days: {money}, the promise {kept} (simulated)"


def _subtitle(simulation: Simulation) -> list[str]:
    which = f"service {simulation.profile}, traffic {simulation.traffic}, seed {simulation.seed}"
    kept = f"{simulation.tuned.good_percent:.3f} % good, {simulation.sla_target_percent:g} % were promised"
    ground = "CPU is tracked to a target (third), and a schedule holds more than the minimum at some hours (fourth)"
    return [f"{which}; {kept}", f"error budget spent: that day's, 1 is all of it (dashed). Blue ground: {ground}"]


def _description(simulation: Simulation) -> Iterator[str]:
    """What somebody who cannot see the chart should know, in sentences."""
    yield f"{_title(simulation)}. {_subtitle(simulation)[0]}."
    for course in simulation.courses:
        bad = course.bad_days(simulation.sla_target_percent)
        yield f"{course.name}: cost {course.total_cost:.4g}, {course.good_percent:.3f} % good, {bad} bad days."
    yield f"The thresholds were changed {len(simulation.standing) - 1} times."
