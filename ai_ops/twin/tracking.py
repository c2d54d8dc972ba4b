"""Tracking a target utilisation, as the Kubernetes horizontal pod autoscaler does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ai_ops.domain.platform import Platform
    from ai_ops.twin.fleets import Fleets
    from ai_ops.twin.settings_batch import SettingsBatch


class Tracking:
    """The candidates that follow a target, and what the last minutes advised.

    Parameters
    ----------
    columns
        Which columns of the fleets they are.
    batch
        Settings of exactly these candidates.
    """

    def __init__(self, columns: slice, batch: SettingsBatch, platform: Platform, wanted: np.ndarray) -> None:
        self._columns, self._batch, self._tolerance = columns, batch, platform.tolerance_ratio
        window = max(1, round(platform.stabilization_minutes))
        self._advice = np.tile(wanted[:, columns], (window, 1, 1))

    def restart(self, column: int, count: float) -> None:
        """Let the last minutes have advised what is there."""
        self._advice[..., column] = count

    def scale(self, minute: int, fleets: Fleets, floor: np.ndarray, cpu: np.ndarray) -> None:
        """Look at one minute: grow at once, shrink only to the highest count that the last minutes advised."""
        ratio = cpu / self._batch.scale_out
        wanted = fleets.wanted[:, self._columns]
        advice = np.ceil(fleets.ready[:, self._columns] * ratio - 1e-9)
        advice = np.where(np.abs(ratio - 1.0) <= self._tolerance, wanted, advice)
        self._advice[minute % len(self._advice)] = advice
        aim = np.maximum(advice, np.minimum(self._advice.max(axis=0), wanted))
        change = np.minimum(np.maximum(aim, floor), self._batch.most) - wanted
        if change.any():
            fleets.events[:, self._columns] += change != 0.0
            fleets.add(minute, np.maximum(change, 0.0), self._columns)
            fleets.remove(minute, np.maximum(-change, 0.0), self._columns)
