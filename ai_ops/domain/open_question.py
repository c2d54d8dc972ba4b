"""Which versions wait for a person's word, and for how long they are asked about."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.model_version import TrainingKind, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from ai_ops.domain.model_version import ModelDecision
    from ai_ops.domain.training_record import TrainingRecord

ASKED_FOR = timedelta(days=28)
"""A person may come back from three weeks of holidays, and the version is still there: it is kept as long as it is
asked about, and measured again before it is used. But to say nothing must at some time be an answer, for there is no
other way to say no. As long as the service differs from its model the question is asked anew, a week after the last
time. So what nobody has answered in four weeks is about a change that has passed."""

PAUSE = "running"
"""Gate that a candidate fails because the agent is paused."""

ANEW = frozenset({TrainingKind.REBUILD, TrainingKind.COLD})


def open_questions(decisions: Sequence[ModelDecision], at: datetime) -> tuple[ModelDecision, ...]:
    """Decisions to wait that nothing has answered, newest first: at most one of a rebuild and one of another training.

    Parameters
    ----------
    decisions
        About one service, oldest first.
    at
        Now; aware.
    """
    waiting = [
        one
        for place, one in enumerate(decisions)
        if one.verdict is Verdict.WAITING
        and at - one.at <= ASKED_FOR
        and not any(_answers(later, one) for later in decisions[place + 1 :])
    ]
    return tuple(reversed(waiting))


def to_answer(
    decisions: Sequence[ModelDecision], records: Iterable[TrainingRecord], at: datetime
) -> ModelDecision | None:
    """The newest open question that is one for a person; None where there is none.

    Who has paused the agent need not be asked about each night of the pause: the first night behind it goes on by
    itself. Only a rebuild that met a pause is asked about, because the next one may come weeks later.

    Parameters
    ----------
    decisions, at
        See `open_questions`.
    records
        The training log, which says what each candidate has failed.
    """
    paused = {one.version for one in records if {gate.name for gate in one.gates if not gate.is_passed} == {PAUSE}}
    asked = open_questions(decisions, at)
    return next((one for one in asked if one.kind is TrainingKind.REBUILD or one.version not in paused), None)


def _answers(later: ModelDecision, asked: ModelDecision) -> bool:
    """Whether a later decision leaves nothing to say about one that waits.

    It is about the same version, it asks the same again, or it puts in use what knows as much: any later model knows
    the rows of one that was to go on from the champion, but only another that was fitted anew knows a changed service.
    """
    is_rebuild = asked.kind is TrainingKind.REBUILD
    if later.verdict is Verdict.WAITING and (later.kind is TrainingKind.REBUILD) is is_rebuild:
        return True
    is_overtaken = later.verdict is Verdict.PROMOTED and (not is_rebuild or later.kind in ANEW)
    return is_overtaken or later.version == asked.version
