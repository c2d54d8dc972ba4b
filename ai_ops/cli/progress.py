"""How far a command has come, on stderr, for whoever waits."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ai_ops.cli.voice import speak

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


@contextmanager
def block_bar() -> Iterator[Callable[[int, int], None]]:
    """Show how many blocks of how many are done: a bar for a person who waits, else a line for every tenth."""
    if not sys.stderr.isatty():
        yield _tenths()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("scanning"), BarColumn(), MofNCompleteColumn(), TextColumn("blocks"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def day_bar(total: int) -> Iterator[Callable[[int], None]]:
    """Show how many of `total` days were simulated; the callback takes the number of the next one, from 0."""
    if not sys.stderr.isatty():
        tell = _tenths("simulated", "days")
        yield lambda day: tell(day, total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("days"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("the days before", total=total)
        yield lambda day: bar.update(task, description="simulating", completed=day)


def _tenths(done_in_words: str = "scanned", unit: str = "blocks") -> Callable[[int, int], None]:
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        tenth = 10 * done // total
        if tenth > told:
            told = tenth
            speak(f"{done_in_words} {10 * tenth} % ({done} of {total} {unit})", err=True)

    return tell
