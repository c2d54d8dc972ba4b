"""Whether the history is fit to decide on at all, and how much care it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.twin.telemetry import MINUTE, MINUTES_PER_DAY, NEEDED

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.twin.telemetry import Telemetry

LEAST_DAYS, ENOUGH_DAYS = 3, 7
"""Below the first nothing is proposed; below the second, a whole week, only with wider margins."""

LARGEST_GAP_SHARE, WIDE_GAP_SHARE = 0.20, 0.05
"""Above the first share of unmeasured minutes nothing is proposed; above the second only with wider margins."""

OLDEST = timedelta(minutes=30)
LEAST_REQUESTS_PER_DAY = 10_000
"""At 99.95 % that is five bad requests a day: below it a single one is a fifth of the day's budget."""

WIDE_MARGIN = 0.75
"""What is left of the margin for each reason to be careful."""


@dataclass(frozen=True, slots=True)
class Fitness:
    """What may be done with a history.

    Parameters
    ----------
    hold_reason
        Why nothing may be proposed; None when something may.
    margin_factor
        In (0, 1]: share of the usual margin that may be used.
    notes
        Why it is less than 1.
    """

    hold_reason: str | None
    margin_factor: float = 1.0
    notes: tuple[str, ...] = ()


def fitness(telemetry: Telemetry, now: datetime) -> Fitness:
    """Look at length, gaps, age and traffic."""
    days = telemetry.minutes / MINUTES_PER_DAY
    known = np.all([np.isfinite(telemetry.get(metric)) for metric in NEEDED], axis=0)
    gaps = 1.0 - float(known.mean())
    age = now - (telemetry.start + telemetry.minutes * MINUTE)
    if (reason := _obstacle(telemetry, days, gaps, age)) is not None:
        return Fitness(reason)
    newest = np.flatnonzero(known)[-1]
    if (silent := telemetry.minutes - 1 - newest) * MINUTE > OLDEST:
        return Fitness(f"nothing was measured in the last {silent} minutes")
    notes = []
    if days < ENOUGH_DAYS:
        notes.append(f"only {days:.1f} days of history: margins are wider")
    if gaps > WIDE_GAP_SHARE:
        notes.append(f"{gaps:.0%} of the minutes were not measured: margins are wider")
    return Fitness(None, WIDE_MARGIN ** len(notes), tuple(notes))


def _obstacle(telemetry: Telemetry, days: float, gaps: float, age: timedelta) -> str | None:
    if days < LEAST_DAYS:
        return f"{days:.1f} days of history, {LEAST_DAYS} are needed"
    if gaps > LARGEST_GAP_SHARE:
        worst = max(NEEDED, key=lambda metric: float(np.isnan(telemetry.get(metric)).mean()))
        return (
            f"{gaps:.0%} of the minutes were not measured, at most {LARGEST_GAP_SHARE:.0%} may be missing; most are "
            f"missing of {worst}, or lie outside what it can be"
        )
    if age > OLDEST:
        return f"the newest metrics are {age / timedelta(minutes=1):.0f} min old, {OLDEST / MINUTE:.0f} are allowed"
    if age < -OLDEST:
        return "the metrics lie in the future: check the clocks"
    rate = telemetry.get("requests_per_second")
    requests = float(np.nansum(rate[-MINUTES_PER_DAY:])) * 60.0
    if requests < LEAST_REQUESTS_PER_DAY:
        return (
            f"{requests:.0f} requests in the last day, {LEAST_REQUESTS_PER_DAY:,} are needed before their share of "
            "good ones means anything"
        )
    return None
