"""What load on one instance does, tabulated: a look-up costs a replay less than a curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ai_ops.twin.calibration import Calibration

SIZE = 4096
FULL_PERCENT, HIGHEST_PERCENT = 100.0, 400.0
"""The tables end where an instance is asked for four times what it can do: nothing changes beyond."""

SLOWEST_PERCENT = 110.0
"""A latency is not followed further than this: requests are given up, and no threshold lies there."""


class LoadTables:
    """CPU, bad requests and latency by load, as measured: CPU never shows more than 100.

    Attributes
    ----------
    full_load
        Requests per second that fill one instance.
    highest_load
        Where the tables end.
    cpu, bad_ratio
        By place (see `places`), shape (SIZE,): percent, share from 0 to 1.
    latency_ms
        The same; None where the latency was hardly measured.
    """

    def __init__(self, calibration: Calibration) -> None:
        utilisation = calibration.utilisation
        self.full_load, self.highest_load = utilisation.load(np.array([FULL_PERCENT, HIGHEST_PERCENT])).tolist()
        pressure = utilisation.cpu(np.linspace(0.0, self.highest_load, SIZE))
        self.cpu = np.minimum(pressure, FULL_PERCENT)
        # Work beyond what an instance can do is not served in time, whatever the curve says.
        overflow = 1.0 - FULL_PERCENT / np.maximum(pressure, FULL_PERCENT)
        self.bad_ratio = np.minimum(np.maximum(calibration.bad_ratio.at(pressure), overflow), 1.0)
        latency = calibration.latency_ms
        self.latency_ms = None if latency is None else latency.at(np.minimum(pressure, SLOWEST_PERCENT))

    def places(self, load: np.ndarray) -> np.ndarray:
        """Index into the tables for each load, requests per second and instance; same shape."""
        return np.asarray(np.minimum(load * ((SIZE - 1) / self.highest_load), SIZE - 1).astype(np.intp))
