"""Scaling in steps between two thresholds: a signal must last, a step has a size, a cooldown follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.twin.scaling_steps import step_size

if TYPE_CHECKING:
    from ai_ops.domain.platform import Platform
    from ai_ops.twin.fleets import Fleets
    from ai_ops.twin.scaling_steps import Steps
    from ai_ops.twin.settings_batch import SettingsBatch


class Stepping:
    """The candidates that are scaled in steps: how long their signals have lasted, and since when they rest.

    Parameters
    ----------
    columns
        Which columns of the fleets they are.
    batch
        Settings of exactly these candidates.
    """

    def __init__(self, columns: slice, batch: SettingsBatch, steps: Steps, platform: Platform, scenarios: int) -> None:
        self._columns, self._batch, self._steps, self._platform = columns, batch, steps, platform
        shape = (scenarios, batch.count)
        self._high, self._low = np.zeros(shape), np.zeros(shape)
        self._since = np.full(shape, np.inf)
        self._rest = batch.cooldown + steps.rest_minutes

    def restart(self, column: int) -> None:
        """Let no signal of this candidate have lasted, and let it rest no more."""
        self._high[:, column] = self._low[:, column] = 0.0
        self._since[:, column] = np.inf

    def scale(self, minute: int, fleets: Fleets, floor: np.ndarray, cpu: np.ndarray, over: np.ndarray) -> None:
        """Look at one minute and step where it is time.

        Parameters
        ----------
        floor
            The least that each candidate may have now, shape (candidates,).
        cpu
            Percent, shape (scenarios, candidates).
        over
            Where something other than the CPU asks for more, same shape.
        """
        over |= cpu > self._batch.scale_out
        self._high += 1.0
        self._high *= over
        self._low += 1.0
        self._low *= (cpu < self._batch.scale_in) & ~over
        self._since += 1.0
        rested = self._since >= self._rest
        wanted = fleets.wanted[:, self._columns]
        growing = (self._high >= self._platform.out_periods) & rested & (wanted < self._batch.most)
        if growing.any():
            self._grow(minute, fleets, wanted, growing)
        shrinking = (self._low >= self._platform.in_periods) & rested & (wanted > floor)
        if shrinking.any():
            self._shrink(minute, fleets, wanted - floor, shrinking)

    def _grow(self, minute: int, fleets: Fleets, wanted: np.ndarray, growing: np.ndarray) -> None:
        size = step_size(wanted, self._steps.out_ratio, is_rounded_up=self._steps.is_out_rounded_up)
        fleets.add(minute, np.where(growing, np.minimum(size, self._batch.most - wanted), 0.0), self._columns)
        self._stepped(fleets, growing, self._high)

    def _shrink(self, minute: int, fleets: Fleets, room: np.ndarray, shrinking: np.ndarray) -> None:
        wanted = fleets.wanted[:, self._columns]
        size = step_size(wanted, self._steps.in_ratio, is_rounded_up=self._steps.is_in_rounded_up)
        fleets.remove(minute, np.where(shrinking, np.minimum(size, room), 0.0), self._columns)
        self._stepped(fleets, shrinking, self._low)

    def _stepped(self, fleets: Fleets, where: np.ndarray, signal: np.ndarray) -> None:
        fleets.events[:, self._columns] += where
        self._since[where] = 0.0
        if self._steps.is_signal_reset:
            signal[where] = 0.0
