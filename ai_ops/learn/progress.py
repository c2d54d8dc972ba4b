"""How training goes: how far it has come, whether its loss falls, and what to look at when it does not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

from ai_ops.domain.chance import loss_of_chance
from ai_ops.domain.held_out import ONE_IN
from ai_ops.domain.training_record import Learning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.domain.model_version import DataQuality
    from ai_ops.domain.training_record import TrainingRecord

TREND_RECORDS = 7
"""A week of nights."""

LOSS_OF_CONCERN = 0.10
"""Above this somebody should look at the data (S001-124)."""

_CHANCE = 0.05
"""A trend is named only if losses in random order would show one as clear less often than this."""

_KOLMOGOROV = 1.358
"""Over sqrt(n): the Kolmogorov distance that n values of a perfect model exceed once in twenty (Smirnov, 1948)."""

_OFTEN_UNKNOWN = 0.9
_MUCH_LEFT_OUT = 0.25


class Trend(StrEnum):
    """Where the loss is going."""

    FALLING = "falling"
    RISING = "rising"
    LEVEL = "level"
    """Or too few records to tell."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How training goes for one service.

    Parameters
    ----------
    learning
        As the newest record with a loss says; None without one.
    losses
        Of the last records, oldest first, at most `TREND_RECORDS`.
    trend
        Of these.
    rows
        That the newest loss rests on; None where nobody wrote it down.
    """

    learning: Learning | None
    losses: tuple[float, ...]
    trend: Trend
    rows: int | None = None

    @property
    def sentence(self) -> str:
        """The same in words."""
        if self.learning is None:
            return "no training has been measured yet"
        said = f"{learning_in_words(self.learning)}: loss {loss_in_words(self.losses[-1], self.rows)}"
        if len(self.losses) == 1:
            return f"{said}, measured once"
        return f"{said}, {self.trend} over the last {len(self.losses)} records"


def learning_in_words(learning: Learning) -> str:
    """How far a training has come; "training" would read as if it still ran.

    >>> learning_in_words(Learning.TRAINING)
    'still learning'
    """
    return "still learning" if learning is Learning.TRAINING else str(learning)


def loss_in_words(loss: float, rows: int | None) -> str:
    """A loss beside what it rests on, for a small one needs many rows.

    >>> loss_in_words(0.031, 1008)
    '0.031 (over 1,008 rows, where a perfect model shows 0.027)'
    """
    if rows is None:
        return f"{loss:.3f}"
    return f"{loss:.3f} (over {rows:,} rows, where a perfect model shows {loss_of_chance(rows):.3f})"


def learning_of(records: Sequence[TrainingRecord]) -> Progress:
    """Tell how training goes from the records of one service, oldest first; those without a loss do not count.

    Nor do evaluations of the model in use: their loss is that of the held-out hours alone.
    """
    measured = [one for one in records if one.loss is not None and one.learning is not None][-TREND_RECORDS:]
    losses = tuple(one.loss for one in measured if one.loss is not None)
    newest = measured[-1] if measured else None
    return Progress(newest.learning if newest else None, losses, trend_of(losses), newest.loss_rows if newest else None)


def trend_of(losses: Sequence[float]) -> Trend:
    """Whether values rise or fall beyond chance: Mann's test (1945), exact for as few values as these.

    Losses of neighbouring nights rest on nearly the same rows, so that a trend is named a little more often than once
    in twenty where there is none.

    >>> trend_of([0.12, 0.09, 0.07, 0.05, 0.04]), trend_of([0.04, 0.05, 0.04])
    (<Trend.FALLING: 'falling'>, <Trend.LEVEL: 'level'>)
    """
    pairs = [int(later > earlier) - int(later < earlier) for earlier, later in combinations(losses, 2)]
    rises = sum(pairs)
    if 2.0 * _share_of_orders(len(losses), abs(rises)) > _CHANCE:
        return Trend.LEVEL
    return Trend.RISING if rises > 0 else Trend.FALLING


def advice(record: TrainingRecord, quality: DataQuality) -> str | None:
    """Say what to look at when the model does not improve: the likeliest reason first, the counts always (S001-124)."""
    if record.loss is None or record.loss <= LOSS_OF_CONCERN:
        return None
    seen = (
        f"loss {record.loss:.2f} is above {LOSS_OF_CONCERN:.2f}; the history has {quality.points:,} points with "
        f"{quality.unique_timestamps:,} unique timestamps"
    )
    return f"{seen}: {_likeliest(record, quality)}"


def _likeliest(record: TrainingRecord, quality: DataQuality) -> str:
    rows = quality.points / ONE_IN if record.loss_rows is None else record.loss_rows
    loss_by_chance = _KOLMOGOROV / math.sqrt(max(rows, 1.0))
    unknown = [metric for metric, share in sorted(quality.known_ratio.items()) if share < _OFTEN_UNKNOWN]
    if quality.points != quality.unique_timestamps:
        return "some times were counted twice, so look for two sources that write the same series"
    if record.loss is not None and record.loss <= loss_by_chance:
        return f"so few that chance alone reaches {loss_by_chance:.2f}: wait for more history"
    if unknown:
        return f"{', '.join(unknown)} is often missing: `neuropilot doctor` shows the query"
    if quality.left_out > _MUCH_LEFT_OUT * quality.points:
        return (
            f"{quality.left_out:,} rows were left out as planned work or abnormal: too little of a usual week is left"
        )
    if record.drifted:
        return (
            f"{', '.join(record.drifted)} has drifted: `neuropilot train --rebuild` if the service has changed for good"
        )
    return "the data look sound, so the service may have several ways of being normal: raise `model.n_components`"


@cache
def _share_of_orders(count: int, rises: int) -> float:
    """Share of the orders of `count` values with at least so many more rising than falling pairs."""
    orders = [1]  # by number of falling pairs
    for size in range(2, count + 1):
        orders = [sum(orders[max(0, place - size + 1) : place + 1]) for place in range(len(orders) + size - 1)]
    most_falling = (len(orders) - 1 - rises) // 2
    return sum(orders[: most_falling + 1]) / sum(orders)
