"""What else could run: something safer, something cheaper, and why neither is what is proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.rationale import Option, Role
from ai_ops.tune.changes import changes_between, thresholds_of
from ai_ops.tune.explanation.riskiest import rounded
from ai_ops.tune.search.acceptance import NEARLY_EQUAL
from ai_ops.tune.search.choice import UNSAFE_BURN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.tune.search.acceptance import Figures
    from ai_ops.tune.search.study import Study

SAFER_SHARE = 0.5
"""Of the burn: what is safer should be so by more than the replay may be wrong."""

_RULES_IN_WORDS = {
    "bound": "spends {:.2f} of the error budget in a bad fortnight, {:.2f} is allowed",
    "stress": "spends {:.2f} under stress, {:.2f} is allowed",
    "calm": "takes {:.0f} steps a day, {:.0f} are allowed",
    "older": "would have spent {:.2f} in the fortnight before, {:.2f} is allowed",
}


def options(study: Study, chosen: int | None, margin: float) -> tuple[Option, ...]:
    """Today's settings, what is proposed, and the alternatives to what will run.

    Parameters
    ----------
    chosen
        Index of the candidate that is proposed; None when today's settings stay.
    margin
        Share of the error budget that a proposal may spend.
    """
    runs = 0 if chosen is None else chosen
    found = [option(study, 0, Role.TODAY)]
    if chosen is not None:
        found.append(option(study, chosen, Role.PROPOSED))
    if (safer := _safer(study.figures, runs)) is not None:
        found.append(option(study, safer, Role.SAFER, _obstacle(study.figures, safer, runs, margin)))
    if (cheaper := _cheaper(study.figures, runs)) is not None:
        found.append(option(study, cheaper, Role.CHEAPER, _obstacle(study.figures, cheaper, runs, margin)))
    return tuple(found)


def option(study: Study, index: int, role: Role, obstacle: str | None = None) -> Option:
    """One candidate in plain values."""
    figures = study.figures
    today, wanted = (thresholds_of(study.candidates[place].settings) for place in (0, index))
    price = study.twin.calibration.price_per_instance_hour
    return Option(
        role=role,
        changes=changes_between(today, wanted),
        cost_per_hour=rounded(float(figures.instances[index]) * price),
        burn=rounded(float(figures.burn[index])),
        burn_bound=rounded(float(figures.burn_bound[index])),
        stressed_burn=rounded(float(figures.stressed_burn[index])),
        events_per_day=rounded(float(figures.events_per_day[index])),
        obstacle=obstacle,
    )


def broken_rules(figures: Figures, index: int, margin: float) -> Iterator[str]:
    """Which rules a candidate breaks, in words."""
    for name, (figure, limit) in figures.rules(margin).items():
        if limit < figure[index] < np.inf:  # only finalists are replayed in the fortnight before
            yield _RULES_IN_WORDS[name].format(figure[index], limit)


def _safer(figures: Figures, runs: int) -> int | None:
    """The cheapest that halves the bound; None when nothing does."""
    allowed = figures.burn_bound <= SAFER_SHARE * figures.burn_bound[runs]
    allowed[runs] = False
    return figures.cheapest(allowed)


def _cheaper(figures: Figures, runs: int) -> int | None:
    """What saves most while the promise itself is still kept; None when nothing cheaper does."""
    allowed = figures.burn_bound <= UNSAFE_BURN
    allowed &= figures.instances < figures.instances[runs] * (1.0 - NEARLY_EQUAL)
    return int(np.flatnonzero(allowed)[np.argmin(figures.instances[allowed])]) if allowed.any() else None


def _obstacle(figures: Figures, index: int, runs: int, margin: float) -> str:
    if broken := "; ".join(broken_rules(figures, index, margin)):
        return broken
    more = float(figures.instances[index] / figures.instances[runs]) - 1.0
    return f"costs {more:.1%} more" if more > 0 else f"costs {-more:.1%} less, and waits for what holds this decision"
