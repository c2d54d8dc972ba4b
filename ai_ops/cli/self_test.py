"""`neuropilot self-test`: inject known faults into the team's own history, and count which of them raise an alarm."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ai_ops.cli.json_text import failing_as_json, json_text
from ai_ops.cli.options import AsJson, Config, Root, place_for

if TYPE_CHECKING:
    from ai_ops.domain.self_test import Plan, SelfTest
    from ai_ops.wiring import Session

ServiceName = Annotated[str | None, typer.Option("--service", help="Only this service.")]
Sigmas = Annotated[
    float,
    typer.Option(
        "--sigmas",
        min=0.5,
        max=1000.0,
        help="Size of the smallest fault, in robust sigmas; the largest is three times it.",
    ),
]
Minutes = Annotated[float, typer.Option("--minutes", min=1.0, max=1440.0, help="How long a fault lasts.")]
Trials = Annotated[int, typer.Option("--trials", min=1, max=1000, help="Faults of each kind into each metric.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Chooses where; the same seed tests the same.")]
ChartFile = Annotated[
    Path | None, typer.Option("--chart", help="Draw it into this file: .svg, .png or .json. One service only.")
]


def self_test(  # noqa: PLR0913  # one parameter per option
    *,
    service: ServiceName = None,
    sigmas: Sigmas = 4.0,
    minutes: Minutes = 30.0,
    trials: Trials = 40,
    seed: Seed = 0,
    chart: ChartFile = None,
    config: Config = None,
    root: Root = None,
    as_json: AsJson = False,
) -> None:
    """Test the detection on your own history: recall, delay and false alarms per metric. Nothing is changed or kept."""
    from ai_ops.cli.self_test_table import document, write_table
    from ai_ops.cli.services import wanted_services
    from ai_ops.domain.self_test import Plan
    from ai_ops.wiring import open_session

    plan = Plan(sigmas, minutes, trials, seed)
    with (
        failing_as_json(is_wanted=as_json, tests=[], chart=None),
        open_session(place_for(root, config), is_writing=False) as session,
    ):
        names = wanted_services(session.settings, service)
        if chart is not None:
            _check(chart, len(names))
        tests = [_tested(session, name, plan) for name in names]
        if chart is not None:
            _draw(tests[0], chart)
    if as_json:
        typer.echo(json_text(document(tests, chart), session.redact))
        return
    for one in tests:
        typer.echo(session.redact(write_table(one)))
    if chart is not None:
        typer.echo(f"chart: {chart}")


def _tested(session: Session, name: str, plan: Plan) -> SelfTest:
    """Collect, then test; both show on stderr how far they are."""
    from ai_ops.cli.progress import metric_bar
    from ai_ops.domain.metrics import CANONICAL_METRICS
    from ai_ops.wiring.self_test import examine, observe

    service = next(one for one in session.settings.services if one.name == name)
    with metric_bar(len(CANONICAL_METRICS)) as progress:
        observation = observe(session, service, progress)
    with metric_bar(len(observation.series)) as progress:
        return examine(session, observation, plan, progress)


def _check(chart: Path, services: int) -> None:
    from ai_ops.cli.chart_file import check_chart_file
    from ai_ops.domain.errors import ConfigError

    if services > 1:
        raise ConfigError(f"--chart draws one service and there are {services}: name one with --service")
    check_chart_file(chart)


def _draw(test: SelfTest, chart: Path) -> None:
    from ai_ops.charts.self_test import recall_and_alarms
    from ai_ops.cli.chart_file import write_chart

    write_chart(recall_and_alarms(test), chart)
