"""Where a run is written down for later (S001-141, S001-142)."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.settings.sections import LogSettings

logger = logging.getLogger("ai_ops")


def write_log(settings: LogSettings, fallback: Path, redact: Callable[[str], str]) -> Path:
    """Append what is logged to the configured file, or to `fallback` where that may not be written."""
    wanted = Path(settings.file)
    path = wanted if _is_writable(wanted) else fallback
    path.parent.mkdir(parents=True, exist_ok=True)
    _attach(logging.FileHandler(path, encoding="utf-8"), settings.level.upper(), redact)
    return path


def show_debug(redact: Callable[[str], str]) -> None:
    """Say on stderr what every step asks and hears, the libraries' words included."""
    _attach(logging.StreamHandler(sys.stderr), "DEBUG", redact)
    logging.getLogger("urllib3").setLevel("DEBUG")


def _is_writable(path: Path) -> bool:
    """Whether the file, or a new one in its existing folder, may be written; no folder is made in a system's place."""
    return os.access(path, os.W_OK) if path.exists() else os.access(path.parent, os.W_OK)


def _attach(handler: logging.Handler, level: str, redact: Callable[[str], str]) -> None:
    handler.setFormatter(_Redacted(redact))
    handler.setLevel(level)
    for name in ("ai_ops", "urllib3"):
        logging.getLogger(name).addHandler(handler)
    logger.setLevel("DEBUG")
    logger.propagate = False


class _Redacted(logging.Formatter):
    """One line per record, in UTC, without secrets."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        import time

        super().__init__("%(asctime)sZ %(levelname)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S")
        self.converter = time.gmtime
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))
