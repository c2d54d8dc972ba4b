"""`neuropilot` as a person runs it, in a process, a folder and an environment of its own; the second time at once.

Starting takes longer than most verbs do, since packages are read. So one process reads them, once for all tests, and
for each command it splits off another, which becomes that command: memory, output and exit code are its own. What is
about starting itself runs the installed script: `installed`.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import time
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

READ_BEFOREHAND = ("git", "hcl2", "requests", "scipy.signal", "scipy.stats", "sklearn.isotonic", "sklearn.linear_model")
"""What verbs import where they use it, beside all of `ai_ops`."""


def neuropilot(
    *arguments: str, cwd: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a verb, with hardly any environment but what is given."""
    return _starter().run(arguments, cwd, _environment(cwd, environment))


def installed(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the installed command itself."""
    command = [str(Path(sys.executable).parent / "neuropilot"), *arguments]
    return subprocess.run(
        command, cwd=cwd, env=_environment(cwd, None), capture_output=True, text=True, check=False, timeout=60
    )


def _environment(cwd: Path, more: Mapping[str, str] | None) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": str(cwd), **(more or {})}


class Starter:
    """The process that has read everything."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            env={"PATH": "/usr/bin:/bin"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        atexit.register(self.close)

    def run(self, arguments: tuple[str, ...], cwd: Path, environment: dict[str, str]) -> subprocess.CompletedProcess:
        """Split off a command and wait for its end; whatever interrupts the waiting ends both processes."""
        with tempfile.TemporaryDirectory() as folder:
            said = [Path(folder, name) for name in ("stdout", "stderr")]
            wish = {"arguments": arguments, "cwd": str(cwd), "environment": environment, "said": [*map(str, said)]}
            try:
                print(json.dumps(wish), file=self._process.stdin, flush=True)
                code = int(self._process.stdout.readline())
            except BaseException:
                self.close()
                _starter.cache_clear()
                raise
            stdout, stderr = (path.read_text(encoding="utf-8") for path in said)
        return subprocess.CompletedProcess(arguments, code, stdout, stderr)

    def close(self) -> None:
        """End it, with what it has split off."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


@cache
def _starter() -> Starter:
    return Starter()


def _read_everything() -> None:
    import ai_ops

    for module in pkgutil.walk_packages(ai_ops.__path__, "ai_ops."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for name in READ_BEFOREHAND:
        import_module(name)
    gc.freeze()  # what never changes need not be copied for each command


def _await_wishes() -> dict[str, Any]:
    """Split off a process for each wish, and tell how it ended; returns only in such a process, with its wish."""
    while line := sys.stdin.readline():
        if not (child := os.fork()):
            return json.loads(line)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201  # `Starter.run` reads it
    sys.exit()


def _become(wish: dict[str, Any]) -> None:
    """Be a process as a shell would start it."""
    os.chdir(wish["cwd"])
    os.environ.clear()
    os.environ.update(wish["environment"])
    time.tzset()
    for number, path in enumerate((os.devnull, *wish["said"])):
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(file, number)
        os.close(file)
    sys.argv = ["neuropilot", *wish["arguments"]]


if __name__ == "__main__":
    sys.path.pop(0)  # the folder of the tests, which no command sees
    _read_everything()
    _become(_await_wishes())
    from ai_ops.cli.main import main

    main()
