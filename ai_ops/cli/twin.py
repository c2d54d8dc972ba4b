"""`neuropilot twin show`: the model of the service, and how far it may be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ai_ops.cli.json_text import failing_as_json, json_text
from ai_ops.cli.options import AsJson, ChartFile, Config, Root, help_without_verb, place_for

if TYPE_CHECKING:
    from pathlib import Path

    from ai_ops.wiring.twin import Seen

app = typer.Typer(help="The service as a model, calibrated on its own metrics.")
app.callback(invoke_without_command=True)(help_without_verb)

ServiceName = Annotated[str | None, typer.Option("--service", help="Whose twin; needed where there are several.")]


@app.command()
def show(
    *,
    service: ServiceName = None,
    chart: ChartFile = None,
    config: Config = None,
    root: Root = None,
    as_json: AsJson = False,
) -> None:
    """Show what the twin of a service was calibrated to, how it fits, and whether its gate lets it decide.

    Nothing is changed or kept.
    """
    from ai_ops.cli.chart_file import check_chart_file
    from ai_ops.cli.progress import metric_bar
    from ai_ops.cli.services import the_service
    from ai_ops.cli.twin_words import document, sentences
    from ai_ops.domain.metrics import CANONICAL_METRICS
    from ai_ops.domain.one_line import visible
    from ai_ops.wiring import open_session
    from ai_ops.wiring.twin import see

    with (
        failing_as_json(is_wanted=as_json, twin=None, chart=None),
        open_session(place_for(root, config), is_writing=False) as session,
    ):
        if chart is not None:
            check_chart_file(chart)
        with metric_bar(len(CANONICAL_METRICS)) as progress:
            seen = see(session, the_service(session.settings, service), progress)
        drawn = chart if chart is not None and _draw(seen, chart) else None
    if as_json:
        typer.echo(json_text(document(seen, drawn), session.redact))
        return
    for line in sentences(seen, drawn):
        typer.echo(session.redact(visible(line)))


def _draw(seen: Seen, chart: Path) -> bool:
    """Draw the twin, where there is one."""
    from ai_ops.charts.twin import Portrait, twin_beside_reality
    from ai_ops.cli.chart_file import write_chart

    if seen.look is None:
        return False
    replays, ran = seen.look.replays, seen.look.ran
    portrait = Portrait(
        service=seen.service.name,
        is_simulated=seen.observation.is_simulated,
        telemetry=replays.window,
        calibration=replays.twin.calibration,
        wanted=ran.wanted,
        bad_ratio=ran.bad_ratio,
        fit=ran.fit,
        allowed_bad_ratio=replays.twin.platform.allowed_bad_ratio,
    )
    write_chart(twin_beside_reality(portrait), chart)
    return True
