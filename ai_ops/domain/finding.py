"""One alarm, one finding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from ai_ops.domain.judgement import Alarm


class Severity(StrEnum):
    """How loud a finding is, by the bands S001-89 to S001-92."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


FELT_BY_USERS = frozenset({"latency_p95_ms", "error_percent", "slo_good_ratio", "db_latency_ms"})
"""Metrics whose anomaly means that users felt something."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something abnormal in one metric.

    Parameters
    ----------
    metric
        Canonical name.
    since, at
        When it began, and when it was at its worst.
    value, expected
        What came and what was expected at `at`, in the metric's unit.
    score
        How unusual, in units of the detector's own threshold: above 1 is abnormal.
    severity
        By the bands of the requirement.
    detectors
        Names of the detectors that agree.
    reason
        One sentence for a person.
    alarm
        Why it is abnormal.
    """

    metric: str
    since: datetime
    at: datetime
    value: float
    expected: float
    score: float
    severity: Severity
    detectors: tuple[str, ...]
    reason: str
    alarm: Alarm = Alarm.DEVIATION

    @property
    def is_harm(self) -> bool:
        """Whether users felt it, and more than a trifle."""
        return self.metric in FELT_BY_USERS and self.severity is not Severity.LOW


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """What one detector says of one series.

    Parameters
    ----------
    values
        How unusual each value is, in the detector's own measure, shape (n,), never negative; NaN where the
        detector cannot say: a gap, or too little history before it.
    expected
        What the detector expected, in the metric's unit, shape (n,).
    """

    values: np.ndarray
    expected: np.ndarray
