"""How many messages one channel takes in an hour, of all services and of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.store.budgets import Share, left, spend

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class MessageBudget:
    """Two limits at once, counted over all runs and processes: what one service spends is missing to no other alone.

    Parameters
    ----------
    path
        State file; all budgets share one.
    channel
        Its name; `rate_limits.<channel>_notifications_per_hour` sets its limit.
    limit
        Of the channel.
    service_limit
        Of each service on this channel: `rate_limits.notifications_per_service_per_hour`.
    clock
        Now, aware.
    """

    path: Path
    channel: str
    limit: int
    service_limit: int
    clock: Callable[[], datetime]

    def spend(self, service: str) -> None:
        """Take one for a message about `service`; "" is about several, and counts for the channel alone.

        Raises
        ------
        BudgetSpent
            When either share is used up; nothing is taken, and the text names the setting.
        StateError
            When the state file cannot be trusted or written; nothing may be sent then.
        """
        spend(self.path, self._shares(service), self.clock)

    def left(self, service: str) -> int:
        """How many messages about `service` may still be sent now. Raises `StateError` as `spend` does."""
        return min(left(self.path, share, self.clock) for share in self._shares(service))

    def _shares(self, service: str) -> tuple[Share, ...]:
        of_channel = Share(f"{self.channel}_notifications", self.limit)
        own = Share("notifications_per_service", self.service_limit, f"{service} on {self.channel}")
        return (own, of_channel) if service else (of_channel,)
