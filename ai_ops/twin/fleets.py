"""The instances of every candidate: ready, wanted, and booting in between."""

from __future__ import annotations

import numpy as np


class Fleets:
    """Counts of all fleets at the current minute; one row for each scenario, one column for each candidate.

    Attributes
    ----------
    ready
        Instances that serve, shape (scenarios, candidates).
    wanted
        Instances that are paid for: the ready and the booting ones, same shape.
    events
        How often the count was changed so far, same shape.
    """

    def __init__(self, start: np.ndarray, scenarios: int, boot_minutes: int) -> None:
        self.ready = np.tile(start, (scenarios, 1))
        self.wanted = self.ready.copy()
        self.events = np.zeros_like(self.ready)
        # A ring: what is put in at a minute is ready when that place comes round again.
        self._booting = np.zeros((boot_minutes + 1, *self.ready.shape))
        self._is_any_booting = np.zeros(boot_minutes + 1, dtype=bool)

    def restart(self, column: int, count: float) -> None:
        """Forget what a candidate had: it has `count` ready ones, and nothing boots."""
        self.ready[:, column] = self.wanted[:, column] = count
        self._booting[..., column] = 0.0

    def boot(self, minute: int) -> None:
        """Let those serve whose boot is over."""
        place = minute % len(self._booting)
        if self._is_any_booting[place]:
            self.ready += self._booting[place]
            self._booting[place] = 0.0
            self._is_any_booting[place] = False

    def add(self, minute: int, count: np.ndarray, part: slice) -> None:
        """Want `count` more in a part of the columns; they boot from this minute on."""
        place = minute % len(self._booting)
        self._booting[place][:, part] += count
        self._is_any_booting[place] = True
        self.wanted[:, part] += count

    def remove(self, minute: int, count: np.ndarray, part: slice) -> None:
        """Take instances away at once: those that still boot first, the newest before the others; one always stays."""
        gone_early = np.minimum(count, self.wanted[:, part] - self.ready[:, part])
        self.wanted[:, part] -= count
        self.ready[:, part] = np.maximum(self.ready[:, part] - (count - gone_early), 1.0)
        for ago in range(len(self._booting) if gone_early.any() else 0):
            booting = self._booting[(minute - ago) % len(self._booting)][:, part]
            cancelled = np.minimum(booting, gone_early)
            booting -= cancelled
            gone_early -= cancelled
