"""Whether a detector has a say on a metric, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Readiness(StrEnum):
    """The four honest answers."""

    NO_DATA = "no_data"
    WARMING_UP = "warming_up"
    READY = "ready"
    UNSUITED = "unsuited"


@dataclass(frozen=True, slots=True)
class State:
    """One detector on one metric.

    Parameters
    ----------
    readiness
        What it can do.
    detail
        How far it has come, "31 of 48 hours"; or why it is unsuited and which static rule would serve better.
    """

    readiness: Readiness
    detail: str = ""

    def __str__(self) -> str:
        """Say it to a person.

        >>> str(State(Readiness.WARMING_UP, "31 of 48 hours")), str(State(Readiness.READY))
        ('warming_up (31 of 48 hours)', 'ready')
        """
        return f"{self.readiness} ({self.detail})" if self.detail else str(self.readiness)
