"""`neuropilot label`: say whether a finding deserved its alarm."""

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

    from ai_ops.wiring.labels import Effect


class Verdict(StrEnum):
    """What a person says of a finding."""

    TRUE = "true"
    FALSE = "false"


def label(
    finding: Annotated[str, typer.Argument(help="Id of a finding, as `neuropilot history` lists it.")],
    verdict: Annotated[Verdict, typer.Argument(help="Whether something was wrong.")],
    note: Annotated[str, typer.Option("--note", help="Why; one line.")] = "",
    config: Config = None,
    root: Root = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say whether a finding deserved its alarm; the threshold of that metric's alarm moves a little, within bounds."""
    from ai_ops.cli.who import who
    from ai_ops.domain.one_line import visible
    from ai_ops.wiring import open_session
    from ai_ops.wiring.labels import record

    with (
        failing_as_json(is_wanted=as_json, label=None),
        open_session(place_for(root, config), is_writing=True) as session,
    ):
        effect = record(session, finding, is_true=verdict is Verdict.TRUE, by=who(), note=note)
    if as_json:
        typer.echo(json_text(_form(effect), session.redact))
        return
    for line in in_words(effect):
        typer.echo(session.redact(visible(line)))


def in_words(effect: Effect) -> Iterator[str]:
    """What was said and what it changes, line by line."""
    said = effect.label
    verdict = "deserved its alarm" if said.is_true else "was a false alarm"
    yield f"{said.finding}: {said.metric} of {said.service} since {said.since:%Y-%m-%d %H:%M} UTC {verdict}"
    if effect.is_overruled:
        yield "  settings   detection.labels says otherwise, and counts"
    yield f"  labels     of {said.metric}, {said.alarm}: {effect.true:.3g} true, {effect.false:.3g} false"
    if not said.alarm.has_learned_threshold:
        yield f"  threshold  that of a {said.alarm} alarm is not learned from history, so no label moves it"
        return
    yield f"  threshold  {effect.before:.2f} times what its own history asks for before, {effect.after:.2f} now"
    if effect.trial is None:
        yield "  history    none is kept of this metric, so the label could not be tried on it"
    else:
        trial = effect.trial
        yield f"  history    its last {trial.days:.1f} days raised {_alarms(trial.before)} before, {trial.after} now"


def _form(effect: Effect) -> dict[str, object]:
    said = {name: utc_text(value) if name in {"since", "at"} else value for name, value in asdict(effect.label).items()}
    return {"version": __version__, "exit_code": 0, "error": None, **asdict(effect), "label": said}


def _alarms(number: int) -> str:
    return f"{number} alarm{'' if number == 1 else 's'}"
