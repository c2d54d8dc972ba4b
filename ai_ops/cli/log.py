"""Where a run is written down for later (S001-141, S001-142)."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ai_ops.settings.sections import LogSettings

logger = logging.getLogger("ai_ops")
logger.addHandler(logging.NullHandler())  # else Python itself prints errors that no handler of ours hears

_HEARD = ("ai_ops", "urllib3")
"""Loggers that are listened to: the agent's own, and the library that asks over the network."""


@contextmanager
def log_file(
    settings: LogSettings, fallback: Path, redact: Callable[[str], str], warn: Callable[[str], None]
) -> Iterator[Path | None]:
    """Append what is logged to the configured file, or to `fallback` where that may not be written.

    A disk that refuses costs the log and nothing else: `warn` is told once, and the block goes on.
    """
    wanted = Path(settings.file)
    path = wanted if _is_writable(wanted) else fallback
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = _LogFile(path, warn)
    except OSError as error:
        warn(f"{path}: no log is kept ({error.strerror}); set log.file to a place that can be written")
        yield None
        return
    with _heard_by(handler, settings.level.upper(), redact):
        yield path


@contextmanager
def debug_on_stderr(redact: Callable[[str], str]) -> Iterator[None]:
    """Say on stderr what every step asks and hears, the libraries' words included."""
    with _heard_by(logging.StreamHandler(sys.stderr), "DEBUG", redact):
        yield


def _is_writable(path: Path) -> bool:
    """Whether the file, or a new one in its existing folder, may be written; no folder is made in a system's place."""
    return os.access(path, os.W_OK) if path.exists() else os.access(path.parent, os.W_OK)


@contextmanager
def _heard_by(handler: logging.Handler, level: str, redact: Callable[[str], str]) -> Iterator[None]:
    """Let `handler` hear everything from `level` on, until the block ends."""
    handler.setFormatter(_Redacted(redact))
    handler.setLevel(level)
    loggers = [logging.getLogger(name) for name in _HEARD]
    for one in loggers:
        one.addHandler(handler)
        one.setLevel("DEBUG")
    was_passed_on, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.propagate = was_passed_on
        for one in loggers:
            one.removeHandler(handler)
        handler.close()


class _LogFile(logging.FileHandler):
    """Gives up on a disk that refuses, instead of telling of it at every record."""

    def __init__(self, path: Path, warn: Callable[[str], None]) -> None:
        super().__init__(path, encoding="utf-8")
        self._path, self._warn = path, warn
        self._has_given_up = False

    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802  # the name that logging calls
        if not self._has_given_up:
            self._warn(f"{self._path}: the log cannot be written ({sys.exception()}); the run goes on without it")
        self._has_given_up = True

    def close(self) -> None:
        with suppress(OSError):  # what could not be written before cannot be written now
            super().close()


class _Redacted(logging.Formatter):
    """One line per record, in UTC, without secrets."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        import time

        super().__init__("%(asctime)sZ %(levelname)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S")
        self.converter = time.gmtime
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))
