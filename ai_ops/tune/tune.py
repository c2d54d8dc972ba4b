"""Tune: a policy proposes, guardrails decide what passes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ai_ops.domain.tuning import Decision
from ai_ops.tune.guardrails import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_ops.domain.ports import Policy
    from ai_ops.domain.situation import Situation
    from ai_ops.domain.tuning import Proposal
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
            return Decision.hold(*proposal.reasons, foresight=proposal.foresight)
        foreign = sorted({change.knob for change in proposal.changes} - set(situation.knobs))
        if foreign:
            return _held(proposal, proposal.reasons, f"{', '.join(foreign)}: not a knob of this service")
        changes, reasons = proposal.changes, list(proposal.reasons)
        situation = replace(situation, is_urgent=proposal.is_urgent, is_proven_whole=proposal.is_proven_whole)
        for guardrail in self.guardrails:
            verdict = _ask(guardrail, changes, situation)
            if verdict.said:
                reasons.append(verdict.said)
            if not verdict.changes:
                return _held(proposal, reasons)
            if proposal.is_proven_whole and verdict.changes != proposal.changes:
                return _held(proposal, reasons, CUT)
            changes = verdict.changes
        return Decision(changes, tuple(reasons), proposal.is_urgent, proposal.foresight)


CUT = "the changes were proven together, and what is left of them is proven by nothing: none is made"


def _held(proposal: Proposal, reasons: Iterable[str], because: str = "") -> Decision:
    return Decision.hold(*reasons, *([because] if because else []), foresight=proposal.foresight)


def _ask(guardrail: Guardrail, changes: Changes, situation: Situation) -> Verdict:
    """Ask one guardrail; one that cannot be computed holds the decision."""
    try:
        return guardrail(changes, situation)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        name = getattr(guardrail, "__name__", "guardrail")
        return Verdict.hold(f"the guardrail {name} could not be computed: {type(error).__name__}: {error}")
