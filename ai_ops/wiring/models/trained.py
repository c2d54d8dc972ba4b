"""What one training of a service came to, before anything of it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.detect.learned.mixture import Mixture
    from ai_ops.domain.model_card import Comparison
    from ai_ops.domain.model_drift import DriftReport
    from ai_ops.domain.model_version import Gate, Measured, ModelDecision, Training, Verdict
    from ai_ops.domain.training_record import TrainingRecord
    from ai_ops.learn.drift.reference import Reference


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A model that was fitted, and nothing else yet.

    Parameters
    ----------
    name
        See `model_version.version_name`.
    mixture, reference, training
        The model, what drift will be measured against, and how it came about.
    files
        The first three as they will be kept.
    """

    name: str
    mixture: Mixture
    reference: Reference
    training: Training
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A candidate, what it is worth, and what becomes of it.

    Parameters
    ----------
    measured
        None where too little was held out to measure anything.
    previous
        The champion, measured on the same hours; None without one.
    drift
        How the newest rows differ from what the champion was trained on; None without one.
    gates, verdict, reason
        What was asked, and what follows.
    files
        All that is kept of the version, its card included.
    decision
        The line for the ledger.
    records
        The lines for the training log: this training and, once a week, the evaluation of the champion.
    """

    candidate: Candidate
    measured: Measured | None
    previous: Comparison | None
    drift: DriftReport | None
    gates: tuple[Gate, ...]
    verdict: Verdict
    reason: str
    files: Mapping[str, bytes]
    decision: ModelDecision
    records: tuple[TrainingRecord, ...]


@dataclass(frozen=True, slots=True)
class NothingNew:
    """There was nothing to learn: every row is known already, or none of the new ones was normal.

    Parameters
    ----------
    service
        Whose metrics.
    reason
        One sentence.
    record
        The line for the training log where rows came that could not be learned from; None where none came.
    """

    service: str
    reason: str
    record: TrainingRecord | None = None
