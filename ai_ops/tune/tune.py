"""Tune: a policy proposes, guardrails decide what passes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ai_ops.domain.tuning import Decision
from ai_ops.tune.guardrails import Verdict

if TYPE_CHECKING:
    from ai_ops.domain.ports import Policy
    from ai_ops.domain.situation import Situation
    from ai_ops.tune.guardrails import Changes, Guardrail


@dataclass(frozen=True, slots=True)
class Tuner:
    """One policy behind its guardrails.

    Parameters
    ----------
    policy
        What wants something.
    guardrails
        Run in this order; the last keeps the bounds.
    """

    policy: Policy
    guardrails: tuple[Guardrail, ...]

    def decide(self, situation: Situation) -> Decision:
        """Decide what moves now, or hold, always with the reasons in the order they arose."""
        proposal = self.policy.propose(situation)
        if not proposal.changes:
            return Decision.hold(*proposal.reasons)
        foreign = sorted({change.knob for change in proposal.changes} - set(situation.knobs))
        if foreign:
            return Decision.hold(*proposal.reasons, f"{', '.join(foreign)}: not a knob of this service")
        changes, reasons = proposal.changes, list(proposal.reasons)
        situation = replace(situation, is_urgent=proposal.is_urgent)
        for guardrail in self.guardrails:
            verdict = _ask(guardrail, changes, situation)
            if verdict.said:
                reasons.append(verdict.said)
            if not verdict.changes:
                return Decision.hold(*reasons)
            changes = verdict.changes
        return Decision(changes, tuple(reasons), proposal.is_urgent)


def _ask(guardrail: Guardrail, changes: Changes, situation: Situation) -> Verdict:
    """Ask one guardrail; one that cannot be computed holds the decision."""
    try:
        return guardrail(changes, situation)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        name = getattr(guardrail, "__name__", "guardrail")
        return Verdict.hold(f"the guardrail {name} could not be computed: {type(error).__name__}: {error}")
