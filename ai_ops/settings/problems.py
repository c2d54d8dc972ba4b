"""What is wrong with the settings: every problem at once, one line each, never a secret's value."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import PydanticCustomError

Place = tuple[str | int, ...]
"""Keys and list positions that lead to a value: `("services", 0, "slo", "latency_ms")`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, at one place.

    Parameters
    ----------
    path
        Where: keys and list positions, or the name of an environment variable.
    says
        What is wrong, and what to write instead. Never quotes a string that may be a secret.
    """

    path: Place
    says: str


def written(path: Place) -> str:
    """Write a path the way a person would.

    >>> written(("services", 0, "slo", "latency_ms"))
    'services[0].slo.latency_ms'
    """
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def nearest(name: str, known: Iterable[str]) -> str:
    """` (did you mean 'x'?)` for the known name that looks most like `name`; empty when none does.

    >>> nearest("sla_targt", ["cost_budget", "sla_target"])
    " (did you mean 'sla_target'?)"
    """
    found = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean '{found[0]}'?)" if found else ""


def refusal(says: str | Mapping[Place, str], at: str = "") -> PydanticCustomError:
    """What a validator raises: one problem at `at` below the value it looks at, or several by their paths."""
    from pydantic_core import PydanticCustomError

    problems = {((at,) if at else ()): says} if isinstance(says, str) else dict(says)
    return PydanticCustomError("refusal", "see the problems", {"problems": problems})
