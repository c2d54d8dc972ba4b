"""A handed-over decision, looked at once more where it counts: the job that acts takes nobody's word for it.

What can be worked out here in a moment is worked out, and must be the same: what the guardrails let pass, and what
became of earlier predictions, from which autonomy is earned. The search for a better setting is not done again; a
decision that moves nothing, expects nothing and judges nothing would be no harm. Only what calls itself urgent, and so
may take more than one step and merge itself, has its policy asked once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.tuning import Proposal
from ai_ops.tune.standstill import Standstill
from ai_ops.tune.tune import Tuner
from ai_ops.wiring.jobs.findings_again import unlikely_finding
from ai_ops.wiring.jobs.foresight_again import unfounded
from ai_ops.wiring.minutes import POLICIES_ON_MINUTES
from ai_ops.wiring.sources import tuner

if TYPE_CHECKING:
    from ai_ops.domain.situation import Situation
    from ai_ops.domain.tuning import Decision
    from ai_ops.wiring.jobs.handed import Handed


def objection(handed: Handed) -> str | None:
    """Say why a handed-over decision is not acted on, or None.

    Guardrails are asked about the moment in which it was made. Whether anything may move now is asked before it is
    done.
    """
    return unlikely_finding(handed) or unfounded(handed) or _without_need(handed) or _off_the_rails(handed)


def _without_need(handed: Handed) -> str | None:
    """Why it is not urgent though it says so, or None.

    The policy itself says when safety is lacking, from the metrics and from this job's own ledger. That may take a
    search of some seconds, which is little where a change may be of any size, and rare.
    """
    if not handed.decision.is_urgent:
        return None
    if handed.decision.is_hold:
        return "it calls urgent what moves nothing"
    wanted = tuner(handed.settings, handed.service, Standstill()).policy.propose(handed.situation())
    if wanted.is_urgent:
        return None
    return f"it calls urgent what its policy does not: {'; '.join(wanted.reasons)}"


def _off_the_rails(handed: Handed) -> str | None:
    """Why the guardrails would not have let it pass, or None; a hold needs nobody's leave."""
    decision, settings = handed.decision, handed.settings
    if decision.is_hold:
        return None
    standing = handed.observation.thresholds.values
    if foreign := [one.knob for one in decision.changes if standing.get(one.knob) != one.before]:
        return f"{', '.join(foreign)} does not stand where it would be moved from"
    policy = _Said(decision, is_proven_whole=settings.tuning.policy in POLICIES_ON_MINUTES)
    guardrails = tuner(settings, handed.service, Standstill()).guardrails
    passed = Tuner(policy, guardrails).decide(handed.situation())
    if passed.changes == decision.changes:
        return None
    said = "; ".join(passed.reasons[len(decision.reasons) :]) or "they let something else pass"
    return f"the guardrails do not let pass what it wants: {said}"


@dataclass(slots=True)
class _Said:
    """A policy that wants what was decided."""

    decision: Decision
    is_proven_whole: bool
    name: str = "handed over"

    def propose(self, _situation: Situation) -> Proposal:
        said = self.decision
        return Proposal(said.changes, said.reasons, said.is_urgent, self.is_proven_whole)
