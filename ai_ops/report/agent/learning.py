"""How the anomaly model learns, by the loss of its newest training (S001-30, S001-108)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.chance import loss_of_chance
from ai_ops.domain.document import Evidence
from ai_ops.domain.figure import figure
from ai_ops.domain.training_record import Learning
from ai_ops.report.agent.said import LearningStanding

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.domain.model_vitals import ModelVitals
    from ai_ops.domain.training_record import TrainingRecord
    from ai_ops.report.gathered import Gathered

CONVERGED, CONVERGING = 0.02, 0.05
"""Losses below which training has converged, and is converging (S001-108)."""

NO_MODEL = "no model"


def learning_of(gathered: Gathered) -> LearningStanding:
    """Say how far the model has come; one whose loss nobody has measured yet is still training."""
    vitals, record = gathered.vitals, newest_loss(gathered.vitals)
    loss = record.loss if record else None
    status = str(status_of(loss)) if vitals.status.loaded else NO_MODEL
    return LearningStanding(
        status=status,
        words=_words(gathered, status, record),
        version=vitals.status.version,
        loss=loss,
        auc=vitals.status.auc,
        trained_at=vitals.last_training,
        health=str(vitals.status.health),
        drift_score=_drift(vitals),
        evidence=_evidence(gathered, record),
    )


def status_of(loss: float | None) -> Learning:
    """How far a training has come, by its loss.

    >>> str(status_of(0.019)), str(status_of(0.02)), str(status_of(0.05)), str(status_of(None))
    ('converged', 'converging', 'training', 'training')
    """
    if loss is None or not loss < CONVERGING:
        return Learning.TRAINING
    return Learning.CONVERGED if loss < CONVERGED else Learning.CONVERGING


def newest_loss(vitals: ModelVitals, until: datetime | None = None) -> TrainingRecord | None:
    """The newest training whose loss was measured; evaluations rest on the held-out hours alone, and do not count."""
    measured = (one for one in reversed(vitals.records) if one.loss is not None and one.learning is not None)
    return next((one for one in measured if until is None or one.at < until), None)


def loss_in_words(record: TrainingRecord) -> str:
    """A loss beside what chance alone makes of as many rows (R27)."""
    if record.loss is None:
        return "not measured"
    if not record.loss_rows:
        return f"{record.loss:.3f}"
    chance = loss_of_chance(record.loss_rows)
    return f"{record.loss:.3f} (over {record.loss_rows:,} rows, where a perfect model shows {chance:.3f})"


def _words(gathered: Gathered, status: str, record: TrainingRecord | None) -> str:
    vitals = gathered.vitals
    if status == NO_MODEL:
        reason = vitals.status.reason or "none was trained"
        return f"There is no model in use: {reason}."
    if record is None:
        return f"Model {vitals.status.version} is in use; its loss was not measured yet."
    stands = "is still learning" if status == Learning.TRAINING else f"has {status}"
    stands = "is converging" if status == Learning.CONVERGING else stands
    return f"Model {vitals.status.version} {stands}: loss {loss_in_words(record)}."


def _drift(vitals: ModelVitals) -> float | None:
    if vitals.drift is not None and not vitals.drift.reason:
        return vitals.drift.drift_score
    return vitals.status.drift_score


def _evidence(gathered: Gathered, record: TrainingRecord | None) -> Evidence:
    status, drift = gathered.vitals.status, _drift(gathered.vitals)
    figures = (
        ("loss", record and loss_in_words(record)),
        ("area under the curve", None if status.auc is None else f"{status.auc:.2f}"),
        ("drift score", None if drift is None else f"{figure(drift, 2)} sigmas"),
        ("age of the newest row", None if status.age_hours is None else f"{status.age_hours:.1f} h"),
    )
    return Evidence(
        id=f"{gathered.service}-learning",
        says=f"how far the model of {gathered.service} has come",
        formula=(
            f"loss = Kolmogorov distance between held-out probability-integral values and uniform, 0 to 1; below "
            f"{CONVERGED:g} converged, below {CONVERGING:g} converging, else training"
        ),
        inputs=tuple((name, value or "not measured") for name, value in figures),
        source=f"training log, {record.at:%Y-%m-%d %H:%M} UTC" if record else "training log: no loss was measured yet",
        command="neuropilot model status",
    )
