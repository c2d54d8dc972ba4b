"""Replay: the same demand, minute by minute, under other settings; many of them in one pass.

The scaling rule is the platform's own, step by step: a signal must last, a step has a size, a cooldown follows, an
instance boots before it serves. The arrays have one lane for each candidate in each scenario: those that step first,
so that each mode is one slice of all lanes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.twin.fleets import Fleets
from ai_ops.twin.load_tables import LoadTables
from ai_ops.twin.replayed import Replayed, Trace
from ai_ops.twin.stepping import Stepping
from ai_ops.twin.telemetry import MINUTES_PER_DAY, SECONDS_PER_MINUTE
from ai_ops.twin.tracking import Tracking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.domain.platform import Platform
    from ai_ops.twin.calibration import Calibration
    from ai_ops.twin.conditions import Conditions
    from ai_ops.twin.settings_batch import SettingsBatch

LONGEST_QUEUE_MINUTES = 0.5
"""Work that waits longer is gone: its client has given up."""


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
            Of equal length; each is a row. They differ in demand; all else is the first one's.
        start_instances
            How many instances really were there at the first minute: what follows depends on it for days.
        traced
            Candidates to be followed minute by minute.
        restarts
            Where a candidate is set back to what really was.
        """
        return _Run(self, scenarios, batch, start_instances).run(traced, restarts)


class _Run:
    """One replay, with the state of every fleet at the current minute."""

    def __init__(
        self, twin: Twin, scenarios: Sequence[Conditions], batch: SettingsBatch, start_instances: float
    ) -> None:
        self._befell, self._lanes = scenarios[0], _lanes(batch.is_target, len(scenarios))
        self._demand = np.array([one.demand for one in scenarios]).T
        self._work = self._demand * self._befell.work_factor[:, None]
        self._tables = LoadTables(twin.calibration)
        self._scenario, candidate = np.divmod(np.argsort(self._lanes, axis=None), batch.count)
        self._batch = batch.taken(candidate)
        self._step_part = slice(0, int((~self._batch.is_target).sum()))
        self._track_part = slice(self._step_part.stop, self._batch.count)
        # Numbers as long as the lanes: numpy is twice as fast with equal shapes.
        self._zero, self._floor, self._waiting = np.zeros((3, self._batch.count))
        self._full_load = np.full(self._batch.count, self._tables.full_load)
        self._patience = np.full(self._batch.count, LONGEST_QUEUE_MINUTES)
        self._floor_moves = np.concatenate(([True], np.any(np.diff(batch.schedules, axis=1) != 0.0, axis=0)))
        start = np.clip(round(start_instances), np.maximum(self._batch.least, 1.0), self._batch.most)
        steps = twin.calibration.steps
        self._fleets = Fleets(start, steps.boot_minutes)
        stepped, tracked = self._batch.taken(self._step_part), self._batch.taken(self._track_part)
        self._stepping = Stepping(self._step_part, stepped, steps, twin.platform)
        self._tracking = Tracking(self._track_part, tracked, twin.platform, self._fleets.wanted)
        self._memory_idle, self._memory_slope = twin.calibration.memory_idle_percent, twin.calibration.memory_per_load
        highest_memory = self._memory_idle + self._memory_slope * self._tables.full_load
        highest_memory += self._befell.memory_offset.max(initial=0.0)
        self._is_memory_watched = bool((highest_memory > stepped.memory).any())

    def run(self, followed: Sequence[int], restarts: Sequence[Restart]) -> Replayed:
        """Go through the minutes, and add up the days."""
        fleets, lanes = self._fleets, self._lanes[:, list(followed)]
        cost, bad = np.zeros((2, self._batch.count))
        days: list[tuple[np.ndarray, np.ndarray]] = []
        traced: list[tuple[np.ndarray, ...]] = []
        starts: dict[int, list[Restart]] = {}
        for restart in restarts:
            starts.setdefault(restart.minute, []).append(restart)
        minutes = self._befell.minutes
        ends = frozenset(range(minutes, 0, -MINUTES_PER_DAY))
        for minute in range(minutes):
            for restart in starts.get(minute, ()):
                self._restart(restart)
            fleets.boot(minute)
            self._follow_schedule(minute)
            load, places = self._serve(minute)
            cpu, bad_ratio = self._tables.cpu.take(places), self._bad_ratio(minute, places)
            cost += fleets.wanted
            bad += bad_ratio * self._demand[minute].take(self._scenario)
            if lanes.size:
                traced.append((fleets.ready[lanes], fleets.wanted[lanes], cpu[lanes], bad_ratio[lanes]))
            self._scale(minute, load, places, cpu)
            if minute + 1 in ends:
                days.append((cost, bad))
                cost, bad = np.zeros((2, self._batch.count))
        return self._collected(days, traced)

    def _restart(self, restart: Restart) -> None:
        """Set a candidate back to what really was: nothing boots, and no signal has lasted yet."""
        lanes, count = self._lanes[:, restart.column], max(round(restart.instances), 1)
        self._fleets.restart(lanes, count)
        if lanes[0] < self._step_part.stop:
            self._stepping.restart(restart.minute, lanes)
        else:
            self._tracking.restart(lanes, count)

    def _follow_schedule(self, minute: int) -> None:
        """Lift every fleet to its floor where the floor has moved."""
        if not self._floor_moves[minute]:
            return
        scheduled = self._batch.schedules[self._batch.schedule, minute]
        floor = np.maximum(np.maximum(self._batch.least, scheduled), 1.0)
        self._floor = np.minimum(floor, self._batch.most)
        lacking = self._floor - self._fleets.wanted
        (lanes,) = (lacking > 0.0).nonzero()
        if lanes.size:
            self._fleets.add(minute, lanes, lacking[lanes])

    def _serve(self, minute: int) -> tuple[np.ndarray, np.ndarray]:
        """Load on each instance, what was left over included, and its place in the tables."""
        serving = self._fleets.ready * self._befell.serving_share[minute]
        work = self._work[minute].take(self._scenario) + self._waiting
        capacity = serving * self._full_load
        self._waiting = np.minimum(np.maximum(work - capacity, self._zero), self._patience * capacity)
        load = work / serving
        return load, self._tables.places(load)

    def _bad_ratio(self, minute: int, places: np.ndarray) -> np.ndarray:
        """Share of bad requests: the load's, and what went wrong for other reasons."""
        bad_ratio, background = self._tables.bad_ratio.take(places), self._befell.background_bad_ratio[minute]
        return bad_ratio if background <= 0.0 else np.asarray(1.0 - (1.0 - bad_ratio) * (1.0 - background))

    def _scale(self, minute: int, load: np.ndarray, places: np.ndarray, cpu: np.ndarray) -> None:
        """Let each mode look at the minute."""
        part = self._step_part
        if part.stop:
            over = self._asks_for_more(minute, load[part], places[part])
            self._stepping.scale(minute, self._fleets, self._floor[part], cpu[part], over)
        part = self._track_part
        if part.stop > part.start:
            self._tracking.scale(minute, self._fleets, self._floor[part], cpu[part])

    def _asks_for_more(self, minute: int, load: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Where latency or memory lies above its threshold, boolean, shape (lanes that step,)."""
        over = np.zeros(load.shape, dtype=bool)
        batch, part = self._batch, self._step_part
        if self._tables.latency_ms is not None:
            latency = self._tables.latency_ms.take(places) * self._befell.latency_factor[minute]
            over |= latency > batch.latency_ms[part]
        if self._is_memory_watched:
            memory = self._memory_idle + self._memory_slope * load + self._befell.memory_offset[minute]
            over |= memory > batch.memory[part]
        return over

    def _collected(self, days: list[tuple[np.ndarray, np.ndarray]], traced: list[tuple[np.ndarray, ...]]) -> Replayed:
        whole, rest = divmod(self._befell.minutes, MINUTES_PER_DAY)
        lengths = [*([rest] if rest else []), *[MINUTES_PER_DAY] * whole]
        starts = np.concatenate(([0], np.cumsum(lengths)[:-1])).astype(np.intp)
        costs, bads = (np.stack(part, axis=-1)[self._lanes] for part in zip(*days, strict=True))
        return Replayed(
            instance_hours=costs / 60.0,
            bad_requests=bads * SECONDS_PER_MINUTE,
            requests=np.add.reduceat(self._demand, starts, axis=0).T * SECONDS_PER_MINUTE,
            day_lengths=np.array(lengths) / MINUTES_PER_DAY,
            scale_events=self._fleets.events[self._lanes],
            trace=Trace(*(np.array(part) for part in zip(*traced, strict=True))) if traced else None,
        )


def _lanes(is_target: np.ndarray, scenarios: int) -> np.ndarray:
    """Number the lanes: that of each candidate in each scenario, shape (scenarios, candidates)."""
    by_mode = np.argsort(np.tile(is_target, scenarios), kind="stable")
    return np.argsort(by_mode, kind="stable").reshape(scenarios, -1)
