"""What detection thinks of every value of a series, before anything becomes a finding."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np


class Alarm(StrEnum):
    """Why a value is abnormal. The alarms are kept apart: what finds the one is a poor judge of the other."""

    DEVIATION = "deviation"
    """Far from what the recent past and this time of day let expect."""

    NOVELTY = "novelty"
    """A level that was never seen before, at all or at this time of day."""

    BURN_RATE = "burn rate"
    """An error budget that is being spent too fast, whatever is usual."""

    FORECAST = "forecast"
    """A limit that the next hours will probably exceed."""

    LEARNED = "learned"
    """Metrics that do not fit each other as they used to."""

    @property
    def has_learned_threshold(self) -> bool:
        """Whether history sets the threshold, so that labels move it; else it is a promise, a limit or a model's."""
        return self in {Alarm.DEVIATION, Alarm.NOVELTY}


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Scores and the expected band of a series, shape (n,), or of a panel, shape (rows, n).

    Parameters
    ----------
    deviation, novelty
        Each alarm's score in units of its own threshold, so that above 1 is abnormal; NaN where it cannot say:
        a gap, or too little history before it.
    expected
        What was expected, in the metric's unit; NaN where nothing was.
    lower, upper
        The band around `expected` in which a value by itself raises no deviation alarm, in the metric's unit; a fault
        that lasts may raise one inside it.
    """

    deviation: np.ndarray
    novelty: np.ndarray
    expected: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    @property
    def score(self) -> np.ndarray:
        """The larger of the two alarms, NaN where neither can say."""
        return np.asarray(np.fmax(self.deviation, self.novelty))
