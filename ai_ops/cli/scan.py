"""`neuropilot scan`: what is most abnormal in the whole fleet, now."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ai_ops.cli.json_text import failing_as_json, json_text
from ai_ops.cli.options import AsJson, Config, Root, place_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.scan import FleetScan, Standing

_GAPS_SHOWN = 5


def scan(  # noqa: PLR0913  # one parameter per option
    *,
    group_by: Annotated[
        str | None, typer.Option("--group-by", help="Label whose values are the services; else scan.group_by.")
    ] = None,
    metric: Annotated[
        list[str] | None, typer.Option("--metric", help="Only this metric; may be given several times.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, max=1000, help="How many series to list.")] = 20,
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=90, help="History to judge by; else metrics.history_days.")
    ] = None,
    engine: Annotated[
        Literal["local", "dask", "ray"] | None, typer.Option("--engine", help="Who computes; else scan.engine.")
    ] = None,
    config: Config = None,
    root: Root = None,
    as_json: AsJson = False,
) -> None:
    """Rank what is most abnormal now among hundreds of services or more. Exit code 2 when nothing could be scanned."""
    from ai_ops.cli.progress import block_bar
    from ai_ops.redact import Redactor
    from ai_ops.settings import load_settings
    from ai_ops.wiring.scan import Wish, scan_fleet

    wish = Wish(group_by, tuple(metric or ()), days, engine, top)
    with failing_as_json(is_wanted=as_json, scan=None):
        place = place_for(root, config)
        settings = load_settings(place.config, root=place.root, environment=place.environment)
        redact = Redactor(settings.secret_values())
        with block_bar() as progress:
            found = scan_fleet(settings, wish, place.clock(), progress)
    if as_json:
        typer.echo(json_text(_document(found), redact))
        return
    for line in scan_in_words(found):
        typer.echo(redact(line))


def scan_in_words(scan: FleetScan) -> Iterator[str]:
    """What was found, line by line."""
    found = scan.found
    yield (
        f"{scan.services:,} values of `{scan.label}`, {', '.join(scan.metrics)}; history from {scan.window.start:%F} "
        f"to {scan.window.end:%F %R} UTC, judged: the last {scan.judged_hours:g} h"
    )
    rest = {
        "warming up": found.warming_up,
        "fell silent": found.fell_silent,
        "in planned maintenance": found.in_maintenance,
        "without data": found.without_data,
        "failed": found.failed,
    }
    counts = "".join(f", {count:,} {name}" for name, count in rest.items() if count)
    yield f"{found.judged:,} series judged{counts}"
    yield f"{found.abnormal:,} abnormal (score above 1); by chance alone up to about {scan.by_chance:.3g} would be"
    if found.top:
        yield ""
        yield from _table(found.top)
    for gap in found.gaps[:_GAPS_SHOWN]:
        yield f"gap: {gap.metric}: {gap.reason}"
    if len(found.gaps) > _GAPS_SHOWN:
        yield f"and {len(found.gaps) - _GAPS_SHOWN} gaps more; --json lists them"
    for warning in found.warnings:
        yield f"warning, the data may be partial: {warning}"


def _table(top: tuple[Standing, ...]) -> Iterator[str]:
    from ai_ops.domain.one_line import one_line

    head = ("score", "alarm", "metric", "service", "value", "expected", "since (UTC)")
    rows = [
        (
            f"{one.score:.2f}",
            one.alarm or "-",
            one.metric,
            one_line(one.name, 60),
            f"{one.value:.4g}",
            "-" if one.expected is None else f"{one.expected:.4g}",
            f"{one.since:%m-%d %H:%M}" if one.alarm else "-",
        )
        for one in top
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _document(scan: FleetScan) -> Any:  # noqa: ANN401  # JSON
    from pydantic import TypeAdapter

    from ai_ops import __version__
    from ai_ops.domain.scan import FleetScan

    return {
        "version": __version__,
        "exit_code": 0,
        "error": None,
        "scan": json.loads(TypeAdapter(FleetScan).dump_json(scan)),
    }
