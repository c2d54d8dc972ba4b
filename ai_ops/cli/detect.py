"""`neuropilot detect METRIC`: what is abnormal in one metric, what was expected, and a chart of both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from ai_ops.cli.json_text import failing_as_json, json_text
from ai_ops.cli.options import AsJson, ChartFile, Config, Root, place_for
from ai_ops.domain.errors import ConfigError

Metric = Annotated[str, typer.Argument(help="Canonical name, such as latency_p95_ms.")]
ServiceName = Annotated[str | None, typer.Option("--service", help="Whose metric; needed where there are several.")]
Days = Annotated[
    float | None,
    typer.Option("--days", min=0.0, max=3650.0, help="Look for findings this far back; six hours if left out."),
]
Since = Annotated[
    str | None, typer.Option("--since", help="The same from a moment on: 2026-11-18 or 2026-11-18T06:00.")
]


def detect(  # noqa: PLR0913  # one parameter per option
    metric: Metric,
    *,
    service: ServiceName = None,
    chart: ChartFile = None,
    days: Days = None,
    since: Since = None,
    config: Config = None,
    root: Root = None,
    as_json: AsJson = False,
) -> None:
    """Judge one metric as a run does: findings, what was expected, what is now. Nothing is changed or kept."""
    from ai_ops.charts.expected_band import expected_band
    from ai_ops.cli.chart_file import check_chart_file, write_chart
    from ai_ops.cli.inspection import document, sentences
    from ai_ops.cli.progress import metric_bar
    from ai_ops.cli.services import the_service
    from ai_ops.domain.metrics import CANONICAL_METRICS
    from ai_ops.domain.one_line import visible
    from ai_ops.wiring import open_session
    from ai_ops.wiring.detect import inspect, known_metric

    with (
        failing_as_json(is_wanted=as_json, findings=[], now=None, chart=None),
        open_session(place_for(root, config), is_writing=False) as session,
    ):
        known_metric(metric)
        if chart is not None:
            check_chart_file(chart)
        begin = _begin(days, since, session.place.clock())
        with metric_bar(len(CANONICAL_METRICS)) as progress:
            inspection = inspect(session, the_service(session.settings, service), metric, begin, progress)
        if chart is not None:
            write_chart(expected_band(inspection.for_a_chart()), chart)
    if as_json:
        typer.echo(json_text(document(inspection, chart), session.redact))
        return
    for line in sentences(inspection, chart):
        typer.echo(session.redact(visible(line)))


def _begin(days: float | None, since: str | None, now: datetime) -> datetime | None:
    """Where to look from; None leaves it to the agent."""
    if days is not None and since is not None:
        raise ConfigError("--days and --since say the same thing; give one of them")
    if days is not None:
        return now - timedelta(days=days)
    if since is None:
        return None
    try:
        moment = datetime.fromisoformat(since)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:  # the first day of all has no UTC east of Greenwich
        raise ConfigError(f"--since {since}: {error}; write 2026-11-18 or 2026-11-18T06:00, in UTC") from error
