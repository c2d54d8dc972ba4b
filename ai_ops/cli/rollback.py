"""`neuropilot rollback EPISODE`: take a decision back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ai_ops import __version__
from ai_ops.cli.json_text import failing_as_json, json_text
from ai_ops.cli.options import AsJson, Config, Root, place_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.wiring.rollback import TakenBack


def rollback(
    episode: Annotated[str, typer.Argument(help="Id of an episode, as `neuropilot history` lists it.")],
    *,
    because: Annotated[str, typer.Option("--because", help="Why; one line, kept with it.")] = "no reason was given",
    apply: Annotated[bool, typer.Option("--apply", help="Act; without it the diff is shown.")] = False,
    config: Config = None,
    root: Root = None,
    as_json: AsJson = False,
) -> None:
    """Take a decision back: every knob that it moved goes where it stood before, as `mode` allows."""
    from ai_ops.cli.who import who
    from ai_ops.domain.one_line import visible
    from ai_ops.wiring import open_session
    from ai_ops.wiring.rollback import take_back
    from ai_ops.wiring.session import finish

    with (
        failing_as_json(is_wanted=as_json, taken=None, episode=None, delivery=None),
        open_session(place_for(root, config), is_writing=apply) as session,
    ):
        done = take_back(session, episode, by=who(), because=because)
        problem = finish(session)
    if as_json:
        typer.echo(json_text(_document(done, problem), session.redact))
        return
    for line in (*_in_words(done), *([f"Degraded: state: {problem}"] if problem else [])):
        typer.echo(session.redact(visible(line)))


def _in_words(done: TakenBack) -> Iterator[str]:
    from ai_ops.cli.words import decision_in_words

    yield f"Take back {done.taken.id}: {decision_in_words(done.episode.decision)}"
    yield f"Change: {done.delivery.status} - {done.delivery.reason}"
    if done.delivery.url:
        yield f"  {done.delivery.url}"
    yield from (f"  {line}" for line in done.delivery.diff.splitlines())
    for receipt in done.receipts:
        yield f"Notification: {receipt.channel} {receipt.status}{f' ({receipt.reason})' if receipt.reason else ''}"


def _document(done: TakenBack, problem: str | None) -> dict[str, Any]:
    from pydantic import TypeAdapter

    from ai_ops.domain.cycle import Delivery, Episode

    return {
        "version": __version__,
        "exit_code": 0,
        "error": None,
        "taken": done.taken.id,
        "episode": json.loads(TypeAdapter(Episode).dump_json(done.episode)),
        "delivery": json.loads(TypeAdapter(Delivery).dump_json(done.delivery)),
        "degraded": [f"state: {problem}"] if problem else [],
    }
