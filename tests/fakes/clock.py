"""Time that passes only when somebody sleeps."""

from __future__ import annotations


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        """Seconds since it was made."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.pauses.append(round(seconds, 3))
        self.now += seconds
