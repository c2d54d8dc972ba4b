"""One training of one service: learn, measure beside the model in use, decide. Nothing is kept here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from ai_ops import __version__
from ai_ops.detect.calibration import alarms_per_week
from ai_ops.domain.errors import ModelRefused, OpsError
from ai_ops.domain.model_card import ModelCard
from ai_ops.domain.model_version import HISTORY_TO_KNOW, Gate, ModelDecision, TrainingKind, TrainingRecord, Verdict
from ai_ops.learn.card import card_files
from ai_ops.learn.gates import Terms, gates_of, reason_of, verdict_of
from ai_ops.learn.loss import learning
from ai_ops.learn.manifest import manifest_of
from ai_ops.learn.prequential import counted, training_loss
from ai_ops.learn.schedule import EVALUATION, TRAINING, due
from ai_ops.wiring.models.champion import IN_USE, MODEL, champion_of, decisions_of, in_use, keys, load, registry
from ai_ops.wiring.models.fitting import candidate_of
from ai_ops.wiring.models.flagged import past_of
from ai_ops.wiring.models.keep import training_log
from ai_ops.wiring.models.lesson import lesson_of
from ai_ops.wiring.models.trained import NothingNew, Trained
from ai_ops.wiring.models.vitals import drift_since_training
from ai_ops.wiring.models.worth import set_exam, worth_of

if TYPE_CHECKING:
    from ai_ops.domain.model_card import Comparison
    from ai_ops.domain.model_version import DriftReport, Measured, Training
    from ai_ops.learn.prequential import Loss
    from ai_ops.settings.service import Service
    from ai_ops.wiring.models.champion import Version
    from ai_ops.wiring.models.flagged import Past
    from ai_ops.wiring.models.lesson import Wish
    from ai_ops.wiring.models.rows import Rows
    from ai_ops.wiring.models.trained import Candidate
    from ai_ops.wiring.models.worth import Worth
    from ai_ops.wiring.session import Session

OLD = timedelta(days=7)
"""So old is a version that a candidate must not be worse than, so that many small losses cannot add up."""

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
    settings = session.settings
    records, champion = training_log(session).read(service.name), _champion(session, service.name)
    drift = None if champion is None else drift_since_training(champion, rows)
    plan = due(
        records,
        session.place.clock(),
        retrain="nightly",
        has_champion=champion is not None,
        drifted=_drifted(drift, champion),
    )
    past, whole = past_of(session, service), min(HISTORY_TO_KNOW, timedelta(days=settings.metrics.history_days))
    wanted = replace(wish, is_rebuild=wish.is_rebuild or plan.training is TrainingKind.REBUILD)
    lesson = lesson_of(rows, past, champion, wanted, whole)
    if lesson.kind is TrainingKind.WARM and not lesson.new_rows:
        return NothingNew(service.name, f"{rows.end:%Y-%m-%d %H:%M} UTC is the newest data, and it is known already")
    candidate = candidate_of(lesson, past, settings, service, session.place.clock())
    if candidate.name in registry(session).versions(service.name):
        return NothingNew(service.name, f"the same history gives {candidate.name}, which was decided about already")
    exam = set_exam(rows.of(_all_metrics(rows, champion)), past)
    worth = worth_of(candidate, champion, _reference(session, service.name, champion, rows), exam)
    standing = in_use(decisions_of(session, service.name))
    terms = Terms(
        settings.model.min_auc,
        alarms_per_week(settings.anomaly_sensitivity),
        is_approved=wish.is_rebuild,
        is_taken_back=standing is not None and standing.verdict is Verdict.ROLLED_BACK,
    )
    gates = gates_of(
        worth.measured, worth.champion, worth.reference, terms, kind=lesson.kind, moved=candidate.training.moved
    )
    surprises = () if champion is None else _surprises(champion, rows, past)
    loss = training_loss(records, surprises, session.place.clock(), worth.measured)
    outcome = _Outcome(candidate, worth, (*gates, _running(session)), drift, champion, standing, surprises, loss)
    return _decided(session, outcome, is_evaluation_due=plan.is_evaluation_due)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """All that a decision rests on.

    Parameters
    ----------
    champion, standing
        The model in use, and the decision that made it so: it stands also where its files are refused.
    surprises, loss
        See `TrainingRecord`, and what follows from four weeks of them.
    """

    candidate: Candidate
    worth: Worth
    gates: tuple[Gate, ...]
    drift: DriftReport | None
    champion: Version | None
    standing: ModelDecision | None
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
        champion=outcome.standing.version if outcome.standing else None,
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
    )


def _evaluated(outcome: _Outcome, champion: Comparison) -> TrainingRecord:
    """The line of the weekly evaluation of the model in use (S001-140)."""
    known = outcome.champion.card.training if outcome.champion else outcome.candidate.training
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
    )


def _surprises(champion: Version, rows: Rows, past: Past) -> tuple[int, ...]:
    """How the rows that the champion has not seen fell under it, those of findings and planned work left out."""
    ours = rows.of(champion.metrics)
    asked = ours.since(champion.card.training.end) & ~ours.inside(past.abnormal)
    return counted(champion.mixture.pit(ours.values)[asked])


def _champion(session: Session, service: str) -> Version | None:
    """The model in use; one that is refused is as good as none, and the next that passes takes its place."""
    try:
        return champion_of(session, service)
    except ModelRefused as error:
        session.place.warn(f"the model of {service} is not gone on from: {error}")
        return None


def _reference(session: Session, service: str, champion: Version | None, rows: Rows) -> Version | None:
    """A version that was in use a week ago, as far as its files are still there; None without one."""
    decisions = decisions_of(session, service)
    old = [one for one in decisions if one.verdict in IN_USE and rows.end - one.at >= OLD]
    if champion is None or not old or old[-1].version == champion.name:
        return None
    try:
        found = load(session, old[-1])
    except OpsError:
        return None  # it was thrown away, as old versions are
    return found if set(found.metrics) <= set(rows.metrics) | set(champion.metrics) else None


def _drifted(drift: DriftReport | None, champion: Version | None) -> tuple[str, ...]:
    """Metrics that have drifted; the hour of day, or that a metric fell silent, is no reason to learn anew."""
    known = champion.metrics if champion else ()
    return tuple(one.feature for one in drift.drifted if one.feature in known) if drift else ()


def _all_metrics(rows: Rows, champion: Version | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*rows.metrics, *(champion.metrics if champion else ()))))


def _running(session: Session) -> Gate:
    """A paused agent goes on learning and puts nothing in use."""
    pause = session.pause_in_words()
    return Gate(
        "running", pause is None, "the agent is not paused" if pause is None else f"the agent is paused: {pause}"
    )
