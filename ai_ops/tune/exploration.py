"""How much the past is trusted yet (S001-139).

The thresholds of a running service are no place for random moves. What the source calls an exploration rate is
kept as a margin: the younger the agent's memory, the more of the error budget a saving must leave untouched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.clocks import not_ahead
from ai_ops.domain.tuning import Exploration

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.domain.cycle import Episode

PHASES = ((7, "high", 0.45), (14, "medium", 0.60))
"""Last day of the phase, its name, and the burn below which a saving may be tried."""

SETTLED = ("low", 0.60)


def exploration(past: tuple[Episode, ...], now: datetime) -> Exploration:
    """Phase of the day, counted from the first episode that is not of the future."""
    known = not_ahead(past, now)
    day = max(1, (now - known[0].decided_at).days + 1) if known else 1
    for last_day, phase, margin in PHASES:
        if day <= last_day:
            return Exploration(phase, day, margin)
    return Exploration(SETTLED[0], day, SETTLED[1])
