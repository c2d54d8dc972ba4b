"""How the model in use is doing, in the keys and states of S004-05 to S004-11."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Signature(StrEnum):
    """What vouches for the model that is loaded."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    """Only the SHA-256 in the ledger does."""


class Health(StrEnum):
    """How the model in use is doing; the first that applies, in this order (S004-06 to S004-11)."""

    ERROR = "error"
    NO_MODEL = "no_model"
    CRITICAL_LOW_AUC = "critical_low_auc"
    WARNING_LOW_AUC = "warning_low_auc"
    WARNING_HIGH_DRIFT = "warning_high_drift"
    WARNING_STALE = "warning_stale"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """How the model in use is doing, in the keys of S004-05.

    Parameters
    ----------
    version, version_date
        Its name, and the newest data that it knows.
    auc
        As measured last.
    n_train
        Rows that it was fitted on.
    load_time
        Seconds that loading took.
    age_hours
        Since `version_date`: data grows stale, not files.
    drift_score
        See `DriftReport`; None where nothing could be judged.
    signature
        None without a model.
    reason
        What is wrong, or why there is no model; empty when all is well.
    """

    loaded: bool
    version: str | None
    version_date: datetime | None
    auc: float | None
    n_train: int | None
    load_time: float | None
    age_hours: float | None
    drift_score: float | None
    health: Health
    signature: Signature | None = None
    reason: str = ""
