"""A model card for tests, as a nightly training of a real service would fill it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ai_ops.domain.metrics import CANONICAL_METRICS
from ai_ops.domain.model_card import Comparison, ModelCard
from ai_ops.domain.model_version import DataQuality, Gate, Measured, Movement, Training, TrainingKind, Verdict
from ai_ops.domain.self_test import Estimate, Fault

END = datetime(2026, 11, 20, 3, 10, tzinfo=UTC)
METRICS = tuple(CANONICAL_METRICS)

TRAINING = Training(
    service="web",
    metrics=METRICS,
    kind=TrainingKind.WARM,
    start=END - timedelta(days=14),
    end=END,
    step=timedelta(minutes=10),
    at=END + timedelta(minutes=7),
    rows=1_498,
    new_rows=108,
    components=1,
    parent="20261119T0310Z-77ab01c2",
    source="prometheus",
    is_simulated=False,
    quality=DataQuality(2_016, 2_016, dict.fromkeys(METRICS, 1.0), left_out=14),
    moved=(Movement("cpu_percent", 0.08, 1.01),),
    drifted=(Movement("cpu_percent", 0.41, 1.04),),
)

MEASURED = Measured(
    auc=Estimate(0.934, 0.901, 0.961),
    recall=Estimate(0.81, 0.76, 0.86),
    recall_by_fault={
        Fault.SPIKE: Estimate(0.97, 0.91, 1.0),
        Fault.LEVEL_SHIFT: Estimate(0.9, 0.82, 0.96),
        Fault.FLAT_LINE: Estimate(0.2, 0.11, 0.33),
    },
    false_alarms_per_week=Estimate(0.8, 0.2, 2.1),
    loss=0.031,
    loss_of_chance=0.039,
    rows=504,
    quiet_windows=78,
    fault_windows=420,
    labelled_windows=3,
    days=13,
)

BEFORE = Measured(
    auc=Estimate(0.921, 0.884, 0.95),
    recall=Estimate(0.79, 0.73, 0.84),
    recall_by_fault={},
    false_alarms_per_week=Estimate(1.2, 0.4, 2.6),
    loss=0.044,
    loss_of_chance=0.039,
    rows=504,
    quiet_windows=78,
    fault_windows=420,
    labelled_windows=3,
    days=13,
)

CARD = ModelCard(
    model_version="20261120T0310Z-3f9c1a2b",
    agent_version="17.3.0",
    training=TRAINING,
    measured=MEASURED,
    gates=(
        Gate("min_auc", is_passed=True, reason="the lower bound 0.901 of the AUC is above 0.65"),
        Gate(
            "no_worse",
            is_passed=True,
            reason="it is at most 0.004 worse than the version before, where 0.02 is allowed",
        ),
    ),
    verdict=Verdict.PROMOTED,
    reason="it passed every gate",
    previous=Comparison(
        "20261119T0310Z-77ab01c2", BEFORE, Estimate(0.013, -0.004, 0.031), Estimate(-0.013, -0.04, 0.012)
    ),
    model_sha256="3f9c1a2b77d0" + "5e" * 26,
    signed_with="5f70bf18",
)
