"""What no figure of a model card says: what the model is for, what it cannot see, and whom it could concern."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.metrics import CANONICAL_METRICS
from ai_ops.domain.model_version import HISTORY_TO_KNOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.model_card import ModelCard
    from ai_ops.domain.model_version import Measured, Training


def _points(text: str) -> tuple[str, ...]:
    """Each paragraph as one line."""
    return tuple(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


INTENDED_USE = _points(
    """
    It says how little the metrics of one service fit each other at one moment, by that service's own past. It is for
    those who run this service: an alarm becomes a finding, which may keep the agent from saving for a day.

    Not for another service, not for a forecast, not as the only alarm: error budget, levels and single metrics are
    judged by detectors of their own. Not for anything about a person.
    """
)

FAIRNESS = _points(
    """
    Fairness: no group of people is among its inputs, so that the usual report by group cannot be given. What can be
    compared is given instead: recall by kind of fault, and how often each metric was known.

    Its metrics are means and percentiles over all requests. Harm to a few users (one region, one kind of device, those
    who use a screen reader) can disappear in them. Where that matters, watch their requests as a service of its own.
    """
)

PRIVACY = _points(
    """
    Privacy: it was trained on metrics of machines and on counts of all requests together. No name, address, identifier,
    text or log line went in, so none can come out.

    GDPR Article 22 is about decisions based solely on automated processing that have legal or similarly significant
    effects on a person. This model scores the metrics of a service and takes no decision about anybody; what follows
    from a score is a finding, or less freedom for the agent.

    The FCRA (15 U.S.C. 1681 and following) is about reports on consumers, such as their credit. The model holds nothing
    about any consumer and is not meant to be used for such a report: as far as we see, it does not apply.

    Two things would change this, and only you can see them: a query of yours that picks out one customer or colleague,
    and a service with so few users that its load is theirs. Its figures may then be personal data. The ledger also
    names who promoted a model or went back to one.

    These are the words of engineers and not legal advice: ask who answers for data protection where you are.
    """
)

_OFTEN_UNKNOWN = 0.9
"""A metric that lacks a tenth of its rows is said to be missing at times, as the guardrail on complete data does."""

_FEW = 0.5
"""Of a kind of fault of which surely less than half is found, a person should know."""

_WIDE = 0.2
"""An interval of the AUC as wide as this leaves open whether a model is good or middling."""

_WEEK = timedelta(days=7)


def limits(card: ModelCard) -> tuple[str, ...]:
    """Say what this version cannot see or was not shown, the gravest first; every sentence is Markdown-free."""
    found = [*_of_training(card.training), *_of_measuring(card.measured), *_of_every_model()]
    if card.training.is_simulated:
        found.insert(0, "It was trained on the made-up service: it says nothing about a real one.")
    return tuple(found)


def _of_training(training: Training) -> Iterator[str]:
    if (known := training.end - training.start) < HISTORY_TO_KNOW:
        days = known / timedelta(days=1)
        weekdays = "has not seen every weekday" if known < _WEEK else "has seen each weekday less than twice"
        yield f"It knows {days:.1f} days, so it {weekdays}: what comes once a week may look abnormal to it."
    if absent := [metric for metric in CANONICAL_METRICS if metric not in training.metrics]:
        yield f"It does not know {', '.join(absent)}: what shows only there, it cannot see."
    for metric, share in sorted(training.quality.known_ratio.items()):
        if metric in training.metrics and share < _OFTEN_UNKNOWN:
            yield f"{metric} was missing in {1.0 - share:.0%} of the rows: what others tell of it counts more."
    if training.quality.points != training.quality.unique_timestamps:
        yield (
            f"The history holds {training.quality.points:,} rows and {training.quality.unique_timestamps:,} different "
            f"times: some were counted twice."
        )
    if training.allowed_ratio < 1.0:
        yield (
            f"The recent history wanted to move it further: {training.allowed_ratio:.0%} of that was let through, the "
            f"rest will follow in the next days if it lasts."
        )


def _of_measuring(measured: Measured | None) -> Iterator[str]:
    if measured is None:
        yield "Nothing could be measured, so nobody knows what it is worth."
        return
    for fault, recall in sorted(measured.recall_by_fault.items()):
        if recall.high < _FEW:
            yield f"Of the faults of the kind {fault} it finds few: {recall.value:.0%}, at best {recall.high:.0%}."
    if measured.labelled_windows == 0:
        yield "No finding that people had confirmed was among the faults: it was tried on injected ones alone."
    if measured.auc.high - measured.auc.low > _WIDE:
        yield "Few faults or quiet hours were held out: the figures may well be different next week."


def _of_every_model() -> Iterator[str]:
    yield "It has no clock: what is usual at noon is usual at night to it, unless the metrics contradict each other."
    yield (
        "What changes slowly becomes usual, by 0.1 sigmas a day at most. How far that has gone since the last cold fit "
        "stands beside each metric."
    )
    yield "What was abnormal all the time while it was trained, and nobody noticed, is usual to it."
