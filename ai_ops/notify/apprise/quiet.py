"""Keeps what Apprise and the libraries below it log to ourselves: addresses and tokens stand in it."""

from __future__ import annotations

import logging
import re
import warnings
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_apprise = logging.getLogger("apprise")
_apprise.addHandler(logging.NullHandler())  # else Python itself prints what no handler of ours hears
_apprise.propagate = False  # for good: a service that was left alone may speak when nobody listens any more

_BELOW = ("urllib3", "requests", "requests_oauthlib", "oauthlib", "charset_normalizer", "asyncio", "MARKDOWN")
_ABOVE_ALL = logging.CRITICAL + 1

_STATUS = re.compile(r"\berror[=: ]+(\d{3})\b")
_NEVER_LEFT = re.compile(
    r"Connection refused|NewConnectionError|ConnectTimeout|NameResolutionError|Name or service not known"
    r"|getaddrinfo|CERTIFICATE_VERIFY_FAILED|No route to host|Network is unreachable",
)


@dataclass(slots=True)
class Overheard:
    """What a library said while it worked, for conclusions alone: none of it may be shown."""

    lines: list[str] = field(default_factory=list)

    @property
    def status(self) -> int | None:
        """The status of HTTP that a service refused with; None where none was said."""
        found = [int(one) for line in self.lines for one in _STATUS.findall(line)]
        return found[-1] if found else None

    @property
    def never_left(self) -> bool:
        """Whether it said that no connection came about."""
        return any(_NEVER_LEFT.search(line) for line in self.lines)


@contextmanager
def overheard() -> Iterator[Overheard]:
    """Listen to Apprise, and let nobody else: neither a log file nor the standard error, which its warnings go to."""
    said = Overheard()
    listener = _Listener(said)
    below = [logging.getLogger(name) for name in _BELOW]
    levels = [logger.level for logger in below]
    for logger in below:
        logger.setLevel(_ABOVE_ALL)
    _apprise.setLevel(logging.DEBUG)
    _apprise.addHandler(listener)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield said
    finally:
        _apprise.removeHandler(listener)
        for logger, level in zip(below, levels, strict=True):
            logger.setLevel(level)


class _Listener(logging.Handler):
    def __init__(self, said: Overheard) -> None:
        super().__init__(logging.DEBUG)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        """Note a line."""
        with suppress(TypeError, ValueError):  # a line whose parts do not fit together
            self._said.lines.append(record.getMessage())
