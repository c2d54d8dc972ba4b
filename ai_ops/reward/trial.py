"""A formula of the team's own is tried on the past before it may count: it must speak, and say different things."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.reward.facts import Uncounted, facts_of
from ai_ops.reward.formulas import budget_burn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.slo import Slo
    from ai_ops.reward.facts import Facts, Terms
    from ai_ops.reward.reward import Count

LEAST_EPISODES = 8
"""Two days of episodes: a night and a day, twice."""

MOST_EPISODES = 120
"""The newest thirty days: what failed longer ago is forgiven."""

SAME = 1e-9
"""Relative to their size, rewards within this are equal."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One episode of the past, and what the formula says of it.

    Parameters
    ----------
    episode
        Its id.
    facts
        What both count from.
    terms
        What the formula says.
    """

    episode: str
    facts: Facts
    terms: Terms

    @property
    def value(self) -> float:
        """The reward by the formula."""
        return sum(self.terms.values())

    @property
    def default_value(self) -> float:
        """The reward by `budget_burn`."""
        return sum(budget_burn(self.facts).values())


@dataclass(frozen=True, slots=True)
class Trial:
    """How a formula did on the past.

    Parameters
    ----------
    tried
        The episodes on which it gave a value, oldest first.
    left_out
        Episodes on which something that it needs was not measured.
    fault
        What the formula did wrong, in words; None when nothing.
    """

    tried: tuple[Tried, ...]
    left_out: int = 0
    fault: str | None = None

    @property
    def is_constant(self) -> bool:
        """Whether it says the same of every episode."""
        values = [one.value for one in self.tried]
        return not values or max(values) - min(values) <= SAME * max(1.0, *map(abs, values))

    @property
    def doubt(self) -> str | None:
        """Why the formula may not count yet, as the end of a sentence; None when it may."""
        if self.fault is not None:
            return self.fault
        if len(self.tried) < LEAST_EPISODES:
            return f"it was tried on {len(self.tried)} of {LEAST_EPISODES} episodes"
        if self.is_constant:
            return f"it says the same of all {len(self.tried)} episodes, so nothing can be learned from it"
        return None


def try_out(count: Count, past: Sequence[Episode], slo: Slo) -> Trial:
    """Count the scored episodes of the past, oldest first; of one period only what was decided last."""
    facts = {one.id.partition(".")[0]: (one.id, known) for one in past if (known := facts_of(one, slo)) is not None}
    windows = list(facts.values())[-MOST_EPISODES:]
    if not windows:
        return Trial(())
    answers = list(zip(windows, count([known for _, known in windows]), strict=True))
    faults = [f"{said.reason} ({name})" for (name, _), said in answers if isinstance(said, Uncounted) and said.is_fault]
    tried = tuple(Tried(name, known, said) for (name, known), said in answers if not isinstance(said, Uncounted))
    return Trial(tried, len(answers) - len(tried) - len(faults), faults[-1] if faults else None)
