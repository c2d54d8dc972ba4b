"""`neuropilot judge`: say whether a decision was right."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ai_ops import __version__
from ai_ops.cli.json_text import failing_as_json, json_text, utc_text
from ai_ops.cli.options import AsJson, Config, Root, place_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.wiring.judge import Effect


class Verdict(StrEnum):
    """What a person says of a decision."""

    GOOD = "good"
    BAD = "bad"


def judge(
    episode: Annotated[str, typer.Argument(help="Id of an episode, as `neuropilot history` lists it.")],
    verdict: Annotated[Verdict, typer.Argument(help="Whether its decision was right.")],
    because: Annotated[str, typer.Option("--because", help="Why; one line, kept with it.")],
    config: Config = None,
    root: Root = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say whether a decision was right; a bad one costs reward and autonomy, within bounds."""
    from ai_ops.cli.who import who
    from ai_ops.domain.one_line import visible
    from ai_ops.wiring import open_session
    from ai_ops.wiring.judge import record

    with (
        failing_as_json(is_wanted=as_json, judgement=None),
        open_session(place_for(root, config), is_writing=True) as session,
    ):
        effect = record(session, episode, is_good=verdict is Verdict.GOOD, by=who(), because=because)
    if as_json:
        typer.echo(json_text(_form(effect), session.redact))
        return
    for line in in_words(effect):
        typer.echo(session.redact(visible(line)))


def in_words(effect: Effect) -> Iterator[str]:
    """What was said and what it changes, line by line."""
    from ai_ops.cli.words import decision_in_words
    from ai_ops.domain.autonomy import ActionClass
    from ai_ops.tune.autonomy.judgements import HALF_LIFE

    said, before, after = effect.judgement, effect.before, effect.after
    yield f"{said.episode}: {decision_in_words(effect.decided.decision)}: judged {'good' if said.is_good else 'bad'}"
    yield f"  because    {said.because}"
    alike = said.action.in_words if said.action else "decisions that hold"
    yield (
        f"  penalty    on {alike}: {before.penalty:.2f} before, {after.penalty:.2f} now, "
        f"taken from the reward of such decisions; it halves every {HALF_LIFE.days} days"
    )
    for action in ActionClass:
        was, now = before.autonomy[action], after.autonomy[action]
        if (was.predictions, was.changes) != (now.predictions, now.changes):
            yield f"  autonomy   {action.in_words}: {was.allowed} before, {now.allowed} now; {now.missing}"
    if said.is_good:
        yield "  autonomy   unchanged: only outcomes raise it"


def _form(effect: Effect) -> dict[str, object]:
    before, after = effect.before, effect.after
    return {
        "version": __version__,
        "exit_code": 0,
        "error": None,
        "judgement": asdict(effect.judgement) | {"at": utc_text(effect.judgement.at)},
        "penalty": {"before": before.penalty, "after": after.penalty},
        "autonomy": {
            str(action): {"before": str(was.allowed), "after": str(after.autonomy[action].allowed)}
            for action, was in before.autonomy.items()
        },
    }
