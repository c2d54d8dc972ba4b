"""What is known of a service's model, in words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ai_ops.domain.figure import figure
from ai_ops.domain.one_line import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.model_version import ModelDecision
    from ai_ops.domain.model_vitals import ModelVitals
    from ai_ops.wiring.models.standing import Standing

_LONGEST_REASON = 1500
"""Of a candidate that fails every gate, each of ten in two lines of text."""


def decision_in_words(decision: ModelDecision, standing: Standing, *, is_in_use: bool) -> str:
    """One version in a list."""
    auc = "AUC    -" if decision.auc is None else f"AUC {decision.auc:.2f}"
    mark = "*" if is_in_use else " "
    return (
        f"{mark} {decision.version}  {decision.verdict:<11}  {decision.kind:<7}  {auc}  files {standing.files:<7}  "
        f"{decision.at:%Y-%m-%d %H:%M} UTC by {one_line(decision.by)}: {one_line(decision.reason, _LONGEST_REASON)}"
        f"{f' (its files: {standing.problem})' if standing.problem else ''}"
    )


def decision_form(decision: ModelDecision, standing: Standing) -> Any:  # noqa: ANN401  # JSON
    """The same for a program."""
    from pydantic import TypeAdapter

    from ai_ops.domain.model_version import ModelDecision

    form = TypeAdapter(ModelDecision).dump_python(decision, mode="json")
    return form | {"files": str(standing.files), "files_problem": standing.problem}


def status_in_words(vitals: ModelVitals) -> Iterator[str]:
    """How the model in use is doing, line by line."""
    from ai_ops.learn.drift.in_words import in_words
    from ai_ops.learn.progress import learning_of

    status = vitals.status
    yield f"health     {status.health}{f': {status.reason}' if status.reason else ''}"
    if status.loaded:
        made_up = ", of the made-up service" if vitals.training and vitals.training.is_simulated else ""
        yield f"version    {status.version}, {status.signature}{made_up}, knows {status.n_train:,} rows"
        yield f"age        {status.age_hours:.1f} hours, by its newest data"
        yield f"AUC        {'unknown' if status.auc is None else f'{status.auc:.2f}'}, {vitals.min_auc:.2f} is needed"
    if vitals.drift is not None:
        yield f"drift      {figure(vitals.drift.drift_score, 2)} sigmas. {in_words(vitals.drift)}"
    yield f"learning   {learning_of(vitals.records).sentence}"
    if vitals.waiting is not None:
        yield f"waiting    {vitals.waiting}: `neuropilot model card {vitals.waiting}`, then `neuropilot model promote`"
    if not vitals.is_training_wanted:
        yield "training   switched off by model.retrain"
