"""The loss that training is judged by: of every row, by the model that was in use when the row came.

The hours that are held out are too few to see a small loss: of two weeks they are 504 rows, on which a perfect model
shows 0.039. But each new row is unseen as well until it is learned from. So each training first notes how surprising
the new rows were to the model in use, and the loss is taken over the notes of the last four weeks: some 4,000 rows, on
which a perfect model shows 0.014. That is what makes "converged" (S001-108) mean anything.

References
----------
Dawid, "Present position and potential developments: the prequential approach", Journal of the Royal Statistical
Society A 147 (1984).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.chance import loss_of_chance

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ai_ops.domain.model_version import Measured
    from ai_ops.domain.training_record import TrainingRecord

BINS = 100
"""Fine beside a loss of 0.02, and a few hundred letters a night."""

SPAN = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss, and what it rests on.

    Parameters
    ----------
    value
        0 to 1.
    rows
        How many rows it was taken over.
    """

    value: float
    rows: int

    @property
    def of_chance(self) -> float:
        """What a perfect model shows on as many rows."""
        return loss_of_chance(self.rows)


def counted(pit: np.ndarray) -> tuple[int, ...]:
    """How many probability-integral values fall into each of the bins; what is unknown does not count.

    >>> sum(counted(np.array([0.0, 0.5, 1.0, np.nan]))), len(counted(np.array([])))
    (3, 100)
    """
    known = pit[np.isfinite(pit)]
    return tuple(np.histogram(known, BINS, (0.0, 1.0))[0].tolist())


def loss_over(notes: Iterable[tuple[int, ...]]) -> Loss | None:
    """Kolmogorov distance from uniform over all that was noted; None where nothing was.

    Parameters
    ----------
    notes
        Each as `counted` gives it; one of another length, of another release, does not count.
    """
    total = np.sum([(0,) * BINS, *(note for note in notes if len(note) == BINS)], axis=0)
    rows = int(total.sum())
    if not rows:
        return None
    below = np.cumsum(total) / rows
    return Loss(float(np.abs(below - np.arange(1, BINS + 1) / BINS).max()), rows)


def noted_until(records: Iterable[TrainingRecord], at: datetime) -> datetime | None:
    """When rows were noted last, before `at`: where a candidate was not put in use, the next training meets them again.

    None where none ever were.
    """
    return max((one.at for one in records if one.surprises and one.at <= at), default=None)


def training_loss(
    records: Iterable[TrainingRecord], newest: tuple[int, ...], at: datetime, held_out: Measured | None
) -> Loss | None:
    """The loss of a training: over the rows of four weeks, or over those held out while these are more.

    Parameters
    ----------
    records
        Of the service, in any order.
    newest, at
        What this training noted, and when.
    held_out
        What the candidate is worth; None where nothing could be measured.
    """
    recent = [one.surprises for one in records if timedelta(0) <= at - one.at < SPAN]
    over_time = loss_over([*recent, newest])
    if held_out is None or (over_time is not None and over_time.rows > held_out.rows):
        return over_time
    return Loss(held_out.loss, held_out.rows)
