"""The scaling rule of a made-up platform: thresholds with steps and a cooldown, or target tracking."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import ceil, floor, isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.platform import Platform

MINUTES_PER_WEEK = 10_080


@dataclass(frozen=True, slots=True)
class Measured:
    """What monitoring says about one minute; NaN where a scrape was lost."""

    cpu_percent: float
    memory_percent: float
    latency_p95_ms: float


class Autoscaler:
    """Decides each minute how many instances there shall be.

    Parameters
    ----------
    thresholds
        By knob name; see `apply`.
    platform
        Periods, steps, tolerance, stabilization.
    """

    def __init__(self, thresholds: Mapping[str, Any], platform: Platform) -> None:
        self._platform = platform
        self._minutes_out = self._minutes_in = 0
        self._last_action = -MINUTES_PER_WEEK
        # Kubernetes remembers what it would have wished, and removes only what all of the window agree on.
        self._wished: deque[tuple[int, int]] = deque()
        self.apply(thresholds)

    def apply(self, thresholds: Mapping[str, Any]) -> None:
        """Follow `thresholds` from the next minute on.

        Raises
        ------
        ValueError
            When the scaling mode is unknown, or the least count is above the greatest.
        """
        if thresholds["scaling_mode"] not in ("threshold", "target"):
            raise ValueError(f"scaling_mode must be threshold or target, not {thresholds['scaling_mode']!r}")
        self._is_target = thresholds["scaling_mode"] == "target"
        self._out, self._in = float(thresholds["cpu_scale_out_percent"]), float(thresholds["cpu_scale_in_percent"])
        self._memory = float(thresholds["memory_scale_out_percent"])
        self._latency = float(thresholds["latency_scale_out_ms"])
        self._least, self._most = int(thresholds["min_instances"]), int(thresholds["max_instances"])
        if not 1 <= self._least <= self._most:
            raise ValueError(f"min_instances {self._least} must lie between 1 and max_instances {self._most}")
        self._cooldown = int(thresholds["cooldown_minutes"])
        self._schedule = [
            (int(entry["from_minute_of_week"]), int(entry["to_minute_of_week"]), int(entry["min_instances"]))
            for entry in thresholds.get("scheduled_minimum") or ()
        ]

    def decide(self, measured: Measured, ready: int, desired: int, minute: int, minute_of_week: int) -> int:
        """How many instances there shall be after `minute`."""
        least = self._least_at(minute_of_week) if self._schedule else self._least
        if isfinite(measured.cpu_percent):
            wished = self._track(measured, ready, desired, minute) if self._is_target else None
            wished = self._step(measured, desired, minute) if wished is None else wished
        else:
            wished = desired
        return max(least, min(self._most, wished))

    def _least_at(self, minute_of_week: int) -> int:
        """The plain least count, or the schedule's where that is greater; an entry may run over the week's end."""
        scheduled = [
            count
            for begin, end, count in self._schedule
            if (begin <= minute_of_week < end if begin <= end else minute_of_week >= begin or minute_of_week < end)
        ]
        return min(self._most, max(self._least, *scheduled)) if scheduled else self._least

    def _step(self, measured: Measured, desired: int, minute: int) -> int:
        is_out = (
            measured.cpu_percent > self._out
            or measured.memory_percent > self._memory
            or measured.latency_p95_ms > self._latency
        )
        self._minutes_out = self._minutes_out + 1 if is_out else 0
        self._minutes_in = self._minutes_in + 1 if measured.cpu_percent < self._in and not is_out else 0
        if minute - self._last_action <= self._cooldown:
            return desired
        if self._minutes_out >= self._platform.out_periods and desired < self._most:
            self._last_action = minute
            return desired + max(1, ceil(desired * self._platform.out_step_ratio))
        if self._minutes_in >= self._platform.in_periods and desired > self._least:
            self._last_action = minute
            return desired - max(1, floor(desired * self._platform.in_step_ratio))
        return desired

    def _track(self, measured: Measured, ready: int, desired: int, minute: int) -> int:
        """As the Kubernetes horizontal pod autoscaler does."""
        ratio = measured.cpu_percent / self._out
        wished = desired if abs(ratio - 1.0) <= self._platform.tolerance_ratio else max(1, ceil(ready * ratio))
        self._wished.append((minute, wished))
        while self._wished[0][0] <= minute - self._platform.stabilization_minutes and len(self._wished) > 1:
            self._wished.popleft()
        if wished >= desired:
            return wished
        return min(desired, max(count for _, count in self._wished))
