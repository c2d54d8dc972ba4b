"""Metrics as a report calls them, each value with its unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.figure import figure
from ai_ops.report.pages.words import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class _Spoken:
    """Name, unit and decimals of a metric, and by what its values are multiplied to be in that unit."""

    name: str
    unit: str
    decimals: int = 1
    factor: float = 1.0


_SPOKEN: Mapping[str, _Spoken] = {
    "latency_p95_ms": _Spoken("p95 latency", " ms", 0),
    "error_percent": _Spoken("errors", " %", 2),
    "slo_good_ratio": _Spoken("good requests", " %", 3, 100.0),
    "requests_per_second": _Spoken("requests", "/s"),
    "cpu_percent": _Spoken("CPU", " %"),
    "memory_percent": _Spoken("memory", " %"),
    "db_latency_ms": _Spoken("database time", " ms"),
    "instances": _Spoken("instances", ""),
    "instances_desired": _Spoken("instances wanted", ""),
    "cost_per_hour": _Spoken("cost per hour", "", 3),
}
"""In the order of a reader's interest: what users feel, how many they are, what it takes, what it costs."""


def place_of(metric: str) -> int:
    """Where it comes in that order, from 0; one that is not ours comes last."""
    return list(_SPOKEN).index(metric) if metric in _SPOKEN else len(_SPOKEN)


def metric_name(metric: str) -> str:
    """What a reader calls it; one that is not ours keeps its name.

    >>> metric_name("latency_p95_ms"), metric_name("queue_depth")
    ('p95 latency', 'queue_depth')
    """
    return _SPOKEN[metric].name if metric in _SPOKEN else metric


def metric_value(metric: str, value: float | None) -> str:
    """Write a value with its unit, or that nobody measured it.

    >>> metric_value("latency_p95_ms", 160.2), metric_value("slo_good_ratio", 0.99981)
    ('160 ms', '99.981 %')
    """
    if value is None:
        return UNKNOWN
    spoken = _SPOKEN.get(metric, _Spoken(metric, "", 3))
    return f"{figure(spoken.factor * value, spoken.decimals)}{spoken.unit}"
