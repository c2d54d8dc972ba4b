"""`neuropilot ledger verify`: make sure that the past is what the agent wrote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ai_ops.cli.json_text import failing_as_json
from ai_ops.cli.options import AsJson, Config, Root, help_without_verb, place_for
from ai_ops.domain.errors import StateError

if TYPE_CHECKING:
    from ai_ops.store.archived import Archived
    from ai_ops.wiring.session import Session

app = typer.Typer(help="The record of every decision.")
app.callback(invoke_without_command=True)(help_without_verb)

WithArchive = Annotated[bool, typer.Option("--archived", help="Read the archived months as well, from their branch.")]


@app.command()
def verify(
    config: Config = None, root: Root = None, *, with_archive: WithArchive = False, as_json: AsJson = False
) -> None:
    """Find any edit, deletion or reordering in the ledger. Exit code 2 when there is one."""
    from ai_ops.wiring import open_session

    with (
        failing_as_json(is_wanted=as_json, episodes=0, problems=[], archived=None),
        open_session(place_for(root, config), is_writing=False) as session,
    ):
        problems = [str(one) for one in session.ledger.verify()]
        count = 0 if problems else len(session.ledger.episodes())
        archived = session.ledger.archived()
        if with_archive and archived is not None:
            problems += _of_archive(session, archived)
    if as_json:
        document = {"episodes": count, "problems": problems, "archived": _form(archived)}
        typer.echo(json.dumps(document, indent=2))
    elif not problems:
        typer.echo(f"the ledger is whole: {count} episodes, every hash fits")
        if archived is not None:
            typer.echo(f"  {_in_words(archived, is_checked=with_archive)}")
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise StateError(
            f"the ledger is not what the agent wrote:\n{listed}\n"
            "Restore it from the branch neuropilot/state, or from a backup; until then nothing is changed."
        )


def _of_archive(session: Session, archived: Archived) -> list[str]:
    """What is wrong on the branch that the settings name."""
    if session.archive is None:
        raise StateError("the archived months stand on a branch, and there is no git repository here")
    return [f"{archived.branch}: {problem}" for problem in session.archive.verify(archived)]


def _in_words(archived: Archived, *, is_checked: bool) -> str:
    first, last = archived.months[0], archived.months[-1]
    next_step = "they fit as well" if is_checked else "`neuropilot ledger verify --archived` checks them"
    return (
        f"lines 1 to {last.last_line} ({first.month} to {last.month}) stand on the branch {archived.branch}, "
        f"in the folder {archived.ledger}: {next_step}"
    )


def _form(archived: Archived | None) -> dict[str, Any] | None:
    from dataclasses import asdict

    return None if archived is None else asdict(archived)
