"""A progress bar on stderr, for a person who waits; a log file or a pipe gets none."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def metric_bar(total: int) -> Iterator[Callable[[str], None]]:
    """Show how many of `total` metrics were asked for; the callback takes the name of the next one."""
    if not sys.stderr.isatty():
        yield lambda _metric: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("connecting", total=total)

        def advance(metric: str) -> None:
            started = bar.tasks[0].description != "connecting"
            bar.update(task, description=metric, advance=1 if started else 0)

        yield advance
