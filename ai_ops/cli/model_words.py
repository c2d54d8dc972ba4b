"""What is known of a service's model, in words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.model_version import ModelDecision
    from ai_ops.domain.model_vitals import ModelVitals


def decision_in_words(decision: ModelDecision, *, is_in_use: bool) -> str:
    """One version in a list."""
    auc = "AUC    -" if decision.auc is None else f"AUC {decision.auc:.2f}"
    mark = "*" if is_in_use else " "
    return (
        f"{mark} {decision.version}  {decision.verdict:<11}  {decision.kind:<7}  {auc}  "
        f"{decision.at:%Y-%m-%d %H:%M} UTC by {decision.by}: {decision.reason}"
    )


def decision_form(decision: ModelDecision) -> Any:  # noqa: ANN401  # JSON
    """The same for a program."""
    from pydantic import TypeAdapter

    from ai_ops.domain.model_version import ModelDecision

    return TypeAdapter(ModelDecision).dump_python(decision, mode="json")


def status_in_words(vitals: ModelVitals) -> Iterator[str]:
    """How the model in use is doing, line by line."""
    from ai_ops.learn.drift.in_words import in_words
    from ai_ops.learn.progress import learning_of

    status = vitals.status
    yield f"health     {status.health}{f': {status.reason}' if status.reason else ''}"
    if status.loaded:
        yield f"version    {status.version}, {status.signature}, knows {status.n_train:,} rows"
        yield f"age        {status.age_hours:.1f} hours, by its newest data"
        yield f"AUC        {'unknown' if status.auc is None else f'{status.auc:.2f}'}, {vitals.min_auc:.2f} is needed"
    if vitals.drift is not None:
        yield f"drift      {vitals.drift.drift_score:.2f} sigmas. {in_words(vitals.drift)}"
    yield f"learning   {learning_of(vitals.records).sentence}"
    if vitals.waiting is not None:
        yield f"waiting    {vitals.waiting}: `neuropilot model card {vitals.waiting}`, then `neuropilot model promote`"
    if not vitals.is_training_wanted:
        yield "training   switched off by model.retrain"
