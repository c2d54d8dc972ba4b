"""What the autoscaler did, and what the agent did to the autoscaler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.change import value_in_words
from ai_ops.domain.cycle import ROLLBACK
from ai_ops.domain.document import Evidence
from ai_ops.domain.report_span import Span
from ai_ops.report.agent.past import one_per_period
from ai_ops.report.service.measured import source_of, within
from ai_ops.report.service.said import KnobMove, Scaling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.metrics import Series
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.gathered import Gathered

_METRIC = "instances"


def scaling_of(gathered: Gathered, span: ReportSpan) -> Scaling:
    """Count rises and falls of the ready instances (S001-104), and list what the agent decided."""
    present, steps = _counted(gathered.series.get(_METRIC), span)
    decided = [one for one in gathered.episodes if span.span.start <= one.decided_at < span.end]
    in_force = one_per_period(one for one in decided if one.policy != ROLLBACK)
    return Scaling(
        ups=int((steps > 0).sum()) if present.size else None,
        downs=int((steps < 0).sum()) if present.size else None,
        lowest=float(present.min()) if present.size else None,
        highest=float(present.max()) if present.size else None,
        mean=float(present.mean()) if present.size else None,
        moves=tuple(_moves(gathered, decided, in_force)),
        holds=sum(one.decision.is_hold for one in in_force),
        evidence=_evidence(gathered, span, present, decided),
    )


def _counted(series: Series | None, span: ReportSpan) -> tuple[np.ndarray, np.ndarray]:
    """What was counted in the span, shape (n,), and by how much it rose or fell each time, shape (n,) or (n - 1,).

    A change is seen where a count differs from the last one before it, however long nobody counted in between; that
    is why the last count before the span matters, and a change at midnight belongs to one day and not to none.
    """
    counted = within(series, span.span)
    present = counted[np.isfinite(counted)]
    if series is None or not present.size:
        return np.empty(0), np.empty(0)
    earlier = within(series, Span(series.start, span.span.start))
    last = earlier[np.isfinite(earlier)][-1:]
    return present, np.diff(np.round(np.concatenate([last, present])))  # instances come whole, averages of them do not


def _moves(gathered: Gathered, decided: list[Episode], in_force: tuple[Episode, ...]) -> Iterator[KnobMove]:
    """Every knob that moved; what was decided again before it was live never moved anything."""
    for episode in decided:
        is_live = episode.id in gathered.delivered
        if is_live or episode.policy == ROLLBACK or episode in in_force:
            for change in episode.decision.changes:
                before, after = value_in_words(change.before), value_in_words(change.after)
                yield KnobMove(episode.id, episode.decided_at, change.knob, before, after, is_live)


def _evidence(gathered: Gathered, span: ReportSpan, present: np.ndarray, decided: list[Episode]) -> Evidence:
    return Evidence(
        id=f"{gathered.service}-scaling",
        says=f"scaling of {gathered.service}",
        formula=(
            "ups, downs = how often instances, in whole numbers, were more or fewer than when they were last counted; "
            "moves, holds = decisions of these episodes, of a period decided again the last"
        ),
        inputs=(
            ("instances", f"{present.size} values"),
            ("episodes", ", ".join(one.id for one in decided) or "none"),
        ),
        source=f"{source_of(gathered, (_METRIC,), span.span)}; the ledger",
        command="neuropilot history --json",
    )
