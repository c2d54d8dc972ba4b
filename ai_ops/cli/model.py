"""`neuropilot model`: which model is in use, what it is worth, and putting another one in its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ai_ops import __version__
from ai_ops.cli.because import reason_of
from ai_ops.cli.json_text import failing_as_json, json_text
from ai_ops.cli.options import AsJson, Config, Root, Service, help_without_verb, place_for
from ai_ops.cli.who import who

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.settings.service import Service as Watched
    from ai_ops.wiring import Session
    from ai_ops.wiring.models.change import Changed

app = typer.Typer(help="The model of how metrics move together.")
app.callback(invoke_without_command=True)(help_without_verb)

Version = Annotated[str, typer.Argument(help="Its name, as `neuropilot model list` shows it.")]
Because = Annotated[str, typer.Option("--because", help="Why, in one sentence; it stands in the ledger.")]
MinAuc = Annotated[
    float | None,
    typer.Option("--min-auc", min=0.5, max=1.0, help="What it must be worth; model.min_auc when left out."),
]
Out = Annotated[Path, typer.Option("--out", help="The file, e.g. model.prom in the folder of a node exporter.")]


@app.command("list")
def list_(config: Config = None, root: Root = None, service: Service = None, *, as_json: AsJson = False) -> None:
    """List every version that was decided about, newest last, and whether one could go back to it."""
    from ai_ops.cli.model_words import decision_form, decision_in_words
    from ai_ops.cli.services import wanted_services
    from ai_ops.wiring import open_session
    from ai_ops.wiring.models.champion import decisions_of, in_use
    from ai_ops.wiring.models.counted import not_counted
    from ai_ops.wiring.models.standing import standing_of

    with (
        failing_as_json(is_wanted=as_json, models={}),
        open_session(place_for(root, config), is_writing=False) as session,
    ):
        names = wanted_services(session.settings, service)
        decided = {name: decisions_of(session, name) for name in names}
        standing = {one: standing_of(session, one) for ours in decided.values() for one in ours}
        made_up = {name: not_counted(session, name) for name in names}
    if as_json:
        models = {name: [decision_form(one, standing[one]) for one in ours] for name, ours in decided.items()}
        typer.echo(_document(session, models=models))
        return
    for name, ours in decided.items():
        typer.echo(
            name if ours else f"{name}  no model yet: `neuropilot train --apply` trains the first{made_up[name]}"
        )
        champion = in_use(ours)
        for one in ours:
            typer.echo(session.redact(f"  {decision_in_words(one, standing[one], is_in_use=one is champion)}"))


@app.command()
def status(config: Config = None, root: Root = None, service: Service = None, *, as_json: AsJson = False) -> None:
    """Say how the model in use is doing: what it is worth, how old its data is, and whether the service has drifted."""
    from ai_ops.cli.model_words import status_in_words
    from ai_ops.learn.status import to_json
    from ai_ops.wiring import open_session
    from ai_ops.wiring.models.vitals import vitals_of

    with (
        failing_as_json(is_wanted=as_json, models={}),
        open_session(place_for(root, config), is_writing=False) as session,
    ):
        vitals = {one.name: vitals_of(session, one) for one in _wanted(session, service)}
    if as_json:
        models = {
            name: to_json(one.status) | {"is_simulated": one.training.is_simulated if one.training else None}
            for name, one in vitals.items()
        }
        typer.echo(_document(session, models=models))
        return
    for name, one in vitals.items():
        typer.echo(name)
        for line in status_in_words(one):
            typer.echo(session.redact(f"  {line}"))


@app.command()
def card(
    version: Annotated[str | None, typer.Argument(help="Its name; the one in use when left out.")] = None,
    config: Config = None,
    root: Root = None,
    service: Service = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the card of a version: what it was trained on, what it is worth, and what it cannot see."""
    from ai_ops.cli.services import the_service
    from ai_ops.wiring import open_session
    from ai_ops.wiring.models.card import card_of

    with (
        failing_as_json(is_wanted=as_json, card=None),
        open_session(place_for(root, config), is_writing=False) as session,
    ):
        shown = card_of(session, the_service(session.settings, service), version, as_json=as_json)
    if as_json:
        typer.echo(_document(session, **{key: of for key, of in json.loads(shown).items() if key != "version"}))
    else:
        typer.echo(session.redact(shown), nl=False)


@app.command()
def promote(  # noqa: PLR0913  # one parameter per option
    version: Version,
    because: Because = "",
    min_auc: MinAuc = None,
    config: Config = None,
    root: Root = None,
    service: Service = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Put a version in use that waits for a person. It is measured again first."""
    from ai_ops.wiring.models.change import Asked, promote

    _change(
        lambda session, settings: promote(session, settings, Asked(version, who(), reason_of(because), min_auc)),
        (config, root, service),
        as_json=as_json,
    )


@app.command()
def rollback(  # noqa: PLR0913  # the same
    version: Annotated[str | None, typer.Argument(help="Where to; the newest sound one before when left out.")] = None,
    because: Because = "",
    min_auc: MinAuc = None,
    config: Config = None,
    root: Root = None,
    service: Service = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Go back to a version that was in use before. It is measured again first."""
    from ai_ops.wiring.models.change import Asked, rollback

    _change(
        lambda session, settings: rollback(session, settings, Asked(version, who(), reason_of(because), min_auc)),
        (config, root, service),
        as_json=as_json,
    )


@app.command()
def metrics(
    out: Out,
    config: Config = None,
    root: Root = None,
    service: Service = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Write the model's own metrics into a file that Prometheus can read."""
    from ai_ops.domain.errors import DeliveryError
    from ai_ops.wiring import open_session
    from ai_ops.wiring.model_metrics import write_model_metrics
    from ai_ops.wiring.models.vitals import vitals_of

    with (
        failing_as_json(is_wanted=as_json, file=None, services=[]),
        open_session(place_for(root, config), is_writing=False) as session,
    ):
        wanted = _wanted(session, service)
        receipt = write_model_metrics(out, [vitals_of(session, one) for one in wanted])
        if receipt.is_degraded:
            raise DeliveryError(receipt.reason)
    if as_json:
        typer.echo(_document(session, file=str(out), services=[one.name for one in wanted]))
    else:
        typer.echo(f"metrics: {out}")


@app.command()
def key() -> None:
    """Make a new pair of keys for signing models. Nothing is kept: the private half is shown once.

    There is no --json: what programs read, they log, and a secret should stand in no log.
    """
    from ai_ops.learn.signature import new_key_pair

    pair = new_key_pair()
    typer.echo(f"NEUROPILOT_SIGNING_KEY={pair.private}")
    typer.echo(f"model.verification_key: {pair.public}")
    typer.echo(
        "The first line is a secret of the job that trains, and belongs nowhere else. "
        "The second belongs into ai_ops/config/ops_config.yaml.",
        err=True,
    )


@app.command()
def sign(config: Config = None, root: Root = None, service: Service = None, *, as_json: AsJson = False) -> None:
    """Sign the version in use with the key in NEUROPILOT_SIGNING_KEY, after that was set or changed."""
    from ai_ops.wiring import open_session
    from ai_ops.wiring.models.signing import sign

    with (
        failing_as_json(is_wanted=as_json, signed={}),
        open_session(place_for(root, config), is_writing=True) as session,
    ):
        signed = {one.name: sign(session, one) for one in _wanted(session, service)}
    if as_json:
        typer.echo(_document(session, signed=signed))
        return
    for name, version in signed.items():
        typer.echo(f"{name}: {version} is signed")


def _document(session: Session, **rest: Any) -> str:  # noqa: ANN401  # JSON may be anything
    """Write what a verb of this file gives a program."""
    return json_text({"version": __version__, "exit_code": 0, "error": None, **rest}, session.redact)


def _wanted(session: Session, service: str | None) -> list[Watched]:
    from ai_ops.cli.services import the_service, wanted_services

    return [the_service(session.settings, name) for name in wanted_services(session.settings, service)]


def _change(
    change: Callable[[Session, Watched], Changed],
    where: tuple[Path | None, Path | None, str | None],
    *,
    as_json: bool,
) -> None:
    """Do what a person wants with a model, and say what came of it."""
    from ai_ops.cli.services import the_service
    from ai_ops.domain.errors import OpsError
    from ai_ops.wiring import open_session

    config, root, service = where
    try:
        with open_session(place_for(root, config), is_writing=True) as session:
            changed = change(session, the_service(session.settings, service))
    except OpsError as error:
        with failing_as_json(is_wanted=as_json, **getattr(error, "body", {})):
            raise
    if as_json:
        typer.echo(_document(session, **changed.to_json()))
        return
    typer.echo(session.redact(changed.sentence))
