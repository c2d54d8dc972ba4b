"""What a team allows the policy `model`, in the words of its search: bounds, steps, and what must stay as it is."""

from __future__ import annotations

from math import isclose
from typing import TYPE_CHECKING

from ai_ops.domain.tuning import SCHEDULED_MINIMUM, CostDirection, KnobKind
from ai_ops.tune.search.limits import BOUNDS, SAVING_STEPS, Limits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_ops.domain.situation import Situation
    from ai_ops.domain.tuning import Knob


def team_limits(situation: Situation, movable: frozenset[str], gap_percent: float, *, is_rescue: bool) -> Limits:
    """Allow what the guardrails will let pass.

    Parameters
    ----------
    movable
        Knobs that may move at all.
    is_rescue
        Whether safety is lacking: a knob may then go all the way to its safe side.
    """
    knobs = situation.knobs
    numbers = [knob for knob in knobs.values() if knob.kind is KnobKind.NUMBER]
    schedule = knobs.get(SCHEDULED_MINIMUM)
    rises = {
        knob.name: min(knob.max_step, SAVING_STEPS.get(knob.name, knob.max_step))
        for knob in numbers
        if not (is_rescue and knob.costs_money is CostDirection.UP)
    }
    falls = {knob.name: knob.max_step for knob in numbers if not (is_rescue and knob.costs_money is CostDirection.DOWN)}
    return Limits(
        bounds={**BOUNDS, **{knob.name: (knob.minimum, knob.maximum) for knob in numbers}},
        steps=rises,
        falls=falls,
        fixed=frozenset(_fixed(situation, movable)),
        gap_percent=gap_percent,
        is_switch_free=False,
        schedule_bounds=(schedule.minimum, schedule.maximum) if schedule else (1, 1),
        most_entries=schedule.most_entries if schedule else 0,
    )


def _fixed(situation: Situation, movable: frozenset[str]) -> Iterable[str]:
    """Knobs that the team, the file or the platform keeps as they are."""
    standing = situation.observation.thresholds
    for name in standing.values:
        knob = situation.knobs.get(name)
        if knob is None or name not in movable or name in standing.ignored or not _is_live(situation, knob):
            yield name


def _is_live(situation: Situation, knob: Knob) -> bool:
    """Whether the platform runs what the file says, as far as it can be asked."""
    written, runs = situation.observation.thresholds.values[knob.name], situation.observation.live.get(knob.name)
    if knob.live_query is None:
        return True
    return runs is not None and isinstance(written, int | float) and isclose(runs, written, rel_tol=1e-6)
