"""Workers of a scan that do what a test wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ai_ops.domain.metrics import Gap
from ai_ops.domain.scan import Scan
from ai_ops.wiring.scan_block import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable


class WorkerLost(Exception):
    """What an engine raises when one of its workers is gone."""


class DeafCrew:
    """Nobody answers it, whatever it asks."""

    name = "deaf"
    is_here = True
    losses = (WorkerLost,)

    def results(self, work: Callable[[Any], Any], tasks: Iterable[Any]) -> Generator[Seen]:
        """Come back with nothing, again and again."""
        for task in tasks:
            yield Seen(task.number, Scan(failed=1, gaps=(Gap("load", "no connection"),)), is_silent=True)


class ForgetfulCrew:
    """Works in this process, and loses a worker after so many blocks of each attempt."""

    name = "forgetful"
    is_here = True
    losses = (WorkerLost,)

    def __init__(self, *blocks_before_a_loss: int) -> None:
        self._patience = list(blocks_before_a_loss)
        self.given: list[list[Any]] = []

    def results(self, work: Callable[[Any], Any], tasks: Iterable[Any]) -> Generator[Any]:
        """Do what comes before the loss."""
        todo = list(tasks)
        self.given.append(todo)
        patience = self._patience.pop(0) if self._patience else len(todo)
        for task in todo[:patience]:
            yield work(task)
        if patience < len(todo):
            raise WorkerLost("killed")
