"""`neuropilot explain` and `neuropilot history`: what was decided, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ai_ops.cli.json_text import failing_as_json
from ai_ops.cli.options import AsJson, Config, Root, place_for

if TYPE_CHECKING:
    from ai_ops.domain.cycle import Episode


def explain(
    episode: Annotated[str, typer.Argument(help="Id of an episode, as `neuropilot history` lists it.")],
    config: Config = None,
    root: Root = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show everything one episode knew, decided and why."""
    from ai_ops.cli.said import judged_in_words
    from ai_ops.cli.words import episode_in_words
    from ai_ops.wiring import open_session
    from ai_ops.wiring.judge import words_on
    from ai_ops.wiring.unknown_episode import unknown_episode

    with failing_as_json(is_wanted=as_json), open_session(place_for(root, config), is_writing=False) as session:
        found = session.ledger.find(episode)
        learning_rate = session.settings.learning_rate
        if found is None:
            raise unknown_episode(session.ledger, episode)
        words = words_on(session, found)
    if as_json:
        typer.echo(json.dumps(_form(found), indent=2, sort_keys=True))
        return
    for line in episode_in_words(found):
        typer.echo(line)
    for word in judged_in_words(words):
        typer.echo(f"  judged     {word}")
    typer.echo(f"  learning   rate {learning_rate:g}: step of the online model update between two trainings")


def history(
    config: Config = None,
    root: Root = None,
    service: Annotated[str | None, typer.Option("--service", help="Only this service.")] = None,
    last: Annotated[int, typer.Option("--last", min=1, help="How many episodes, newest last.")] = 20,
    *,
    as_json: AsJson = False,
) -> None:
    """List the latest episodes, newest last."""
    from ai_ops.cli.services import wanted_services
    from ai_ops.cli.words import decision_in_words
    from ai_ops.domain.label import finding_id
    from ai_ops.wiring import open_session

    with failing_as_json(is_wanted=as_json), open_session(place_for(root, config), is_writing=False) as session:
        episodes = session.ledger.episodes(service)[-last:]
        if not episodes:  # one that the settings no longer name may still have a past
            wanted_services(session.settings, service)
    if as_json:
        typer.echo(json.dumps([_form(one) for one in episodes], indent=2, sort_keys=True))
        return
    if not episodes:
        typer.echo("no episodes yet: `neuropilot run --apply` records the first")
    for one in episodes:
        reward = "   -  " if one.reward.value is None else f"{one.reward.value:+6.2f}"
        reward += " credited" if one.reward.is_credited else "         "
        names = ", ".join(finding_id(one.service, found.metric, found.since) for found in one.findings)
        listed = f"{len(one.findings)} ({names})" if names else "0"
        typer.echo(f"{one.id:<28} reward {reward}  findings {listed}  {decision_in_words(one.decision)}")


def _form(episode: Episode) -> Any:  # noqa: ANN401  # JSON
    from pydantic import TypeAdapter

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.label import finding_id

    form = TypeAdapter(Episode).dump_python(episode, mode="json")
    for shown, found in zip(form["findings"], episode.findings, strict=True):
        shown["id"] = finding_id(episode.service, found.metric, found.since)
    return form
