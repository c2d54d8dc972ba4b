"""`neuropilot demo`: one whole cycle on a simulated service, in a scratch repository, without any credentials."""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ai_ops.adopt.ignored import MEMORY_FOLDERS
from ai_ops.domain.errors import ConfigError

if TYPE_CHECKING:
    from ai_ops.wiring.session import Place

MARKER = ".neuropilot-demo"
NOW = datetime(2026, 11, 19, 18, 5, tzinfo=UTC)
"""The demo's own time, so that everybody sees the same two weeks and the same decision."""

SETTINGS = """\
# The demo commits to its own scratch repository, on simulated metrics. On your own service autonomy is earned.
mode: commit
approval:
  autonomy: granted
  knobs: [cpu_scale_out_percent, cpu_scale_in_percent, min_instances]
metrics:
  source: simulated
state:
  store: folders
"""


def demo(
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="Where the scratch repository is made; a temporary folder if left out."),
    ] = None,
) -> int:
    """Show one whole cycle on a simulated service. It says what was collected, found, earned, decided and why."""
    from ai_ops.cli.services import Wish, run_services
    from ai_ops.wiring.session import Place

    scratch = _fresh(folder)
    place = Place(
        root=scratch,
        config=None,
        environment={},
        clock=lambda: NOW,
        warn=lambda text: typer.echo(f"warning: {text}", err=True),
    )
    typer.echo(f"A simulated service, {NOW:%Y-%m-%d %H:%M} UTC, in the scratch repository {scratch}")
    code = run_services(place, Wish(is_acting=True))
    command = sys.argv[0] if Path(sys.argv[0]).name == "neuropilot" else "neuropilot"
    typer.echo("")
    typer.echo(f"The episode: {scratch / 'ai_ops/state/episodes.jsonl'}")
    typer.echo(f"In words:    {command} history --root {scratch}")
    typer.echo(f"The diff:    git -C {scratch} show")
    typer.echo(f"The report:  {_report(place)}")
    typer.echo(f"Next:        set PROMETHEUS_URL and run `{command} doctor` in your own repository")
    return code


def _report(place: Place) -> Path | str:
    """Make the report of the day as every morning does; where its page lies, or why there is none."""
    from ai_ops.domain.message import MessageKind
    from ai_ops.wiring.report.look import look, span_now
    from ai_ops.wiring.report.made import make
    from ai_ops.wiring.report.sent import keep_and_send
    from ai_ops.wiring.session import open_session

    with open_session(place, is_writing=True) as session:
        span = span_now(session, 1)
        seen = {one.name: look(session, one, span) for one in session.settings.services}
        try:
            files, _ = keep_and_send(session, make(session, MessageKind.DAILY_REPORT, span, seen), "")
        except ConfigError as error:  # what draws and writes pages is not installed
            return str(error)
    return place.root / next(file for file in files if file.suffix == ".html")


def _fresh(folder: Path | None) -> Path:
    """A new repository with a copy of the Terraform folder; only an earlier demo is ever replaced."""
    terraform = Path(__file__).parents[2] / "infrastructure/terraform"
    if not terraform.is_dir():
        raise ConfigError(f"the demo needs {terraform}: run it from a clone of NeuroPilot")
    scratch = (folder or Path(tempfile.mkdtemp(prefix="neuropilot-demo-"))).resolve()
    if scratch.exists() and any(scratch.iterdir()):
        if not (scratch / MARKER).is_file():
            raise ConfigError(f"{scratch} is not empty and holds no earlier demo; name another folder")
        shutil.rmtree(scratch)
    ignored = shutil.ignore_patterns(".terraform*", "*.tfstate*")
    shutil.copytree(terraform, scratch / "infrastructure/terraform", ignore=ignored)
    (scratch / "ai_ops/config").mkdir(parents=True)
    (scratch / "ai_ops/config/ops_config.yaml").write_text(SETTINGS, encoding="utf-8")
    (scratch / ".gitignore").write_text("".join(f"{folder}\n" for folder in MEMORY_FOLDERS), encoding="utf-8")
    (scratch / MARKER).write_text("made by `neuropilot demo`, which may replace this folder\n", encoding="utf-8")
    _commit_everything(scratch)
    return scratch


def _commit_everything(scratch: Path) -> None:
    from git import Repo

    with Repo.init(scratch, initial_branch="main") as repository:
        who = ("-c", "user.name=demo", "-c", "user.email=demo@localhost", "-c", "commit.gpgsign=false")
        repository.git.add("--all")
        repository.git.execute(["git", *who, "commit", "--quiet", "--no-verify", "-m", "Begin the demo"])
