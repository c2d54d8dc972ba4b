"""What one training may learn from: which rows, how much each of them counts, and going on from what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.learned.row_weights import lightened_days, row_weights
from ai_ops.domain.held_out import is_held_out
from ai_ops.domain.model_version import DataQuality, TrainingKind
from ai_ops.learn.schedule import too_few

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.wiring.models.champion import Version
    from ai_ops.wiring.models.flagged import Past
    from ai_ops.wiring.models.rows import Rows
MATURE = 0.9
"""Share of the history that a champion must have seen before it is gone on from: the ends of it are often gaps."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for.

    Parameters
    ----------
    lookback
        How far back a rebuild learns; None takes all that there is. A warm start learns what the champion does not know
        yet, whatever was asked: a day in a nightly training (S001-22), and more after one was missed.
    is_rebuild
        Whether to fit on the history alone although there is a champion.
    """

    lookback: timedelta | None = None
    is_rebuild: bool = False

    @classmethod
    def of_hours(cls, hours: int | None, *, is_rebuild: bool) -> Wish:
        """What a command line asked for."""
        return cls(None if hours is None else timedelta(hours=hours), is_rebuild)


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """The rows of one training.

    Parameters
    ----------
    rows
        All that is known of the service, with the columns of the model to be.
    kind, champion
        How it is fitted, and what it goes on from; the champion is None for a cold fit alone.
    weights
        How much each row teaches, 0 to 1, shape (n,): of a warm start only what the champion does not know yet.
    history
        The same for what threshold and levels are learned from, shape (n,): new or not, and with the rows that the
        champion itself finds abnormal, for without them each threshold would be lower than the one before.
    abnormal
        Rows of findings and planned work, shape (n,), bool.
    quality
        What the history was like.
    """

    rows: Rows
    kind: TrainingKind
    champion: Version | None
    weights: np.ndarray
    history: np.ndarray
    abnormal: np.ndarray
    quality: DataQuality

    @property
    def goes_on_from(self) -> Version | None:
        """The champion that a warm start goes on from; None for a fit on the history alone."""
        return self.champion if self.kind is TrainingKind.WARM else None

    @property
    def new_rows(self) -> int:
        """Rows that count."""
        return int((self.weights > 0.0).sum())

    @property
    def start(self) -> datetime:
        """Begin of the history that the model will know."""
        if (parent := self.goes_on_from) is not None:
            return parent.card.training.start
        first = int(np.argmax(self.weights > 0.0))
        return self.rows.start + first * self.rows.step


def lesson_of(rows: Rows, past: Past, champion: Version | None, wish: Wish, whole: timedelta) -> Lesson:
    """Choose what is learned from.

    Parameters
    ----------
    champion
        The model in use; None where there is none.
    whole
        How far back the history is meant to reach.

    Raises
    ------
    TooFewSamples
        When there is too little history, with how much there is and when there will be enough.
    """
    kind = _kind(rows, champion, wish, whole)
    if kind is TrainingKind.WARM and champion is not None:
        rows = rows.of(champion.metrics)
    times, known = rows.times(), np.isfinite(rows.values).any(axis=1)
    may_teach = known & ~is_held_out(times)
    abnormal = rows.inside(past.abnormal) & known
    alarming = abnormal if champion is None or kind is not TrainingKind.WARM else abnormal | _alarming(rows, champion)
    wanted = rows.since(_begin(rows, champion, kind, wish))
    error = too_few(int((known & wanted).sum()), rows.end, rows.step)
    if kind is not TrainingKind.WARM and error is not None:  # a warm start learns from whatever is new
        raise error
    return Lesson(
        rows=rows,
        kind=kind,
        champion=champion,
        weights=np.where(may_teach & wanted, row_weights(times, alarming), 0.0),
        history=np.where(may_teach, row_weights(times, abnormal), 0.0),
        abnormal=abnormal,
        quality=_quality(rows, alarming, wanted),
    )


def _kind(rows: Rows, champion: Version | None, wish: Wish, whole: timedelta) -> TrainingKind:
    """How to fit: cold as long as the champion has not seen what there is to see.

    A model that was fitted on eight hours of a morning would take weeks to learn of the nights, because it may move
    only slowly. Until it knows two weeks, it is fitted anew on all of the history. Where metrics came or went, it is
    built anew, and asked how far that moves it: else who hides a metric could move all others.
    """
    known = None if champion is None else champion.card.training
    if known is None or (known.end - known.start < MATURE * whole and not wish.is_rebuild):
        return TrainingKind.COLD
    is_alike = set(rows.metrics) == set(known.metrics) and rows.step == known.step
    return TrainingKind.WARM if is_alike and not wish.is_rebuild else TrainingKind.REBUILD


def _begin(rows: Rows, champion: Version | None, kind: TrainingKind, wish: Wish) -> datetime:
    """The oldest row that may be learned from."""
    if kind is TrainingKind.WARM and champion is not None:
        return champion.card.training.end
    is_limited = kind is TrainingKind.REBUILD and wish.lookback is not None
    return rows.end - wish.lookback if is_limited and wish.lookback else rows.start


def _alarming(rows: Rows, champion: Version) -> np.ndarray:
    """New rows that the champion itself finds abnormal; what it knows already was judged when it learned it."""
    is_new = rows.since(champion.card.training.end)
    return np.asarray(is_new & (np.nan_to_num(champion.mixture.score(rows.values)) > 1.0))


def _quality(rows: Rows, abnormal: np.ndarray, wanted: np.ndarray) -> DataQuality:
    times = rows.times()
    return DataQuality(
        points=times.size,
        unique_timestamps=np.unique(times).size,
        known_ratio=rows.known_ratio(),
        left_out=int((abnormal & wanted).sum()),
        lightened_days=lightened_days(times[wanted], abnormal[wanted]) if wanted.any() else (),
    )
