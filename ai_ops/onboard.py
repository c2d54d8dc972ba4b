"""The story of `neuropilot init`: look around, ask the metrics, find the knobs, and draft what a repository needs.

Nothing is written here. Whoever has read the drafts may have them written, all of them or none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ai_ops.domain.adoption import Adoption, Onboarding


def onboard(steps: Onboarding) -> Adoption:
    """Find out what a repository needs to adopt the agent."""
    repository = steps.look()
    evidence = steps.ask(repository)
    knobs = steps.find_knobs(repository, evidence.guess)
    return steps.draft(repository, evidence, knobs)
