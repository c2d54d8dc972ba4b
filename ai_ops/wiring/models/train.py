"""One training of one service: learn, measure beside the model in use, decide. Nothing is kept here."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.calibration import alarms_per_week
from ai_ops.domain.errors import ConfigError
from ai_ops.domain.held_out import is_held_out
from ai_ops.domain.model_version import HISTORY_TO_KNOW, Gate, TrainingKind, Verdict
from ai_ops.learn.gates import RUNNING, Terms, gates_of
from ai_ops.learn.prequential import counted, noted_until, training_loss
from ai_ops.learn.schedule import TRAINING, evaluation_is_due, rebuild_is_due
from ai_ops.wiring.models.champion import keys, registry
from ai_ops.wiring.models.decided import Outcome, decided, record_of
from ai_ops.wiring.models.fitting import candidate_of
from ai_ops.wiring.models.flagged import past_of
from ai_ops.wiring.models.keep import records_of
from ai_ops.wiring.models.lesson import lesson_of
from ai_ops.wiring.models.rivals import rivals_of
from ai_ops.wiring.models.trained import NothingNew, Trained
from ai_ops.wiring.models.vitals import drift_since_training
from ai_ops.wiring.models.worth import set_exam, worth_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ai_ops.domain.model_drift import DriftReport
    from ai_ops.domain.training_record import TrainingRecord
    from ai_ops.settings.model import Settings
    from ai_ops.settings.service import Service
    from ai_ops.wiring.models.champion import Version
    from ai_ops.wiring.models.flagged import Past
    from ai_ops.wiring.models.lesson import Wish
    from ai_ops.wiring.models.rivals import Rivals
    from ai_ops.wiring.models.rows import Rows
    from ai_ops.wiring.models.trained import Candidate
    from ai_ops.wiring.session import Session


def train_service(session: Session, service: Service, rows: Rows, wish: Wish) -> Trained | NothingNew:
    """Train a candidate on the history, measure it beside the model in use, and decide what becomes of it.

    Raises
    ------
    TooFewSamples
        When there is too little history, with how much there is and when there will be enough.
    StateError
        When the ledger cannot be trusted.
    ConfigError
        When the keys in the settings are none.
    """
    settings, now = session.settings, session.place.clock()
    _check_keys(session)
    records, rivals = records_of(session, service.name), rivals_of(session, service.name)
    champion, past = rivals.champion, past_of(session, service)
    drift = None if champion is None else drift_since_training(champion, rows)
    wanted = replace(wish, is_rebuild=wish.is_rebuild or _rebuild_is_due(rivals, records, drift, now))
    whole = min(HISTORY_TO_KNOW, timedelta(days=settings.metrics.history_days))
    lesson = lesson_of(rows, past, champion, wanted, whole)
    surprises = () if champion is None else _surprises(champion, rows, past, noted_until(records, now))
    if lesson.goes_on_from is not None and not lesson.new_rows:
        return _nothing_learned(lesson.goes_on_from, rows, surprises, drift, now)
    candidate = candidate_of(lesson, past, settings, service, now)
    if candidate.name in registry(session).versions(service.name):
        return NothingNew(service.name, f"the same history gives {candidate.name}, which was decided about already")
    exam = set_exam(rows.of(_all_metrics(rows, rivals)), past)
    worth = worth_of(candidate.mixture, candidate.training.metrics, (champion, rivals.reference), exam)
    gates = gates_of(
        worth.measured,
        worth.champion,
        worth.reference,
        _terms(settings, wish, rivals, candidate),
        kind=lesson.kind,
        moved=candidate.training.moved,
    )
    loss = training_loss(records, surprises, now, worth.measured)
    outcome = Outcome(candidate, worth, (*gates, _running(session)), drift, rivals, surprises, loss)
    return decided(session, outcome, is_evaluation_due=evaluation_is_due(records, now))


def _check_keys(session: Session) -> None:
    """Refuse to train what could be loaded nowhere, and warn of what is loaded anywhere.

    Raises
    ------
    ConfigError
        When only signed models are used, and this machine cannot sign.
    """
    signer, verifier = keys(session.settings)
    if signer is None and verifier is not None and session.is_writing:
        raise ConfigError(
            f"model.verification_key ({verifier.key_id}) lets only signed models be used, and NEUROPILOT_SIGNING_KEY "
            "is not set here, so nothing was trained. Train where the key is: `gh workflow run ai-ops-daily.yml -f "
            "mode=train_model`; without --apply nothing needs a signature"
        )
    if signer is not None and not session.settings.model.verification_key:
        session.place.warn(
            "runs that do not hold NEUROPILOT_SIGNING_KEY use models without looking at their signature: set "
            f"model.verification_key to {signer.verifier.public}"
        )


def _surprises(champion: Version, rows: Rows, past: Past, noted: datetime | None) -> tuple[int, ...]:
    """How the rows that are new fell under the champion, each noted once, those of findings and planned work left out.

    As long as candidates do not pass, the champion has not seen what earlier nights have noted already.
    """
    ours, known_until = rows.of(champion.metrics), champion.card.training.end
    new = ours.since(known_until if noted is None else max(known_until, noted))
    asked = new & ~ours.inside(past.abnormal)
    return counted(champion.mixture.pit(ours.values)[asked])


def _rebuild_is_due(
    rivals: Rivals, records: Sequence[TrainingRecord], drift: DriftReport | None, now: datetime
) -> bool:
    """Whether the service has changed for good; what a person put in use is built anew as well."""
    champion = rivals.champion
    return champion is not None and rebuild_is_due(records, now, drift, champion.metrics, rivals.used)


def _terms(settings: Settings, wish: Wish, rivals: Rivals, candidate: Candidate) -> Terms:
    """What is asked of the candidate; who asks for a rebuild agrees to what it changes."""
    known = rivals.champion.metrics if rivals.champion else candidate.training.metrics
    return Terms(
        settings.model.min_auc,
        alarms_per_week(settings.anomaly_sensitivity),
        is_approved=wish.is_rebuild,
        to_be_asked=rivals.doubt,
        changed_columns=tuple(sorted({*known} ^ {*candidate.training.metrics})),
    )


def _nothing_learned(
    champion: Version, rows: Rows, surprises: tuple[int, ...], drift: DriftReport | None, now: datetime
) -> NothingNew:
    """Say why there was nothing to learn; that all that came was abnormal is worth a line in the log."""
    known = champion.card.training
    ours = rows.of(champion.metrics)
    new = int((ours.since(known.end) & np.isfinite(ours.values).any(axis=1) & ~is_held_out(ours.times())).sum())
    if not new:
        return NothingNew(known.service, f"{rows.end:%Y-%m-%d %H:%M} UTC is the newest data, and it is known already")
    reason = (
        f"all {new} new rows are abnormal by findings or by {champion.name} itself, so nothing was learned: an "
        "incident, or the service has changed for good, and then `neuropilot train --rebuild --apply` learns the new"
    )
    line = record_of(champion.name, TRAINING, known, None, drift)
    record = replace(line, at=now, kind=TrainingKind.WARM, verdict=Verdict.REFUSED, note=reason, surprises=surprises)
    return NothingNew(known.service, reason, record)


def _all_metrics(rows: Rows, rivals: Rivals) -> tuple[str, ...]:
    others = (one.metrics for one in (rivals.champion, rivals.reference) if one is not None)
    return tuple(dict.fromkeys((*rows.metrics, *(metric for metrics in others for metric in metrics))))


def _running(session: Session) -> Gate:
    """A paused agent goes on learning and puts nothing in use."""
    pause = session.pause_in_words()
    return Gate(RUNNING, pause is None, "the agent is not paused" if pause is None else f"the agent is paused: {pause}")
