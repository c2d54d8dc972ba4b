"""`neuropilot ledger verify`: make sure that the past is what the agent wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ai_ops import __version__
from ai_ops.cli.json_text import failing_as_json, json_text
from ai_ops.cli.options import AsJson, Config, Root, help_without_verb, place_for
from ai_ops.domain.counted_lines import lines_in_words
from ai_ops.domain.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        failing_as_json(is_wanted=as_json, episodes=0, model_decisions=0, problems=[], archived=None),
        open_session(place_for(root, config), is_writing=False) as session,
    ):
        problems = [str(one) for one in session.ledger.verify()]
        episodes = 0 if problems else len(session.ledger.episodes())
        about_models = 0 if problems else len(session.ledger.model_decisions())
        archived = session.ledger.archived()
        if with_archive and archived is not None:
            problems += _of_archive(session, archived)
    altered = _altered(problems) if problems else None
    if as_json:
        counted = {"episodes": episodes, "model_decisions": about_models}
        document = counted | {"problems": problems, "archived": _form(archived)}
        typer.echo(json_text(_head(altered) | document, session.redact))
    elif altered is None:
        typer.echo(f"the ledger is whole: {lines_in_words(episodes, about_models)}, every hash fits")
        if archived is not None:
            typer.echo(f"  {_in_words(archived, is_checked=with_archive)}")
    if altered is not None:
        raise altered


def _head(altered: StateError | None) -> dict[str, Any]:
    """What every document begins with."""
    is_whole = altered is None
    return {
        "version": __version__,
        "exit_code": 0 if is_whole else StateError.exit_code,
        "error": None if is_whole else str(altered),
    }


def _altered(problems: Sequence[str]) -> StateError:
    listed = "\n".join(f"  {problem}" for problem in problems)
    return StateError(
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
