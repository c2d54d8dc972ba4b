"""The first lines of a body: what changes, what it brings, what it costs, how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.apply.pull_request_body.figures import allowed_minutes, amount, difference, monthly, span
from ai_ops.apply.pull_request_body.words import moves
from ai_ops.domain.cycle import ROLLBACK
from ai_ops.domain.prediction import Verdict
from ai_ops.domain.rationale import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.apply.pull_request_body.facts import Facts, Similar
    from ai_ops.apply.pull_request_body.parts import Pen
    from ai_ops.domain.prediction import Prediction
    from ai_ops.domain.rationale import Rationale

SIMULATED = (
    "> **Simulated.** The figures come from a made-up service that is part of NeuroPilot; none of yours was measured."
)


def verdict(facts: Facts, pen: Pen) -> str:
    """One paragraph that can be approved or refused."""
    decision, episode = facts.episode.decision, facts.episode
    what = "Takes back" if facts.is_reversal else "Buys safety" if decision.is_urgent else "Proposes"
    sentences = [f"**{what}: {moves(decision.changes, pen)}.**"]
    if episode.prediction is None:
        by = "A person decided it" if episode.policy == ROLLBACK else f"The policy is {pen.code(episode.policy, 40)}"
        sentences.append(f"{by}, and nothing is predicted: there are only the reasons below to judge it by.")
    else:
        sentences += [*_brings(episode.prediction, episode.if_unchanged, pen.words(facts.currency, 10))]
        sentences.append(_how_sure(facts.similar, episode.rationale))
    return " ".join(sentence for sentence in sentences if sentence)


def _brings(prediction: Prediction, otherwise: Prediction | None, currency: str) -> Iterator[str]:
    """Money and users, each against what would be without the change."""
    new, money = monthly(prediction), f" {currency}" if currency else ""
    allowed = allowed_minutes(prediction)
    promise = f", where the promise allows {amount(allowed)}" if allowed is not None else ""
    if otherwise is None:
        yield f"Costs {span(new.cost)}{money} a month; {span(new.slo_minutes)} SLO minutes a month{promise}."
        return
    old = monthly(otherwise)
    cost = difference(new.cost, old.cost)
    verb, sign = ("Saves", -1.0) if cost.expected <= 0 else ("Costs", 1.0)
    low, high = sorted((sign * cost.low, sign * cost.high))
    more = "" if sign < 0 else " more"
    yield (
        f"{verb} {amount(abs(cost.expected))}{money} a month{more} (90 % interval {amount(low)} to {amount(high)}). "
        f"SLO: {amount(new.slo_minutes.expected)} bad minutes a month instead of {amount(old.slo_minutes.expected)}"
        f"{promise}."
    )


def _how_sure(similar: tuple[Similar, ...], rationale: Rationale | None) -> str:
    """What the replay says of a bad fortnight, and how such predictions have done."""
    judged = [one.outcome for one in similar if one.outcome and one.outcome.verdict is not Verdict.NOT_JUDGEABLE]
    hits = sum(outcome.verdict is Verdict.HIT for outcome in judged)
    known = (
        f"{hits} of {len(judged)} similar predictions came true" if judged else "no similar prediction was judged yet"
    )
    proposed = next((one for one in rationale.options if one.role is Role.PROPOSED), None) if rationale else None
    if rationale is None or proposed is None:
        return f"How sure: {known}."
    return (
        f"How sure: in a bad fortnight it would spend {proposed.burn_bound:.2f} of the error budget, where "
        f"{rationale.margin:.2f} is allowed; {known}."
    )
