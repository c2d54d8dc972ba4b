"""The instances of every lane: ready, wanted, and booting in between."""

from __future__ import annotations

import numpy as np


class Fleets:
    """Counts of all fleets at the current minute; a lane is one candidate in one scenario.

    Parameters
    ----------
    start
        Instances at the beginning, all of them ready, shape (lanes,).

    Attributes
    ----------
    ready
        Instances that serve, shape (lanes,).
    wanted
        Instances that are paid for: the ready and the booting ones, same shape.
    events
        How often the count was changed so far, same shape.
    """

    def __init__(self, start: np.ndarray, boot_minutes: int) -> None:
        self.ready = start.copy()
        self.wanted = start.copy()
        self.events = np.zeros_like(start)
        # A ring: what is put in at a minute is ready when that place comes round again.
        self._booting = np.zeros((boot_minutes + 1, start.size))
        self._is_any_booting = [False] * (boot_minutes + 1)

    def restart(self, lanes: np.ndarray, count: float) -> None:
        """Forget what some lanes had: each has `count` ready ones, and nothing boots."""
        self.ready[lanes] = self.wanted[lanes] = count
        self._booting[:, lanes] = 0.0

    def boot(self, minute: int) -> None:
        """Let those serve whose boot is over."""
        place = minute % len(self._booting)
        if self._is_any_booting[place]:
            self.ready += self._booting[place]
            self._booting[place] = 0.0
            self._is_any_booting[place] = False

    def add(self, minute: int, lanes: np.ndarray, count: np.ndarray) -> None:
        """Want `count` more in some lanes, each named once; they boot from this minute on."""
        place = minute % len(self._booting)
        self._booting[place][lanes] += count
        self._is_any_booting[place] = True
        self.wanted[lanes] += count

    def remove(self, minute: int, lanes: np.ndarray, count: np.ndarray) -> None:
        """Take instances away at once: those that still boot first, the newest before the others; one always stays."""
        ready = self.ready[lanes]
        gone_early = np.minimum(count, self.wanted[lanes] - ready)
        self.wanted[lanes] -= count
        self.ready[lanes] = np.maximum(ready - (count - gone_early), 1.0)
        for ago in range(len(self._booting) if gone_early.any() else 0):
            booting = self._booting[(minute - ago) % len(self._booting)]
            cancelled = np.minimum(booting[lanes], gone_early)
            booting[lanes] -= cancelled
            gone_early -= cancelled
