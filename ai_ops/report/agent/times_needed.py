"""How often a person was needed in the last seven days (S001-02, S001-03), as far as the memory tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.autonomy import Mode
from ai_ops.domain.change import value_in_words
from ai_ops.domain.cycle import ROLLBACK
from ai_ops.domain.model_version import Verdict
from ai_ops.domain.open_question import PAUSE
from ai_ops.domain.report_span import WEEK
from ai_ops.report.agent.past import episodes_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.gathered import Gathered

BY_ITSELF = "neuropilot"
"""Who decides about a model where no person does."""


def times_needed(gathered: Gathered, span: ReportSpan) -> tuple[int, tuple[str, ...]]:
    """Count what took a person's time, and say what for, one line for each kind.

    A pause that is over, and a pull request that was closed without being merged, leave nothing to count.
    """
    counted = [(count, one, many) for count, one, many in _counts(gathered, span) if count]
    return sum(count for count, _, _ in counted), tuple(
        f"{count} {one if count == 1 else many}" for count, one, many in counted
    )


def _counts(gathered: Gathered, span: ReportSpan) -> Iterator[tuple[int, str, str]]:
    """How many of each kind, and the words for one of them and for several."""
    since = span.end - WEEK
    yield _asked(gathered, span), "change to say yes or no to", "changes to say yes or no to"
    judged = sum(since <= one.at <= span.end for one in gathered.judgements)
    yield judged, "decision to judge", "decisions to judge"
    lately = (one for one in episodes_until(gathered, span.end) if one.decided_at >= since)
    taken_back = sum(one.policy == ROLLBACK for one in lately)
    yield taken_back, "decision to take back", "decisions to take back"
    yield len(_models(gathered, span)), "model to say yes or no to", "models to say yes or no to"
    yield int(gathered.pause is not None), "pause to end", "pauses to end"


def _asked(gathered: Gathered, span: ReportSpan) -> int:
    """Changes of settings that a person merged, or that did not come to the branch by themselves.

    Where nothing at all is on the branch, perhaps nobody could look, and only a request that is open counts.
    """
    since, request = span.end - WEEK, gathered.request
    merged, waiting = 0, set()
    for one in episodes_until(gathered, span.end):
        live_at = gathered.delivered.get(one.id)
        if one.mode == Mode.PROPOSE and live_at is not None and live_at >= since:
            merged += 1
        elif one.mode == Mode.COMMIT and live_at is None and one.decided_at >= since and gathered.delivered:
            waiting |= {tuple((change.knob, value_in_words(change.after)) for change in one.decision.changes)} - {()}
    return merged + max(len(waiting), int(request is not None and request.opened_at >= since))


def _models(gathered: Gathered, span: ReportSpan) -> set[str]:
    """Versions that a person was asked about, or decided about; a pause asks nobody."""
    vitals, since = gathered.vitals, span.end - WEEK
    paused = {
        one.version for one in vitals.records if {gate.name for gate in one.gates if not gate.is_passed} == {PAUSE}
    }
    lately = [one for one in vitals.decisions if since <= one.at <= span.end]
    asked = {one.version for one in lately if one.verdict is Verdict.WAITING and one.version not in paused}
    return asked | {one.version for one in lately if one.by != BY_ITSELF}
