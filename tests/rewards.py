"""Windows and pasts for the tests of rewards: each builder takes only what the test is about."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from examples import SLO, a_reward, an_episode

from ai_ops.reward.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.domain.cycle import Episode

FUNCTION = """\
def calculate_reward(sla, cost_variance, metrics):
    return 2.0 * sla - cost_variance - 0.1 * metrics["error_rate"] / 5
"""
"""The example of the first promise, as a team would write it."""


def facts(burn: float = 0.2, cost: float = 30.0, budget: float = 50.0, **measured: float) -> Facts:
    """A window that spent `burn` of its error budget, and that much money."""
    return Facts(SLO, 100.0 - 0.05 * burn, burn, cost, budget, measured)


def a_past(burns: Sequence[float], costs: Sequence[float] | None = None, **measured: float) -> tuple[Episode, ...]:
    """Scored episodes six hours apart, oldest first, each with its burn and its cost of a budget of 1."""
    costs = [0.5] * len(burns) if costs is None else costs
    return tuple(
        an_episode(
            6.0 * (len(burns) - place),
            reward=a_reward(burn=burn, slo_good_percent=100.0 - 0.05 * burn, cost=cost, budget=1.0),
            measured={"error_percent": 0.1, "latency_p95_ms": 150.0, "cpu_percent": 45.0} | measured,
        )
        for place, (burn, cost) in enumerate(zip(burns, costs, strict=True))
    )


def without(episode: Episode, **reward: Any) -> Episode:
    """The same episode with something about its reward changed."""
    return replace(episode, reward=replace(episode.reward, **reward))
