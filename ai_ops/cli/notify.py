"""`neuropilot notify`: try every channel, send again what did not arrive, and see what was delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ai_ops import __version__
from ai_ops.cli.json_text import failing_as_json, json_text
from ai_ops.cli.options import AsJson, Config, Root, help_without_verb, place_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ai_ops.domain.message import Receipt
    from ai_ops.wiring.session import Session

app = typer.Typer(help="Try every channel, send again what did not arrive, and see what was delivered.")
app.callback(invoke_without_command=True)(help_without_verb)

Channel = Annotated[str | None, typer.Option("--channel", help="Only this one: slack, notion, email, and so on.")]


@app.command("test")
def try_channels(*, channel: Channel = None, config: Config = None, root: Root = None, as_json: AsJson = False) -> int:
    """Send a message that says it is a test through each configured channel, and say what happened."""
    from ai_ops.wiring.telling.replay import send_test

    return _told(lambda session: send_test(session, channel), config, root, as_json=as_json)


@app.command()
def replay(
    *,
    channel: Channel = None,
    unknown: Annotated[
        bool, typer.Option("--unknown", help="Also what may have arrived, and may then be there twice.")
    ] = False,
    config: Config = None,
    root: Root = None,
    as_json: AsJson = False,
) -> int:
    """Send again what the channels did not take."""
    from ai_ops.wiring.telling.replay import replay as send_again

    return _told(
        lambda session: send_again(session, channel, even_if_it_may_have_arrived=unknown), config, root, as_json=as_json
    )


@app.command()
def history(*, config: Config = None, root: Root = None, as_json: AsJson = False) -> None:
    """Show what each channel was sent in the last 7 and 28 days, what it did not take, and what waits."""
    from ai_ops.cli.notify_words import history_form, history_lines
    from ai_ops.wiring.session import open_session
    from ai_ops.wiring.telling.replay import records

    with (
        failing_as_json(is_wanted=as_json, channels=[]),
        open_session(place_for(root, config), is_writing=False) as session,
    ):
        known = records(session)
        if as_json:
            typer.echo(json_text({"version": __version__, "channels": history_form(known)}, session.redact))
            return
        for line in history_lines(known):
            typer.echo(session.redact(line))


def _told(
    send: Callable[[Session], Sequence[Receipt]], config: Path | None, root: Path | None, *, as_json: bool
) -> int:
    """Send, say what became of it, and give the exit code: 4 when a channel did not take it."""
    from ai_ops.cli.notify_words import receipt_form, receipt_lines
    from ai_ops.domain.errors import DeliveryError
    from ai_ops.wiring.session import finish, open_session

    with (
        failing_as_json(is_wanted=as_json, channels=[]),
        open_session(place_for(root, config), is_writing=True) as session,
    ):
        receipts = send(session)
        problem = finish(session)
        code = DeliveryError.exit_code if any(one.is_degraded for one in receipts) else 0
        if as_json:
            form = {"version": __version__, "exit_code": code, "channels": [receipt_form(one) for one in receipts]}
            typer.echo(json_text({**form, "problem": problem}, session.redact))
            return code
        for line in receipt_lines(receipts, problem):
            typer.echo(session.redact(line))
    return code
