"""Too little history to say anything yet: an expected answer, not an error."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WarmingUp:
    """How much there is and how much is needed.

    Parameters
    ----------
    have, need
        Amounts of `unit`; `have` is less than `need`.
    unit
        What is counted: "hours", "rows", "samples".
    """

    have: int
    need: int
    unit: str

    def __str__(self) -> str:
        """Say it to a person.

        >>> print(WarmingUp(31, 48, "samples"))
        warming up: 31 of 48 samples
        """
        return f"warming up: {self.have} of {self.need} {self.unit}"
