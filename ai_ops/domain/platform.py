"""What the platform under an autoscaled service is like: constants that no metric tells."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite


@dataclass(frozen=True, slots=True)
class Platform:
    """How instances come and go, what they cost, and what was promised on them.

    Parameters
    ----------
    boot_minutes
        From the decision to add an instance until it serves.
    out_periods, in_periods
        Minutes in a row that a signal must lie beyond its threshold before an instance is added, or removed.
    out_step_ratio, in_step_ratio
        Share of the instances that one step adds, or removes; at least one instance.
    price_per_instance_hour
        Money for each instance and hour, booting ones included.
    slo_ms
        The latency within which a request counts as good, milliseconds.
    sla_target_percent
        Share of requests that must be good; below 100.
    tolerance_ratio
        Target tracking leaves the count alone while the metric is nearer to its target than this share of it.
    stabilization_minutes
        Target tracking removes only what all of the last minutes agreed to remove.

    Raises
    ------
    ValueError
        When a figure cannot be meant; the message names it and its range.
    """

    boot_minutes: float
    out_periods: int
    in_periods: int
    out_step_ratio: float
    in_step_ratio: float
    price_per_instance_hour: float
    slo_ms: float
    sla_target_percent: float
    tolerance_ratio: float = 0.1
    stabilization_minutes: int = 5

    def __post_init__(self) -> None:
        """Refuse what no platform does."""
        ranges = {
            "boot_minutes": (0.0, 120.0),
            "out_periods": (1, 120),
            "in_periods": (1, 240),
            "out_step_ratio": (0.0, 10.0),
            "in_step_ratio": (0.0, 1.0),
            "price_per_instance_hour": (0.0, 1e6),
            "slo_ms": (1e-3, 1e7),
            "sla_target_percent": (0.0, 99.99999),
            "tolerance_ratio": (0.0, 0.9),
            "stabilization_minutes": (0, 240),
        }
        for name, (low, high) in ranges.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
                raise ValueError(f"platform.{name} must be a number, not {value!r}")
            if not low <= value <= high:
                raise ValueError(f"platform.{name} is {value:g}; it must lie between {low:g} and {high:g}")

    @property
    def allowed_bad_ratio(self) -> float:
        """Share of requests that the promise lets fail."""
        return 1.0 - self.sla_target_percent / 100.0
