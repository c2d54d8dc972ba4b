"""From the scores of an examination to what a model is worth, and to what it is worth beside another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.chance import loss_of_chance
from ai_ops.domain.examined import CONFIRMED
from ai_ops.domain.model_card import Comparison
from ai_ops.domain.model_version import Measured
from ai_ops.learn.auc import auc_estimate, auc_gain
from ai_ops.learn.loss import kolmogorov_loss, loss_rise

if TYPE_CHECKING:
    from ai_ops.domain.examined import Examined


def measured(examined: Examined, seed: int) -> Measured | None:
    """What a model is worth; None where there were no windows of one kind, or no row to judge.

    Without probability-integral values the loss is 1, the worst there is.
    """
    if not examined.quiet.size or examined.recall is None or examined.alarms_per_week is None:
        return None
    return Measured(
        auc=auc_estimate(examined, seed),
        recall=examined.recall,
        recall_by_fault=examined.recall_by_fault,
        false_alarms_per_week=examined.alarms_per_week,
        loss=kolmogorov_loss(examined.pit) if examined.pit.size else 1.0,
        loss_of_chance=loss_of_chance(examined.pit.size),
        rows=examined.rows,
        quiet_windows=examined.quiet.size,
        fault_windows=examined.faulty.size,
        labelled_windows=examined.kinds.count(CONFIRMED),
        days=examined.days,
    )


def rival(version: str, candidate: Examined, other: Examined, seed: int) -> Comparison | None:
    """The other model beside the candidate; None where nothing can be measured.

    Raises
    ------
    ValueError
        When they were examined on different windows.
    """
    worth = measured(other, seed)
    if worth is None or not candidate.faulty.size:
        return None
    return Comparison(version, worth, auc_gain(candidate, other, seed), loss_rise(candidate, other, seed))
