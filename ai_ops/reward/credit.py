"""Whose merit a reward is: the last decision's only where its settings, and no others, are what really ran."""

from __future__ import annotations

from dataclasses import dataclass
from math import isclose
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.metrics import Observation
    from ai_ops.domain.tuning import KnobValue

    Expected = dict[str, KnobValue]
    """By knob, what stands there when nobody but the last decision has touched it."""

LEAST_LIVE = 0.5
"""Share of the window for which the decision must have been live: what was measured before tells nothing of it."""


@dataclass(frozen=True, slots=True)
class Credit:
    """Whether the last decision earned the reward, and one sentence why or why not."""

    is_earned: bool
    reason: str


def credit(observation: Observation, last: Episode | None, live_since: datetime | None = None) -> Credit:
    """Look at what the repository says, what the platform runs, and since when.

    Parameters
    ----------
    live_since
        When the last decision reached the branch, where that is known; else it counts from when it was made.
    """
    if last is None:
        return Credit(is_earned=False, reason="baseline: no earlier decision")
    wanted = {change.knob: change.after for change in last.decision.changes}
    expected = {**last.thresholds.values, **wanted}
    against = (
        _not_in_repository(observation, last, expected)
        or _not_on_platform(observation, last, expected)
        or _too_late(observation, last, live_since or last.decided_at)
    )
    if against is not None:
        return Credit(is_earned=False, reason=against)
    what = "change of" if wanted else "unchanged settings since"
    return Credit(is_earned=True, reason=f"earned by the {what} {last.id}")


def _not_in_repository(observation: Observation, last: Episode, expected: Expected) -> str | None:
    standing = observation.thresholds.values
    strange = sorted(knob for knob, value in expected.items() if standing.get(knob) != value)
    if not strange:
        return None
    if not set(strange) - {change.knob for change in last.decision.changes}:
        return f"the change of {last.id} is not in the repository, so it earns nothing"
    return f"somebody else moved {', '.join(strange)} since {last.id}, so it is nobody's merit"


def _not_on_platform(observation: Observation, last: Episode, expected: Expected) -> str | None:
    for knob, runs in sorted(observation.live.items()):
        written = expected.get(knob)
        if isinstance(written, int | float) and not isclose(runs, written, rel_tol=1e-6):
            return f"the platform runs {knob} {runs:g} where the file says {written:g}, so {last.id} earns nothing"
    return None


def _too_late(observation: Observation, last: Episode, since: datetime) -> str | None:
    window = observation.window
    if (window.end - since) / (window.end - window.start) >= LEAST_LIVE:
        return None
    return f"most of the window was measured before {last.id} was live, so it earns nothing"
