"""Training that goes on from the champion: what it knows is kept, what is new is added, and it moves slowly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.learned.baseline import movements
from ai_ops.detect.learned.bounds import bounded, bounded_threshold
from ai_ops.detect.learned.expectation import expected, settle
from ai_ops.detect.learned.levels import levels_of, threshold_of
from ai_ops.detect.learned.moments import blended
from ai_ops.detect.learned.row_weights import counted
from ai_ops.domain.model_version import HISTORY_TO_KNOW

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from ai_ops.detect.learned.mixture import Mixture
    from ai_ops.detect.learned.moments import Moments
    from ai_ops.domain.model_version import Movement


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows to learn from.

    Parameters
    ----------
    values
        Shape (n, d), on a regular grid, in the order of time; NaN where nothing was measured.
    weights
        Shape (n,), 0 to 1; see `row_weights`. A row of weight 0 might as well not be there.
    """

    values: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class WarmStart:
    """A model that went on from another.

    Parameters
    ----------
    champion, model
        The one before, and the new one.
    allowed_ratio
        Share of the movement that was let through, 0 to 1: below 1 where the rows wanted more than a model may move
        in that time.
    """

    champion: Mixture
    model: Mixture
    allowed_ratio: float

    def moved(self, metrics: Sequence[str]) -> tuple[Movement, ...]:
        """How far what is usual has moved since the champion; `metrics` names the columns."""
        return movements(self.champion.baseline, self.model.baseline, metrics)

    def drifted(self, metrics: Sequence[str]) -> tuple[Movement, ...]:
        """How far what is usual has moved since the last cold fit; `metrics` names the columns."""
        return movements(self.model.anchor.baseline, self.model.baseline, metrics)


def warm_start(
    champion: Mixture, new: Rows, history: Rows, step: timedelta, *, days: float, budget_per_week: float = 1.0
) -> WarmStart:
    """Add new rows to what the champion knows, as far as a model may move in so many days.

    The champion's moments are the conjugate prior, worth the rows that they rest on, but at most those of
    `HISTORY_TO_KNOW`: the past fades by age alone, slowly enough for the days of the week to count alike. As long as
    that does not bind, one Gaussian over whole rows becomes exactly what a fit on all rows would have been; several, or
    rows with gaps, are settled by expectation and maximisation, in which the prior counts each time. The scale stays
    the champion's.

    Parameters
    ----------
    new
        What the champion does not know. Rows above its own threshold teach nothing, whatever they weigh.
    history
        Up to two weeks on which the threshold and the levels are learned anew. Rows above the champion's threshold
        belong in here: without them each threshold would be learned from what the one before let pass, and sink.
    step
        Distance between two rows.
    days
        Between the newest row the champion knows and the newest row now, not negative.
    budget_per_week
        False alarms that a normal week may raise.

    Raises
    ------
    ValueError
        When rows have other columns than the champion, or a weight is no share.

    References
    ----------
    Gauvain and Lee, IEEE Transactions on Speech and Audio Processing 2 (1994); Neal and Hinton, "A view of the EM
    algorithm that justifies incremental, sparse, and other variants" (1998).
    """
    floor = champion.scaling.floor
    wanted = _added(champion, new, most_rows=HISTORY_TO_KNOW / step)
    moments, allowed_ratio = bounded(champion.moments, wanted, floor, days)
    model = replace(champion, moments=moments)
    return WarmStart(champion, _measured_anew(model, history, step, days, budget_per_week), allowed_ratio)


def _added(champion: Mixture, new: Rows, most_rows: float) -> Moments:
    """Champion and new rows together, as far as the rows want it."""
    values, weights = counted(new.values, new.weights)
    weights = np.where(np.nan_to_num(champion.score(values)) > 1.0, 0.0, weights)
    scaled = champion.scaling.apply(values)
    prior = replace(champion.moments, rows=min(champion.rows, most_rows))

    def step(current: Moments) -> Moments:
        batch = expected(current, champion.scaling.floor, scaled, weights)
        if batch is None:
            return current
        rows = prior.rows + batch.rows
        return blended(prior, batch, batch.rows / rows, rows)

    return settle(prior, step)


def _measured_anew(model: Mixture, history: Rows, step: timedelta, days: float, budget_per_week: float) -> Mixture:
    """The model with a threshold and levels from history; with its own where history says nothing."""
    values, weights = counted(history.values, history.weights)
    surprises = model.surprise(values)
    levels = levels_of(surprises, weights)
    if not levels.size:
        return model
    wanted = threshold_of(surprises, step, budget_per_week)
    threshold = bounded_threshold(model.threshold, wanted, days, model.anchor.threshold)
    return replace(model, threshold=threshold, levels=levels)
