"""The scaling rule once more, one candidate and one minute at a time, as a person would explain it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.twin.load_tables import HIGHEST_PERCENT, SIZE
from ai_ops.twin.replay import LONGEST_QUEUE_MINUTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.platform import Platform
    from ai_ops.twin.calibration import Calibration
    from ai_ops.twin.conditions import Conditions


@dataclass(slots=True)
class Lived:
    """What one candidate did, minute by minute."""

    ready: list[float] = field(default_factory=list)
    wanted: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    bad_ratio: list[float] = field(default_factory=list)
    events: int = 0


class Fleet:
    """One service under one set of settings.

    Parameters
    ----------
    model, platform, settings
        What it is like, where it runs, and what its autoscaler follows.
    start
        Instances at the beginning, all of them ready.
    """

    def __init__(self, model: Calibration, platform: Platform, settings: Mapping[str, Any], start: float) -> None:
        self.model, self.platform, self.settings = model, platform, settings
        self.most = settings["max_instances"]
        self.ready = float(min(max(start, settings["min_instances"], 1), self.most))
        self.due: list[int] = []
        self.waiting = 0.0
        self.minutes_high = self.minutes_low = 0
        self.last_step: int | None = None
        self.wishes: deque[float] = deque([self.ready] * max(1, platform.stabilization_minutes))
        self.wishes = deque(self.wishes, maxlen=len(self.wishes))
        highest = float(model.utilisation.load(np.array([HIGHEST_PERCENT]))[0])
        self.grain = highest / (SIZE - 1)
        self.full_load = float(model.utilisation.load(np.array([100.0]))[0])

    @property
    def wanted(self) -> float:
        """Ready and booting ones."""
        return self.ready + len(self.due)

    def live(self, befell: Conditions, minute_of_week: np.ndarray) -> Lived:
        """Go through all minutes."""
        lived = Lived()
        for minute in range(befell.minutes):
            self.ready += sum(one == minute for one in self.due)
            self.due = [one for one in self.due if one > minute]
            floor_now = self.floor(int(minute_of_week[minute]))
            self.resize(max(self.wanted, floor_now), minute)
            load, bad = self.serve(befell, minute)
            cpu = min(self.at(self.model.utilisation.cpu, load), 100.0)
            for row, value in zip(
                (lived.ready, lived.wanted, lived.cpu, lived.bad_ratio),
                (self.ready, self.wanted, cpu, bad),
                strict=True,
            ):
                row.append(value)
            before = self.wanted
            if self.settings["scaling_mode"] == "target":
                self.track(cpu, minute, floor_now)
            else:
                self.step(cpu, self.is_troubled(befell, minute, load), minute, floor_now)
            lived.events += self.wanted != before
        return lived

    def floor(self, minute_of_week: int) -> float:
        """The plain minimum, or the schedule's where that is higher; never above the maximum."""
        held = [
            block["min_instances"]
            for block in self.settings["scheduled_minimum"]
            if (minute_of_week - block["from_minute_of_week"]) % 10_080
            < ((block["to_minute_of_week"] - block["from_minute_of_week"]) % 10_080 or 10_080)
        ]
        return float(min(max(1, self.settings["min_instances"], *held, 0), self.most))

    def at(self, curve: Any, load: float) -> float:
        """Read a curve where the replay reads it: on the grid point below."""
        place = min(int(load / self.grain), SIZE - 1)
        return float(curve(np.array([place * self.grain]))[0])

    def serve(self, befell: Conditions, minute: int) -> tuple[float, float]:
        """Load of each serving instance, and share of requests that go wrong."""
        serving = self.ready * befell.serving_share[minute]
        work = befell.demand[minute] * befell.work_factor[minute] + self.waiting
        capacity = serving * self.full_load
        self.waiting = min(max(work - capacity, 0.0), LONGEST_QUEUE_MINUTES * capacity)
        pressure = self.at(self.model.utilisation.cpu, work / serving)
        bad = float(self.model.bad_ratio.at(np.array([pressure]))[0])
        if pressure > 100.0:  # what is too much is not done in time, whatever the curve says
            bad = max(bad, 1.0 - 100.0 / pressure)
        background = befell.background_bad_ratio[minute]
        return work / serving, 1.0 - (1.0 - min(bad, 1.0)) * (1.0 - background)

    def is_troubled(self, befell: Conditions, minute: int, load: float) -> bool:
        """Whether memory or latency ask for more instances."""
        model, settings = self.model, self.settings
        memory = model.memory_idle_percent + model.memory_per_load * load + befell.memory_offset[minute]
        pressure = min(self.at(model.utilisation.cpu, load), 110.0)
        latency = float(model.latency_ms.at(np.array([pressure]))[0]) * befell.latency_factor[minute]
        return memory > settings["memory_scale_out_percent"] or latency > settings["latency_scale_out_ms"]

    def step(self, cpu: float, is_troubled: bool, minute: int, floor_now: float) -> None:  # noqa: FBT001  # a signal
        """Step out after enough high minutes, in after enough low ones, and rest in between."""
        is_high = cpu > self.settings["cpu_scale_out_percent"] or is_troubled
        is_low = cpu < self.settings["cpu_scale_in_percent"] and not is_high
        self.minutes_high = self.minutes_high + 1 if is_high else 0
        self.minutes_low = self.minutes_low + 1 if is_low else 0
        steps = self.model.steps
        rest = self.settings["cooldown_minutes"] + steps.rest_minutes
        if self.last_step is not None and minute - self.last_step < rest:
            return
        if self.minutes_high >= self.platform.out_periods and self.wanted < self.most:
            part = self.wanted * steps.out_ratio
            size = max(1, ceil(part - 1e-9) if steps.is_out_rounded_up else floor(part + 1e-9))
            self.resize(min(self.wanted + size, self.most), minute)
            self.last_step = minute
            self.minutes_high = 0 if steps.is_signal_reset else self.minutes_high
        elif self.minutes_low >= self.platform.in_periods and self.wanted > floor_now:
            part = self.wanted * steps.in_ratio
            size = max(1, ceil(part - 1e-9) if steps.is_in_rounded_up else floor(part + 1e-9))
            self.resize(max(self.wanted - size, floor_now), minute)
            self.last_step = minute
            self.minutes_low = 0 if steps.is_signal_reset else self.minutes_low

    def track(self, cpu: float, minute: int, floor_now: float) -> None:
        """Hold the CPU at its target, as the horizontal pod autoscaler does."""
        ratio = cpu / self.settings["cpu_scale_out_percent"]
        is_near = abs(ratio - 1.0) <= self.platform.tolerance_ratio
        wish = self.wanted if is_near else float(ceil(self.ready * ratio - 1e-9))
        self.wishes.append(wish)
        aim = wish if wish > self.wanted else min(max(self.wishes), self.wanted)
        self.resize(min(max(aim, floor_now), self.most), minute)

    def resize(self, aim: float, minute: int) -> None:
        """Order what is missing; send away what is too much, first what still boots, newest first."""
        missing = int(aim - self.wanted)
        if missing > 0:
            self.due += [minute + 1 + self.model.steps.boot_minutes] * missing
        elif missing < 0:
            cancelled = min(-missing, len(self.due))
            self.due = sorted(self.due)[: len(self.due) - cancelled]
            self.ready -= -missing - cancelled
