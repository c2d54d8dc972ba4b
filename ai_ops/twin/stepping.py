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
    """The lanes that are scaled in steps: how long their signals have lasted, and how long they rest.

    Parameters
    ----------
    part
        Which lanes of the fleets they are.
    batch
        Settings of exactly these lanes.
    """

    def __init__(self, part: slice, batch: SettingsBatch, steps: Steps, platform: Platform) -> None:
        self._part, self._batch, self._steps, self._platform = part, batch, steps, platform
        # The first minutes in which a step out, in, and any step may be made.
        self._grows, self._shrinks = np.full(batch.count, self._lasts_out(-1)), np.full(batch.count, self._lasts_in(-1))
        self._rested = np.full(batch.count, -np.inf)
        self._rest = batch.cooldown + steps.rest_minutes

    def restart(self, minute: int, lanes: np.ndarray) -> None:
        """Let no signal of these lanes have lasted when the minute begins, and let them rest no more."""
        own = lanes - self._part.start
        self._grows[own], self._shrinks[own] = self._lasts_out(minute - 1), self._lasts_in(minute - 1)
        self._rested[own] = -np.inf

    def scale(self, minute: int, fleets: Fleets, floor: np.ndarray, cpu: np.ndarray, over: np.ndarray) -> None:
        """Look at one minute and step where it is time.

        Parameters
        ----------
        floor
            The least that each lane may have now, shape (lanes that step,).
        cpu
            Percent, same shape.
        over
            Where something other than the CPU asks for more, same shape.
        """
        over |= cpu > self._batch.scale_out
        np.copyto(self._grows, self._lasts_out(minute), where=~over)
        np.copyto(self._shrinks, self._lasts_in(minute), where=over | (cpu >= self._batch.scale_in))
        wanted = fleets.wanted[self._part]
        growing = (np.maximum(self._grows, self._rested) <= minute) & (wanted < self._batch.most)
        shrinking = (np.maximum(self._shrinks, self._rested) <= minute) & (wanted > floor)
        if np.count_nonzero(growing):
            self._grow(minute, fleets, growing.nonzero()[0])
        if np.count_nonzero(shrinking):
            self._shrink(minute, fleets, floor, shrinking.nonzero()[0])

    def _grow(self, minute: int, fleets: Fleets, own: np.ndarray) -> None:
        lanes = own + self._part.start
        wanted = fleets.wanted[lanes]
        size = step_size(wanted, self._steps.out_ratio, is_rounded_up=self._steps.is_out_rounded_up)
        fleets.add(minute, lanes, np.minimum(size, self._batch.most[own] - wanted))
        self._stepped(minute, fleets, own)
        if self._steps.is_signal_reset:
            self._grows[own] = self._lasts_out(minute)

    def _shrink(self, minute: int, fleets: Fleets, floor: np.ndarray, own: np.ndarray) -> None:
        lanes = own + self._part.start
        wanted = fleets.wanted[lanes]
        size = step_size(wanted, self._steps.in_ratio, is_rounded_up=self._steps.is_in_rounded_up)
        fleets.remove(minute, lanes, np.minimum(size, wanted - floor[own]))
        self._stepped(minute, fleets, own)
        if self._steps.is_signal_reset:
            self._shrinks[own] = self._lasts_in(minute)

    def _stepped(self, minute: int, fleets: Fleets, own: np.ndarray) -> None:
        fleets.events[own + self._part.start] += 1.0
        self._rested[own] = minute + self._rest[own]

    def _lasts_out(self, minute: int) -> float:
        """When a signal to grow has lasted long enough, if `minute` was the last one without it."""
        return float(minute + self._platform.out_periods)

    def _lasts_in(self, minute: int) -> float:
        return float(minute + self._platform.in_periods)
