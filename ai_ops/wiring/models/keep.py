"""Keeping what was decided about a model: files first, then the line that puts them in use, then the log."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ai_ops.domain.errors import Overtaken
from ai_ops.domain.model_version import Verdict
from ai_ops.learn.training_log import TrainingLog
from ai_ops.wiring.keeping import KEEP_ATTEMPTS
from ai_ops.wiring.models.champion import decisions_of, in_use, keys, registry
from ai_ops.wiring.session import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.domain.model_version import ModelDecision
    from ai_ops.wiring.models.trained import Trained
    from ai_ops.wiring.session import Session


def training_log(session: Session) -> TrainingLog:
    """The log of every training."""
    return TrainingLog(session.memory / MODELS / "training_log.json", warn=session.place.warn, redact=session.redact)


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
        log = training_log(session)
        for record in trained.records:
            log.append(record)

    _persistently(session, decision, write)


def keep_decision(session: Session, decision: ModelDecision) -> None:
    """Keep what a person decided about a version that stands already. Raises as `keep_training` does."""
    _persistently(session, decision, lambda: _write(session, decision, {}))


def _write(session: Session, decision: ModelDecision, files: Mapping[str, bytes]) -> None:
    """Write a version, then what was decided: from the second on it is in use."""
    standing = registry(session)
    if files:
        standing.write(decision.service, decision.version, files, keys(session.settings)[0])
    session.ledger.append_model_decision(decision)
    standing.prune(decision.service, _dear(session, decision.service))


def _dear(session: Session, service: str) -> tuple[str, ...]:
    """Versions that must stay, dearest first: the champion, what waits for a person, and the champions before."""
    decisions = decisions_of(session, service)
    champion = in_use(decisions)
    waiting = [one.version for one in reversed(decisions) if one.verdict is Verdict.WAITING][:1]
    former = [one.version for one in reversed(decisions) if one.verdict is not Verdict.REFUSED]
    return tuple(dict.fromkeys(([champion.version] if champion else []) + waiting + former))


def _persistently(session: Session, decision: ModelDecision, write: Callable[[], None]) -> None:
    """Write and push; where a run of the cycle was faster, take over what it wrote and write again.

    Raises
    ------
    Overtaken
        When it was another training that was faster, so that this one went on from an old champion.
    """
    for _ in range(KEEP_ATTEMPTS):
        champion = in_use(decisions_of(session, decision.service))
        if (champion.version if champion else None) != decision.champion:
            raise Overtaken(f"somebody else decided about the model of {decision.service} meanwhile; train again")
        write()
        with suppress(Overtaken):
            session.keep(f"{decision.service}: model {decision.version} {decision.verdict}")
            return
        if session.branch is not None:
            session.branch.pull()
    raise Overtaken(f"the state was written by others {KEEP_ATTEMPTS} times in a row; train again")
