"""`neuropilot doctor`: reach everything that a run depends on."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated

import typer

from ai_ops.cli.json_text import failing_as_json, json_text
from ai_ops.cli.options import AsJson, Config, Root, place_for


def doctor(
    *,
    config: Config = None,
    root: Root = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nothing over the network.")] = False,
    as_json: AsJson = False,
) -> int:
    """Check the settings, reach each dependency, run each query. Each is ok, or names the line that fixes it."""
    from ai_ops.doctor import examine
    from ai_ops.domain.check import Health
    from ai_ops.wiring import open_session
    from ai_ops.wiring.checks import checks

    with (
        failing_as_json(is_wanted=as_json),
        open_session(replace(place_for(root, config), is_offline=offline), is_writing=False) as session,
    ):
        results = []
        for result in examine(checks(session, is_offline=offline)):
            results.append(result)
            if not as_json:
                typer.echo(session.redact(f"{result.health:<7} {result.name}: {result.words}"))
    failed = [result for result in results if result.health is Health.FAILED]
    if as_json:
        typer.echo(json_text([asdict(result) for result in results], session.redact))
    else:
        typer.echo(f"{len(failed)} of {len(results)} checks failed" if failed else "everything a run needs is there")
    return failed[0].exit_code if failed else 0
