"""The story of `neuropilot doctor`: try everything a run depends on, and say ok or the one line that fixes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ai_ops.domain.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Health(StrEnum):
    """What became of one check."""

    OK = "ok"
    NOTE = "note"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to try.

    Parameters
    ----------
    name
        What is tried.
    attempt
        Tries it and says what it found; raises an `OpsError` whose words say how to fix it.
    is_required
        Whether a run can do without.
    """

    name: str
    attempt: Callable[[], str]
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """How one check went, and the exit code that a failure means."""

    name: str
    health: Health
    words: str
    exit_code: int = 0


def examine(checks: Iterable[Check]) -> Iterator[Result]:
    """Try one check after the other; a failure stops none of the rest."""
    for check in checks:
        try:
            yield Result(check.name, Health.OK, check.attempt())
        except OpsError as error:
            if check.is_required:
                yield Result(check.name, Health.FAILED, str(error), error.exit_code)
            else:
                yield Result(check.name, Health.NOTE, str(error))
