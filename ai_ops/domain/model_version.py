"""A model of how a service's metrics move together: its versions, what each is worth, what was decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ai_ops.domain.self_test import Estimate

LEAST_SAMPLES = 48
"""Eight hours at ten minutes: fewer rows are nothing to learn from (S001-122)."""

MIN_AUC = 0.65
"""Below this area under the curve a model is not loaded, unless somebody asks for another limit (S004-02)."""

HISTORY_TO_KNOW = timedelta(days=14)
"""How far back what a model knows reaches: two weeks, so that each day of the week counts twice."""


def version_name(data_until: datetime, digest: str) -> str:
    """Name of a version: the newest data that it knows, and the beginning of its content's SHA-256.

    >>> version_name(datetime.fromisoformat("2026-11-20T03:10:00+00:00"), "3f9c1a2b77d0")
    '20261120T0310Z-3f9c1a2b'
    """
    return f"{data_until:%Y%m%dT%H%MZ}-{digest[:8]}"


class TrainingKind(StrEnum):
    """How a model was fitted."""

    COLD = "cold"
    """On the history alone: there was no model before, or it knew other metrics."""
    WARM = "warm"
    """Going on from the champion, of which nothing is forgotten but by age."""
    REBUILD = "rebuild"
    """On the history alone although there was a champion: the service has changed, or a person wanted it."""


@dataclass(frozen=True, slots=True)
class Movement:
    """How far what is usual of one metric has moved.

    Parameters
    ----------
    metric
        Canonical name.
    sigmas
        Difference of the means, in standard deviations of the older model; negative when it fell.
    spread_ratio
        Standard deviation by that of the older model.
    """

    metric: str
    sigmas: float
    spread_ratio: float


@dataclass(frozen=True, slots=True)
class DataQuality:
    """What the history was like that a model was trained on.

    Parameters
    ----------
    points, unique_timestamps
        Rows on the grid, and how many different times they have: the same number unless the history is broken.
    known_ratio
        By metric, the share of rows in which it was measured, 0 to 1.
    left_out
        Rows that did not count: planned work, findings, and what the champion itself found abnormal.
    lightened_days
        Days of which so much was abnormal that the rest counted less.
    """

    points: int
    unique_timestamps: int
    known_ratio: Mapping[str, float]
    left_out: int = 0
    lightened_days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Training:
    """How one version came about.

    Parameters
    ----------
    service
        Whose metrics.
    metrics
        Canonical names, in the order of the model's columns.
    start, end
        The history that it knows, that of its ancestors included; half-open.
    step
        Distance between two rows.
    at
        When it was trained, aware UTC.
    rows, new_rows
        Rows that it was fitted on, ancestors included, and those among them that its parent did not know.
    components
        Gaussians of the mixture.
    parent
        The version that it goes on from; None for a cold fit.
    source, is_simulated
        Where the metrics come from.
    moved
        How far each baseline has moved since the parent.
    drifted
        How far it has moved since the last cold fit: slow poisoning shows here, and nowhere else.
    allowed_ratio
        Share of the movement since the parent that was let through: below 1 where the data wanted more than a model
        may move in that time.
    most_components
        What `model.n_components` was when it was last fitted from scratch: a warm start keeps its Gaussians. None where
        an older release did not write it down.
    """

    service: str
    metrics: tuple[str, ...]
    kind: TrainingKind
    start: datetime
    end: datetime
    step: timedelta
    at: datetime
    rows: int
    new_rows: int
    components: int
    parent: str | None
    source: str
    is_simulated: bool
    quality: DataQuality
    moved: tuple[Movement, ...] = ()
    drifted: tuple[Movement, ...] = ()
    allowed_ratio: float = 1.0
    most_components: int | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What a model was measured to be worth, on rows that no model was ever trained on.

    Parameters
    ----------
    auc
        Area under the ROC curve over windows of an hour: those with a fault (injected, or a finding that people have
        confirmed) against quiet ones; with a 95 % bootstrap interval over days.
    recall
        Share of the faults that raise an alarm, by the model's own threshold.
    recall_by_fault
        The same by kind of fault.
    false_alarms_per_week
        On the untouched held-out rows.
    loss
        Kolmogorov distance between held-out probability-integral values and uniform, 0 to 1 (R27).
    loss_of_chance
        What a perfect model would show with as many rows: about 0.869 / sqrt(n).
    rows, quiet_windows, fault_windows, labelled_windows
        What was held out, and how many windows of each kind there were; the labelled ones are among the others.
    days
        Days that the windows are of: neighbours resemble each other, so days are what is counted on.
    """

    auc: Estimate
    recall: Estimate
    recall_by_fault: Mapping[str, Estimate]
    false_alarms_per_week: Estimate
    loss: float
    loss_of_chance: float
    rows: int
    quiet_windows: int
    fault_windows: int
    labelled_windows: int
    days: int = 0


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition of a promotion, and whether it holds."""

    name: str
    is_passed: bool
    reason: str


class Verdict(StrEnum):
    """What became of a candidate, or of a champion."""

    PROMOTED = "promoted"
    REFUSED = "refused"
    WAITING = "waiting"
    """It passed, but moves a baseline so far that a person has to say so."""
    ROLLED_BACK = "rolled back"
    """A person went back to this version."""


CHAMPION_MAKING = frozenset({Verdict.PROMOTED, Verdict.ROLLED_BACK})
"""Verdicts after which another version is in use."""


@dataclass(frozen=True, slots=True)
class ModelDecision:
    """What was decided about one version: a line of the ledger. The newest that made a champion says which it is.

    Parameters
    ----------
    service
        Whose model.
    version
        Its name, see `version_name`.
    verdict
        What became of it.
    at, by
        When, and by whom: "neuropilot", or a person.
    manifest_sha256
        SHA-256 of the version's manifest, which holds those of its files: what is loaded must match it.
    champion
        The version that was in use before; None without one.
    reason
        One sentence.
    auc, auc_low
        As measured then; None where nothing could be measured.
    is_simulated
        Whether it was trained on the made-up service.
    kind
        How it was trained.
    """

    service: str
    version: str
    verdict: Verdict
    at: datetime
    by: str
    manifest_sha256: str
    champion: str | None
    reason: str
    auc: float | None
    auc_low: float | None
    is_simulated: bool
    kind: TrainingKind
