"""What a self-test of the detection asks, and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SIZES = (1.0, 1.5, 2.0, 3.0)
"""Sizes of the faults that are injected, as multiples of the smallest, equally often."""


class Fault(StrEnum):
    """A way in which a metric goes wrong. `ai_ops/detect/self_test/faults.py` says what each does to the values."""

    SPIKE = "spike"
    LEVEL_SHIFT = "level shift"
    RAMP = "ramp"
    VARIANCE = "variance"
    DROPOUT = "dropout"
    PERIOD_BREAK = "period break"
    FLAT_LINE = "flat line"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure from counting, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What is injected, and how often.

    Parameters
    ----------
    sigmas
        Size of the smallest fault, in robust sigmas of what the series' own past leaves unexplained.
    minutes
        How long a fault lasts; a period break and a flat line, which need time to show, last six hours.
    trials
        Faults of each kind into each metric.
    seed
        Chooses where.
    budget_per_week
        False alarms that a metric is allowed in a week.
    """

    sigmas: float = 4.0
    minutes: float = 30.0
    trials: int = 40
    seed: int = 0
    budget_per_week: float = 1.0


@dataclass(frozen=True, slots=True)
class FaultFound:
    """How one kind of fault was found in one metric.

    Parameters
    ----------
    hits, trials
        Faults that raised an alarm while they lasted, of those that were injected.
    recall
        The share; None without a trial.
    smallest_hits, smallest_trials
        The same, of the faults that were asked to be as small as the plan allows; none for those that cannot choose.
    delay_samples, delay_minutes
        Median over the hits, from the first wrong value to the alarm: 0 is at once; None without a hit.
    reason
        Why it was not tried, or not as often as planned; empty when it was.
    """

    fault: Fault
    hits: int
    trials: int
    recall: Estimate | None
    smallest_hits: int = 0
    smallest_trials: int = 0
    delay_samples: float | None = None
    delay_minutes: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MetricTested:
    """How one metric did.

    Parameters
    ----------
    metric
        Its name.
    sigma
        One robust sigma, in the metric's unit; the median over the times of day.
    days
        How much of the history was judged.
    alarms
        Alarms on the untouched series in these days; true incidents among them count as false.
    alarms_per_week
        The same per week.
    recall
        Over all faults; None when none could be injected.
    faults
        One per kind.
    """

    metric: str
    sigma: float
    days: float
    alarms: int
    alarms_per_week: Estimate
    recall: Estimate | None
    faults: tuple[FaultFound, ...]


@dataclass(frozen=True, slots=True)
class Untested:
    """A metric that could not be tested, and why."""

    metric: str
    reason: str


@dataclass(frozen=True, slots=True)
class SelfTest:
    """How the detection did on a service's own history.

    Parameters
    ----------
    recall
        Over all metrics and faults; None when nothing could be tested.
    alarms_per_week
        Per metric, over all of them; None when nothing could be tested.
    promised
        The share that `anomaly_sensitivity` promises, 0 to 1.
    """

    service: str
    source: str
    is_simulated: bool
    plan: Plan
    promised: float
    metrics: tuple[MetricTested, ...]
    untested: tuple[Untested, ...]
    recall: Estimate | None
    alarms_per_week: Estimate | None

    @property
    def verdict(self) -> str:
        """What the figures say about the promise, in one sentence."""
        if self.recall is None or self.alarms_per_week is None:
            return "nothing could be tested: the reasons stand beside each metric"
        found = (
            f"{self.recall.value:.0%} of the faults raise an alarm ({self.recall.low:.0%} to {self.recall.high:.0%})"
        )
        if self.recall.low >= self.promised:
            found += f": the promised {self.promised:.0%} is kept"
        elif self.recall.high < self.promised:
            found += f": the promised {self.promised:.0%} is not kept"
        else:
            found += f": too few trials to tell from the promised {self.promised:.0%}"
        rate, budget = self.alarms_per_week, self.plan.budget_per_week
        alarms = (
            f"{rate.value:.1f} alarms per metric and week on the untouched history ({rate.low:.1f} to {rate.high:.1f})"
        )
        if rate.high <= budget:
            return f"{found}; {alarms}: within the budget of {budget:g}"
        if rate.low > budget:
            return f"{found}; {alarms}: more than the budget of {budget:g}, unless they were incidents"
        return f"{found}; {alarms}: the history is too short to tell from the budget of {budget:g}"
