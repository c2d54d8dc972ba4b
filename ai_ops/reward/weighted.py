"""Several objectives by weight (S001-133).

Each objective is brought to the scale 0 to 1 by one and the same rule:

    1 / (1 + used / allowed)

which is 1 where nothing of what is allowed is used, one half where all of it is, and falls towards 0 beyond. So it has
a slope everywhere: better is worth more before a limit is reached, and worse still counts after it.

| objective | used | allowed |
|---|---|---|
| sla | the error budget that was burned | the error budget of the window |
| cost | money spent | the budget's share for the window |
| latency | p95, milliseconds | `slo.latency_ms` |
| availability | `error_percent`: requests that failed, however fast | what `sla_target` leaves |
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ai_ops.reward.facts import Uncounted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.reward.facts import Facts, Terms
    from ai_ops.reward.formulas import Formula


def weighted(weights: Mapping[str, float]) -> Formula:
    """Count by the weights of `OBJECTIVES`, which are at least 0 and add up to 1; so the reward lies in 0 to 1."""
    return partial(_count, {name: weight for name, weight in weights.items() if weight > 0})


def _count(weights: Mapping[str, float], facts: Facts) -> Terms | Uncounted:
    used = {name: OBJECTIVES[name](facts) for name in weights}
    missing = [NEEDS[name] for name, ratio in used.items() if ratio is None]
    if missing:
        return Uncounted(f"{' and '.join(missing)} was not measured")
    return {name: weights[name] / (1.0 + max(0.0, ratio)) for name, ratio in used.items() if ratio is not None}


def _latency(facts: Facts) -> float | None:
    p95_ms = facts.measured.get("latency_p95_ms")
    return None if p95_ms is None else p95_ms / facts.slo.latency_ms


def _availability(facts: Facts) -> float | None:
    failed_percent = facts.measured.get("error_percent")
    return None if failed_percent is None else failed_percent / (100.0 - facts.slo.target_percent)


OBJECTIVES: Mapping[str, Callable[[Facts], float | None]] = {
    "sla": lambda facts: facts.burn,
    "cost": lambda facts: facts.cost / facts.budget,
    "latency": _latency,
    "availability": _availability,
}
"""By objective, how many times what is allowed is used; None where it was not measured."""

NEEDS = {"latency": "latency_p95_ms", "availability": "error_percent"}
"""The metric behind an objective that may not have been measured."""
