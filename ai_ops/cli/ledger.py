"""`neuropilot ledger verify`: make sure that the past is what the agent wrote."""

from __future__ import annotations

import json

import typer

from ai_ops.cli.json_text import failing_as_json
from ai_ops.cli.options import AsJson, Config, Root, help_without_verb, place_for
from ai_ops.domain.errors import StateError

app = typer.Typer(help="The record of every decision.")
app.callback(invoke_without_command=True)(help_without_verb)


@app.command()
def verify(config: Config = None, root: Root = None, *, as_json: AsJson = False) -> None:
    """Find any edit, deletion or reordering in the ledger. Exit code 2 when there is one."""
    from ai_ops.wiring import open_session

    with (
        failing_as_json(is_wanted=as_json, episodes=0, problems=[]),
        open_session(place_for(root, config), is_writing=False) as session,
    ):
        problems = session.ledger.verify()
        count = 0 if problems else len(session.ledger.episodes())
    if as_json:
        typer.echo(json.dumps({"episodes": count, "problems": [str(one) for one in problems]}, indent=2))
    elif not problems:
        typer.echo(f"the ledger is whole: {count} episodes, every hash fits")
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise StateError(
            f"the ledger is not what the agent wrote:\n{listed}\n"
            "Restore it from the branch neuropilot/state, or from a backup; until then nothing is changed."
        )
