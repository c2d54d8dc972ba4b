"""The instances of a made-up service: ordered, booting, cold, warm, restarted one after the other, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ai_ops.simulator.profiles import ServiceProfile

ROLLING_RATIO = 0.1
"""A deploy replaces a tenth of the instances at a time, and goes on when those are warm.

The tenth is rounded down: a smaller fleet gets its replacement first and loses none meanwhile, as Kubernetes has it.
"""
MINUTES_PER_DAY = 1440
MEMORY_RESTART_PERCENT = 92.0
"""Instances that run full are recycled, as an out-of-memory killer would."""


class Fleet:
    """How many instances there are, and in what state.

    Parameters
    ----------
    profile
        Boot, cold start and leak.
    instances
        Warm ones at the beginning.
    """

    def __init__(self, profile: ServiceProfile, instances: int) -> None:
        self._profile = profile
        self.ready = instances
        self.out = 0
        self._booting: list[int] = []
        self._cold: list[tuple[int, int]] = []
        self._to_restart = self._fresh = 0
        self._next_batch = 0
        self._age_minutes = 0.0

    @property
    def desired(self) -> int:
        """Ready and booting ones: what is paid."""
        return self.ready + len(self._booting)

    @property
    def serving(self) -> int:
        """Ready ones that are not being restarted."""
        return max(1, self.ready - self.out)

    @property
    def cold(self) -> int:
        """Serving ones that are still slow."""
        return min(self.serving, sum(count for _, count in self._cold))

    @property
    def leaked_percent(self) -> float:
        """Memory lost since the instances were started, mean over them."""
        return self._profile.leak_percent_per_day * self._age_minutes / MINUTES_PER_DAY

    def begin(self, minute: int) -> None:
        """Let boots and restarts come as far as they are at the start of `minute`."""
        if self._cold:
            self._cold = [(until, count) for until, count in self._cold if until > minute]
        self._age_minutes += 1.0
        if self._booting:
            self._finish_boots(minute)
        if (self._to_restart or self._fresh) and minute >= self._next_batch:
            self._roll(minute)

    def restart_all(self) -> None:
        """Begin a deploy, unless one is under way."""
        if not self._to_restart and not self._fresh:
            self._to_restart = self.ready

    def resize(self, desired: int, minute: int, boot_delay: int) -> None:
        """Order or remove instances at the end of `minute`; what still boots is removed first."""
        missing = desired - self.desired
        if missing > 0:
            self._booting += [minute + 1 + self._profile.boot_minutes + boot_delay] * missing
        elif missing < 0:
            cancelled = min(-missing, len(self._booting))
            self._booting = sorted(self._booting)[: len(self._booting) - cancelled]
            self.ready = max(1, self.ready + missing + cancelled)

    def _finish_boots(self, minute: int) -> None:
        fresh = sum(due <= minute for due in self._booting)
        if fresh:
            self._booting = [due for due in self._booting if due > minute]
            self._age_minutes *= self.ready / (self.ready + fresh)
            self.ready += fresh
            self._cold.append((minute + self._profile.cold_minutes, fresh))

    def _roll(self, minute: int) -> None:
        if self._fresh:  # they were replaced in the minute before
            self._cold.append((minute + self._profile.cold_minutes, self._fresh))
            self._age_minutes *= max(0.0, 1.0 - self._fresh / self.ready)
            self._fresh = self.out = 0
            self._next_batch = minute + self._profile.cold_minutes
            return
        self.out = int(ROLLING_RATIO * self.ready)
        self._fresh = min(self._to_restart, max(1, self.out))
        self._to_restart -= self._fresh
        self._next_batch = minute + 1
