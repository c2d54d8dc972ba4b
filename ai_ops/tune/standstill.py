"""Why nothing may move at all, whatever is proposed: asked when it is decided, and once more before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Standstill:
    """The brakes.

    Parameters
    ----------
    doubt
        Says why the ledger is not what the agent wrote; None when it is.
    paused
        Says why, and by whom, the kill switch was pulled; None when it was not.
    freeze_windows
        Spans in which nothing moves: start, end (aware UTC), reason.
    """

    doubt: Callable[[], str | None] = lambda: None
    paused: Callable[[], str | None] = lambda: None
    freeze_windows: tuple[tuple[datetime, datetime, str], ...] = ()

    def reason(self, now: datetime) -> str | None:
        """Name the first brake that holds at `now`, or None."""
        if (doubt := self.doubt()) is not None:
            return f"the past cannot be trusted: {doubt}"
        if (paused := self.paused()) is not None:
            return f"paused: {paused}; `neuropilot resume` ends it"
        for start, end, why in self.freeze_windows:
            if start <= now < end:
                return f"frozen until {end:%Y-%m-%d %H:%M} UTC: {why or 'freeze window'}"
        return None
