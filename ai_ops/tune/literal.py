"""The policy `literal`: the three rules exactly as they were first written (S001-78 to S001-80).

    SLA met and cost high    raise thresholds (scale less)
    SLA not met              lower thresholds (scale more)
    anomalies detected       tighten the latency threshold

Every rule that applies speaks, so that two may in one cycle. "The thresholds" are both CPU thresholds. The rules name
no size: each knob moves by its `max_step`. The promise and the cost are those of the window alone, any finding is an
anomaly, and nothing goes back by itself: without guardrails that is the ratchet of R37, and the pair of R38.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.tuning import BY_TARGET, LATENCY, SCALE_IN, SCALE_OUT, Change, Proposal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.situation import Situation


class LiteralRules:
    """The three rules; the guardrails behind them are the same as those of every policy."""

    name = "literal"

    def propose(self, situation: Situation) -> Proposal:
        """Let each rule that applies move its thresholds by one step."""
        good_percent = situation.reward.slo_good_percent
        if good_percent is None:
            return Proposal.stay("the SLI was not measured, so no rule can tell whether the SLA was met")
        is_met = good_percent >= situation.slo.target_percent
        promise = f"SLA {'met' if is_met else 'not met'} ({good_percent:.4g} % of {situation.slo.target_percent:g} %)"
        reasons, changes = [], list[Change]()
        if not is_met:
            reasons.append(f"{promise}: lower thresholds (scale more)")
            changes += _move(situation, _cpu_thresholds(situation), -1)
        elif _is_cost_high(situation):
            reasons.append(f"{promise} and cost high: raise thresholds (scale less)")
            changes += _move(situation, _cpu_thresholds(situation), +1)
        if situation.findings:
            reasons.append(f"anomalies detected ({len(situation.findings)}): tighten the latency threshold")
            changes += _move(situation, (LATENCY,), -1)
        if not reasons:
            return Proposal.stay(f"{promise}, cost not high, no anomalies: no rule applies")
        if not changes:
            reasons.append("every threshold that the rules would move is at its bound, or is no knob of this service")
        return Proposal(tuple(changes), tuple(reasons), is_urgent=bool(changes) and not is_met)


def _cpu_thresholds(situation: Situation) -> tuple[str, ...]:
    """Both, or the target alone where the platform tracks one: there scale-in means nothing."""
    is_tracking = situation.observation.thresholds.scaling_mode == BY_TARGET
    return (SCALE_OUT,) if is_tracking else (SCALE_OUT, SCALE_IN)


def _is_cost_high(situation: Situation) -> bool:
    cost, budget = situation.reward.cost, situation.reward.budget
    return cost is not None and budget is not None and cost > budget


def _move(situation: Situation, names: tuple[str, ...], direction: int) -> Iterator[Change]:
    """One `max_step` up or down for each of these knobs that has room."""
    standing = situation.observation.thresholds.numbers
    for name in names:
        knob, before = situation.knobs.get(name), standing.get(name)
        if knob is None or before is None:
            continue
        after = min(max(before + direction * knob.max_step, knob.minimum), knob.maximum)
        if (after - before) * direction > 0:  # a value beyond its bound is not moved the other way
            yield Change(name, before, after)
