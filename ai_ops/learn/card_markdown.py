"""The card of a version as `MODEL_CARD.md`: the verdict, one table, then the sections that a model card has.

The sections are those of "Model Cards for Model Reporting" (Mitchell et al., 2019), in their order.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.metrics import CANONICAL_METRICS
from ai_ops.domain.model_version import TrainingKind, Verdict
from ai_ops.learn.card_figures import headline, movement, percent, recall_table, to_the_minute
from ai_ops.learn.card_notes import FAIRNESS, INTENDED_USE, PRIVACY, limits
from ai_ops.markdown import bullets, code, inert, table

if TYPE_CHECKING:
    from ai_ops.domain.model_card import ModelCard
    from ai_ops.domain.model_version import Measured, Training

_VERDICTS = {
    Verdict.PROMOTED: "Promoted",
    Verdict.REFUSED: "Refused",
    Verdict.WAITING: "Waits for a person",
    Verdict.ROLLED_BACK: "Gone back to",
}
_KINDS = {
    TrainingKind.COLD: "on its history alone, with no model before it",
    TrainingKind.WARM: "going on from {parent}, of which nothing is forgotten but by age",
    TrainingKind.REBUILD: "anew, on its history alone, in place of {parent}",
}


def card_markdown(card: ModelCard) -> str:
    """Write the card; every text from outside is inert, and the same card gives the same text."""
    parts = (
        f"# Model card: {code(card.training.service)}, {code(card.model_version)}",
        f"**{_VERDICTS[card.verdict]}:** {inert(card.reason)}.",
        *(["**Simulated:** it was trained on the made-up service."] if card.training.is_simulated else []),
        _what_it_knows(card.training),
        headline(card),
        f"## Model details\n\n{bullets(_details(card))}",
        f"## Intended use\n\n{bullets(INTENDED_USE)}",
        f"## Factors\n\n{_factors(card.training)}",
        f"## Metrics\n\n{bullets(_METRICS)}",
        f"## Evaluation data\n\n{_evaluation(card.measured)}",
        f"## Training data\n\n{bullets(_training_data(card.training))}",
        f"## Quantitative analyses\n\n{_analyses(card)}",
        f"## Ethical considerations\n\n{bullets((*FAIRNESS, *PRIVACY))}",
        f"## Caveats and recommendations\n\n{bullets(map(inert, limits(card)))}",
    )
    return "\n\n".join(parts) + "\n"


_METRICS = (
    "**AUC**: how often an hour with a fault scores above a quiet one. 0.5 is guessing, 1 is perfect.",
    "**Recall**: share of the faults that raise an alarm, at the model's own threshold.",
    "**False alarms**: alarms on untouched rows; true incidents among them count as false.",
    "**Loss**: how far the surprise of held-out rows is spread otherwise than that of the training, 0 to 1.",
    "**Chance**: the loss that a perfect model would show all the same, because rows are few.",
    "Intervals are 95 %; that of the AUC by bootstrap over days, because hours of a day resemble each other.",
)


def _what_it_knows(training: Training) -> str:
    days = (training.end - training.start) / timedelta(days=1)
    return (
        f"It knows {days:.1f} days, until {to_the_minute(training.end)}: {training.rows:,} rows of "
        f"{len(training.metrics)} metrics."
    )


def _details(card: ModelCard) -> tuple[str, ...]:
    training = card.training
    parent = code(training.parent or "none")
    if card.signed_with is None:
        signature = "not signed: only the SHA-256 in the ledger vouches for it"
    else:
        signature = f"signed with the key {code(card.signed_with)}"
    gaussians = "One Gaussian" if training.components == 1 else f"Mixture of {training.components} Gaussians"
    return (
        f"{gaussians} over {len(training.metrics)} metrics on a robust scale.",
        f"Trained at {to_the_minute(training.at)} {_KINDS[training.kind].format(parent=parent)}.",
        f"By NeuroPilot {code(card.agent_version)}. SHA-256 of the model {code(card.model_sha256)}; {signature}.",
        "What people decided about it since: `neuropilot model list`.",
    )


def _factors(training: Training) -> str:
    moved = {one.metric: one for one in training.moved}
    drifted = {one.metric: one for one in training.drifted}
    rows = [
        (
            code(metric),
            CANONICAL_METRICS.get(metric, ""),
            percent(training.quality.known_ratio.get(metric)),
            movement(moved.get(metric)),
            movement(drifted.get(metric)),
        )
        for metric in training.metrics
    ]
    header = ("metric", "what it is", "known", "moved since its parent", "since the last cold fit")
    note = "Moved: difference of the means in standard deviations, and by what the spread was multiplied."
    return f"{table(header, rows)}\n\n{note}"


def _evaluation(measured: Measured | None) -> str:
    if measured is None:
        return "Nothing could be measured."
    held_out = "Every fourth block of two hours, at another time each day. No version was ever trained on these."
    counted = (
        f"{measured.rows:,} rows of {measured.days} days; {measured.quiet_windows:,} quiet hours; "
        f"{measured.fault_windows:,} hours with a fault, {measured.labelled_windows:,} of them found and confirmed by "
        f"people, the others injected."
    )
    return bullets((held_out, counted))


def _training_data(training: Training) -> tuple[str, ...]:
    quality = training.quality
    step = training.step.total_seconds() / 60.0
    lightened = inert(", ".join(quality.lightened_days)) or "none"
    if training.parent is None:
        taught = f"{training.rows:,} rows"
    else:
        taught = (
            f"{training.rows:,} rows, {training.new_rows:,} of them new to its parent; {training.allowed_ratio:.0%} of "
            "the movement that they wanted was let through"
        )
    return (
        f"{to_the_minute(training.start)} to {to_the_minute(training.end)}, every {step:g} minutes.",
        f"Source: {inert(training.source)}. {taught}.",
        f"{quality.points:,} rows on the grid, {quality.unique_timestamps:,} different times.",
        f"{quality.left_out:,} rows left out: planned work, findings, and what the version before found abnormal.",
        f"Days that counted less because much of them was abnormal: {lightened}.",
    )


def _analyses(card: ModelCard) -> str:
    gates = [(code(gate.name), "yes" if gate.is_passed else "**no**", inert(gate.reason)) for gate in card.gates]
    asked = table(("asked", "passed", "because"), gates) if gates else "Nothing was asked of it."
    return f"{asked}\n\n{recall_table(card.measured)}"
