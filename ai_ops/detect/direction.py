"""Which way is harm: an error rate that falls wakes nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WORSE: Mapping[str, int] = {
    "latency_p95_ms": +1,
    "error_percent": +1,
    "db_latency_ms": +1,
    "slo_good_ratio": -1,
}
"""The direction in which a metric gets worse; the others may alarm both ways."""

NOT_JUDGED = frozenset({"instances", "instances_desired", "cost_per_hour"})
"""The fleet, and what it costs: the autoscaler moves them on purpose, so every step would look abnormal."""
