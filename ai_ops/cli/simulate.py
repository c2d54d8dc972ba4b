"""`neuropilot simulate`: weeks of a made-up service with the agent and without, in about two minutes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ai_ops.cli.json_text import failing_as_json, json_text

if TYPE_CHECKING:
    from ai_ops.domain.simulation import Simulation

Days = Annotated[int, typer.Option("--days", min=15, max=120, help="How long the agent runs; 30 to 60 tell most.")]
Traffic = Annotated[
    str,
    typer.Option(
        "--traffic",
        help="flat, daily, weekly, growing, level-shift, flash-crowds, request-spikes, daily-batch, or a file of "
        "recorded requests: .csv or .json with timestamp and requests_per_second.",
    ),
]
Profile = Annotated[str, typer.Option("--profile", help="What the service is like: web, jvm, slowboot, edge or batch.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Chooses bursts, deploys, incidents and noise.")]
ChartFile = Annotated[Path | None, typer.Option("--chart", help="Draw it into this file: .svg, .png or .json.")]


def simulate(
    *,
    days: Days = 45,
    traffic: Traffic = "weekly",
    profile: Profile = "web",
    seed: Seed = 1,
    chart: ChartFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Run weeks of a made-up service in closed loop, beside settings that nobody touches.

    Each simulated day takes the agent two or three seconds: 45 days are about two minutes. It knows nothing of your
    service, reads no settings, and leaves nothing behind but the chart.
    """
    from ai_ops.cli.chart_file import check_chart_file
    from ai_ops.cli.progress import day_bar
    from ai_ops.cli.simulation_table import document, write_table
    from ai_ops.simulate import plan_for, simulate

    with failing_as_json(is_wanted=as_json, simulation=None, chart=None):
        if chart is not None:
            check_chart_file(chart)
        plan = plan_for(traffic, profile, days, seed)
        with day_bar(days) as progress:
            simulation = simulate(plan, progress=progress)
        if chart is not None:
            _draw(simulation, chart)
    if as_json:
        typer.echo(json_text(document(simulation, chart), str))
        return
    typer.echo(write_table(simulation))
    if chart is not None:
        typer.echo(f"chart: {chart}")


def _draw(simulation: Simulation, chart: Path) -> None:
    from ai_ops.charts.simulation import weeks_in_closed_loop
    from ai_ops.cli.chart_file import write_chart

    write_chart(weeks_in_closed_loop(simulation), chart)
