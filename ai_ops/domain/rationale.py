"""What a decision rested on, as far as people want to see it again: small and plain, for the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ai_ops.domain.change import Change


class Cause(StrEnum):
    """Why requests went wrong in an hour of a replay."""

    LOAD = "load"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class RiskyHour:
    """An hour of the window in which many requests would go wrong.

    Parameters
    ----------
    start
        Its first minute, aware UTC.
    budget_ratio
        Share of the whole window's error budget that this hour alone would spend.
    requests_per_second
        Mean demand.
    cpu_percent
        The busiest minute, 0 to 100.
    instances
        The fewest that were ready.
    cause
        Too few instances for the load, or something that no setting changes: a deploy, an incident elsewhere.
    """

    start: datetime
    budget_ratio: float
    requests_per_second: float
    cpu_percent: float
    instances: float
    cause: Cause


class Role(StrEnum):
    """What settings were looked at for."""

    TODAY = "today"
    PROPOSED = "proposed"
    SAFER = "safer"
    CHEAPER = "cheaper"


@dataclass(frozen=True, slots=True)
class Option:
    """Settings that could run, and what the replay says of them.

    Parameters
    ----------
    changes
        What differs from today's settings.
    cost_per_hour
        Currency per hour, mean over the window.
    burn, burn_bound, stressed_burn
        Share of the error budget that the window spends: as it was, in a bad fortnight (upper bound), under stress.
    events_per_day
        Steps out and in.
    obstacle
        Why it is not what is proposed; None where it is, or where it runs already.
    """

    role: Role
    changes: tuple[Change, ...]
    cost_per_hour: float
    burn: float
    burn_bound: float
    stressed_burn: float
    events_per_day: float
    obstacle: str | None = None


@dataclass(frozen=True, slots=True)
class Rationale:
    """The grounds of one decision.

    Parameters
    ----------
    window_start, window_end
        The days that were replayed, aware UTC.
    margin
        Share of the error budget that a proposal was allowed to spend in a bad fortnight.
    options
        Today's settings first, then what is proposed, then the alternatives.
    riskiest
        Hours of the settings that will run, worst first.
    what_would_change
        What would have to be different for another advice, in sentences; the nearest first.
    """

    window_start: datetime
    window_end: datetime
    margin: float
    options: tuple[Option, ...]
    riskiest: tuple[RiskyHour, ...]
    what_would_change: tuple[str, ...]
