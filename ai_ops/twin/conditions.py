"""What befell the service, whatever its settings: the demand, and all that no setting could have changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.twin.gaps import filled
from ai_ops.twin.utilisation import SATURATED_PERCENT

if TYPE_CHECKING:
    from ai_ops.twin.calibration import Calibration
    from ai_ops.twin.telemetry import Telemetry

STRESS_DEVIATION, STRESS_LEVEL = 1.4, 1.05
"""A demand that swings 1.4 times as far around its hour, 5 % higher: weeks differ by that much without a warning."""

HOUR, SWING_MINUTES = 60, 5
BOOT_SLACK_MINUTES = 2
"""Boots vary; an instance that is this much late is still only booting."""

LEAST_SERVING_SHARE = 0.1

QUEUE_MINUTES = 3
"""What piled up in a full minute is served, or given up by its clients, within this."""
FURTHEST_FACTOR = 2.0
"""A minute whose CPU asks for more than twice the work that arrived is a broken minute, not a hard one."""


@dataclass(frozen=True, slots=True, eq=False)
class Conditions:
    """Minute by minute, shape (minutes,) each.

    Parameters
    ----------
    demand
        Requests per second.
    work_factor
        How much more, or less, CPU the work of this minute took than usual: noise, deploys, other requests.
    serving_share
        Share of the instances that should have been ready and were: a deploy takes some away for a while.
    memory_offset
        Memory beyond what the load explains, points: a leak.
    latency_factor
        How much slower than usual at this CPU.
    background_bad_ratio
        Share of requests that went wrong for reasons that have nothing to do with the CPU.
    """

    demand: np.ndarray
    work_factor: np.ndarray
    serving_share: np.ndarray
    memory_offset: np.ndarray
    latency_factor: np.ndarray
    background_bad_ratio: np.ndarray

    @property
    def minutes(self) -> int:
        """How long they last."""
        return self.demand.size

    def between(self, first: int, end: int) -> Conditions:
        """Return the minutes from `first` up to `end`."""
        return Conditions(*(getattr(self, name)[first:end] for name in self.__slots__))

    def stressed(self) -> Conditions:
        """Return the same days with a demand that swings further and lies higher."""
        usual, smooth = _mean_over(self.demand, HOUR), _mean_over(self.demand, SWING_MINUTES)
        # What one minute strays from its neighbours is the arrivals' own noise, which no busier week makes worse.
        swung = self.demand + (STRESS_DEVIATION - 1.0) * (smooth - usual)
        return replace(self, demand=STRESS_LEVEL * np.maximum(swung, 0.0))


def conditions(telemetry: Telemetry, calibration: Calibration) -> Conditions:
    """Take out of the metrics what the calibration explains; what is left befell the service."""
    demand = filled(telemetry.get("requests_per_second"))
    ready, cpu = telemetry.get("instances"), telemetry.get("cpu_percent")
    with np.errstate(divide="ignore", invalid="ignore"):
        load = np.where(ready > 0, telemetry.get("requests_per_second") / ready, np.nan)
        seen = np.where((cpu < SATURATED_PERCENT) & (cpu > calibration.utilisation.idle_percent), cpu, np.nan)
        factor = calibration.utilisation.load(seen) / load
    # A full CPU does not say how much was asked, and the minutes after it work off what was left over: of both the
    # usual work is assumed, or a queue that one setting made would be laid upon all others.
    factor = np.where(np.isfinite(factor) & ~_queued(cpu), factor, 1.0)
    work = np.clip(factor, 1.0 / FURTHEST_FACTOR, FURTHEST_FACTOR)
    explained = calibration.memory_idle_percent + calibration.memory_per_load * load
    return Conditions(
        demand=demand,
        work_factor=work,
        serving_share=_serving_share(telemetry, calibration.steps.boot_minutes),
        memory_offset=filled(telemetry.get("memory_percent") - explained),
        latency_factor=_latency_factor(telemetry, calibration),
        background_bad_ratio=_background(telemetry, calibration),
    )


def _queued(cpu: np.ndarray) -> np.ndarray:
    """Minutes with a full CPU and those that come right after, boolean, shape (minutes,)."""
    full = np.asarray(np.nan_to_num(cpu) >= SATURATED_PERCENT)
    queued = full.copy()
    for later in range(1, QUEUE_MINUTES + 1):
        queued[later:] |= full[:-later]
    return queued


def _serving_share(telemetry: Telemetry, boot_minutes: int) -> np.ndarray:
    """Ready instances by those that were wanted for a whole boot and a little more, shape (minutes,), at most 1."""
    ready, wanted = telemetry.get("instances"), telemetry.get("instances_desired")
    waited = boot_minutes + BOOT_SLACK_MINUTES
    if not np.isfinite(wanted).any() or wanted.size <= waited:
        return np.ones(telemetry.minutes)
    padded = np.concatenate((np.full(waited, wanted[0]), wanted))
    due = np.lib.stride_tricks.sliding_window_view(padded, waited + 1).min(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = ready / due
    return np.clip(np.where(np.isfinite(share), share, 1.0), LEAST_SERVING_SHARE, 1.0)


def _latency_factor(telemetry: Telemetry, calibration: Calibration) -> np.ndarray:
    if calibration.latency_ms is None:
        return np.ones(telemetry.minutes)
    with np.errstate(invalid="ignore"):
        factor = telemetry.get("latency_p95_ms") / calibration.latency_ms.at(telemetry.get("cpu_percent"))
    return np.where(np.isfinite(factor), factor, 1.0)


def _background(telemetry: Telemetry, calibration: Calibration) -> np.ndarray:
    """Bad share of the abnormal minutes beyond what their CPU explains, shape (minutes,)."""
    bad = 1.0 - np.clip(telemetry.get("slo_good_ratio"), 0.0, 1.0)
    with np.errstate(invalid="ignore"):
        beyond = bad - calibration.bad_ratio.at(telemetry.get("cpu_percent"))
    return np.where(calibration.abnormal & np.isfinite(beyond), np.clip(beyond, 0.0, 1.0), 0.0)


def _mean_over(values: np.ndarray, minutes: int) -> np.ndarray:
    """Centred mean over so many minutes; shorter at the ends."""
    window = np.ones(minutes)
    weight = np.convolve(np.ones(values.size), window, mode="same")
    return np.asarray(np.convolve(values, window, mode="same") / weight)
