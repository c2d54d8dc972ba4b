"""`neuropilot rules export`: alarms that go on while the agent does not."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ai_ops import __version__
from ai_ops.cli.json_text import failing_as_json, json_text
from ai_ops.cli.options import AsJson, Config, Root, help_without_verb, place_for
from ai_ops.domain.errors import ConfigError, DeliveryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ai_ops.wiring.rules import ExportedRules

app = typer.Typer(help="The learned bands as Prometheus rules.")
app.callback(invoke_without_command=True)(help_without_verb)

Service = Annotated[str | None, typer.Option("--service", help="Only this service.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Folder for the files; without it they are shown and nothing is written.")
]


@app.command()
def export(
    config: Config = None,
    root: Root = None,
    service: Service = None,
    out: Out = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Write recording and alerting rules of every service, and tests for `promtool test rules`."""
    from ai_ops.cli.progress import metric_bar
    from ai_ops.cli.services import wanted_services
    from ai_ops.domain.metrics import CANONICAL_METRICS
    from ai_ops.wiring import open_session
    from ai_ops.wiring.rules import export_rules

    with (
        failing_as_json(is_wanted=as_json, services=[], written=[]),
        open_session(place_for(root, config), is_writing=False) as session,
    ):
        if out is not None:
            _check(out)
        exported = []
        for name in wanted_services(session.settings, service):
            with metric_bar(len(CANONICAL_METRICS)) as progress:
                chosen = next(one for one in session.settings.services if one.name == name)
                exported.append(export_rules(session, chosen, progress))
        for line in _remarks(exported):
            typer.echo(session.redact(line), err=True)
        written = [] if out is None else _write(out, exported)
    if as_json:
        # Expressions stand in the repository's settings, which hold no secrets; redacted they would ask otherwise.
        typer.echo(json_text(_document(exported, written), str))
    elif out is not None:
        typer.echo("\n".join(written))
    else:
        for path, text in _files(exported):
            typer.echo(f"# --- {path}\n{text}")


def _check(out: Path) -> None:
    """Refuse a file where a folder is needed, before anything is asked."""
    if out.is_file() or out.suffix in {".yml", ".yaml"}:
        raise ConfigError(
            f"--out {out} must be a folder: rules of metrics, rules of alarms and their tests are three files"
        )


def _document(exported: Iterable[ExportedRules], written: list[str]) -> dict[str, object]:
    services = [asdict(one) for one in exported]
    return {"version": __version__, "exit_code": 0, "error": None, "services": services, "written": written}


def _files(exported: Iterable[ExportedRules]) -> Iterator[tuple[str, str]]:
    for one in exported:
        yield from one.files.items()


def _remarks(exported: Iterable[ExportedRules]) -> Iterator[str]:
    """What a person should know of the rules beside reading them."""
    for one in exported:
        if one.is_simulated:
            yield f"warning: {one.service}: learned from the simulated service; these rules are to look at, not to load"
        for note in one.learned:
            yield f"{one.service}: {note}"
        for metric, reason in one.left_out.items():
            yield f"{one.service}: left out {metric}: {reason}"


def _write(folder: Path, exported: Iterable[ExportedRules]) -> list[str]:
    """Put every file into `folder`, each as a whole; gives their paths."""
    from ai_ops.files import replace_atomically

    written = []
    for path, text in _files(exported):
        try:
            replace_atomically(folder / path, text.encode())
        except OSError as error:
            raise DeliveryError(f"{folder / path} cannot be written ({error.strerror}); give another folder") from error
        written.append(str(folder / path))
    return written
