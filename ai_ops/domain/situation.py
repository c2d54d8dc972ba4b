"""Everything a policy and a guardrail may look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.finding import Finding
    from ai_ops.domain.metrics import Observation
    from ai_ops.domain.slo import Slo
    from ai_ops.domain.tuning import Exploration, Knob, Reward


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known at the moment of a decision.

    Parameters
    ----------
    now
        When the decision is made.
    past
        The service's episodes, oldest first, without the one being decided.
    delivered
        Episodes whose commit stands on the branch, by id, with the time of the commit: evidence that does not
        depend on the agent's memory.
    knobs
        The knobs of the service, by name; only these may move.
    is_urgent, is_proven_whole
        Whether the proposal that is looked at is urgent, and proven as a whole; a policy is asked before that is known.
    """

    now: datetime
    observation: Observation
    findings: tuple[Finding, ...]
    reward: Reward
    past: tuple[Episode, ...]
    knobs: Mapping[str, Knob]
    slo: Slo
    exploration: Exploration
    delivered: Mapping[str, datetime] = field(default_factory=dict)
    is_urgent: bool = False
    is_proven_whole: bool = False
