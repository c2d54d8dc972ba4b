"""From a lesson to a candidate: fitted, described, and written as the files that would be kept."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.calibration import alarms_per_week
from ai_ops.detect.learned.baseline import Baseline, movements
from ai_ops.detect.learned.cold_fit import fit
from ai_ops.detect.learned.warm_start import Rows as Counted
from ai_ops.detect.learned.warm_start import warm_start
from ai_ops.domain.errors import TooFewSamples
from ai_ops.domain.model_version import Training, TrainingKind, version_name
from ai_ops.domain.warming_up import WarmingUp
from ai_ops.learn.drift.features import features_of
from ai_ops.learn.drift.reference import reference_of
from ai_ops.learn.drift.reference_json import reference_to_json
from ai_ops.learn.plain_json import on_many_lines
from ai_ops.wiring.models.champion import MODEL, SCALER, SOON, STATISTICS
from ai_ops.wiring.models.soon import probability_of
from ai_ops.wiring.models.trained import Candidate

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.detect.learned.mixture import Mixture
    from ai_ops.domain.model_version import Movement
    from ai_ops.learn.drift.reference import Reference
    from ai_ops.settings.model import Settings
    from ai_ops.settings.service import Service
    from ai_ops.wiring.models.champion import Version
    from ai_ops.wiring.models.flagged import Past
    from ai_ops.wiring.models.lesson import Lesson


def candidate_of(lesson: Lesson, past: Past, settings: Settings, service: Service, at: datetime) -> Candidate:
    """Fit a model on a lesson, and write it down.

    Parameters
    ----------
    past
        What of the history was not normal, and which incidents people have confirmed.
    at
        Now.

    Raises
    ------
    TooFewSamples
        When too few of its rows count.
    """
    mixture, allowed = _fitted(lesson, settings)
    reference = _reference(mixture, lesson)
    form = on_many_lines(mixture.to_json()), on_many_lines(mixture.scaling.to_json())
    name = version_name(lesson.rows.end, sha256(b"".join(form)).hexdigest())
    champion = lesson.champion
    training = Training(
        service=service.name,
        metrics=lesson.rows.metrics,
        kind=lesson.kind,
        start=lesson.start,
        end=lesson.rows.end,
        step=lesson.rows.step,
        at=at,
        rows=round(mixture.rows),
        new_rows=lesson.new_rows,
        components=mixture.components,
        parent=None if champion is None or lesson.kind is TrainingKind.COLD else champion.name,
        source=settings.metric_source,
        is_simulated=settings.is_simulated,
        quality=lesson.quality,
        moved=() if champion is None else _moved(champion, mixture, lesson.rows.metrics),
        drifted=movements(mixture.anchor.baseline, mixture.baseline, lesson.rows.metrics),
        allowed_ratio=allowed,
        most_components=_most_components(lesson, settings),
    )
    files = dict(zip((MODEL, SCALER), form, strict=True)) | {STATISTICS: on_many_lines(reference_to_json(reference))}
    soon = probability_of(lesson.rows, mixture.score(lesson.rows.values), past, service.slo)
    if soon is not None:
        files[SOON] = on_many_lines(soon.to_json())
    return Candidate(name, mixture, reference, training, files)


def _most_components(lesson: Lesson, settings: Settings) -> int | None:
    parent = lesson.goes_on_from
    return settings.model.n_components if parent is None else parent.card.training.most_components


def _fitted(lesson: Lesson, settings: Settings) -> tuple[Mixture, float]:
    """The model, and the share of its movement that was let through."""
    budget = alarms_per_week(settings.anomaly_sensitivity)
    rows, champion = lesson.rows, lesson.goes_on_from
    if champion is not None:
        days = (rows.end - champion.card.training.end) / timedelta(days=1)
        warm = warm_start(
            champion.mixture,
            Counted(rows.values, lesson.weights),
            Counted(rows.values, lesson.history),
            rows.step,
            days=days,
            budget_per_week=budget,
        )
        return warm.model, warm.allowed_ratio
    cold = fit(
        rows.values,
        rows.step,
        weights=lesson.weights,
        budget_per_week=budget,
        most_components=settings.model.n_components,
        at=rows.end.isoformat(),  # of the data, so that the same history gives the same model whenever it is trained
    )
    if isinstance(cold, WarmingUp):
        raise TooFewSamples(
            f"Insufficient samples for training: {cold.have} rows are left without those that are held out, planned "
            f"work and findings, and {cold.need} are needed; wait for a quiet day, or label findings that were none"
        )
    return cold, 1.0


def _reference(mixture: Mixture, lesson: Lesson) -> Reference:
    """What drift is measured against: normal life at the last cold fit, the hours that were held out included.

    A warm start keeps it. If it followed each night, a service could go any distance, and last week would always look
    like the fortnight that it is a half of.
    """
    if (parent := lesson.goes_on_from) is not None:
        return parent.reference
    rows, scores = lesson.rows, mixture.score(lesson.rows.values)
    normal = np.isfinite(rows.values).any(axis=1) & ~lesson.abnormal
    return reference_of(features_of(rows.times()[normal], rows.metrics, rows.values[normal], scores[normal]))


def _moved(champion: Version, mixture: Mixture, metrics: tuple[str, ...]) -> tuple[Movement, ...]:
    """How far the baselines that both know have moved since the champion, whatever the order of its columns."""
    both = tuple(metric for metric in metrics if metric in champion.metrics)
    before, after = champion.mixture.baseline, mixture.baseline
    old, new = ([names.index(metric) for metric in both] for names in (champion.metrics, metrics))
    return movements(
        Baseline(before.means[old], before.deviations[old]), Baseline(after.means[new], after.deviations[new]), both
    )
