"""The guardrails, asked once more where it counts: the job that acts takes nobody's word for what they let pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.situation import Situation
from ai_ops.domain.tuning import Proposal
from ai_ops.tune.exploration import exploration
from ai_ops.tune.standstill import Standstill
from ai_ops.tune.tune import Tuner
from ai_ops.wiring.minutes import POLICIES_ON_MINUTES
from ai_ops.wiring.sources import tuner

if TYPE_CHECKING:
    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.tuning import Decision
    from ai_ops.settings.model import Settings
    from ai_ops.settings.service import Service
    from ai_ops.store.handover import Seen, Thought

    Episodes = tuple[Episode, ...]


def objection(settings: Settings, service: Service, seen: Seen, thought: Thought, past: Episodes) -> str | None:
    """Say why the guardrails would not have let a handed-over decision pass, or None.

    They are asked about the moment in which it was made. Whether anything may move now is asked before it is done.
    """
    decision, observation = thought.decision, seen.observation
    if decision is None or observation is None or decision.is_hold:
        return None
    standing = observation.thresholds.values
    if foreign := [one.knob for one in decision.changes if standing.get(one.knob) != one.before]:
        return f"{', '.join(foreign)} does not stand where it would be moved from"
    policy = _Said(decision, is_proven_whole=settings.tuning.policy in POLICIES_ON_MINUTES)
    guardrails = tuner(settings, service, Standstill()).guardrails
    passed = Tuner(policy, guardrails).decide(_situation(service, seen, thought, past))
    if passed.changes == decision.changes:
        return None
    return "; ".join(passed.reasons[len(decision.reasons) :]) or "they let something else pass"


@dataclass(slots=True)
class _Said:
    """A policy that wants what was decided."""

    decision: Decision
    is_proven_whole: bool
    name: str = "handed over"

    def propose(self, _situation: Situation) -> Proposal:
        said = self.decision
        return Proposal(said.changes, said.reasons, said.is_urgent, self.is_proven_whole)


def _situation(service: Service, seen: Seen, thought: Thought, past: Episodes) -> Situation:
    if seen.observation is None or thought.reward is None:
        raise ValueError("there is no situation without an observation and a reward")
    return Situation(
        now=thought.at,
        observation=seen.observation,
        findings=thought.findings,
        reward=thought.reward,
        past=past,
        knobs=service.knobs,
        slo=service.slo,
        exploration=exploration(past, thought.at),
        delivered=seen.delivered,
    )
