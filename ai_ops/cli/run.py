"""`neuropilot run`, and its twin `python ai_ops/ops_brain.py`: the scheduled cycle."""

from __future__ import annotations

from typing import Annotated

import typer

from ai_ops.cli.json_text import failing_as_json
from ai_ops.cli.options import AsJson, Config, Debug, Root, Service, Summary, place_for
from ai_ops.cli.services import Wish, run_services


def run(  # noqa: PLR0913  # one parameter per option
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Act: record, change what `mode` allows, notify.")] = False,
    config: Config = None,
    root: Root = None,
    service: Service = None,
    summary: Summary = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Run one cycle: collect, detect, reward, tune, apply, notify. Without --apply nothing is written."""
    wish = Wish(is_acting=apply, service=service, summary=summary, as_json=as_json, is_debugging=debug)
    with failing_as_json(is_wanted=as_json, results=[], failures=[], degraded=[]):
        place = place_for(root, config)
    return run_services(place, wish)


def ops_brain(  # noqa: PLR0913  # the same
    *,
    auto_run: Annotated[bool, typer.Option("--auto-run", help="Act; without it this is a dry run.")] = False,
    config: Config = None,
    root: Root = None,
    service: Service = None,
    summary: Summary = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Run one cycle of the ops brain."""
    return run(apply=auto_run, config=config, root=root, service=service, summary=summary, as_json=as_json, debug=debug)
