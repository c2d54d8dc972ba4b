"""A training in words: for a terminal, for a step summary, and for a program."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ai_ops.markdown import bullets, inert, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ai_ops.domain.model_version import Measured, Training
    from ai_ops.domain.self_test import Estimate
    from ai_ops.wiring.models.lesson import Wish
    from ai_ops.wiring.models.trained import NothingNew, Trained

TELLING = timedelta(hours=12)
"""Rows of less than half a day want the model to move to what their own hours are like; the other half of the day
wants it back. Only then is what was not let through a sign that the service changes."""


def sentences(trained: Trained | NothingNew, *, is_kept: bool, most_components: int | None = None) -> Iterator[str]:
    """What a person wants to know of one training, line by line.

    Parameters
    ----------
    most_components
        What `model.n_components` is now.
    """
    from ai_ops.learn.progress import advice, learning_in_words, loss_in_words
    from ai_ops.wiring.models.trained import NothingNew

    if isinstance(trained, NothingNew):
        yield f"nothing    {trained.reason}"
        return
    training = trained.candidate.training
    yield f"history    {history_in_words(training)}"
    yield f"trained    {training_in_words(training)}"
    yield f"measured   {measured_in_words(trained.measured)}"
    record = trained.records[0]
    if record.loss is not None and record.learning is not None:
        yield f"loss       {loss_in_words(record.loss, record.loss_rows)}, {learning_in_words(record.learning)}"
    if (hint := advice(record, training.quality)) is not None:
        yield f"look at    {hint}"
    if trained.previous is not None:
        gain = trained.previous.auc_gain
        yield f"compared   AUC {signed(gain)} beside {trained.previous.version}, on the same hours"
    if (moved := baseline_in_words(training)) is not None:
        yield f"moved      {moved}"
    if most_components is not None and training.most_components not in {None, most_components}:
        yield (
            f"components the Gaussians are those of a fit with model.n_components {training.most_components}; "
            f"{most_components} counts from the next rebuild on: `neuropilot train --rebuild --apply`"
        )
    for gate in trained.gates:
        yield f"{'passed' if gate.is_passed else 'FAILED':<10} {gate.name}: {gate.reason}"
    what = trained.verdict if is_kept else f"{trained.verdict}, were it kept (--apply)"
    yield f"verdict    {trained.candidate.name} is {what}: {trained.reason}"


def unheeded(wish: Wish, trained: Trained | NothingNew) -> Iterator[str]:
    """Say that a lookback was asked for and made no difference, and why."""
    from ai_ops.domain.model_version import TrainingKind
    from ai_ops.wiring.models.trained import NothingNew

    kind = None if isinstance(trained, NothingNew) else trained.candidate.training.kind
    if wish.lookback is not None and kind in {TrainingKind.COLD, TrainingKind.WARM}:
        taken = "a first model learns all there is" if kind is TrainingKind.COLD else "all that is new is learned"
        yield f"lookback   is not needed: {taken}; --rebuild heeds it"


def history_in_words(training: Training) -> str:
    """Which rows there were, and how many of them did not count."""
    quality = training.quality
    said = f"until {training.end:%Y-%m-%d %H:%M} UTC, {quality.points:,} rows of {len(training.metrics)} metrics"
    if quality.left_out:
        said += f", {quality.left_out:,} left out as planned work or abnormal"
    if quality.lightened_days:
        said += f", {', '.join(quality.lightened_days)} counting less"
    return said


def training_in_words(training: Training) -> str:
    """How it was fitted."""
    on = f"on {training.new_rows:,} rows" if training.parent is None else f"{training.new_rows:,} new rows"
    since = "" if training.parent is None else f", going on from {training.parent}"
    gaussians = "one Gaussian" if training.components == 1 else f"{training.components} Gaussians"
    return f"{training.kind}{since}, {on}, {gaussians}, knows {training.rows:,} rows"


def measured_in_words(measured: Measured | None) -> str:
    """What it is worth."""
    if measured is None:
        return "nothing: too little is held out yet"
    return (
        f"AUC {interval(measured.auc)}, {measured.recall.value:.0%} of the faults raise an alarm, "
        f"{measured.false_alarms_per_week.value:.1f} false alarms a week"
    )


def baseline_in_words(training: Training) -> str | None:
    """How far what is usual has moved; None where there is nothing to tell."""
    from ai_ops.detect.learned.baseline import is_far

    said = [
        f"{one.metric} by {one.sigmas:+.1f} sigmas since the last cold fit, its spread x {one.spread_ratio:.1f}"
        for one in training.drifted
        if is_far(one)
    ]
    if training.allowed_ratio < 1.0 and training.new_rows * training.step >= TELLING:
        said.append(f"only {training.allowed_ratio:.0%} of what the new rows want, which is all that a model may")
    return "; ".join(said) or None


def interval(estimate: Estimate) -> str:
    """A figure and its interval: 0.93 (0.90 to 0.95)."""
    return f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})"


def signed(estimate: Estimate) -> str:
    """A difference and its interval, with signs."""
    return f"{estimate.value:+.3f} ({estimate.low:+.3f} to {estimate.high:+.3f})"


def training_form(trained: Trained | NothingNew) -> dict[str, Any]:
    """One training as JSON."""
    from pydantic import TypeAdapter

    from ai_ops.domain.model_card import ModelCard
    from ai_ops.learn.card import read_card
    from ai_ops.wiring.models.champion import CARD
    from ai_ops.wiring.models.trained import NothingNew

    if isinstance(trained, NothingNew):
        return {"service": trained.service, "verdict": "nothing new", "reason": trained.reason}
    card = TypeAdapter(ModelCard).dump_python(read_card(trained.files[CARD]), mode="json")
    return {"service": trained.candidate.training.service, "verdict": str(trained.verdict), "card": card}


def summary_text(trainings: Sequence[Trained | NothingNew], failures: Sequence[tuple[str, str]]) -> str:
    """All trainings as Markdown, for the step summary of a CI run."""
    parts = ["## Training\n"]
    rows = [_summary_row(one) for one in trainings] + [
        (inert(name), "failed", "", inert(why)) for name, why in failures
    ]
    parts.append(table(("service", "verdict", "AUC", "why"), rows) if rows else "Nothing was trained.")
    failed = [
        f"{inert(gate.name)}: {inert(gate.reason)}"
        for one in trainings
        for gate in getattr(one, "gates", ())
        if not gate.is_passed
    ]
    if failed:
        parts.append(f"What was not passed:\n\n{bullets(failed)}")
    return "\n\n".join(parts) + "\n\n"


def _summary_row(trained: Trained | NothingNew) -> tuple[str, str, str, str]:
    from ai_ops.wiring.models.trained import NothingNew

    if isinstance(trained, NothingNew):
        return inert(trained.service), "nothing new", "", inert(trained.reason)
    auc = "" if trained.measured is None else interval(trained.measured.auc)
    return inert(trained.candidate.training.service), str(trained.verdict), auc, inert(trained.reason)
