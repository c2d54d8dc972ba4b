"""The service as a model, calibrated on nothing but its own metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.twin.abnormal import abnormal_minutes
from ai_ops.twin.curves import Curve, fit_bad_ratio, fit_latency
from ai_ops.twin.scaling_steps import Steps, observed_steps
from ai_ops.twin.telemetry import SECONDS_PER_MINUTE
from ai_ops.twin.utilisation import SATURATED_PERCENT, Utilisation, fit_utilisation

if TYPE_CHECKING:
    from ai_ops.domain.platform import Platform
    from ai_ops.twin.telemetry import Telemetry

STEADY_MINUTES = 3
"""After the number of instances has changed, its first minutes belong to neither number."""

PRICE_FACTOR = 2.0
"""Further than this from the described price, up or down, what was paid was not one instance and hour."""

FAR_FROM_FULL_PERCENT, MOST_STRANGE_SHARE = 70.0, 0.02
"""A full CPU where the load asks for less than this is no work of the service: such minutes teach nothing, and where
there are many, as half an hour a day, the CPU means something else."""

QUEUE_MINUTES = 10
"""A queue may keep a CPU full for so long after the load that made it."""

PRICE_DOUBT = 0.5
"""Where the cost strays from a fixed price by more than this share of the price, it measures something else."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What the service is like.

    Parameters
    ----------
    utilisation
        CPU by load on one instance.
    bad_ratio
        Share of bad requests by CPU.
    latency_ms
        95th percentile of the latency by CPU; None when it was hardly measured.
    memory_idle_percent, memory_per_load
        Memory of an instance without load, and what each request per second adds.
    steps
        How the platform scales.
    price_per_instance_hour
        Money for each instance and hour.
    abnormal
        Minutes left out, boolean, shape (minutes,).
    used_minutes
        How many minutes the curves rest on.
    notes
        What a reader should know, such as where reality differs from the platform's description.
    """

    utilisation: Utilisation
    bad_ratio: Curve
    latency_ms: Curve | None
    memory_idle_percent: float
    memory_per_load: float
    steps: Steps
    price_per_instance_hour: float
    abnormal: np.ndarray
    used_minutes: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Uncalibrated:
    """There is no model of this service, and why."""

    reason: str


def calibrate(
    telemetry: Telemetry, platform: Platform, cooldown: np.ndarray | None = None
) -> Calibration | Uncalibrated:
    """Fit everything that a replay needs, or say what is missing.

    Parameters
    ----------
    cooldown
        Minutes between two steps, as they ran minute by minute, shape (minutes,); NaN where a target was tracked.
        None when nobody knows: then the platform's description is not checked for it.
    """
    ready, rate = telemetry.get("instances"), telemetry.get("requests_per_second")
    cpu, bad = telemetry.get("cpu_percent"), 1.0 - np.clip(telemetry.get("slo_good_ratio"), 0.0, 1.0)
    abnormal = abnormal_minutes(telemetry)
    with np.errstate(divide="ignore", invalid="ignore"):
        load = np.where(ready > 0, rate / ready, np.nan)
    usable = _steady(ready) & ~abnormal & np.isfinite(load) & np.isfinite(cpu)
    utilisation = fit_utilisation(load[usable], cpu[usable])
    if isinstance(utilisation, str):
        return Uncalibrated(utilisation)
    strange = _strange(cpu, utilisation.cpu(load))
    if strange.mean() > MOST_STRANGE_SHARE:
        return Uncalibrated(f"the CPU is full in {strange.mean():.0%} of the minutes although the load is small")
    judged = ~abnormal & ~strange & np.isfinite(load) & np.isfinite(cpu) & np.isfinite(bad) & (rate > 0)
    # A saturated CPU hides how much work there was; the load still tells.
    pressure = np.where(cpu < SATURATED_PERCENT, cpu, np.maximum(cpu, utilisation.cpu(load)))[judged]
    bad_ratio = fit_bad_ratio(pressure, bad[judged], rate[judged] * SECONDS_PER_MINUTE)
    if isinstance(bad_ratio, str):
        return Uncalibrated(bad_ratio)
    memory_idle, memory_per_load = _memory(load[usable], telemetry.get("memory_percent")[usable])
    unknown = np.full(telemetry.minutes, np.nan)
    steps = observed_steps(telemetry, platform, unknown if cooldown is None else cooldown)
    price, about_price = price_paid(telemetry, platform)
    return Calibration(
        utilisation=utilisation,
        bad_ratio=bad_ratio,
        latency_ms=fit_latency(pressure, telemetry.get("latency_p95_ms")[judged]),
        memory_idle_percent=memory_idle,
        memory_per_load=memory_per_load,
        steps=steps,
        price_per_instance_hour=price,
        abnormal=abnormal,
        used_minutes=int(judged.sum()),
        notes=(*steps.notes, *about_price),
    )


def _strange(cpu: np.ndarray, explained: np.ndarray) -> np.ndarray:
    """Minutes with a full CPU that neither their load nor a queue explains, boolean, shape (minutes,).

    Parameters
    ----------
    cpu, explained
        As measured, and as the load lets expect, percent, shape (minutes,).
    """
    busy = np.nan_to_num(explained) >= FAR_FROM_FULL_PERCENT
    recently = np.convolve(busy, np.ones(QUEUE_MINUTES))[: busy.size] > 0
    return np.asarray((cpu >= SATURATED_PERCENT) & ~recently)


def _steady(ready: np.ndarray) -> np.ndarray:
    """Minutes in which the number of instances has not changed for a while, boolean, shape (minutes,)."""
    steady = np.isfinite(ready) & (ready > 0)
    for shift in range(1, STEADY_MINUTES + 1):
        steady[shift:] &= ready[shift:] == ready[:-shift]
    return np.asarray(steady)


def _memory(load: np.ndarray, memory: np.ndarray) -> tuple[float, float]:
    """Straight line through memory by load; what it does not explain, a leak say, is replayed as it was."""
    known = np.isfinite(memory)
    if known.sum() <= 1 or np.ptp(load[known]) <= 0:
        return (float(np.median(memory[known])) if known.any() else 0.0), 0.0
    slope, idle = np.polyfit(load[known], memory[known], 1)
    return (float(idle), float(slope)) if slope > 0 else (float(np.median(memory[known])), 0.0)


def price_paid(telemetry: Telemetry, platform: Platform) -> tuple[float, tuple[str, ...]]:
    """Price of an instance-hour as it was really paid; the described one, and why, where the metric makes no sense."""
    cost, wanted = telemetry.get("cost_per_hour"), telemetry.desired
    known = np.isfinite(cost) & np.isfinite(wanted) & (wanted > 0)
    described = platform.price_per_instance_hour
    if known.sum() < STEADY_MINUTES:
        return described, ("the cost was not measured; the described price is used",)
    paid = cost[known] / wanted[known]
    price = float(np.median(paid))
    strays = float(np.median(np.abs(paid - price)))
    is_steady = price > 0 and strays <= PRICE_DOUBT * price
    is_alike = described <= 0 or 1.0 / PRICE_FACTOR <= price / described <= PRICE_FACTOR
    if not (is_steady and is_alike):
        return described, (
            f"the cost metric says {price:.4g} an instance and hour, which is no price; {described:.4g} is used",
        )
    return price, ()
