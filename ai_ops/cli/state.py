"""`neuropilot state`: look at what the agent remembers, and bring a checkout and the branch together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from ai_ops import __version__
from ai_ops.cli.json_text import failing_as_json, json_text, utc_text
from ai_ops.cli.options import AsJson, Config, Root, help_without_verb, place_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ai_ops.store.archived import Archived
    from ai_ops.wiring.state import Branch, Remembered
    from ai_ops.wiring.state_exchange import Exchanged

app = typer.Typer(help="What the agent remembers, and where.")
app.callback(invoke_without_command=True)(help_without_verb)

_MOST_NAMES = 5
"""So many files are named; a list of ninety snapshots says no more than their number."""


@app.command()
def show(config: Config = None, root: Root = None, *, as_json: AsJson = False) -> None:
    """Say where the memory lives, how large it is, what was decided last, and whether the agent is paused."""
    from ai_ops.redact import Redactor
    from ai_ops.settings.environment import secrets_in
    from ai_ops.wiring.state import remembered

    with failing_as_json(is_wanted=as_json):
        place = place_for(root, config)
        shown = remembered(place)
    redact = Redactor(secrets_in(place.environment))
    if as_json:
        typer.echo(json_text(_document(shown), redact))
        return
    for line in _sentences(shown):
        typer.echo(redact(line))


@app.command()
def pull(config: Config = None, root: Root = None) -> None:
    """Take the branch's memory into the folders of this checkout; what only this checkout knows stays."""
    from ai_ops.wiring.state_exchange import pull

    exchanged = pull(place_for(root, config))
    typer.echo(f"{exchanged.branch} is at {exchanged.tip[:10]}")
    for line in _ways(exchanged):
        typer.echo(f"  {line}")


@app.command()
def push(config: Config = None, root: Root = None) -> None:
    """Bring what only this checkout knows to the branch, after taking what only the branch knows."""
    from ai_ops.wiring.state_exchange import push

    exchanged = push(place_for(root, config))
    typer.echo(f"{exchanged.branch} is at {exchanged.tip[:10]}")
    for line in (*_ways(exchanged), f"brought    {_named(exchanged.brought)}"):
        typer.echo(f"  {line}")


def _ways(exchanged: Exchanged) -> Iterator[str]:
    yield f"taken      {_named(exchanged.taken)}"
    if exchanged.dropped:
        yield f"dropped    {_named(exchanged.dropped)}"


def _named(paths: Sequence[str]) -> str:
    if len(paths) > _MOST_NAMES:
        return f"{', '.join(paths[:_MOST_NAMES])} and {len(paths) - _MOST_NAMES} more"
    return ", ".join(paths) or "nothing: both were alike"


def _sentences(shown: Remembered) -> Iterator[str]:
    yield f"memory     {_where(shown.branch)}"
    packed = f"about {_megabytes(shown.packed_bytes)} as git packs it"
    yield f"size       {_megabytes(shown.size_bytes)} in {shown.files} files, {packed}"
    yield f"episodes   {_episodes(shown)}"
    yield f"models     {_about_models(shown)}"
    yield f"paused     {shown.pause or 'no'}"
    yield f"archive    {_archive(shown.archived)}"


def _where(branch: Branch | None) -> str:
    if branch is None:
        return "the folders ai_ops/state and ai_ops/models of this checkout"
    count = "an unknown number of commits" if branch.commits is None else f"{branch.commits} commits"
    return f"the branch {branch.name} at {branch.tip[:10]}, {count}"


def _episodes(shown: Remembered) -> str:
    from ai_ops.cli.words import decision_in_words

    if shown.doubt is not None:
        return f"not to be trusted: {shown.doubt}"
    if shown.newest is None:
        return "none yet: `neuropilot run --apply` records the first"
    newest = shown.newest
    decided = f"{newest.id} of {newest.decided_at:%Y-%m-%d %H:%M} UTC: {decision_in_words(newest.decision)}"
    return f"{shown.episodes}, the newest {decided}"


def _about_models(shown: Remembered) -> str:
    if shown.doubt is not None:
        return "not to be trusted either"
    if not shown.model_decisions:
        return "nothing was decided about any: `neuropilot train --apply` trains the first"
    number = shown.model_decisions
    return f"{number} decision{'' if number == 1 else 's'}; `neuropilot model list` shows them"


def _archive(archived: Archived | None) -> str:
    if archived is None:
        return "none: every month stands here"
    first, last = archived.months[0], archived.months[-1]
    return f"{first.month} to {last.month}, {last.last_line} lines, on the branch {archived.branch}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.2f} MB"


def _document(shown: Remembered) -> dict[str, Any]:
    from dataclasses import asdict, replace

    from ai_ops.cli.words import decision_in_words

    newest = shown.newest and {
        "id": shown.newest.id,
        "decided_at": utc_text(shown.newest.decided_at),
        "decision": decision_in_words(shown.newest.decision),
    }
    fields = asdict(replace(shown, newest=None)) | {"newest": newest}
    return {"version": __version__, "exit_code": 0, "error": None} | fields
