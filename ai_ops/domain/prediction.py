"""What a decision expects, and whether it came true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Interval:
    """An expectation and the bounds within which nine of ten outcomes should lie."""

    expected: float
    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        """Whether `value` lies within the bounds, both included."""
        return self.low <= value <= self.high

    def in_words(self, digits: str) -> str:
        """Write it as `expected (low to high)`, each in the format `digits`.

        >>> Interval(0.0823, 0.07, 0.09).in_words(".3g")
        '0.0823 (0.07 to 0.09)'
        """
        return f"{self.expected:{digits}} ({self.low:{digits}} to {self.high:{digits}})"


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a set of thresholds is expected to do over the hours after it is live.

    Parameters
    ----------
    made_at
        When it was made, aware UTC.
    horizon_hours
        How long it must be live before it can be judged.
    cost_per_hour
        Currency per hour, mean over the horizon.
    burn
        Share of the horizon's own error budget that is spent; 1 spends exactly what the promise allows.
    slo_good_percent
        Share of requests that are good, 0 to 100.
    scale_events_per_day
        How often the number of instances is changed.
    requests_per_second
        The demand that all of this assumes, mean over the horizon; far outside it nothing can be judged.
    """

    made_at: datetime
    horizon_hours: float
    cost_per_hour: Interval
    burn: Interval
    slo_good_percent: Interval
    scale_events_per_day: Interval
    requests_per_second: Interval

    @property
    def headline(self) -> str:
        """What a reviewer asks first: what it costs, and what it does to users."""
        return (
            f"cost {self.cost_per_hour.in_words('.3g')} per hour, burn {self.burn.in_words('.2f')}, "
            f"{self.slo_good_percent.in_words('.3f')} % good over {self.horizon_hours:g} h"
        )

    @property
    def in_words(self) -> str:
        """Every figure with the range within which nine of ten outcomes should lie."""
        return (
            f"{self.headline}, {self.scale_events_per_day.in_words('.0f')} scale events a day, "
            f"at {self.requests_per_second.in_words('.4g')} requests/s"
        )


class Verdict(StrEnum):
    """What became of a prediction."""

    HIT = "hit"
    MISS = "miss"
    NOT_JUDGEABLE = "not judgeable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A prediction beside what really happened.

    Parameters
    ----------
    made_at
        When the prediction was made: its name.
    judged_at
        When it was held against reality.
    verdict, reason
        What became of it, and one sentence why.
    is_live_change
        Whether a change of ours was live; False for the daily prediction of the unchanged settings.
    cost_per_hour, burn
        What was measured over the horizon; None where it was not.
    burn_high
        The highest burn that was predicted; None where nobody wrote it down.
    """

    made_at: datetime
    judged_at: datetime
    verdict: Verdict
    reason: str
    is_live_change: bool
    cost_per_hour: float | None = None
    burn: float | None = None
    burn_high: float | None = None

    @property
    def in_words(self) -> str:
        """What became of it, and why."""
        about = "a live change" if self.is_live_change else "unchanged settings"
        return f"{self.verdict} of {self.made_at:%Y-%m-%d %H:%M} UTC, {about}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Looked:
    """How the model of the service did on the last day, beside what really happened.

    Parameters
    ----------
    observed_burn, replayed_burn
        Share of the day's error budget; None where it could not be said.
    """

    observed_burn: float | None
    replayed_burn: float | None
