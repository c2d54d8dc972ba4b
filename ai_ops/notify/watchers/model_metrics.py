"""The metrics of a service's model: names, meanings, and where each figure comes from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

from ai_ops.notify.watchers import model_figures as figures
from ai_ops.notify.watchers.own_figures import one
from ai_ops.notify.watchers.own_metric import OwnMetric, registry_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from prometheus_client import CollectorRegistry

    from ai_ops.domain.model_vitals import ModelVitals
    from ai_ops.notify.watchers.own_metric import Sample

    ModelMetric: TypeAlias = OwnMetric[Sequence[ModelVitals]]

MODEL_JOB = "neuropilot-model"
"""A group of its own at a Pushgateway: what a cycle pushes replaces all of its group, and shall not take this away."""


def _metric(
    name: str, meaning: str, samples: Callable[[ModelVitals], Iterator[Sample]], labels: tuple[str, ...] = ()
) -> ModelMetric:
    """One figure, or one for each value of `labels`, of each service."""

    def of_each(services: Sequence[ModelVitals]) -> Iterator[Sample]:
        for vitals in services:
            for values, figure in samples(vitals):
                if math.isfinite(figure):
                    yield (vitals.service, *values), figure

    return OwnMetric(f"ai_ops_model_{name}", meaning, of_each, ("service", *labels))


def _seconds(at: datetime | None) -> Iterator[Sample]:
    return one(None if at is None else at.timestamp())


IN_USE = (
    _metric("loaded", "1 while a model is in use.", lambda v: one(v.status.loaded)),
    _metric("health", "1 for how the model is doing, 0 for the other states.", figures.health, ("state",)),
    _metric(
        "version",
        "Newest data that the model knows, in Unix seconds: the model's age is counted from here.",
        lambda v: _seconds(v.status.version_date),
    ),
    _metric("last_reload_ts", "When the model in use was loaded, in Unix seconds.", lambda v: _seconds(v.loaded_at)),
    _metric("load_seconds", "How long loading took.", lambda v: one(v.status.load_time)),
    _metric("signed", "1 when a signature vouches for the model.", figures.signed),
    _metric("signature_wanted", "1 when the settings name a key for signatures.", lambda v: one(v.is_signing_wanted)),
    _metric("training_rows", "Rows that the model was fitted on.", lambda v: one(v.status.n_train)),
    _metric(
        "components",
        "Gaussians of the mixture.",
        lambda v: one(v.training.components if v.training else None),
    ),
    _metric(
        "simulated",
        "1 when the model was trained on a made-up service.",
        lambda v: one(v.training.is_simulated if v.training else None),
    ),
    _metric(
        "told_timestamp_seconds",
        "When these figures were gathered.",
        lambda v: _seconds(v.at),
    ),
)
"""Which model it is, and where it came from."""

WORTH = (
    _metric(
        "auc",
        "Area under the ROC curve on rows that no model was trained on: 0.5 is guessing, 1 is perfect.",
        lambda v: one(v.status.auc),
    ),
    _metric(
        "auc_lower_bound",
        "Lower end of its 95 % interval.",
        figures.auc_lower_bound,
    ),
    _metric("min_auc", "Least area that the settings ask for.", lambda v: one(v.min_auc)),
    _metric(
        "loss",
        "How far unseen rows' probability-integral values are from uniform (Kolmogorov): 0 is perfect, 1 the worst.",
        figures.loss,
    ),
    _metric(
        "loss_of_chance",
        "Loss that a perfect model would show on as many rows as that one was taken over.",
        figures.loss_of_chance,
    ),
    _metric("learning", "1 for how far training has come, 0 for the other states.", figures.learning, ("state",)),
    _metric(
        "recall",
        "Share of the faults that raise an alarm.",
        lambda v: one(v.measured.recall.value if v.measured else None),
    ),
    _metric(
        "recall_upper_bound",
        "Upper end of its 95 % interval.",
        lambda v: one(v.measured.recall.high if v.measured else None),
    ),
    _metric("fault_recall", "Share of each kind of fault that raises an alarm.", figures.recall_by_fault, ("fault",)),
    _metric(
        "false_alarms_per_week",
        "Alarms in a week of untouched held-out rows.",
        lambda v: one(v.measured.false_alarms_per_week.value if v.measured else None),
    ),
    _metric(
        "false_alarms_per_week_lower_bound",
        "Lower end of its 95 % interval.",
        lambda v: one(v.measured.false_alarms_per_week.low if v.measured else None),
    ),
    _metric(
        "false_alarm_budget_per_week",
        "Alarms in a quiet week that anomaly_sensitivity allows.",
        lambda v: one(v.false_alarm_budget_per_week),
    ),
)
"""What it was measured to be worth."""

DRIFT = (
    _metric(
        "drift_score",
        "Farthest distance of a feature's recent mean from that of the training, in standard deviations.",
        lambda v: one(v.status.drift_score),
    ),
    _metric("drift_threshold", "Drift score above which it is told.", lambda v: one(v.drift_threshold)),
    _metric(
        "feature_drift_sigmas",
        "How far a feature's recent mean lies from that of the training, negative when it fell.",
        figures.feature_drift,
        ("feature",),
    ),
    _metric("drifted_features", "Features whose distribution has changed significantly.", figures.drifted_features),
    _metric("psi_max", "Largest population stability index of a feature.", figures.largest_psi),
    _metric(
        "alarm_ratio",
        "Share of rows above the model's threshold: among recent ones, and among those of the training.",
        figures.alarm_share,
        ("rows",),
    ),
)
"""Whether the service is still the one that it knows."""

UPBRINGING = (
    _metric("training_wanted", "1 when a model shall be trained every night.", lambda v: one(v.is_training_wanted)),
    _metric(
        "last_training_timestamp_seconds",
        "When a candidate was trained last, whatever became of it.",
        lambda v: _seconds(v.last_training),
    ),
    _metric(
        "last_promotion_timestamp_seconds",
        "When a version was put in use last, by the agent or by a person.",
        lambda v: _seconds(v.last_promotion),
    ),
    _metric("refused_candidates_recent", "Candidates of the last 14 days that were refused.", figures.refused_of_late),
    _metric(
        "refused_candidates_in_a_row",
        "Candidates that were refused since anything else was decided.",
        lambda v: one(v.refused_in_a_row),
    ),
    _metric("waiting", "1 while a candidate waits for a person.", lambda v: one(v.waiting is not None)),
    _metric(
        "baseline_shift_sigmas",
        "How far what is usual of a metric has moved since the last cold fit, negative when it fell.",
        figures.baseline_shift,
        ("metric",),
    ),
    _metric(
        "baseline_spread_ratio",
        "How wide what is usual of a metric has become since the last cold fit: 1 is as wide as then.",
        figures.baseline_spread,
        ("metric",),
    ),
    _metric(
        "movement_allowed_ratio",
        "Share of the last movement that was let through: below 1 the data wanted more than a model may move.",
        lambda v: one(v.training.allowed_ratio if v.training else None),
    ),
    _metric(
        "history_rows",
        "Rows of history that a model can be trained on.",
        lambda v: one(v.history.rows if v.history else None),
    ),
    _metric(
        "history_seconds",
        "Time that these rows are of.",
        lambda v: one(v.history.span.total_seconds() if v.history else None),
    ),
    _metric(
        "history_end_timestamp_seconds",
        "Time of the newest row of history.",
        lambda v: _seconds(v.history.end if v.history else None),
    ),
    _metric(
        "missing_metrics",
        "Metrics that belong to the model and of which the newest rows have no value.",
        lambda v: one(len(v.history.missing) if v.history else None),
    ),
)
"""How it is kept up to date."""

MODEL_METRICS = (*IN_USE, *WORTH, *DRIFT, *UPBRINGING)


def registry_of_models(services: Sequence[ModelVitals]) -> CollectorRegistry:
    """Collect all that is known of the models of these services: to be pushed, written, or asked for."""
    return registry_with(MODEL_METRICS, services)
