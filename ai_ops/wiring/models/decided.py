"""What was decided about a candidate, as it will stand on its card, in the ledger and in the training log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from ai_ops import __version__
from ai_ops.domain.model_card import ModelCard
from ai_ops.domain.model_version import Gate, ModelDecision
from ai_ops.domain.training_record import TrainingRecord
from ai_ops.learn.card import card_files
from ai_ops.learn.gates import reason_of, verdict_of
from ai_ops.learn.loss import learning
from ai_ops.learn.manifest import manifest_of
from ai_ops.learn.schedule import EVALUATION, TRAINING
from ai_ops.wiring.models.champion import MODEL, keys
from ai_ops.wiring.models.trained import Trained

if TYPE_CHECKING:
    from ai_ops.domain.model_card import Comparison
    from ai_ops.domain.model_drift import DriftReport
    from ai_ops.domain.model_version import Measured, Training, Verdict
    from ai_ops.learn.prequential import Loss
    from ai_ops.wiring.models.rivals import Rivals
    from ai_ops.wiring.models.trained import Candidate
    from ai_ops.wiring.models.worth import Worth
    from ai_ops.wiring.session import Session

AGENT = "neuropilot"


@dataclass(frozen=True, slots=True)
class Outcome:
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
        """What becomes of the candidate."""
        return verdict_of(self.gates)

    @property
    def reason(self) -> str:
        """Why, in one line."""
        return reason_of(self.gates)


def decided(session: Session, outcome: Outcome, *, is_evaluation_due: bool) -> Trained:
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


def _decision(outcome: Outcome, manifest: bytes) -> ModelDecision:
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


def _trained(outcome: Outcome) -> TrainingRecord:
    """The line of this training."""
    training, worth = outcome.candidate.training, outcome.worth.measured
    return replace(
        record_of(outcome.candidate.name, TRAINING, training, worth, outcome.drift),
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


def _evaluated(outcome: Outcome, champion: Comparison) -> TrainingRecord:
    """The line of the weekly evaluation of the model in use (S001-140)."""
    rival = outcome.rivals.champion
    known = rival.card.training if rival else outcome.candidate.training
    line = record_of(champion.version, EVALUATION, known, champion.measured, outcome.drift)
    return replace(line, at=outcome.candidate.training.at, note="the model in use, on the hours held out until now")


def record_of(
    version: str, event: str, training: Training, worth: Measured | None, drift: DriftReport | None
) -> TrainingRecord:
    """What every line of the training log says of a version."""
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
        is_simulated=training.is_simulated,
        loss_rows=worth.rows if worth else None,
    )
