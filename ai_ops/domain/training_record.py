"""What is remembered of each training, and how far training has come."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ai_ops.domain.model_version import Gate, TrainingKind, Verdict


class Learning(StrEnum):
    """How far training has come, by its loss (S001-108)."""

    CONVERGED = "converged"
    CONVERGING = "converging"
    TRAINING = "training"


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """One line of the training log (S001-24): a training, or the weekly evaluation of the champion.

    Parameters
    ----------
    at
        When.
    service, version
        What was trained or evaluated.
    event
        "training" or "evaluation".
    kind, verdict
        Of a training; None for an evaluation.
    loss
        Over the rows of the last four weeks, each by the model that was in use when it came, or over the held-out rows
        while those are more; None where nothing could be measured.
    auc, auc_low
        As measured; None where nothing could be.
    learning
        By the loss, see `Learning`.
    rows, new_rows, components
        See `Training`.
    drifted
        Features that had drifted.
    gates
        What was asked of the candidate.
    note
        One sentence.
    surprises
        How the new rows fell under the model in use before they were learned: counts of their probability-integral
        values in equal bins; empty where there was no model.
    is_simulated
        Whether it was the made-up service, which says nothing of a real one.
    loss_rows
        Rows that the loss was taken over, which say how small it can be; None where there is no loss, or an older
        release wrote the line.
    """

    at: datetime
    service: str
    version: str
    event: str
    kind: TrainingKind | None
    verdict: Verdict | None
    loss: float | None
    auc: float | None
    auc_low: float | None
    learning: Learning | None
    rows: int
    new_rows: int
    components: int
    drifted: tuple[str, ...] = ()
    gates: tuple[Gate, ...] = field(default=())
    note: str = ""
    surprises: tuple[int, ...] = ()
    loss_rows: int | None = None
    is_simulated: bool = False
