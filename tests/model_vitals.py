"""What there is to tell of a service's model, for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from examples import NOON

from ai_ops.domain.model_drift import DriftReport, FeatureDrift
from ai_ops.domain.model_status import Health, ModelStatus, Signature
from ai_ops.domain.model_version import DataQuality, Measured, ModelDecision, Movement, Training, TrainingKind, Verdict
from ai_ops.domain.model_vitals import InputHistory, ModelVitals
from ai_ops.domain.self_test import Estimate
from ai_ops.domain.training_record import Learning, TrainingRecord

TRAINED = NOON - timedelta(hours=9)
"""In the night before noon."""

STATUS = ModelStatus(
    loaded=True,
    version="20261102T0300Z-3f9c1a2b",
    version_date=TRAINED,
    auc=0.91,
    n_train=1512,
    load_time=0.012,
    age_hours=9.0,
    drift_score=1.4,
    health=Health.OK,
    signature=Signature.SIGNED,
)

NO_MODEL = ModelStatus(
    loaded=False,
    version=None,
    version_date=None,
    auc=None,
    n_train=None,
    load_time=None,
    age_hours=None,
    drift_score=None,
    health=Health.NO_MODEL,
    reason="nothing was trained yet",
)

TRAINING = Training(
    service="web",
    metrics=("cpu_percent", "latency_p95_ms"),
    kind=TrainingKind.WARM,
    start=TRAINED - timedelta(days=14),
    end=TRAINED,
    step=timedelta(minutes=10),
    at=TRAINED + timedelta(minutes=7),
    rows=1512,
    new_rows=108,
    components=5,
    parent="20261101T0300Z-aa00bb11",
    source="prometheus",
    is_simulated=False,
    quality=DataQuality(2016, 2016, {"cpu_percent": 1.0, "latency_p95_ms": 0.99}),
    drifted=(Movement("cpu_percent", 0.25, 1.1), Movement("latency_p95_ms", -0.5, 0.9)),
    allowed_ratio=0.75,
)

MEASURED = Measured(
    auc=Estimate(0.91, 0.88, 0.94),
    recall=Estimate(0.8, 0.7, 0.9),
    recall_by_fault={"spike": Estimate(0.95, 0.9, 1.0), "ramp": Estimate(0.6, 0.4, 0.8)},
    false_alarms_per_week=Estimate(1.5, 0.5, 3.0),
    loss=0.06,
    loss_of_chance=0.04,
    rows=504,
    quiet_windows=84,
    fault_windows=70,
    labelled_windows=2,
    days=13,
)


def a_feature(name: str, shift_sigmas: float, *, has_drifted: bool = False) -> FeatureDrift:
    """How one feature has moved."""
    return FeatureDrift(name, 1000, 240.0, shift_sigmas, abs(shift_sigmas) / 10, 0.1, 0.2, 0.3, has_drifted)


DRIFT = DriftReport(
    at=NOON,
    rows=1000,
    drift_score=1.4,
    features=(a_feature("cpu_percent", -1.4, has_drifted=True), a_feature("score", 0.5)),
    alarm_share=0.004,
    expected_alarm_share=0.002,
)


def a_decision(verdict: Verdict, days_ago: float = 0.0, version: str = "", **changes: Any) -> ModelDecision:
    """What was decided in the night, or in one before."""
    at = TRAINED - timedelta(days=days_ago)
    decision = ModelDecision(
        service="web",
        version=version or f"{at:%Y%m%dT%H%MZ}-3f9c1a2b",
        verdict=verdict,
        at=at,
        by="neuropilot",
        manifest_sha256="0" * 64,
        champion=None,
        reason="as the gates say",
        auc=0.91,
        auc_low=0.88,
        is_simulated=False,
        kind=TrainingKind.WARM,
    )
    return replace(decision, **changes)


def a_record(days_ago: float = 0.0, **changes: Any) -> TrainingRecord:
    """A line of the training log."""
    record = TrainingRecord(
        at=TRAINED - timedelta(days=days_ago),
        service="web",
        version=STATUS.version or "",
        event="training",
        kind=TrainingKind.WARM,
        verdict=Verdict.PROMOTED,
        loss=0.06,
        auc=0.91,
        auc_low=0.88,
        learning=Learning.CONVERGING,
        rows=1512,
        new_rows=108,
        components=5,
        loss_rows=504,
    )
    return replace(record, **changes)


def some_model_vitals(**changes: Any) -> ModelVitals:
    """A model that was promoted last night, and of which all is known."""
    vitals = ModelVitals(
        service="web",
        at=NOON,
        status=STATUS,
        min_auc=0.65,
        drift_threshold=3.0,
        loaded_at=NOON - timedelta(minutes=1),
        training=TRAINING,
        measured=MEASURED,
        drift=DRIFT,
        records=(a_record(1), a_record()),
        decisions=(a_decision(Verdict.REFUSED, 1), a_decision(Verdict.PROMOTED)),
        history=InputHistory(2016, NOON - timedelta(minutes=10), ("latency_p95_ms",), timedelta(days=14)),
    )
    return replace(vitals, **changes)


def no_model_vitals(**changes: Any) -> ModelVitals:
    """A service that has none yet."""
    nothing: dict[str, Any] = dict.fromkeys(("loaded_at", "training", "measured", "drift", "history"))
    return some_model_vitals(**{"status": NO_MODEL, "records": (), "decisions": (), **nothing, **changes})
