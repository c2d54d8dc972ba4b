"""`neuropilot capacity`: the demand to come, the instances it needs, and when there can be no more of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ai_ops.cli.json_text import failing_as_json, json_text
from ai_ops.cli.options import AsJson, ChartFile, Config, Root, place_for

if TYPE_CHECKING:
    from pathlib import Path

    from ai_ops.wiring.capacity import Looked

ServiceName = Annotated[str | None, typer.Option("--service", help="Whose capacity; needed where there are several.")]


def capacity(
    *,
    service: ServiceName = None,
    chart: ChartFile = None,
    config: Config = None,
    root: Root = None,
    as_json: AsJson = False,
) -> None:
    """Look ahead: demand and instances needed for two days and eight weeks, and spikes. Nothing is changed or kept."""
    from ai_ops.cli.capacity_document import document
    from ai_ops.cli.capacity_table import sentences
    from ai_ops.cli.chart_file import check_chart_file
    from ai_ops.cli.progress import metric_bar
    from ai_ops.cli.services import the_service
    from ai_ops.domain.metrics import CANONICAL_METRICS
    from ai_ops.domain.one_line import visible
    from ai_ops.wiring import open_session
    from ai_ops.wiring.capacity import look_ahead

    with (
        failing_as_json(is_wanted=as_json, outlook=None, chart=None),
        open_session(place_for(root, config), is_writing=False) as session,
    ):
        if chart is not None:
            check_chart_file(chart)
        with metric_bar(len(CANONICAL_METRICS)) as progress:
            looked = look_ahead(session, the_service(session.settings, service), progress)
        drawn = None if chart is None else _draw(looked, chart)
    if as_json:
        typer.echo(json_text(document(looked, drawn), session.redact))
        return
    for line in sentences(looked, drawn):
        typer.echo(session.redact(visible(line)))


def _draw(looked: Looked, chart: Path) -> Path | None:
    """Draw the outlook; None where there is too little history for one."""
    from ai_ops.charts.capacity import capacity_chart
    from ai_ops.cli.chart_file import write_chart
    from ai_ops.domain.warming_up import WarmingUp

    if isinstance(looked.outlook, WarmingUp):
        return None
    write_chart(
        capacity_chart(looked.outlook, looked.observation.service, is_simulated=looked.observation.is_simulated), chart
    )
    return chart
