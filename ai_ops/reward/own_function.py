"""A reward function that a team wrote in Python, `calculate_reward(sla, cost_variance, metrics)` (S001-132).

It runs in a process of its own: whatever it does there (loop for ever, end the process, print, crash Python itself)
costs a cycle its reward and nothing else, and none of the agent's keys stand in its environment.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ai_ops.domain.errors import ConfigError
from ai_ops.domain.one_line import one_line
from ai_ops.reward.facts import Uncounted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ai_ops.reward.facts import Facts, Terms

CHILD = Path(__file__).with_name("function_process.py")

MOST_BYTES = 1_000_000
"""Of answers; 120 of them need a hundredth of it."""

ALIASES = {"error_rate": "error_percent"}
"""By the name under which a metric was promised to the function, its canonical name."""

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "PYTHONPATH", "VIRTUAL_ENV")
"""What Python needs to find its packages; everything else of the environment stays here, secrets above all."""


@dataclass(frozen=True, slots=True)
class OwnFunction:
    """`module:function`, importable in the agent's Python, or else lying in the repository.

    Parameters
    ----------
    name
        As the settings write it.
    root
        Top level of the repository; what is installed wins over what lies there.
    environment
        Usually `os.environ`.
    seconds_per_call
        What takes longer has no value.
    seconds_in_all
        For starting Python, importing what the module needs, and every call of one trial.
    """

    name: str
    root: Path
    environment: Mapping[str, str]
    seconds_per_call: float = 1.0
    seconds_in_all: float = 30.0

    def check(self) -> None:
        """Load it and look at its signature, without calling it.

        Raises
        ------
        ConfigError
            When it cannot be loaded, or is no function of three arguments.
        """
        self._ask([])

    def count(self, windows: Sequence[Facts]) -> tuple[Terms | Uncounted, ...]:
        """Call it once for each window; what raises, takes too long or gives no finite number has no value.

        It never raises: what `check` would complain of has come about since, and costs a reward, not the cycle.
        """
        try:
            answers = self._ask([_arguments(facts) for facts in windows])
        except ConfigError as error:
            reason = str(error).removeprefix(self._complaint)
            return tuple(Uncounted(reason, is_fault=True) for _ in windows)
        term = self.name.rpartition(":")[2]
        return tuple(
            Uncounted(answer, is_fault=True) if isinstance(answer, str) else {term: float(answer)} for answer in answers
        )

    @property
    def _complaint(self) -> str:
        return f"reward.formula: {self.name} "

    def _ask(self, calls: list[dict[str, Any]]) -> list[float | str]:
        """Value of each call, or what became of it instead."""
        asked = {"function": self.name, "root": str(self.root), "seconds": self.seconds_per_call, "calls": calls}
        said, end = self._talk(json.dumps(asked))
        loaded = _document(said[0]) if said else None
        if loaded is None:
            raise ConfigError(f"{self._complaint}{end} while it was loaded")
        if complaint := loaded.get("error"):
            raise ConfigError(f"{self._complaint}{one_line(str(complaint))}")
        answers = [_document(line) for line in said[1:]]
        given = [_answer(one) for one in answers if one is not None][: len(calls)]
        return [*given, *[end] * (len(calls) - len(given))]

    def _talk(self, question: str) -> tuple[list[str], str]:
        """The lines that the process wrote, and how it ended, in words."""
        # Files rather than pipes: a pipe stays open as long as anybody whom the function started holds it.
        try:
            with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as said:
                asked.write(question.encode())
                asked.seek(0)
                end = _ended(self._started(asked, said), self.seconds_in_all)
                said.seek(0)
                return said.read(MOST_BYTES).decode("utf-8", "replace").splitlines(), end
        except OSError as error:
            return [], f"could not be started ({error.strerror})"

    def _started(self, asked: IO[bytes], said: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-P", "-B", str(CHILD)],  # no folder of the script's, no bytecode in the repository
            stdin=asked,
            stdout=said,
            stderr=subprocess.DEVNULL,
            cwd=self.root,
            env={name: value for name in _PASSED_ON if (value := self.environment.get(name))},
            start_new_session=True,
        )


def _arguments(facts: Facts) -> dict[str, Any]:
    """What one call is given, by the names of the arguments."""
    metrics = facts.quantities()
    sla, cost_variance = metrics.pop("sla"), metrics.pop("cost_variance")
    known_as = {alias: metrics[name] for alias, name in ALIASES.items() if name in metrics}
    return {"sla": sla, "cost_variance": cost_variance, "metrics": metrics | known_as}


def _ended(process: subprocess.Popen[bytes], seconds: float) -> str:
    """Wait for the end of the process, end all that it started, and say how it came."""
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        code = None
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if code is None:
        return f"took more than {seconds:g} s in all"
    return f"ended Python itself (exit code {code})"


def _document(line: str) -> dict[str, Any] | None:
    try:
        document = json.loads(line)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _answer(document: Mapping[str, Any]) -> float | str:
    value = document.get("value")
    return float(value) if isinstance(value, int | float) else one_line(str(document.get("fault")))
