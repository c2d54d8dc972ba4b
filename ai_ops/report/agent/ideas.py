"""What could be tried with a setting: one step further, inside its bounds, and what stands in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.tuning import MAX_INSTANCES, MIN_INSTANCES, value_in_words

if TYPE_CHECKING:
    from ai_ops.report.gathered import Gathered

NEARLY = 0.05
"""So near to a bound, on average, the number of instances stands at it nearly all the time."""


GENTLE = {"instances": 1.0, "percent": 5.0}
"""What a person tries first, by unit: the most that a decision may move is for what a replay has proven."""


def try_out(gathered: Gathered, knob: str, *, is_up: bool) -> str | None:
    """The command that replays one step of a knob on the team's own history; None where no step is possible."""
    value, known = standing(gathered, knob), gathered.knobs.get(knob)
    if value is None or known is None:
        return None
    most = min(known.max_step, GENTLE.get(known.unit, known.max_step))
    step = most if is_up else -most
    wanted = min(max(value + step, known.minimum), known.maximum)
    if wanted == value or (wanted > value) is not is_up:
        return None
    return f"neuropilot what-if {knob}={value_in_words(wanted)} --service {gathered.service}"


def standing(gathered: Gathered, knob: str) -> float | None:
    """The number that a knob stands at; None where that is not known."""
    return None if gathered.thresholds is None else gathered.thresholds.numbers.get(knob)


def least_that_binds(gathered: Gathered, instances: float | None) -> float | None:
    """`min_instances` where it alone keeps so many running, on average; None where it does not, or nobody knows."""
    least = standing(gathered, MIN_INSTANCES)
    return least if least is not None and instances is not None and instances <= least + NEARLY else None


def most_that_binds(gathered: Gathered, instances: float | None) -> float | None:
    """`max_instances` where more are not allowed, on average; None where it does not, or nobody knows."""
    most = standing(gathered, MAX_INSTANCES)
    return most if most is not None and instances is not None and instances >= most - NEARLY else None
