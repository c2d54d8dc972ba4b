"""What was handed over about one service, beside what this job knows of it by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ai_ops.domain.situation import Situation
from ai_ops.domain.slo import attainment
from ai_ops.store.handover import DECIDED, refused
from ai_ops.tune.exploration import exploration

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.finding import Finding
    from ai_ops.domain.metrics import Observation
    from ai_ops.domain.tuning import Decision, Reward
    from ai_ops.settings.model import Settings
    from ai_ops.settings.service import Service
    from ai_ops.store.handover import Seen, Thought


@dataclass(frozen=True, slots=True, eq=False)
class Handed:
    """One service's part of both documents, whole.

    Parameters
    ----------
    past
        The episodes that this job's own ledger holds, oldest first.
    at
        The moment of the decision.
    delivered
        See `store.handover.Seen`.
    """

    settings: Settings
    service: Service
    past: tuple[Episode, ...]
    observation: Observation
    findings: tuple[Finding, ...]
    reward: Reward
    decision: Decision
    at: datetime
    delivered: Mapping[str, datetime]

    def situation(self) -> Situation:
        """What policy and guardrails saw at that moment; how the promise was kept is counted again."""
        seen = attainment(self.observation, self.service.slo)
        reward = replace(
            self.reward,
            slo_good_percent=seen.good_percent if seen else None,
            burn=seen.burn if seen else None,
            requests=seen.requests if seen else None,
        )
        return Situation(
            now=self.at,
            observation=self.observation,
            findings=self.findings,
            reward=reward,
            past=self.past,
            knobs=self.service.knobs,
            slo=self.service.slo,
            exploration=exploration(self.past, self.at),
            delivered=self.delivered,
        )


def handed_over(
    settings: Settings, service: Service, past: tuple[Episode, ...], seen: Seen, thought: Thought
) -> Handed:
    """Join what two documents say of a service.

    Raises
    ------
    StateError
        When a part is missing.
    """
    if seen.observation is None or thought.reward is None or thought.decision is None:
        raise refused(DECIDED, f"it holds no decision about {seen.service}")
    foresight = thought.decision.foresight
    return Handed(
        settings=settings,
        service=service,
        past=past,
        observation=seen.observation,
        findings=thought.findings,
        reward=thought.reward,
        decision=thought.decision,
        at=foresight.at if foresight else thought.at,
        delivered=seen.delivered,
    )
