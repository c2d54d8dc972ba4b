"""The options that several verbs share, and where they lead."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ai_ops.wiring.session import Place

Root = Annotated[
    Path | None,
    typer.Option("--root", help="Top level of the repository; found from the current folder when left out."),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", help="Settings file; ai_ops/config/ops_config.yaml in the repository when left out."),
]
ChartFile = Annotated[Path | None, typer.Option("--chart", help="Draw it into this file: .svg, .png or .json.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Service = Annotated[str | None, typer.Option("--service", help="Only this service.")]
Summary = Annotated[
    Path | None, typer.Option("--summary", help="Append the decision as Markdown to this file, e.g. a CI step summary.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Say on stderr what every step asks and hears.")]

USAGE = 1
"""Exit code of a wrong command line; the library's own 2 means "data unavailable" here."""


def help_without_verb(context: typer.Context) -> None:
    """Show the help where a verb is missing."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(USAGE)


def place_for(root: Path | None, config: Path | None) -> Place:
    """Find the repository, and join it with the real environment and the real clock.

    Raises
    ------
    ConfigError
        When `root` is no folder, or git complains about the repository that it would find.
    """
    from ai_ops.domain.errors import ConfigError
    from ai_ops.wiring.session import Place

    if root is not None and not root.is_dir():
        raise ConfigError(f"--root {root} is no folder; give the top level of the agent's repository")
    return Place(
        root=(root or _top_level(Path.cwd())).resolve(),
        config=config.resolve() if config else None,
        environment=os.environ,
        clock=lambda: datetime.now(UTC),
        warn=lambda text: typer.echo(f"warning: {text}", err=True),
    )


def _top_level(folder: Path) -> Path:
    """Top level of the work tree around `folder`; the folder itself outside of one."""
    from ai_ops.git_client import GitClient
    from ai_ops.wiring.session import is_in_repository

    return GitClient.top_level(folder) if is_in_repository(folder) else folder
