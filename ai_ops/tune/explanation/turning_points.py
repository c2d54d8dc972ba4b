"""What would have to be different for another advice: the rule that binds, and by how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.tune.search.acceptance import NEARLY_EQUAL
from ai_ops.twin.gate import COST_TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.tune.search.choice import Choice
    from ai_ops.tune.search.limits import Limits, Settings
    from ai_ops.tune.search.study import Study

_IF_ALLOWED = {
    "bound": "if {:.2f} of the error budget could be spent in a bad fortnight instead of {:.2f}",
    "stress": "if {:.2f} of the error budget could be spent under stress instead of {:.2f}",
    "older": "if {:.2f} of the error budget of the fortnight before could have been spent instead of {:.2f}",
    "calm": "if {:.0f} steps a day were acceptable instead of {:.0f}",
}


def turning_points(study: Study, choice: Choice, limits: Limits) -> tuple[str, ...]:
    """Name what binds, the nearest first."""
    if study.fit.reason is not None and choice.index is None:
        return tuple(_of_the_gate(study, choice.margin))
    runs = 0 if choice.index is None else choice.index
    found = (
        *_of_the_gain(study, choice),
        *_of_the_rules(study, runs, choice.margin),
        *_of_the_limits(study, runs, limits),
    )
    return found or ("another demand: no settings within reach cost less, whichever single rule were given up",)


def _of_the_gate(study: Study, margin: float) -> Iterator[str]:
    fit = study.fit
    yield (
        f"a twin that tells what is known already: its cost is off by {fit.cost_error:+.1%} "
        f"({COST_TOLERANCE:.0%} is allowed), and it replays a burn of {fit.replayed_burn:.2f} "
        f"where {fit.observed_burn:.2f} was seen"
    )
    best = study.figures.cheapest(study.figures.safe(margin))
    if best:
        yield f"could it be trusted, settings that cost {_less(study, best, 0)} would be looked at"


def _of_the_gain(study: Study, choice: Choice) -> Iterator[str]:
    """A safe saving that is not proposed: it is too small, or it is not its time."""
    if choice.index is not None:
        return
    best = study.figures.cheapest(study.figures.safe(choice.margin))
    if best and study.figures.instances[best] < study.figures.instances[0]:
        yield f"safe settings that cost {_less(study, best, 0)} are known; {choice.reasons[-1]}"


def _of_the_rules(study: Study, runs: int, margin: float) -> Iterator[str]:
    """What could run if one rule were away, rule by rule, and how much it would have to give."""
    figures, rules = study.figures, study.figures.rules(margin)
    found: list[tuple[float, str]] = []
    for name, (figure, limit) in rules.items():
        others = [other <= bound for key, (other, bound) in rules.items() if key != name]
        freed = np.logical_and.reduce(others) & (figure > limit) & np.isfinite(figure)
        freed &= figures.instances < figures.instances[runs] * (1.0 - NEARLY_EQUAL)
        if freed.any():
            nearest = int(np.flatnonzero(freed)[np.argmin(figure[freed])])
            give = float(figure[nearest])
            said = (
                f"{_IF_ALLOWED[name].format(give, limit)}, settings that cost {_less(study, nearest, runs)} could run"
            )
            found.append((give / limit, said))
    yield from (said for _, said in sorted(found))


def _of_the_limits(study: Study, runs: int, limits: Limits) -> Iterator[str]:
    """Knobs that went as far as one change or their bounds let them."""
    today, wanted = study.candidates[0].settings, study.candidates[runs].settings
    for name in limits.bounds:
        before, after = today.get(name), wanted.get(name)
        if before is None or after is None or before == after:
            continue
        if after in limits.bounds[name]:
            yield f"wider bounds: {name} stands at {after:g}, the end of what is allowed"
        elif _is_step_taken(limits, today, wanted, name):
            yield f"time: {name} went as far as one change may, from {before:g} to {after:g}"


def _is_step_taken(limits: Limits, today: Settings, wanted: Settings, name: str) -> bool:
    """Whether the same knob one further would be brought back to where it is."""
    further = wanted[name] + (1 if wanted[name] > today[name] else -1)
    return bool(limits.kept({**wanted, name: further}, today)[name] == wanted[name])


def _less(study: Study, index: int, runs: int) -> str:
    return f"{1.0 - study.figures.instances[index] / study.figures.instances[runs]:.1%} less"
