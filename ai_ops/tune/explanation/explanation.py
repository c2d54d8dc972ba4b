"""Why this advice and no other, for people: the riskiest hours, the alternatives, and what would change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.rationale import Rationale
from ai_ops.tune.explanation.alternatives import options
from ai_ops.tune.explanation.riskiest import riskiest_hours, rounded
from ai_ops.tune.explanation.turning_points import turning_points
from ai_ops.twin.telemetry import MINUTE

if TYPE_CHECKING:
    from ai_ops.tune.advice import Advice
    from ai_ops.tune.search.limits import Limits


def rationale(advice: Advice, limits: Limits) -> Rationale | None:
    """Lay open what an advice rests on; None when nothing was replayed for it.

    The settings that will run are replayed once more, minute by minute: about a third of what the advice itself took.

    Parameters
    ----------
    limits
        Those that the advice kept.
    """
    study, choice = advice.study, advice.choice
    if study is None or choice is None:
        return None
    runs = 0 if choice.index is None else choice.index
    trace = study.replays.traced([study.candidates[runs]])
    window = study.telemetry
    return Rationale(
        window_start=window.start,
        window_end=window.start + window.minutes * MINUTE,
        margin=rounded(choice.margin),
        options=options(study, choice.index, choice.margin),
        riskiest=riskiest_hours(study.replays, trace, 0, study.correction),
        what_would_change=turning_points(study, choice, limits),
    )
