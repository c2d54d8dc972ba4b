"""Tracking a target utilisation, as the Kubernetes horizontal pod autoscaler does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ai_ops.domain.platform import Platform
    from ai_ops.twin.fleets import Fleets
    from ai_ops.twin.settings_batch import SettingsBatch


class Tracking:
    """The lanes that follow a target, and what the last minutes advised.

    Parameters
    ----------
    part
        Which lanes of the fleets they are.
    batch
        Settings of exactly these lanes.
    """

    def __init__(self, part: slice, batch: SettingsBatch, platform: Platform, wanted: np.ndarray) -> None:
        self._part, self._batch = part, batch
        # Arrays as long as the others: numpy is twice as fast with them as with single numbers.
        self._one, self._tolerance = np.ones(batch.count), np.full(batch.count, platform.tolerance_ratio)
        self._hair = np.full(batch.count, 1e-9)
        window = max(1, round(platform.stabilization_minutes))
        self._advice = np.tile(wanted[part], (window, 1))

    def restart(self, lanes: np.ndarray, count: float) -> None:
        """Let the last minutes have advised what is there."""
        self._advice[:, lanes - self._part.start] = count

    def scale(self, minute: int, fleets: Fleets, floor: np.ndarray, cpu: np.ndarray) -> None:
        """Look at one minute: grow at once, shrink only to the highest count that the last minutes advised."""
        ratio = cpu / self._batch.scale_out
        wanted = fleets.wanted[self._part]
        advice = self._advice[minute % len(self._advice)]
        np.ceil(fleets.ready[self._part] * ratio - self._hair, out=advice)
        np.copyto(advice, wanted, where=np.abs(ratio - self._one) <= self._tolerance)
        aim = np.maximum(advice, np.minimum(np.maximum.reduce(self._advice), wanted))
        change = np.minimum(np.maximum(aim, floor), self._batch.most) - wanted
        if np.count_nonzero(change):
            self._follow(minute, fleets, change)

    def _follow(self, minute: int, fleets: Fleets, change: np.ndarray) -> None:
        (more,), (fewer,) = (change > 0.0).nonzero(), (change < 0.0).nonzero()
        for lanes, scale in ((more, fleets.add), (fewer, fleets.remove)):
            if lanes.size:
                fleets.events[lanes + self._part.start] += 1.0
                scale(minute, lanes + self._part.start, np.abs(change[lanes]))
