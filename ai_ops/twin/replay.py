"""Replay: the same demand, minute by minute, under other settings; many of them in one pass.

The scaling rule is the platform's own, step by step: a signal must last, a step has a size, a cooldown follows, an
instance boots before it serves. The arrays have one row for each scenario and one column for each candidate.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.twin.scaling_steps import step_size
from ai_ops.twin.telemetry import MINUTES_PER_DAY, SECONDS_PER_MINUTE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.domain.platform import Platform
    from ai_ops.twin.calibration import Calibration
    from ai_ops.twin.conditions import Conditions
    from ai_ops.twin.settings_batch import SettingsBatch

LONGEST_QUEUE_MINUTES = 0.5
"""Work that waits longer is gone: its client has given up."""

TABLE_SIZE = 4096
FULL_PERCENT, HIGHEST_PERCENT = 100.0, 400.0
"""The tables end where an instance is asked for four times what it can do: nothing changes beyond."""


@dataclass(frozen=True, slots=True, eq=False)
class Replayed:
    """What each candidate would have cost, and done to users, day by day.

    Parameters
    ----------
    instance_hours
        Paid for, booting ones included; shape (scenarios, candidates, days).
    bad_requests
        Shape (scenarios, candidates, days).
    requests
        Shape (scenarios, days).
    day_lengths
        In days, shape (days,): the first may be a part of one. A day ends where the conditions end.
    scale_events
        Steps out and in, shape (scenarios, candidates).
    trace
        Minute by minute for a replay that asked for it, else None.
    """

    instance_hours: np.ndarray
    bad_requests: np.ndarray
    requests: np.ndarray
    day_lengths: np.ndarray
    scale_events: np.ndarray
    trace: Trace | None = None

    def first(self, count: int) -> Replayed:
        """Keep the first `count` candidates."""
        kept = slice(None, count)
        return replace(
            self,
            instance_hours=self.instance_hours[:, kept],
            bad_requests=self.bad_requests[:, kept],
            scale_events=self.scale_events[:, kept],
        )

    def burn(self, allowed_bad_ratio: float) -> np.ndarray:
        """Spent share of the error budget over all days, shape (scenarios, candidates)."""
        total = np.maximum(self.requests.sum(axis=-1), 1e-12)[:, None]
        return np.asarray(self.bad_requests.sum(axis=-1) / total / allowed_bad_ratio)

    def hourly_instances(self) -> np.ndarray:
        """Mean number of instances paid for, shape (scenarios, candidates)."""
        return np.asarray(self.instance_hours.sum(axis=-1) / (24.0 * self.day_lengths.sum()))


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Minute by minute, shape (minutes, scenarios, traced candidates) each."""

    ready: np.ndarray
    wanted: np.ndarray
    cpu_percent: np.ndarray
    bad_ratio: np.ndarray


@dataclass(frozen=True, slots=True)
class Restart:
    """From `minute` on, the candidate `column` goes on from `instances` ready ones, whatever it had before."""

    minute: int
    column: int
    instances: float


@dataclass(frozen=True, slots=True, eq=False)
class Twin:
    """A calibrated service on its platform, ready to be replayed."""

    calibration: Calibration
    platform: Platform

    def replay(
        self,
        scenarios: Sequence[Conditions],
        batch: SettingsBatch,
        *,
        start_instances: float,
        traced: Sequence[int] = (),
        restarts: Sequence[Restart] = (),
    ) -> Replayed:
        """Run every candidate through every scenario.

        Parameters
        ----------
        scenarios
            Of equal length; each is a row.
        start_instances
            How many instances really were there at the first minute: what follows depends on it for days.
        traced
            Candidates to be followed minute by minute.
        restarts
            Where a candidate is set back to what really was.
        """
        return _Run(self, scenarios, batch).run(start_instances, traced, restarts)


class _Run:
    """One replay; its arrays are the state of every fleet at the current minute."""

    def __init__(self, twin: Twin, scenarios: Sequence[Conditions], batch: SettingsBatch) -> None:
        self._twin = twin
        order = np.argsort(batch.is_target, kind="stable")  # threshold columns first: each mode is one slice
        self._back = np.argsort(order, kind="stable")
        self._steps = slice(0, int((~batch.is_target).sum()))
        self._track = slice(self._steps.stop, batch.count)
        self._scale_out, self._scale_in = batch.scale_out[order], batch.scale_in[order]
        self._memory_limit, self._latency_limit = batch.memory[order], batch.latency_ms[order]
        self._least, self._most = batch.least[order], batch.most[order]
        self._cooldown, self._schedule = batch.cooldown[order], batch.schedule[order]
        self._floors = batch.schedules
        moves = np.any(np.diff(batch.schedules, axis=1) != 0.0, axis=0)
        self._floor_moves = np.concatenate(([True], moves))
        self._minutes = scenarios[0].minutes
        self._demand = np.array([one.demand for one in scenarios]).T
        self._work = np.array([one.demand * one.work_factor for one in scenarios]).T
        self._serving_share = scenarios[0].serving_share
        self._memory_offset, self._latency_factor = scenarios[0].memory_offset, scenarios[0].latency_factor
        self._background = scenarios[0].background_bad_ratio
        self._build_tables()

    def _build_tables(self) -> None:
        curve = self._twin.calibration
        self._full_load = float(curve.utilisation.load(np.array([FULL_PERCENT]))[0])
        highest = float(curve.utilisation.load(np.array([HIGHEST_PERCENT]))[0])
        loads = np.linspace(0.0, highest, TABLE_SIZE)
        pressure = curve.utilisation.cpu(loads)
        self._per_load = (TABLE_SIZE - 1) / highest
        self._cpu_table = np.minimum(pressure, FULL_PERCENT)
        # Work beyond what an instance can do is not served in time, whatever the curve says.
        overflow = 1.0 - FULL_PERCENT / np.maximum(pressure, FULL_PERCENT)
        self._bad_table = np.minimum(np.maximum(curve.bad_ratio.at(pressure), overflow), 1.0)
        self._latency_table = None if curve.latency_ms is None else curve.latency_ms.at(np.minimum(pressure, 110.0))
        at_most = (
            curve.memory_idle_percent + curve.memory_per_load * highest / 4.0 + self._memory_offset.max(initial=0.0)
        )
        self._is_memory_watched = bool(at_most > self._memory_limit[self._steps].min(initial=np.inf))

    def run(self, start_instances: float, followed: Sequence[int], restarts: Sequence[Restart]) -> Replayed:
        shape = (self._demand.shape[1], self._least.size)
        boot, platform = self._twin.calibration.steps.boot_minutes, self._twin.platform
        start = np.clip(round(start_instances), np.maximum(self._least, 1.0), self._most)
        self._ready = np.broadcast_to(start, shape).copy()
        self._wanted = self._ready.copy()
        self._booting = np.zeros((boot + 1, *shape))
        self._is_any_booting = np.zeros(boot + 1, dtype=bool)
        self._high, self._low = np.zeros((2, shape[0], self._steps.stop))
        self._since = np.full((shape[0], self._steps.stop), np.inf)
        tracked = self._track.stop - self._track.start
        self._advice = np.zeros((max(1, round(platform.stabilization_minutes)), shape[0], tracked))
        self._advice[:] = self._wanted[:, self._track]
        self._events = np.zeros(shape)
        cost, bad = np.zeros(shape), np.zeros(shape)
        waiting = np.zeros(shape)
        costs, bads = [], []
        traced: list[tuple[np.ndarray, ...]] = []
        columns = self._back[list(followed)]
        starts: dict[int, list[Restart]] = {}
        for restart in restarts:
            starts.setdefault(restart.minute, []).append(restart)
        ends = set(range(self._minutes, 0, -MINUTES_PER_DAY))
        self._floor = np.zeros(self._least.size)
        for minute in range(self._minutes):
            for restart in starts.get(minute, ()):
                self._restart(self._back[restart.column], restart.instances)
            self._boot(minute)
            self._follow_schedule(minute)
            demand = self._demand[minute][:, None]
            serving = self._ready * self._serving_share[minute]
            work = self._work[minute][:, None] + waiting
            load = work / serving
            capacity = serving * self._full_load
            waiting = np.minimum(np.maximum(work - capacity, 0.0), LONGEST_QUEUE_MINUTES * capacity)
            place = np.minimum(load * self._per_load, TABLE_SIZE - 1).astype(np.intp)
            cpu, bad_ratio = self._cpu_table[place], self._bad_table[place]
            if (background := self._background[minute]) > 0.0:
                bad_ratio = 1.0 - (1.0 - bad_ratio) * (1.0 - background)
            cost += self._wanted
            bad += bad_ratio * demand
            if columns.size:
                traced.append(tuple(part[:, columns] for part in (self._ready, self._wanted, cpu, bad_ratio)))
            if self._steps.stop:
                self._step(minute, cpu, place, load)
            if tracked:
                self._follow_target(minute, cpu)
            if minute + 1 in ends:
                costs.append(cost)
                bads.append(bad)
                cost, bad = np.zeros(shape), np.zeros(shape)
        return self._collected(costs, bads, traced)

    def _restart(self, column: int, instances: float) -> None:
        """Forget a candidate's past: its count is what really was, nothing boots, no signal has lasted yet."""
        self._ready[:, column] = self._wanted[:, column] = count = max(round(instances), 1)
        self._booting[..., column] = 0.0
        if column < self._steps.stop:
            self._high[:, column] = self._low[:, column] = 0.0
            self._since[:, column] = np.inf
        else:
            self._advice[..., column - self._steps.stop] = count

    def _boot(self, minute: int) -> None:
        slot = minute % len(self._booting)
        if self._is_any_booting[slot]:
            self._ready += self._booting[slot]
            self._booting[slot] = 0.0
            self._is_any_booting[slot] = False

    def _follow_schedule(self, minute: int) -> None:
        """Lift every fleet to its floor where the floor has moved."""
        if not self._floor_moves[minute]:
            return
        floor = np.maximum(np.maximum(self._least, self._floors[self._schedule, minute]), 1.0)
        self._floor = np.minimum(floor, self._most)
        lacking = np.maximum(self._floor - self._wanted, 0.0)
        if lacking.any():
            self._add(minute, lacking, slice(None))

    def _step(self, minute: int, cpu: np.ndarray, place: np.ndarray, load: np.ndarray) -> None:
        """Step between two thresholds."""
        part, calibration, platform = self._steps, self._twin.calibration, self._twin.platform
        cpu = cpu[:, part]
        over = cpu > self._scale_out[part]
        if self._latency_table is not None:
            over |= self._latency_table[place[:, part]] * self._latency_factor[minute] > self._latency_limit[part]
        if self._is_memory_watched:
            memory = calibration.memory_idle_percent + calibration.memory_per_load * load[:, part]
            over |= memory + self._memory_offset[minute] > self._memory_limit[part]
        under = (cpu < self._scale_in[part]) & ~over
        self._high += 1.0
        self._high *= over
        self._low += 1.0
        self._low *= under
        self._since += 1.0
        rested = self._since >= self._cooldown[part] + calibration.steps.rest_minutes
        wanted = self._wanted[:, part]
        growing = (self._high >= platform.out_periods) & rested & (wanted < self._most[part])
        if growing.any():
            size = step_size(wanted, calibration.steps.out_ratio, is_rounded_up=calibration.steps.is_out_rounded_up)
            self._add(minute, np.where(growing, np.minimum(size, self._most[part] - wanted), 0.0), part)
            self._events[:, part] += growing
            self._since[growing] = 0.0
            if calibration.steps.is_signal_reset:
                self._high[growing] = 0.0
        shrinking = (self._low >= platform.in_periods) & rested & (wanted > self._floor[part])
        if shrinking.any():
            size = step_size(wanted, calibration.steps.in_ratio, is_rounded_up=calibration.steps.is_in_rounded_up)
            self._remove(minute, np.where(shrinking, np.minimum(size, wanted - self._floor[part]), 0.0), part)
            self._events[:, part] += shrinking
            self._since[shrinking] = 0.0
            if calibration.steps.is_signal_reset:
                self._low[shrinking] = 0.0

    def _follow_target(self, minute: int, cpu: np.ndarray) -> None:
        """Track a target as the Kubernetes HPA does: tolerance, then the highest advice of the last minutes."""
        part, platform = self._track, self._twin.platform
        ratio = cpu[:, part] / self._scale_out[part]
        wanted = self._wanted[:, part]
        advice = np.ceil(self._ready[:, part] * ratio - 1e-9)
        advice = np.where(np.abs(ratio - 1.0) <= platform.tolerance_ratio, wanted, advice)
        self._advice[minute % len(self._advice)] = advice
        aim = np.maximum(advice, np.minimum(self._advice.max(axis=0), wanted))
        aim = np.minimum(np.maximum(aim, self._floor[part]), self._most[part])
        change = aim - wanted
        if change.any():
            self._events[:, part] += change != 0.0
            self._add(minute, np.maximum(change, 0.0), part)
            self._remove(minute, np.maximum(-change, 0.0), part)

    def _add(self, minute: int, count: np.ndarray, part: slice) -> None:
        slot = minute % len(self._booting)  # it comes round again once the boot is over
        self._booting[slot][:, part] += count
        self._is_any_booting[slot] = True
        self._wanted[:, part] += count

    def _remove(self, minute: int, count: np.ndarray, part: slice) -> None:
        """Take instances away at once: those that still boot first, the newest before the others; one always stays."""
        gone_early = np.minimum(count, self._wanted[:, part] - self._ready[:, part])
        self._wanted[:, part] -= count
        self._ready[:, part] = np.maximum(self._ready[:, part] - (count - gone_early), 1.0)
        for ago in range(len(self._booting) if gone_early.any() else 0):
            booting = self._booting[(minute - ago) % len(self._booting)][:, part]
            cancelled = np.minimum(booting, gone_early)
            booting -= cancelled
            gone_early -= cancelled

    def _collected(
        self, costs: list[np.ndarray], bads: list[np.ndarray], traced: list[tuple[np.ndarray, ...]]
    ) -> Replayed:
        first = self._minutes % MINUTES_PER_DAY
        lengths = [*([first] if first else []), *[MINUTES_PER_DAY] * (self._minutes // MINUTES_PER_DAY)]
        starts = np.concatenate(([0], np.cumsum(lengths)[:-1])).astype(np.intp)
        trace = Trace(*(np.array(part) for part in zip(*traced, strict=True))) if traced else None
        return Replayed(
            instance_hours=np.stack(costs, axis=-1)[:, self._back] / 60.0,
            bad_requests=np.stack(bads, axis=-1)[:, self._back] * SECONDS_PER_MINUTE,
            requests=np.add.reduceat(self._demand, starts, axis=0).T * SECONDS_PER_MINUTE,
            day_lengths=np.array(lengths) / MINUTES_PER_DAY,
            scale_events=self._events[:, self._back],
            trace=trace,
        )
