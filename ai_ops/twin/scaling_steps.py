"""How the platform really scales, read from the steps it took: their size, their rounding, the boot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ai_ops.domain.platform import Platform
    from ai_ops.twin.telemetry import Telemetry

LEAST_STEPS = 5
"""Fewer steps than this say less than the platform's own description."""

LONGEST_BOOT = 60
NEAR_MINUTES = 30
"""Two steps further apart than this beyond the cooldown belong to two different causes."""

ENOUGH_SHARE = 0.8
"""The description stands while it explains this share of the steps that were seen."""

RATIOS = np.array([0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.34, 0.4, 0.5, 0.75, 1.0])


@dataclass(frozen=True, slots=True)
class Steps:
    """What a step does.

    Parameters
    ----------
    out_ratio, in_ratio
        Share of the instances that one step adds, or removes.
    is_out_rounded_up, is_in_rounded_up
        Whether a part of an instance counts as a whole one; else it is dropped. Never less than one.
    boot_minutes
        From the wish for an instance until it is ready, whole minutes.
    rest_minutes
        How many minutes longer than the cooldown two steps really lie apart: platforms differ in whether the minute
        of the step counts.
    is_signal_reset
        Whether a step wipes out how long its signal has lasted, so that it must last anew.
    notes
        What was seen to differ from the platform's description, in words.
    """

    out_ratio: float
    in_ratio: float
    is_out_rounded_up: bool = True
    is_in_rounded_up: bool = False
    boot_minutes: int = 1
    rest_minutes: int = 0
    is_signal_reset: bool = False
    notes: tuple[str, ...] = ()


def observed_steps(telemetry: Telemetry, platform: Platform, cooldown: np.ndarray) -> Steps:
    """Read the steps; where too few were seen, or they are mixed, the description stands.

    Parameters
    ----------
    cooldown
        What ran, minutes by minute, shape (minutes,); NaN where no thresholds were stepped between.
    """
    described = Steps(
        platform.out_step_ratio, platform.in_step_ratio, boot_minutes=max(0, round(platform.boot_minutes))
    )
    wanted, ready = telemetry.get("instances_desired"), telemetry.get("instances")
    if not np.isfinite(wanted).any():
        return described
    before, after = wanted[:-1], wanted[1:]
    grew, shrank = np.flatnonzero(after > before), np.flatnonzero(after < before)
    stepped = np.isfinite(cooldown[:-1])
    out, inward = grew[stepped[grew]], shrank[stepped[shrank]]
    out_ratio, is_out_up = _size(before[out], after[out] - before[out], described.out_ratio, is_up=True)
    in_ratio, is_in_up = _size(before[inward], before[inward] - after[inward], described.in_ratio, is_up=False)
    boot = _boot(wanted, ready, grew)
    rest, is_reset = _rest(out, inward, cooldown, platform)
    seen = replace(
        described,
        out_ratio=out_ratio,
        in_ratio=in_ratio,
        is_out_rounded_up=is_out_up,
        is_in_rounded_up=is_in_up,
        boot_minutes=described.boot_minutes if boot is None else boot,
        rest_minutes=rest,
        is_signal_reset=is_reset,
    )
    return replace(seen, notes=tuple(_differences(described, seen)))


def _rest(out: np.ndarray, inward: np.ndarray, cooldown: np.ndarray, platform: Platform) -> tuple[int, bool]:
    """How long steps really lie apart: the smallest gaps tell, because a signal often goes on."""
    excess = [_smallest_excess(places, cooldown) for places in (out, inward)]
    known = [one for one in excess if one is not None]
    if not known:
        return 0, False
    _, inner = excess
    usual = float(np.nanmedian(cooldown))
    is_reset = inner is not None and platform.in_periods > usual + 1 and inner + usual >= platform.in_periods
    return int(np.clip(min(known), 0, 1)), is_reset


def _smallest_excess(places: np.ndarray, cooldown: np.ndarray) -> int | None:
    """How far the closest steps in one direction lie beyond the cooldown, minutes; None when few follow each other."""
    excess = np.diff(places) - cooldown[places[:-1]]
    near = np.sort(excess[excess <= NEAR_MINUTES])
    return None if near.size < LEAST_STEPS else round(float(near[near.size // 10]))


def _size(count: np.ndarray, step: np.ndarray, described: float, *, is_up: bool) -> tuple[float, bool]:
    """Ratio and rounding that explain most steps; the described ones while they explain enough."""
    if count.size < LEAST_STEPS:
        return described, is_up
    choices = [
        (described, is_up),
        (described, not is_up),
        *((float(r), up) for r in RATIOS for up in (is_up, not is_up)),
    ]
    shares = [float(np.mean(step == step_size(count, ratio, is_rounded_up=up))) for ratio, up in choices]
    if shares[0] >= ENOUGH_SHARE or max(shares) < ENOUGH_SHARE:
        return choices[0]
    return choices[int(np.argmax(shares))]


def step_size(count: np.ndarray, ratio: float | np.ndarray, *, is_rounded_up: bool | np.ndarray) -> np.ndarray:
    """Instances that one step moves, at least one; same shape as `count`."""
    part = count * ratio
    # A product such as 10 * 0.1 may end a hair above the whole number that it means.
    return np.asarray(np.maximum(np.where(is_rounded_up, np.ceil(part - 1e-9), np.floor(part + 1e-9)), 1.0))


def _boot(wanted: np.ndarray, ready: np.ndarray, grew: np.ndarray) -> int | None:
    """Median of the minutes until the wish was met."""
    waits = []
    for index in grew:
        later = ready[index + 1 : index + 1 + LONGEST_BOOT]
        met = np.flatnonzero(later >= wanted[index + 1])
        if met.size and not (ready[index] >= wanted[index + 1]):
            waits.append(int(met[0]))
    return round(float(np.median(waits))) if len(waits) >= LEAST_STEPS else None


def _differences(described: Steps, seen: Steps) -> list[str]:
    notes = []
    if seen.boot_minutes != described.boot_minutes:
        notes.append(f"instances take {seen.boot_minutes} min to boot, {described.boot_minutes} were described")
    if (seen.out_ratio, seen.is_out_rounded_up) != (described.out_ratio, described.is_out_rounded_up):
        notes.append(f"a step out adds {seen.out_ratio:.0%}, {described.out_ratio:.0%} were described")
    if (seen.in_ratio, seen.is_in_rounded_up) != (described.in_ratio, described.is_in_rounded_up):
        notes.append(f"a step in removes {seen.in_ratio:.0%}, {described.in_ratio:.0%} were described")
    return notes
