"""The policy `rules`: the three rules of the source, one knob at a time so that the outcome has one cause.

1. SLA not met: lower the scale-out threshold, so that instances come earlier; where scale-in stands in its way, lower
   that first (S001-79).
2. Anomalies that users felt: tighten the latency threshold, within its band, and let it go back within seven days
   (S001-80, R37).
3. SLA met and cost high: raise thresholds, scale-in first, where the money is (S001-78, R38).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.tuning import LATENCY, SCALE_IN, SCALE_OUT, Change, Proposal
from ai_ops.tune.past import landed_changes, moved_by_people

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ai_ops.domain.finding import Finding
    from ai_ops.domain.situation import Situation
    from ai_ops.domain.tuning import Knob

DECAY_DAYS = 7
STEP_PERCENT = 5.0
"""The most a rule moves a CPU threshold at once: it has not replayed what a longer step would do."""

TIGHTEN_BY = 0.9
"""An anomaly moves the latency threshold to nine tenths of what it was."""


class Rules:
    """The three rules, safety first.

    Parameters
    ----------
    cost_budget_per_hour
        Above this mean cost over the known history, cost is high.
    scale_gap_percent
        Distance that scale-in keeps below scale-out.
    """

    name = "rules"

    def __init__(self, cost_budget_per_hour: float, scale_gap_percent: float) -> None:
        self._budget = cost_budget_per_hour
        self._gap = scale_gap_percent

    def propose(self, situation: Situation) -> Proposal:
        """Give the first rule that has something to say the word."""
        burn = situation.reward.burn
        if burn is None:
            return Proposal.stay("the SLI was not measured, so no rule can tell whether the promise was kept")
        if burn > 1.0:
            return self._buy_safety(situation, burn)
        if harm := [finding for finding in situation.findings if finding.is_harm]:
            return _tighten_latency(situation, harm)
        return _relax_latency(situation) or self._save(situation, burn) or self._stay(situation, burn)

    def _buy_safety(self, situation: Situation, burn: float) -> Proposal:
        why = f"the promise was broken: burn {burn:.2f} spends the error budget faster than allowed"
        now, knobs = situation.observation.thresholds.numbers, situation.knobs
        if SCALE_OUT in now and SCALE_OUT in knobs:
            lowest = max(knobs[SCALE_OUT].minimum, now.get(SCALE_IN, 0.0) + self._gap)
            if lowest < now[SCALE_OUT]:
                return _lower(SCALE_OUT, max(lowest, now[SCALE_OUT] - _step(knobs[SCALE_OUT])), situation, why)
        if SCALE_IN in now and SCALE_IN in knobs and now[SCALE_IN] > knobs[SCALE_IN].minimum:
            after = max(knobs[SCALE_IN].minimum, now[SCALE_IN] - _step(knobs[SCALE_IN]))
            return _lower(SCALE_IN, after, situation, f"{why}; {SCALE_OUT} cannot go lower, so instances stay longer")
        return Proposal.stay(f"{why}, but no threshold that could buy safety is left: look at the service itself")

    def _save(self, situation: Situation, burn: float) -> Proposal | None:
        cost = _mean_cost(situation)
        if cost is None or cost <= self._budget or burn >= situation.exploration.burn_margin:
            return None
        now = situation.observation.thresholds.numbers
        why = (
            f"the promise was kept (burn {burn:.2f}, a saving may be tried below "
            f"{situation.exploration.burn_margin:.2f}) and the last seven days cost {cost:.4g} an hour, "
            f"where the budget allows {self._budget:.4g}"
        )
        # A scale-in at its bound has nothing left to give: then the scale-out may move.
        room = SCALE_IN in now and SCALE_OUT in now and now[SCALE_IN] < now[SCALE_OUT] - self._gap
        room = room and SCALE_IN in situation.knobs and now[SCALE_IN] < situation.knobs[SCALE_IN].maximum
        knob = SCALE_IN if room else SCALE_OUT
        if knob not in now or knob not in situation.knobs:
            return None
        limit = min(
            situation.knobs[knob].maximum,
            now[SCALE_OUT] - self._gap if knob == SCALE_IN else situation.knobs[SCALE_OUT].maximum,
        )
        after = min(now[knob] + _step(situation.knobs[knob]), limit)
        return Proposal((Change(knob, now[knob], after),), (why,)) if after > now[knob] else None

    def _stay(self, situation: Situation, burn: float) -> Proposal:
        cost = _mean_cost(situation)
        margin = situation.exploration.burn_margin
        if cost is None:
            return Proposal.stay("the cost was not measured, so nothing can be called dear")
        if cost <= self._budget:
            return Proposal.stay(
                f"the promise was kept (burn {burn:.2f}) within the budget ({cost:.4g} of {self._budget:.4g} an hour)"
            )
        if burn >= margin:
            return Proposal.stay(
                f"the service is dear, but burn {burn:.2f} leaves no room to save: day "
                f"{situation.exploration.day} asks for less than {margin:.2f}"
            )
        return Proposal.stay("the service is dear, but every threshold that could save is at its bound")


def _step(knob: Knob) -> float:
    return min(STEP_PERCENT, knob.max_step)


def _lower(knob: str, after: float, situation: Situation, why: str) -> Proposal:
    before = situation.observation.thresholds.values[knob]
    return Proposal((Change(knob, before, after),), (why,), is_urgent=True)


def _tighten_latency(situation: Situation, harm: Sequence[Finding]) -> Proposal:
    why = f"{len(harm)} felt by users: {harm[0].reason}"
    now, knob = situation.observation.thresholds.numbers, situation.knobs.get(LATENCY)
    if knob is None or LATENCY not in now:
        return Proposal.stay(f"{why}; {LATENCY} is not a knob of this service")
    after = float(round(max(now[LATENCY] * TIGHTEN_BY, now[LATENCY] - knob.max_step)))
    return Proposal((Change(LATENCY, now[LATENCY], after),), (why,))


def _relax_latency(situation: Situation) -> Proposal | None:
    """Take back what anomalies tightened, a part each day, so that it is where it was seven days after (R37)."""
    now = situation.observation.thresholds.numbers.get(LATENCY)
    level, last = _level_before_tightening(situation)
    if now is None or level is None or last is None or now >= level or LATENCY not in situation.knobs:
        return None
    days_left = max(1, DECAY_DAYS - (situation.now - last) // timedelta(days=1))
    after = min(level, now + max(1.0, float(round((level - now) / days_left))))
    return Proposal((Change(LATENCY, now, after),), (f"no anomaly any more: {LATENCY} goes back towards {level:g}",))


def _level_before_tightening(situation: Situation) -> tuple[float | None, datetime | None]:
    """Where the latency threshold stood before what is not yet taken back, and when it was tightened last."""
    level: float | None = None
    last: datetime | None = None
    theirs = max((moved.since for moved in moved_by_people(situation) if moved.knob == LATENCY), default=None)
    for landed in landed_changes(situation):
        before, after = landed.change.before, landed.change.after
        if landed.change.knob != LATENCY or (theirs is not None and landed.at <= theirs):
            continue  # what a person set since is theirs, and the new level
        if isinstance(before, str | tuple) or isinstance(after, str | tuple):
            continue
        if after < before:
            level, last = (before if level is None else level), landed.at
        elif level is not None and after >= level:
            level, last = None, None
    return level, last


def _mean_cost(situation: Situation) -> float | None:
    """Mean cost per hour over the last seven known days: a quiet night is no saving."""
    import numpy as np

    series = situation.observation.series.get("cost_per_hour")
    if series is None:
        return None
    recent = series.values[-round(timedelta(days=7) / series.step) :]
    known = recent[np.isfinite(recent)]
    return float(known.mean()) if known.size else None
