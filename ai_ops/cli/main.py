"""The front door: verbs in, exit codes out. The only place where an error becomes a number."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING, Annotated

import typer

from ai_ops import __version__
from ai_ops.cli import (
    autonomy,
    capacity,
    demo,
    detect,
    doctor,
    init,
    jobs,
    judge,
    label,
    ledger,
    model,
    notify,
    past,
    pause,
    replay,
    report,
    reward,
    rollback,
    rules,
    run,
    scan,
    self_test,
    simulate,
    state,
    train,
    twin,
    what_if,
)
from ai_ops.cli.options import USAGE, help_without_verb
from ai_ops.domain.errors import DeliveryError, OpsError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

app = typer.Typer(
    name="neuropilot",
    help="An operations agent that watches a service and moves its autoscaling settings by small diffs.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # frames around the help would double the time that it takes
)
for verb in (
    run.run,
    jobs.collect,
    jobs.decide,
    jobs.deliver,
    demo.demo,
    init.init,
    doctor.doctor,
    detect.detect,
    scan.scan,
    self_test.self_test,
    simulate.simulate,
    what_if.what_if,
    past.explain,
    past.history,
    replay.replay,
    label.label,
    report.report,
    train.train,
    reward.reward,
    judge.judge,
    rollback.rollback,
    capacity.capacity,
    autonomy.autonomy,
    pause.pause,
    pause.resume,
):
    app.command()(verb)
app.add_typer(ledger.app, name="ledger")
app.add_typer(model.app, name="model")
app.add_typer(notify.app, name="notify")
app.add_typer(rules.app, name="rules")
app.add_typer(state.app, name="state")
app.add_typer(twin.app, name="twin")


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"neuropilot {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False,
) -> None:
    """Accept the options that stand before a verb."""
    del version
    help_without_verb(context)


ops_brain = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
ops_brain.command(name="ops_brain.py")(run.ops_brain)
anomaly_trainer = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
anomaly_trainer.command(name="anomaly_trainer.py")(train.anomaly_trainer)
daily_report = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
daily_report.command(name="daily_report.py")(report.daily_report)


def main(arguments: Sequence[str] | None = None) -> None:
    """`neuropilot VERB`: run it and leave with its exit code."""
    sys.exit(exit_code_of(app, arguments))


def run_ops_brain(arguments: Sequence[str] | None = None) -> None:
    """`python ai_ops/ops_brain.py`: the scheduled cycle alone."""
    sys.exit(exit_code_of(ops_brain, arguments))


def run_anomaly_trainer(arguments: Sequence[str] | None = None) -> None:
    """`python ai_ops/scripts/anomaly_trainer.py`: the nightly training alone."""
    sys.exit(exit_code_of(anomaly_trainer, arguments))


def run_daily_report(arguments: Sequence[str] | None = None) -> None:
    """`python ai_ops/scripts/daily_report.py`: the report of the day alone."""
    sys.exit(exit_code_of(daily_report, arguments))


def exit_code_of(command: Callable[..., object], arguments: Sequence[str] | None) -> int:
    """Run a command line and give its exit code; every expected failure is printed on stderr."""
    try:
        code = command(args=arguments, standalone_mode=False)
    except OpsError as error:
        _complain(f"error: {error}")
        return error.exit_code
    except typer.TyperException as error:
        _complain(f"error: {error.format_message()}\nTry --help.")
        _document(USAGE, error.format_message(), arguments)
        return USAGE
    except (typer.Abort, KeyboardInterrupt):
        _complain("stopped")
        return USAGE
    except Exception as error:  # noqa: BLE001  # the last stop: what was not foreseen becomes exit code 5, with its place
        if isinstance(error, OSError) and _is_unheard(error):
            return _unheard(error)
        return _unforeseen(error, arguments)
    return code if isinstance(code, int) else 0


def _is_unheard(error: OSError) -> bool:
    """Whether it was the writing of an answer that failed."""
    return any(frame.f_code is typer.echo.__code__ for frame, _ in traceback.walk_tb(error.__traceback__))


def _unheard(error: OSError) -> int:
    """Say that the answer is lost."""
    from ai_ops.cli.voice import silence

    silence(sys.stdout)
    _complain(
        f"error: the answer could not be written ({error.strerror}): free space where the output goes, and ask again"
    )
    return DeliveryError.exit_code


def _unforeseen(error: Exception, arguments: Sequence[str] | None) -> int:
    from ai_ops.cli.known_secrets import redactor_of

    told = redactor_of(arguments)(f"internal error: {type(error).__name__}: {error}")
    _complain(f"{told}\n{_place_of(error)}\nPlease report it.")
    _document(OpsError.exit_code, told, arguments)
    return OpsError.exit_code


def _complain(text: str) -> None:
    from ai_ops.cli.voice import speak
    from ai_ops.redact import Redactor
    from ai_ops.settings.environment import secrets_in

    speak(Redactor(secrets_in(os.environ))(text), err=True)


def _document(code: int, text: str, arguments: Sequence[str] | None) -> None:
    """Give a program that asked for JSON its document, where the verb never came to writing it."""
    if "--json" not in (sys.argv[1:] if arguments is None else arguments):
        return
    from ai_ops.cli.json_text import json_text
    from ai_ops.cli.voice import speak
    from ai_ops.redact import Redactor
    from ai_ops.settings.environment import secrets_in

    failure = {"version": __version__, "exit_code": code, "error": text}
    speak(json_text(failure, Redactor(secrets_in(os.environ))))


def _place_of(error: Exception) -> str:
    """Where it happened, innermost last, without values."""
    frames = traceback.extract_tb(error.__traceback__)[-5:]
    return "\n".join(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
