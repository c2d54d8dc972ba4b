"""The workers of a scan: processes of this machine, or those of an existing cluster, all behind joblib."""

from __future__ import annotations

import os
import threading
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

_HERE = "this machine"
_WATCH_SECONDS = 0.5

Task = TypeVar("Task")
Result = TypeVar("Result")

_AHEAD = 4
"""Tasks per worker that are handed out at once where an engine cannot give results one by one."""


@dataclass(frozen=True, slots=True)
class Crew:
    """Workers that are ready.

    Parameters
    ----------
    name
        For a person.
    size
        How many there are.
    joblib
        What `joblib.parallel_config` must be told to use them.
    losses
        Errors that mean: a worker was lost, and with it what it was doing.
    gives_one_by_one
        Whether results can be had as they come; else they come in heaps.
    is_here
        Whether they are processes of this machine, which secrets may reach.
    """

    name: str
    size: int
    joblib: Mapping[str, Any]
    losses: tuple[type[Exception], ...] = ()
    gives_one_by_one: bool = True
    is_here: bool = False

    def results(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Generator[Result]:
        """Give out `tasks` and yield what comes back, in any order; tasks are drawn only as workers get free."""
        from joblib import Parallel, delayed, parallel_config

        calls = (delayed(work)(task) for task in tasks)
        return_as = "generator_unordered" if self.gives_one_by_one else "list"
        with parallel_config(**self.joblib):  # looked at once, by the next line
            parallel = Parallel(self.size, batch_size=1, pre_dispatch="2*n_jobs", return_as=return_as)
        if self.gives_one_by_one:
            yield from _until_closed(parallel(calls))
            return
        with parallel:
            while heap := list(islice(calls, _AHEAD * self.size)):
                yield from parallel(heap)


def _until_closed(results: Generator[Result]) -> Generator[Result]:
    """Pass `results` on; whoever breaks off knows that what was not finished is lost, and needs no warning of it."""
    try:
        for result in results:  # noqa: UP028  # `yield from` would close them outside of what follows
            yield result
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            results.close()


@contextmanager
def local_crew(workers: int) -> Iterator[Crew]:
    """Start processes of this machine; none of them outlives the block, or this process, however it ends.

    A single worker is this process itself.
    """
    if workers == 1:
        yield Crew(_HERE, 1, {"backend": "sequential"}, is_here=True)
        return
    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.process_executor import BrokenProcessPool

    try:
        joblib = {"backend": "loky", "initializer": _live_no_longer_than, "initargs": (os.getpid(),)}
        yield Crew(_HERE, workers, joblib, (BrokenProcessPool,), is_here=True)
    finally:
        get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


def _live_no_longer_than(parent: int) -> None:
    """End this worker soon after its parent: one that was killed says no goodbye, and idle workers wait for minutes."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
