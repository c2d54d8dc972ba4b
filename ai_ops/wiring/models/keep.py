"""Keeping what was decided about a model: files first, then the line that puts them in use, then the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.errors import Overtaken, StateError
from ai_ops.domain.model_version import Verdict
from ai_ops.domain.open_question import open_questions
from ai_ops.learn.training_log import TrainingLog
from ai_ops.wiring.keeping import write_and_keep
from ai_ops.wiring.models.champion import decisions_of, in_use, keys, registry
from ai_ops.wiring.models.rivals import one_a_day
from ai_ops.wiring.models.trained import Trained
from ai_ops.wiring.session import MODELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ai_ops.domain.model_version import ModelDecision
    from ai_ops.domain.training_record import TrainingRecord
    from ai_ops.wiring.models.trained import NothingNew
    from ai_ops.wiring.session import Session


def training_log(session: Session) -> TrainingLog:
    """The log of every training."""
    return TrainingLog(session.memory / MODELS / "training_log.json", warn=session.place.warn, redact=session.redact)


def records_of(session: Session, service: str) -> tuple[TrainingRecord, ...]:
    """The records of a service of this kind; those of the made-up one say nothing of a real one."""
    is_simulated = session.settings.is_simulated
    return tuple(one for one in training_log(session).read(service) if one.is_simulated is is_simulated)


def keep(session: Session, trained: Trained | NothingNew) -> None:
    """Keep what a training came to. Raises as `keep_training` does."""
    if isinstance(trained, Trained):
        keep_training(session, trained)
    elif trained.record is not None:
        record = trained.record
        write_and_keep(session, f"{record.service}: nothing learned", lambda: _log(session, (record,)))


def keep_training(session: Session, trained: Trained) -> None:
    """Keep a training with all that follows from it; of a refused candidate the record alone.

    Raises
    ------
    ModelRefused
        When its files may not be kept.
    StateError
        When they cannot be written; the champion is then what it was.
    Overtaken
        When another training decided about this service meanwhile.
    DeliveryError
        When the memory cannot be pushed.
    """
    decision = trained.decision
    files = {} if decision.verdict is Verdict.REFUSED else trained.files

    def write() -> None:
        _write(session, decision, files)
        _log(session, trained.records)

    write_and_keep(session, _message(decision), write)


def _log(session: Session, records: Sequence[TrainingRecord]) -> None:
    """Write the log; it is for people, and one that cannot be written does not undo what the ledger says."""
    try:
        for record in records:
            training_log(session).append(record)
    except StateError as error:
        session.place.warn(f"this training is missing in the training log: {error}")


def keep_decision(session: Session, decision: ModelDecision) -> None:
    """Keep what a person decided about a version that stands already. Raises as `keep_training` does."""
    write_and_keep(session, _message(decision), lambda: _write(session, decision, {}))


def _message(decision: ModelDecision) -> str:
    return f"{decision.service}: model {decision.version} {decision.verdict}"


def _write(session: Session, decision: ModelDecision, files: Mapping[str, bytes]) -> None:
    """Write a version, then what was decided: from the second on it is in use."""
    _still_first(session, decision)
    standing = registry(session)
    if files:
        standing.write(decision.service, decision.version, files, keys(session.settings)[0])
    session.ledger.append_model_decision(decision)
    standing.prune(decision.service, _dear(session, decision.service))


def _dear(session: Session, service: str) -> tuple[str, ...]:
    """Versions that must stay, dearest first.

    The model in use and what waits for a person, of the real service and of the made-up one, for a look at the one
    must not cost the other its model. Then one of each day, so that there is one of a week ago to compare with.
    """
    every = session.ledger.model_decisions(service)
    kinds = [[one for one in every if one.is_simulated is kind] for kind in (False, True)]
    is_simulated = session.settings.is_simulated
    standing = [one.version for ours in kinds if (one := in_use(ours)) is not None]
    now = session.place.clock()
    waiting = [one.version for ours in kinds for one in open_questions(ours, now)]
    own = [one.version for one in one_a_day(kinds[is_simulated])]
    return tuple(dict.fromkeys([*standing, *waiting, *own]))


def _still_first(session: Session, decision: ModelDecision) -> None:
    """Refuse to go on from a champion that is none any more.

    Raises
    ------
    Overtaken
        When somebody else has decided about the service's model meanwhile.
    """
    champion = in_use(decisions_of(session, decision.service))
    if (champion.version if champion else None) != decision.champion:
        raise Overtaken(f"somebody else decided about the model of {decision.service} meanwhile; train again")
