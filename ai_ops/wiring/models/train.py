"""One training of one service: learn, measure beside the model in use, decide. Nothing is kept here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from ai_ops import __version__
from ai_ops.detect.calibration import alarms_per_week
from ai_ops.domain.held_out import is_held_out
from ai_ops.domain.model_card import ModelCard
from ai_ops.domain.model_version import HISTORY_TO_KNOW, Gate, ModelDecision, TrainingKind, TrainingRecord, Verdict
from ai_ops.learn.card import card_files
from ai_ops.learn.gates import RUNNING, Terms, gates_of, reason_of, verdict_of
from ai_ops.learn.loss import learning
from ai_ops.learn.manifest import manifest_of
from ai_ops.learn.prequential import counted, noted_until, training_loss
from ai_ops.learn.schedule import EVALUATION, TRAINING, evaluation_is_due, rebuild_is_due
from ai_ops.wiring.models.champion import MODEL, decisions_of, keys, registry
from ai_ops.wiring.models.fitting import candidate_of
from ai_ops.wiring.models.flagged import past_of
from ai_ops.wiring.models.keep import training_log
from ai_ops.wiring.models.lesson import lesson_of
from ai_ops.wiring.models.rivals import rivals_of, used
from ai_ops.wiring.models.trained import NothingNew, Trained
from ai_ops.wiring.models.vitals import drift_since_training
from ai_ops.wiring.models.worth import set_exam, worth_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ai_ops.domain.model_card import Comparison
    from ai_ops.domain.model_version import DriftReport, Measured, Training
    from ai_ops.learn.prequential import Loss
    from ai_ops.settings.model import Settings
    from ai_ops.settings.service import Service
    from ai_ops.wiring.models.champion import Version
    from ai_ops.wiring.models.flagged import Past
    from ai_ops.wiring.models.lesson import Wish
    from ai_ops.wiring.models.rivals import Rivals
    from ai_ops.wiring.models.rows import Rows
    from ai_ops.wiring.models.trained import Candidate
    from ai_ops.wiring.models.worth import Worth
    from ai_ops.wiring.session import Session

AGENT = "neuropilot"


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
    records, rivals = training_log(session).read(service.name), rivals_of(session, service.name)
    champion, past = rivals.champion, past_of(session, service)
    drift = None if champion is None else drift_since_training(champion, rows)
    wanted = replace(wish, is_rebuild=wish.is_rebuild or _rebuild_is_due(session, records, drift, champion))
    whole = min(HISTORY_TO_KNOW, timedelta(days=settings.metrics.history_days))
    lesson = lesson_of(rows, past, champion, wanted, whole)
    surprises = () if champion is None else _surprises(champion, rows, past, noted_until(records, now))
    if lesson.kind is TrainingKind.WARM and not lesson.new_rows and champion is not None:
        return _nothing_learned(champion, rows, surprises, drift, now)
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
    outcome = _Outcome(candidate, worth, (*gates, _running(session)), drift, rivals, surprises, loss)
    return _decided(session, outcome, is_evaluation_due=evaluation_is_due(records, now))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """All that a decision rests on.

    Parameters
    ----------
    surprises, loss
        See `TrainingRecord`, and what follows from four weeks of them.
    """

    candidate: Candidate
    worth: Worth
    gates: tuple[Gate, ...]
    drift: DriftReport | None
    rivals: Rivals
    surprises: tuple[int, ...]
    loss: Loss | None

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.gates)

    @property
    def reason(self) -> str:
        return reason_of(self.gates)


def _decided(session: Session, outcome: _Outcome, *, is_evaluation_due: bool) -> Trained:
    """Write the decision down, as it will stand on the card, in the ledger and in the log."""
    candidate, worth = outcome.candidate, outcome.worth
    signer, _ = keys(session.settings)
    card = ModelCard(
        model_version=candidate.name,
        agent_version=__version__,
        training=candidate.training,
        measured=worth.measured,
        gates=outcome.gates,
        verdict=outcome.verdict,
        reason=outcome.reason,
        previous=worth.champion,
        model_sha256=sha256(candidate.files[MODEL]).hexdigest(),
        signed_with=signer.verifier.key_id if signer else None,
    )
    if signer is not None and not session.settings.model.verification_key:
        session.place.warn(
            "runs that do not hold NEUROPILOT_SIGNING_KEY use models without looking at their signature: set "
            f"model.verification_key to {signer.verifier.public}"
        )
    files = {**candidate.files, **card_files(card, session.redact)}
    records = [_trained(outcome)]
    if is_evaluation_due and worth.champion is not None:
        records.append(_evaluated(outcome, worth.champion))
    return Trained(
        candidate=candidate,
        measured=worth.measured,
        previous=worth.champion,
        drift=outcome.drift,
        gates=outcome.gates,
        verdict=outcome.verdict,
        reason=outcome.reason,
        files=files,
        decision=_decision(outcome, manifest_of(candidate.training.service, candidate.name, files).to_bytes()),
        records=tuple(records),
    )


def _decision(outcome: _Outcome, manifest: bytes) -> ModelDecision:
    training, worth = outcome.candidate.training, outcome.worth.measured
    return ModelDecision(
        service=training.service,
        version=outcome.candidate.name,
        verdict=outcome.verdict,
        at=training.at,
        by=AGENT,
        manifest_sha256=sha256(manifest).hexdigest(),
        champion=outcome.rivals.standing.version if outcome.rivals.standing else None,
        reason=outcome.reason,
        auc=worth.auc.value if worth else None,
        auc_low=worth.auc.low if worth else None,
        is_simulated=training.is_simulated,
        kind=training.kind,
    )


def _trained(outcome: _Outcome) -> TrainingRecord:
    """The line of this training."""
    training, worth = outcome.candidate.training, outcome.worth.measured
    return replace(
        _record(outcome.candidate.name, TRAINING, training, worth, outcome.drift),
        kind=training.kind,
        verdict=outcome.verdict,
        new_rows=training.new_rows,
        gates=outcome.gates,
        note=outcome.reason,
        loss=outcome.loss.value if outcome.loss else None,
        learning=learning(outcome.loss.value) if outcome.loss else None,
        surprises=outcome.surprises,
        loss_rows=outcome.loss.rows if outcome.loss else None,
    )


def _evaluated(outcome: _Outcome, champion: Comparison) -> TrainingRecord:
    """The line of the weekly evaluation of the model in use (S001-140)."""
    rival = outcome.rivals.champion
    known = rival.card.training if rival else outcome.candidate.training
    line = _record(champion.version, EVALUATION, known, champion.measured, outcome.drift)
    return replace(line, at=outcome.candidate.training.at, note="the model in use, on the hours held out until now")


def _record(
    version: str, event: str, training: Training, worth: Measured | None, drift: DriftReport | None
) -> TrainingRecord:
    return TrainingRecord(
        at=training.at,
        service=training.service,
        version=version,
        event=event,
        kind=None,
        verdict=None,
        loss=worth.loss if worth else None,
        auc=worth.auc.value if worth else None,
        auc_low=worth.auc.low if worth else None,
        learning=None,
        rows=training.rows,
        new_rows=0,
        components=training.components,
        drifted=tuple(one.feature for one in drift.drifted) if drift else (),
        loss_rows=worth.rows if worth else None,
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
    session: Session, records: Sequence[TrainingRecord], drift: DriftReport | None, champion: Version | None
) -> bool:
    """Whether the service has changed for good; what a person put in use is built anew as well."""
    if champion is None:
        return False
    promoted = {one.version for one in used(decisions_of(session, champion.card.training.service))}
    return rebuild_is_due(records, session.place.clock(), drift, champion.metrics, promoted)


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
    line = _record(champion.name, TRAINING, known, None, drift)
    record = replace(line, at=now, kind=TrainingKind.WARM, verdict=Verdict.REFUSED, note=reason, surprises=surprises)
    return NothingNew(known.service, reason, record)


def _all_metrics(rows: Rows, rivals: Rivals) -> tuple[str, ...]:
    others = (one.metrics for one in (rivals.champion, rivals.reference) if one is not None)
    return tuple(dict.fromkeys((*rows.metrics, *(metric for metrics in others for metric in metrics))))


def _running(session: Session) -> Gate:
    """A paused agent goes on learning and puts nothing in use."""
    pause = session.pause_in_words()
    return Gate(RUNNING, pause is None, "the agent is not paused" if pause is None else f"the agent is paused: {pause}")
