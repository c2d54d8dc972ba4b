"""`neuropilot autonomy`: how far the agent may go, and what is missing for the next step."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ai_ops import __version__
from ai_ops.cli.json_text import failing_as_json, json_text, utc_text
from ai_ops.cli.options import AsJson, Config, Root, place_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.tune.autonomy.autonomy import Autonomy
    from ai_ops.wiring.autonomy import Leeway

COLUMNS = ("class", "allowed", "earned", "cap", "what is missing")


def autonomy(
    config: Config = None,
    root: Root = None,
    service: Annotated[str | None, typer.Option("--service", help="Only this service.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show per class of action what is allowed, what outcomes have earned, and what the team caps."""
    from ai_ops.cli.services import wanted_services
    from ai_ops.wiring import open_session
    from ai_ops.wiring.autonomy import leeway

    with (
        failing_as_json(is_wanted=as_json, services=[]),
        open_session(place_for(root, config), is_writing=False) as session,
    ):
        wanted = set(wanted_services(session.settings, service))
        found = [leeway(session, one) for one in session.settings.services if one.name in wanted]
    if as_json:
        document = {"version": __version__, "exit_code": 0, "error": None, "services": [_form(one) for one in found]}
        typer.echo(json_text(document, session.redact))
        return
    for one in found:
        for line in in_words(one):
            typer.echo(session.redact(line))


def in_words(found: Leeway) -> Iterator[str]:
    """One service, line by line."""
    yield f"{found.service}: mode {found.mode}, policy {found.policy}"
    rows = [COLUMNS, *(_row(one) for one in found.classes.values())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS) - 1)]
    for *cells, last in rows:
        yield "  ".join(["", *(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)), last])
    yield f"  advice for {found.advice.weeks} (this is day {found.day}): {found.advice.text}"


def _row(one: Autonomy) -> tuple[str, ...]:
    earned = "not asked" if one.is_granted else str(one.earned)
    return str(one.action), str(one.allowed), earned, str(one.cap), one.missing


def _form(found: Leeway) -> dict[str, object]:
    return {
        "service": found.service,
        "mode": found.mode,
        "policy": found.policy,
        "day": found.day,
        "advice": found.advice.text,
        "classes": {
            str(action): asdict(one) | {"breached_at": one.breached_at and utc_text(one.breached_at)}
            for action, one in found.classes.items()
        },
    }
