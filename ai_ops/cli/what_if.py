"""`neuropilot what-if KNOB=VALUE`: a person's idea, replayed on the last fortnight before anybody tries it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ai_ops.cli.json_text import failing_as_json, json_text
from ai_ops.cli.options import AsJson, ChartFile, Config, Root, place_for

if TYPE_CHECKING:
    from pathlib import Path

    from ai_ops.wiring.twin import Tried

Assignments = Annotated[
    list[str],
    typer.Argument(
        metavar="KNOB=VALUE...",
        help="What to set, such as cpu_scale_in_percent=50 min_instances=4; a name may be cut short while it is clear.",
    ),
]
ServiceName = Annotated[str | None, typer.Option("--service", help="Whose settings; needed where there are several.")]


def what_if(
    assignments: Assignments,
    *,
    service: ServiceName = None,
    chart: ChartFile = None,
    config: Config = None,
    root: Root = None,
    as_json: AsJson = False,
) -> None:
    """Replay an idea on the last 14 days, beside today's settings: cost, burn, riskiest hours. Nothing is changed."""
    from ai_ops.cli.chart_file import check_chart_file
    from ai_ops.cli.progress import metric_bar
    from ai_ops.cli.services import the_service
    from ai_ops.cli.what_if_words import document, sentences
    from ai_ops.domain.metrics import CANONICAL_METRICS
    from ai_ops.domain.one_line import visible
    from ai_ops.wiring import open_session
    from ai_ops.wiring.twin import try_out

    with (
        failing_as_json(is_wanted=as_json, today=None, idea=None, chart=None),
        open_session(place_for(root, config), is_writing=False) as session,
    ):
        if chart is not None:
            check_chart_file(chart)
        with metric_bar(len(CANONICAL_METRICS)) as progress:
            tried = try_out(session, the_service(session.settings, service), assignments, progress)
        if chart is not None:
            _draw(tried, chart)
    if as_json:
        typer.echo(json_text(document(tried, chart), session.redact))
        return
    for line in sentences(tried, chart):
        typer.echo(session.redact(visible(line)))


def _draw(tried: Tried, chart: Path) -> None:
    from ai_ops.charts.what_if import idea_beside_today
    from ai_ops.cli.chart_file import write_chart
    from ai_ops.wiring.alternative import alternative

    seen = tried.seen
    of_whom = (seen.service.name, seen.observation.is_simulated)
    write_chart(idea_beside_today(alternative(tried.compared, tried.idea.changes, of_whom)), chart)
