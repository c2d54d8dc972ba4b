"""What a person's bad judgement of an episode takes from its reward (S001-138)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ai_ops.domain.tuning import Reward

JUDGEMENT = "person's judgement"
"""Name of the term."""

MOST = 2.0
"""Words never take more than this from one reward, however many there are. Each takes 1 at most while it is fresh, as
much as a whole budget that was spent; a fifth of the error budget overspent still costs more than all of them."""


def with_penalty(reward: Reward, penalty: float, because: str) -> Reward:
    """Take `penalty` from a reward, as a term of its own, and say what it was before and is after.

    Parameters
    ----------
    penalty
        At least 0; together with earlier penalties it counts up to `MOST`.
    because
        What the person said.

    Returns
    -------
    Reward
        The same one where nothing was scored, or nothing more may be taken.

    Raises
    ------
    ValueError
        When `penalty` is negative or no number: a judgement never adds to a reward.
    """
    if not (penalty >= 0.0 and math.isfinite(penalty)):
        raise ValueError(f"a penalty is a number from 0 on, not {penalty}")
    if reward.value is None:
        return reward
    taken = -reward.terms.get(JUDGEMENT, 0.0)
    more = min(taken + penalty, MOST) - taken
    if more <= 0.0:
        return reward
    after = reward.value - more
    return replace(
        reward,
        value=after,
        terms={**reward.terms, JUDGEMENT: -(taken + more)},
        reason=f"{reward.reason}; {JUDGEMENT} ({reward.value:+.2f} before, {after:+.2f} after): {because}",
    )
