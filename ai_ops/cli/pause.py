"""`neuropilot pause` and `neuropilot resume`: the kill switch."""

from __future__ import annotations

from typing import Annotated

import typer

from ai_ops.cli.options import Config, Root, place_for
from ai_ops.cli.who import who


def pause(
    because: Annotated[
        str, typer.Option("--because", help="Why; shown in every run until it is resumed.")
    ] = "no reason given",
    config: Config = None,
    root: Root = None,
) -> None:
    """Let nothing move until `neuropilot resume`. Runs go on watching and reporting."""
    from ai_ops.wiring import kill_switch

    kept = kill_switch.pause(place_for(root, config), because, who())
    typer.echo(f"paused: {kept}. `neuropilot resume` ends it.")


def resume(config: Config = None, root: Root = None) -> None:
    """Allow changes again."""
    from ai_ops.wiring import kill_switch

    was_paused = kill_switch.resume(place_for(root, config))
    typer.echo("resumed: the next run may change what the settings allow" if was_paused else "nothing was paused")
