"""How the model in use is doing: one word for it, and every figure that the word rests on (S004-05 to S004-11)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from ai_ops.domain.figure import figure
from ai_ops.domain.model_status import Health, ModelStatus
from ai_ops.domain.model_version import MIN_AUC

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ai_ops.domain.model_drift import DriftReport
    from ai_ops.domain.model_status import Signature

CRITICAL_AUC = 0.55
"""Below this a model is hardly better than a coin (S004-08)."""

STALE_HOURS = 48.0
"""Two nights without newer data: one missed training is bad luck, two are a fault (S004-10)."""


@dataclass(frozen=True, slots=True)
class InUse:
    """What is known of the model in use.

    Parameters
    ----------
    version, version_date
        Its name, and the newest data that it knows, aware.
    auc
        As measured last; None where nothing could be.
    n_train
        Rows that it was fitted on.
    load_time
        Seconds that loading took.
    signature
        What vouches for it.
    """

    version: str
    version_date: datetime
    auc: float | None
    n_train: int
    load_time: float
    signature: Signature


@dataclass(frozen=True, slots=True)
class Limits:
    """What a team asks of its model.

    Parameters
    ----------
    min_auc
        `model.min_auc`: below it is a warning.
    drift
        `model.drift_threshold`, in standard deviations of the training: above it is a warning.
    """

    min_auc: float = MIN_AUC
    drift: float = 3.0


def status_of(
    model: InUse | None,
    now: datetime,
    *,
    drift: DriftReport | None = None,
    limits: Limits | None = None,
    error: str = "",
) -> ModelStatus:
    """Say how the model in use is doing.

    Parameters
    ----------
    model
        None without one.
    now
        Up to when there could be data, aware: the age is counted from the newest data that the model knows.
    drift
        What was found last; None where nothing was looked at.
    limits
        Those of the settings; None are the usual ones.
    error
        What went wrong when the newest version was loaded, even if an older one still answers.
    """
    drift_score = drift.drift_score if drift and drift.features and not math.isnan(drift.drift_score) else None
    age = (now - model.version_date) / timedelta(hours=1) if model else None
    auc = model.auc if model and model.auc is not None and math.isfinite(model.auc) else None
    if error:
        health, reason = Health.ERROR, error
    elif model is None or age is None:
        health, reason = Health.NO_MODEL, "no version was promoted yet; `neuropilot train --apply` trains the first"
    else:
        warnings = _warnings(auc, age, drift_score, limits or Limits())
        health, reason = next(warnings, (Health.OK, ""))
    return ModelStatus(
        loaded=model is not None,
        version=model.version if model else None,
        version_date=model.version_date if model else None,
        auc=auc,
        n_train=model.n_train if model else None,
        load_time=model.load_time if model else None,
        age_hours=age,
        drift_score=drift_score,
        health=health,
        signature=model.signature if model else None,
        reason=reason,
    )


def to_json(status: ModelStatus) -> dict[str, Any]:
    """Give the body that S004-05 names, its nine keys first; what is unknown is null."""
    date = status.version_date
    return {
        "loaded": status.loaded,
        "version": status.version,
        "version_date": date.astimezone(UTC).isoformat().replace("+00:00", "Z") if date else None,
        "auc": status.auc,
        "n_train": status.n_train,
        "load_time": status.load_time,
        "age_hours": status.age_hours,
        "drift_score": status.drift_score if math.isfinite(status.drift_score or 0.0) else None,
        "health": status.health.value,
        "signature": status.signature.value if status.signature else None,
        "reason": status.reason,
    }


def _warnings(auc: float | None, age: float, drift: float | None, limits: Limits) -> Iterator[tuple[Health, str]]:
    """Everything that is wrong with a model that is loaded, the gravest first."""
    if auc is None:  # nobody knows what it is worth: not the same as being worth enough
        yield Health.WARNING_LOW_AUC, "its AUC could not be measured; `neuropilot model list` says why"
    elif auc < CRITICAL_AUC:
        yield Health.CRITICAL_LOW_AUC, f"its AUC is {auc:.3f}, hardly better than chance; `neuropilot model rollback`"
    elif auc < limits.min_auc:
        yield Health.WARNING_LOW_AUC, f"its AUC is {auc:.3f}, below {limits.min_auc:g}"
    if drift is not None and drift > limits.drift:
        far = f"{figure(drift)} standard deviations from those of the training, above {limits.drift:g}"
        yield Health.WARNING_HIGH_DRIFT, f"the recent metrics are {far}"
    if age > STALE_HOURS:
        old = f"{age:.0f} hours old, more than {STALE_HOURS:.0f}"
        yield Health.WARNING_STALE, f"the newest data that it knows is {old}: look at the last runs of the training"
