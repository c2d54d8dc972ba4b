"""How the model of a service is doing: everything that is told of it, gathered from the memory alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.calibration import alarms_per_week
from ai_ops.domain.errors import OpsError
from ai_ops.domain.model_status import Health
from ai_ops.domain.model_vitals import InputHistory, ModelVitals
from ai_ops.learn.drift.drift import drift_of
from ai_ops.learn.drift.features import features_of
from ai_ops.learn.status import InUse, Limits, status_of
from ai_ops.wiring.models.champion import decisions_of, in_use, load
from ai_ops.wiring.models.counted import not_counted
from ai_ops.wiring.models.keep import records_of
from ai_ops.wiring.models.rivals import ahead_of
from ai_ops.wiring.models.rows import kept_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.domain.model_drift import DriftReport
    from ai_ops.domain.model_status import ModelStatus
    from ai_ops.domain.model_version import ModelDecision
    from ai_ops.domain.training_record import TrainingRecord
    from ai_ops.settings.model import Settings
    from ai_ops.settings.service import Service
    from ai_ops.wiring.models.champion import Version
    from ai_ops.wiring.models.rows import Rows
    from ai_ops.wiring.session import Session

SILENT_ROWS = 6
"""An hour at ten minutes without one value: the metric is gone, not late."""


def vitals_of(session: Session, service: Service) -> ModelVitals:
    """Gather what there is to say; a model that cannot be loaded is an error to tell, not one to stop for."""
    settings, now = session.settings, session.place.clock()
    decisions, version, problem = _standing(session, service.name)
    rows, records = kept_rows(session, service), records_of(session, service.name)
    drift = None if version is None or rows is None else drift_since_training(version, rows)
    known = None if version is None else _in_use(version, records)
    status = status_of(known, now, drift=drift, limits=_limits(settings), error=problem)
    return ModelVitals(
        service=service.name,
        at=now,
        status=_without_others(session, service.name, status),
        min_auc=settings.model.min_auc,
        drift_threshold=settings.model.drift_threshold,
        false_alarm_budget_per_week=alarms_per_week(settings.anomaly_sensitivity),
        is_training_wanted=settings.model.retrain == "nightly",
        is_signing_wanted=bool(settings.signing_key or settings.model.verification_key),
        loaded_at=None if version is None else now,
        training=None if version is None else version.card.training,
        measured=None if version is None else version.card.measured,
        drift=drift,
        records=records,
        decisions=decisions,
        history=None if rows is None else _history(rows, version),
    )


def drift_since_training(version: Version, rows: Rows) -> DriftReport:
    """How the newest rows differ from what the model was trained on."""
    ours = rows.of(version.metrics)
    scores = version.mixture.score(ours.values)
    return drift_of(version.reference, features_of(ours.times(), ours.metrics, ours.values, scores))


def _standing(session: Session, service: str) -> tuple[tuple[ModelDecision, ...], Version | None, str]:
    """What was decided, the model in use, and what is wrong with it where it cannot be, or should not be, believed."""
    decisions: tuple[ModelDecision, ...] = ()
    try:
        decisions = decisions_of(session, service)
        standing = in_use(decisions)
        version = None if standing is None else load(session, standing)
    except OpsError as error:
        return decisions, None, str(error)
    return decisions, version, "" if version is None else ahead_of(version, session.place.clock())


def _in_use(version: Version, records: Sequence[TrainingRecord]) -> InUse:
    """What the status says of it; its AUC is the one that was measured last."""
    measured = [one.auc for one in records if one.version == version.name and one.auc is not None]
    card = version.card
    return InUse(
        version=version.name,
        version_date=card.training.end,
        auc=measured[-1] if measured else card.measured.auc.value if card.measured else None,
        n_train=card.training.rows,
        load_time=version.load_seconds,
        signature=version.signature,
    )


def _without_others(session: Session, service: str, status: ModelStatus) -> ModelStatus:
    """Where there is no model, say that those of the other kind are none."""
    is_without = status.health is Health.NO_MODEL
    return replace(status, reason=status.reason + not_counted(session, service)) if is_without else status


def _limits(settings: Settings) -> Limits:
    return Limits(settings.model.min_auc, settings.model.drift_threshold)


def _history(rows: Rows, version: Version | None) -> InputHistory:
    """What there is to learn from, and which metrics have fallen silent."""
    metrics = rows.metrics if version is None else version.metrics
    newest = rows.of(metrics).values[-SILENT_ROWS:]
    silent = tuple(metric for metric, column in zip(metrics, newest.T, strict=True) if not np.isfinite(column).any())
    return InputHistory(len(rows.values), rows.end, silent, rows.end - rows.start)
