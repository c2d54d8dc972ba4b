"""One thing that a run depends on, and how trying it went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """What became of one check."""

    OK = "ok"
    NOTE = "note"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a run can do with, and that a person should know."""

    words: str


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to try.

    Parameters
    ----------
    name
        What is tried.
    attempt
        Tries it and says what it found, as a `Remark` where that is not all well; raises an `OpsError` whose words say
        how to fix it.
    is_required
        Whether a run can do without.
    """

    name: str
    attempt: Callable[[], str | Remark]
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """How one check went, and the exit code that a failure means."""

    name: str
    health: Health
    words: str
    exit_code: int = 0
