"""`neuropilot replay EPISODE`: a past decision, derived again from what was kept, byte for byte."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ai_ops import __version__
from ai_ops.cli.json_text import failing_as_json, json_text
from ai_ops.cli.options import AsJson, Config, Root, place_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.wiring.replay import Rederived

DIFFERS = 2
"""Exit code of a decision that cannot be trusted to be what the record says."""


def replay(
    episode: Annotated[str, typer.Argument(help="Id of an episode, as `neuropilot history` lists it.")],
    config: Config = None,
    root: Root = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Derive a past decision again, and compare it byte for byte with the ledger; exit code 2 when it differs.

    A proposal keeps what it was decided on for 90 days, so that no network is needed. A hold keeps the digest alone:
    it is derived again as long as the source still has the same metrics.
    """
    from ai_ops.domain.one_line import visible
    from ai_ops.wiring import open_session
    from ai_ops.wiring.replay import rederive

    with (
        failing_as_json(is_wanted=as_json, episode=episode, is_equal=None),
        open_session(place_for(root, config), is_writing=False) as session,
    ):
        found = rederive(session, episode)
    if as_json:
        typer.echo(json_text(document(found), session.redact))
    else:
        for line in sentences(found):
            typer.echo(session.redact(visible(line)))
    if found.difference is not None:
        raise typer.Exit(DIFFERS)


def sentences(found: Rederived) -> Iterator[str]:
    """Whether it is the same, what it rests on, and where it parts."""
    from ai_ops.cli.words import decision_in_words

    same = "differs from the ledger" if found.difference else "is the same, byte for byte"
    yield f"{found.episode.id}: derived again from {found.basis}, it {same}"
    yield f"  decision   {decision_in_words(found.episode.decision)}"
    if found.held_by_guardrail:
        yield "  guardrail  held what the policy wanted; its words are taken from the ledger"
    if found.difference is None:
        yield f"  compared   {len(found.recorded)} bytes of canonical JSON, sha256 {_digest(found.recorded)}"
        return
    yield f"  first at   {found.difference.place}"
    yield f"  recorded   {json.dumps(found.difference.recorded, ensure_ascii=False)}"
    yield f"  derived    {json.dumps(found.difference.derived, ensure_ascii=False)}"


def document(found: Rederived) -> dict[str, Any]:
    """The same as JSON values."""
    difference = found.difference
    return {
        "version": __version__,
        "exit_code": DIFFERS if difference else 0,
        "error": None,
        "episode": found.episode.id,
        "basis": str(found.basis),
        "is_equal": difference is None,
        "held_by_guardrail": found.held_by_guardrail,
        "bytes": len(found.recorded),
        "recorded_sha256": _digest(found.recorded),
        "derived_sha256": _digest(found.derived),
        "difference": difference
        and {"place": difference.place, "recorded": difference.recorded, "derived": difference.derived},
    }


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
