"""Rolling baseline: one event after the other against a fixed limit, told beside what the service usually does."""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median

BASELINE_EVENTS = 100
CRITICAL_AFTER = 3

MOST_SERVICES = 10_000
"""Names come from outside, and memory is finite: beyond it, the service that was silent longest is forgotten."""


class Standing(StrEnum):
    """Where one event leaves its service."""

    NORMAL = "normal"
    FLAGGED = "flagged"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Limit:
    """What must not be exceeded.

    Parameters
    ----------
    metric
        Canonical name.
    value
        More than this is an exceedance.
    unit
        As a sentence shows it, such as "ms".
    """

    metric: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What one event means.

    Parameters
    ----------
    service
        Whose event it was.
    limit
        What it was held against.
    value
        What came, in the limit's unit; NaN where nothing was measured.
    severity
        Flagged at one exceedance, critical from the third in a row.
    in_a_row
        Exceedances up to this event, this one included.
    baseline
        Median of the service's last hundred events before this one; None at the first.
    change_percent
        How far the value lies from the baseline, in whole percent, cut not rounded; None without one, or when it is 0.
    """

    service: str
    limit: Limit
    value: float
    severity: Standing
    in_a_row: int
    baseline: float | None
    change_percent: int | None

    @property
    def threshold_exceeded(self) -> float | None:
        """Limit that the value exceeds, or None."""
        return self.limit.value if self.value > self.limit.value else None

    @property
    def sentence(self) -> str:
        """Compare the value with the baseline, for a person."""
        unit = f" {self.limit.unit}" if self.limit.unit else ""
        current = "nothing measured" if math.isnan(self.value) else f"current {self.value:g}{unit}"
        if self.baseline is None:
            return f"No baseline yet, {current}"
        change = "" if self.change_percent is None else f" ({self.change_percent:+d} %)"
        return f"Baseline {self.baseline:g}{unit}, {current}{change}"


@dataclass(slots=True)
class _Past:
    """The last events of one service."""

    values: deque[float] = field(default_factory=lambda: deque(maxlen=BASELINE_EVENTS))
    in_a_row: int = 0


class ThresholdChecker:
    """Checks events of many services against one limit; remembers the last hundred of each.

    The baseline is a median, so that an incident shorter than fifty events does not become what is usual.

    Parameters
    ----------
    limit
        What must not be exceeded.
    most_services
        So many are remembered.
    """

    def __init__(self, limit: Limit, most_services: int = MOST_SERVICES) -> None:
        self._limit = limit
        self._most = most_services
        self._pasts: OrderedDict[str, _Past] = OrderedDict()

    def check(self, service: str, value: float) -> Checked:
        """Judge one event and remember it.

        An event that was not measured (NaN, infinite) is remembered nowhere: it neither ends a row of exceedances
        nor makes one longer.
        """
        past = self._past(service)
        baseline = float(median(past.values)) if past.values else None
        if not math.isfinite(value):
            return Checked(service, self._limit, math.nan, Standing.UNKNOWN, past.in_a_row, baseline, None)
        past.in_a_row = past.in_a_row + 1 if value > self._limit.value else 0
        past.values.append(value)
        change = math.trunc(100.0 * (value - baseline) / baseline) if baseline else None
        return Checked(service, self._limit, value, _standing(past.in_a_row), past.in_a_row, baseline, change)

    def _past(self, service: str) -> _Past:
        past = self._pasts.setdefault(service, _Past())
        self._pasts.move_to_end(service)
        if len(self._pasts) > self._most:
            self._pasts.popitem(last=False)
        return past


def _standing(in_a_row: int) -> Standing:
    if in_a_row >= CRITICAL_AFTER:
        return Standing.CRITICAL
    return Standing.FLAGGED if in_a_row else Standing.NORMAL
