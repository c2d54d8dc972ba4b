"""How far settings may go: bounds, and the largest step towards a saving. The last word on every candidate."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, floor, inf, isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.twin.settings_batch import weekly_minimum

if TYPE_CHECKING:
    from collections.abc import Mapping

Settings = dict[str, Any]
"""A set of thresholds by canonical name, as `recommend` takes and returns it."""

BOUNDS: Mapping[str, tuple[float, float]] = {
    "cpu_scale_out_percent": (50, 90),
    "cpu_scale_in_percent": (20, 70),
    "memory_scale_out_percent": (60, 95),
    "latency_scale_out_ms": (1, 60_000),
    "min_instances": (1, 10_000),
    "max_instances": (1, 10_000),
    "cooldown_minutes": (1, 30),
}

GAP_PERCENT = 8.0
"""Between scale-in and scale-out; nearer than this a fleet flaps."""

SAVING_STEPS: Mapping[str, float] = {"cpu_scale_out_percent": 12.0, "cpu_scale_in_percent": 20.0}
"""The most that a threshold may rise in one change. Down, towards safety, there is no limit."""

WITHOUT_EFFECT_ON_A_TARGET = (
    "cpu_scale_in_percent",
    "memory_scale_out_percent",
    "latency_scale_out_ms",
    "cooldown_minutes",
)
"""What does nothing while a target is tracked; nobody should have to review it."""

SAVING_SHARE = 0.5
"""The most of the minimum that one change may take away."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a team allows.

    Parameters
    ----------
    bounds
        Lowest and highest value by knob, both included.
    steps, falls
        The most that a knob may rise, or fall, at once, by knob; one that is not named may go all the way.
    fixed
        Knobs that stay as they are.
    gap_percent
        Between scale-in and scale-out.
    is_switch_free
        Whether the target of a mode that is switched on may lie anywhere: it is no further step of the threshold
        that stood there before.
    schedule_bounds, most_entries
        Lowest and highest minimum that a schedule may ask for, and how many entries it may have.
    """

    bounds: Mapping[str, tuple[float, float]] = field(default_factory=lambda: dict(BOUNDS))
    steps: Mapping[str, float] = field(default_factory=lambda: dict(SAVING_STEPS))
    fixed: frozenset[str] = frozenset()
    falls: Mapping[str, float] = field(default_factory=dict)
    gap_percent: float = GAP_PERCENT
    is_switch_free: bool = True
    schedule_bounds: tuple[float, float] = (1, inf)
    most_entries: int = 168

    def kept(self, wanted: Settings, current: Settings) -> Settings:
        """Bring `wanted` within the bounds and within one step of `current`, whatever it says.

        A value that a person set outside the bounds stays where it is: the agent neither made it nor moves it.
        """
        kept = {name: self._value(name, wanted, current) for name in current}
        if kept.get("scaling_mode") == "target":
            kept |= {name: current[name] for name in WITHOUT_EFFECT_ON_A_TARGET if name in kept}
        self._open_gap(kept, current)
        if "min_instances" in kept and "max_instances" in kept and kept["min_instances"] > kept["max_instances"]:
            kept["min_instances"], kept["max_instances"] = current["min_instances"], current["max_instances"]
        if "scheduled_minimum" in kept:
            kept["scheduled_minimum"] = self._schedule(kept, current)
            if _halves_the_floor(kept, current):
                kept["scheduled_minimum"] = list(current["scheduled_minimum"])
        return kept

    def _value(self, name: str, wanted: Settings, current: Settings) -> Any:  # noqa: ANN401  # a word, a number or a list
        before: Any = current[name]
        after: Any = wanted.get(name, before)
        if name in self.fixed or after == before or name not in self.bounds:
            return before if name in self.fixed or after == before else after
        low, high = self.bounds[name]
        if not isfinite(after) or not low <= before <= high:
            return before
        if name == "min_instances":
            after = max(after, ceil(before * SAVING_SHARE))
        if name != "cpu_scale_out_percent" or not self._is_free_switch(wanted, current):
            after = max(min(after, before + self.steps.get(name, inf)), before - self.falls.get(name, inf))
        return _like(before, min(max(after, low), high))

    def _is_free_switch(self, wanted: Settings, current: Settings) -> bool:
        mode = current.get("scaling_mode")
        is_fixed = "scaling_mode" in self.fixed or mode is None
        return self.is_switch_free and not is_fixed and wanted.get("scaling_mode", mode) != mode

    def _open_gap(self, kept: Settings, current: Settings) -> None:
        """Keep scale-in below scale-out; where neither may move far enough, both stay."""
        lower, upper = "cpu_scale_in_percent", "cpu_scale_out_percent"
        if lower not in kept or upper not in kept or kept[lower] <= kept[upper] - self.gap_percent:
            return
        wanted = kept[upper] - self.gap_percent
        wanted = floor(wanted) if isinstance(kept[lower], int) else wanted
        low, high = self.bounds[lower]
        is_movable = lower not in self.fixed and low <= current[lower] <= high
        if is_movable and wanted >= max(low, current[lower] - self.falls.get(lower, inf)):
            kept[lower] = wanted
        else:
            kept[lower], kept[upper] = current[lower], current[upper]

    def _schedule(self, kept: Settings, current: Settings) -> list[dict[str, int]]:
        """Drop blocks that change nothing, and cut those that ask for more than the maximum.

        A schedule that the team's bounds would cut is none: its replay would be of another one.
        """
        if kept["scheduled_minimum"] == current["scheduled_minimum"]:
            return list(current["scheduled_minimum"])
        least, most = kept.get("min_instances", 1), kept.get("max_instances", floor(self.bounds["max_instances"][1]))
        cut = [
            {**block, "min_instances": int(min(block["min_instances"], most))}
            for block in kept["scheduled_minimum"]
            if block["min_instances"] > least
        ]
        blocks = [block for block in cut if block["min_instances"] > least]
        lowest, highest = self.schedule_bounds
        is_allowed = all(lowest <= block["min_instances"] <= highest for block in blocks)
        return blocks if is_allowed and len(blocks) <= self.most_entries else list(current["scheduled_minimum"])


def _halves_the_floor(wanted: Settings, current: Settings) -> bool:
    """Whether some minute of the week would lose more than one change may take of its minimum."""
    if not current["scheduled_minimum"] or wanted["scheduled_minimum"] == current["scheduled_minimum"]:
        return False
    before, after = (
        np.maximum(weekly_minimum(one["scheduled_minimum"]), one.get("min_instances", 1)) for one in (current, wanted)
    )
    return bool((after < np.ceil(before * SAVING_SHARE)).any())


def _like(before: Any, after: float) -> Any:  # noqa: ANN401  # an int or a float
    """Keep a whole number whole: what is left over falls towards where it was, within its bounds and its step."""
    if not isinstance(before, int):
        return type(before)(after)
    return ceil(after) if after < before else floor(after)
