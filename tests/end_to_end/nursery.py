"""Runs of the agent in processes of their own, born with everything imported: `nursery.py SOCKET`.

A run in a fresh interpreter spends most of its time on imports, which are not what a test of runs is about. Here one
interpreter imports them, and gives birth to a process for every run: with its own number, environment and output, to be
killed and starved like any other.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_IMPORTED = (
    "git",
    "hcl2",
    "pygohcl",
    "requests",
    "scipy.stats",
    "slack_sdk.webhook",
    "ai_ops.collect.prometheus",
    "ai_ops.settings.model",
    "ai_ops.wiring.watched",
)
"""What a run imports where it is used. One that is missing here costs time and nothing else."""

_LONGEST_WISH_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Born:
    """A process that runs.

    Parameters
    ----------
    number
        Its process id.
    """

    number: int
    _told: IO[str]

    def kill(self) -> None:
        """End it at once, unless it has come to its end."""
        with suppress(ProcessLookupError):
            os.kill(self.number, signal.SIGKILL)

    def wait(self) -> int:
        """Wait for its end, and give its exit code, or the number of the signal that ended it, negative."""
        with self._told:
            return int(self._told.readline())


class Nursery:
    """Gives birth to processes, each of which runs the agent once."""

    def __init__(self, door: socket.socket) -> None:
        self._door = door

    def begin(
        self, arguments: Sequence[str], environment: Mapping[str, str], out: int, err: int, file_bytes: int = -1
    ) -> Born:
        """Let a process do what `one_run.py` does.

        Parameters
        ----------
        out, err
            File descriptors that it writes to.
        file_bytes
            No file that it writes can grow beyond; -1 without a limit.
        """
        wish = {"arguments": list(arguments), "environment": dict(environment), "file_bytes": file_bytes}
        ours, theirs = socket.socketpair()
        with ours, theirs:
            socket.send_fds(self._door, [json.dumps(wish).encode()], [out, err, theirs.fileno()])
            told = ours.makefile(encoding="ascii")
        return Born(int(told.readline()), told)

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], file_bytes: int = -1
    ) -> subprocess.CompletedProcess[str]:
        """Let a process run to its end, and give what it said."""
        (out, out_end), (err, err_end) = os.pipe(), os.pipe()  # no files, which could be limited
        born = self.begin(arguments, environment, out_end, err_end, file_bytes)
        os.close(out_end)
        os.close(err_end)
        with ThreadPoolExecutor() as listeners:
            said = list(listeners.map(_all_of, (out, err)))
        return subprocess.CompletedProcess(list(arguments), born.wait(), *said)


def _all_of(pipe: int) -> str:
    with open(pipe, encoding="utf-8") as heard:
        return heard.read()


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Open one; it ends with its last process."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with theirs:
        command = [sys.executable, __file__, str(theirs.fileno())]
        process = subprocess.Popen(command, env=environment, pass_fds=[theirs.fileno()])
    with process, ours:
        yield Nursery(ours)


def wish_of_a_newborn(door: socket.socket) -> dict[str, Any] | None:
    """Give birth until nobody can ask any more: returns in every process that is born, and at last None here."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # midwives are not waited for
    while True:
        message, handles, _, _ = socket.recv_fds(door, _LONGEST_WISH_BYTES, 3)
        if not message:
            return None
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return _delivered(json.loads(message), *handles)
        for handle in handles:
            os.close(handle)


def _delivered(wish: dict[str, Any], out: int, err: int, told: int) -> dict[str, Any]:
    """Fork once more: the midwife waits for the child and tells how it ended, the child grows up."""
    child = os.fork()
    if child == 0:
        _grow_up(wish, out, err)
        os.close(told)
        return wish
    os.close(out)
    os.close(err)
    os.write(told, b"%d\n" % child)
    os.write(told, b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    os._exit(0)


def _grow_up(wish: dict[str, Any], out: int, err: int) -> None:
    """Make of this process one that somebody else could have started."""
    for place, handle in ((1, out), (2, err)):
        os.dup2(handle, place)
        os.close(handle)
    os.environ.clear()
    os.environ.update(wish["environment"])
    tempfile.tempdir = None
    if wish["file_bytes"] >= 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (wish["file_bytes"], wish["file_bytes"]))


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    for used_by_a_run in _IMPORTED:
        import_module(used_by_a_run)
    import one_run

    with socket.socket(fileno=int(sys.argv[1])) as here:
        the_wish = wish_of_a_newborn(here)
    if the_wish:
        one_run.main(the_wish["arguments"])
