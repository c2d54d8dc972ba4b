"""`neuropilot init`: adopt the agent in this repository."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ai_ops import __version__
from ai_ops.cli.json_text import failing_as_json, json_text
from ai_ops.cli.options import AsJson, Root, place_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ai_ops.domain.adoption import Adoption


class WorkflowKind(StrEnum):
    """What the workflow looks like."""

    CALLER = "caller"
    FULL = "full"
    NONE = "none"


def init(
    root: Root = None,
    workflow: Annotated[
        WorkflowKind,
        typer.Option("--workflow", help="A short one that calls the agent's own, one with all jobs in it, or none."),
    ] = WorkflowKind.CALLER,
    agent: Annotated[
        str | None,
        typer.Option("--agent", help="OWNER/REPO@COMMIT to install from; where this one came from, if left out."),
    ] = None,
    prometheus_url: Annotated[
        str | None, typer.Option("--prometheus-url", help="Whom to ask; PROMETHEUS_URL when left out.")
    ] = None,
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Write the files; without it they are only shown.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look around, ask Prometheus, and show as a diff what this repository needs; --apply writes it."""
    from ai_ops.onboard import onboard
    from ai_ops.wiring.adopted_files import write_all
    from ai_ops.wiring.onboard import Wish, onboarding

    with failing_as_json(is_wanted=as_json, files=[]):
        place = place_for(root, None)
        adoption = onboard(onboarding(place, Wish(workflow.value, agent, prometheus_url)))
        if not as_json:
            typer.echo("\n".join(_told(adoption)))
        if apply:
            write_all(place.root, adoption.changes)
    if as_json:
        typer.echo(json_text(_document(adoption, is_written=apply), _redactor()))
    else:
        typer.echo(_end(adoption, is_written=apply))


def _told(adoption: Adoption) -> Iterator[str]:
    """What was seen, what would be written, and what is left to do, in this order."""
    yield from (f"found: {words}" for words in adoption.found)
    yield from (f"kept: {words}" for words in adoption.left_alone)
    yield ""
    yield from (diff for _, diff in _diffs(adoption))
    yield from (f"note: {words}" for words in adoption.notes)
    if adoption.secrets:
        yield "note: set the secrets that you have; each asks for its value, and none stands in a file:"
        yield from (f"    gh secret set {name}" for name in adoption.secrets)


def _end(adoption: Adoption, *, is_written: bool) -> str:
    names = ", ".join(draft.path for draft in adoption.changes)
    if not names:
        return "nothing is missing; nothing was written"
    if is_written:
        return f"written: {names}. Next: `neuropilot doctor`, then commit them"
    return f"nothing was written; --apply writes {names}"


def _diffs(adoption: Adoption) -> Iterator[tuple[str, str]]:
    from ai_ops.apply.knob_files import unified_diff

    for draft in adoption.changes:
        diff = unified_diff(draft.before or b"", draft.after, draft.path)
        yield draft.path, diff if draft.before is not None else diff.replace(f"--- a/{draft.path}", "--- /dev/null", 1)


def _document(adoption: Adoption, *, is_written: bool) -> dict[str, object]:
    return {
        "version": __version__,
        "exit_code": 0,
        "error": None,
        "found": adoption.found,
        "files": [{"path": path, "diff": diff, "written": is_written} for path, diff in _diffs(adoption)],
        "left_alone": adoption.left_alone,
        "secrets": adoption.secrets,
        "notes": adoption.notes,
    }


def _redactor() -> Callable[[str], str]:
    import os

    from ai_ops.redact import Redactor
    from ai_ops.settings.environment import secrets_in

    return Redactor(secrets_in(os.environ))
