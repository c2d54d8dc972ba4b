"""What a person should know of one version of a model before relying on it."""

from __future__ import annotations

from dataclasses import dataclass

from ai_ops.domain.model_version import Gate, Measured, Training, Verdict
from ai_ops.domain.self_test import Estimate


@dataclass(frozen=True, slots=True)
class Comparison:
    """The version that was in use before, measured on the same rows.

    Parameters
    ----------
    version
        Its name.
    measured
        What it is worth on the rows on which the new one was measured.
    auc_gain
        AUC of the new one less that of this one, window by window on the same windows: positive is better.
    loss_rise
        Loss of the new one less that of this one: positive is worse; None where one has no loss.
    """

    version: str
    measured: Measured
    auc_gain: Estimate
    loss_rise: Estimate | None = None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One version: how it came about, what it is worth, and what was decided when it was trained.

    Parameters
    ----------
    model_version
        Its name, see `model_version.version_name`.
    agent_version
        Release of the agent that trained it.
    training
        How it came about.
    measured
        What it is worth; None where nothing could be measured.
    gates
        What was asked of it.
    verdict, reason
        What was decided then, and why in one sentence; the ledger knows what people decided since.
    previous
        The version before it; None where there was none.
    model_sha256
        Digest of `anomaly_model.json`, in hexadecimal.
    signed_with
        Id of the key that signs it; None where none is configured.
    """

    model_version: str
    agent_version: str
    training: Training
    measured: Measured | None
    gates: tuple[Gate, ...]
    verdict: Verdict
    reason: str
    previous: Comparison | None
    model_sha256: str
    signed_with: str | None = None
