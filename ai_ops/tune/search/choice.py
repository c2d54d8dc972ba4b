"""Which candidate is chosen: safety first and at once, savings slowly and only when they are sure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.tune.learning.learned import directions

if TYPE_CHECKING:
    from ai_ops.tune.learning.learned import Learned
    from ai_ops.tune.search.acceptance import Figures
    from ai_ops.tune.search.fitness import Fitness
    from ai_ops.tune.search.study import Study

MARGIN = 0.60
"""Share of the error budget that a proposal may spend: the rest is for what no history shows."""

FIRST_WEEK, FIRST_MARGIN = timedelta(days=7), 0.45
"""S001-139: in the first week the margin is tighter; exploring happens in the replay, where it costs nothing."""

CALIBRATED_AFTER, CALIBRATED_MARGIN = timedelta(days=14), 0.75
RECENT, CALIBRATED_JUDGED, CALIBRATED_CORRECTION = 10, 7, 1.1
"""After two weeks less is kept back: with at least seven of the last ten predictions judged, at most one of them a
miss, and a reality that burns at most a tenth more than replays do."""

LEAST_GAIN = 0.02
"""A saving below this is not worth anybody's review."""

SETTLED_AFTER, SETTLED_GAIN = timedelta(days=21), 0.03
"""Once settled a change must pay for the doubt that every change brings (a cost of change, as in Autopilot)."""

KIND, NEW_KIND_GAIN = ("scaling_mode", "scheduled_minimum"), 0.05
"""Another scaling mode or schedule is a larger doubt, and more to review."""

UNSAFE_BURN = 1.0
"""Above this bound today's settings will probably break the promise."""

WORTH_A_RESCUE = 0.5
"""What cannot keep the promise must at least halve its breach: money that buys less is better spent on the service."""

REST = timedelta(hours=24)
"""A change must have been live for a day before the next saving is looked for."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen.

    Parameters
    ----------
    index
        Of the candidate; None stays.
    is_urgent
        Whether it buys safety that is lacking.
    reasons
        The last one is the reason for a hold.
    margin
        Share of the error budget that was asked for.
    """

    index: int | None
    is_urgent: bool
    reasons: tuple[str, ...]
    margin: float


def choose(study: Study, past: Learned, now: datetime) -> Choice:
    """Buy safety when today's settings lack it, else save when that is sure, else stay."""
    margin = study.margin
    if (doubt := study.fit.reason) is not None and not study.fit.agrees_that_it_is_broken:
        return Choice(None, is_urgent=False, reasons=(doubt,), margin=margin)
    figures = study.figures
    is_unsafe = figures.burn_bound[0] > UNSAFE_BURN or past.is_taking_back
    if is_unsafe:
        return _buy_safety(study, past, margin)
    if study.fit.reason is not None:
        return Choice(None, is_urgent=False, reasons=(study.fit.reason,), margin=margin)
    return _save(study, past, margin, now)


def margin_of(past: Learned, fitness: Fitness, now: datetime) -> float:
    """Share of the error budget that a proposal may spend today."""
    age = timedelta(0) if past.first_at is None else now - past.first_at
    recent = past.hits[-RECENT:]
    has_proved = len(recent) >= CALIBRATED_JUDGED and recent.count(False) <= 1
    is_calibrated = has_proved and past.correction <= CALIBRATED_CORRECTION
    margin = FIRST_MARGIN if age < FIRST_WEEK else MARGIN
    if age >= CALIBRATED_AFTER and is_calibrated:
        margin = CALIBRATED_MARGIN
    return margin * fitness.margin_factor


def _buy_safety(study: Study, past: Learned, margin: float) -> Choice:
    figures = study.figures
    why = (
        f"today's settings spend {figures.burn[0]:.2f} of the error budget, {figures.burn_bound[0]:.2f} in a bad "
        "fortnight: the promise needs more room"
    )
    if past.is_taking_back:
        why = f"the last change did harm beyond what was predicted and is taken back; {why}"
    index, what = _rescue(figures, margin)
    return Choice(index, is_urgent=index is not None, reasons=(why, what), margin=margin)


def _rescue(figures: Figures, margin: float) -> tuple[int | None, str]:
    """The cheapest safe settings, else the cheapest that keep the promise at all, else what halves the breach."""
    others = np.arange(figures.instances.size) > 0
    if (safe := figures.cheapest(figures.safe(margin) & others)) is not None:
        return safe, f"the cheapest settings that spend at most {margin:.0%} of it"
    rules = figures.rules(margin)
    steady = others & np.logical_and.reduce([rules[name][0] <= rules[name][1] for name in ("calm", "older")])
    kept = figures.cheapest(steady & (figures.burn_bound <= UNSAFE_BURN))
    if kept is not None:
        return kept, f"no settings spend at most {margin:.0%} of it; these are the cheapest that keep the promise"
    safest = figures.safest()
    if safest and figures.burn_bound[safest] <= WORTH_A_RESCUE * figures.burn_bound[0]:
        return safest, "no settings keep the promise; these come nearest"
    return None, "no allowed settings halve the breach: look at the service itself"


def _save(study: Study, past: Learned, margin: float, now: datetime) -> Choice:
    figures = study.figures
    if past.live_since is not None and past.first_at is not None and past.live_since > past.first_at:
        rested = now - past.live_since
        if rested < REST:
            hours = rested / timedelta(hours=1)
            return Choice(
                None,
                is_urgent=False,
                reasons=(f"today's settings are {hours:.0f} h old; they are watched for a day",),
                margin=margin,
            )
    safe = figures.safe(margin)
    gain = 1.0 - figures.instances / figures.instances[0]
    if past.first_at is not None and now - past.first_at >= FIRST_WEEK:
        safe &= ~_swings(study, past)
    best = figures.cheapest(safe & (gain >= _needed_gain(study, past, now)))
    if best is None:
        said = _why_nothing(study, margin, gain[safe].max(initial=-1.0))
        return Choice(None, is_urgent=False, reasons=(said,), margin=margin)
    said = (
        f"replayed on {study.telemetry.minutes // 1440} days they cost {gain[best]:.1%} less and spend "
        f"{figures.burn_bound[best]:.2f} of the error budget in a bad fortnight, {margin:.2f} is allowed"
    )
    return Choice(best, is_urgent=False, reasons=(said,), margin=margin)


def _swings(study: Study, past: Learned) -> np.ndarray:
    """Which candidates send a knob back the way it came only lately, boolean, shape (k,)."""
    today = study.candidates[0].settings
    turns = (directions(today, one.settings) for one in study.candidates)
    return np.array([any(past.recent_moves.get(name) == -way for name, way in one.items()) for one in turns])


def _needed_gain(study: Study, past: Learned, now: datetime) -> np.ndarray:
    """Share of the cost that each candidate must save to be worth a change, shape (k,)."""
    today = study.candidates[0].settings
    is_settled = past.first_at is not None and now - past.first_at >= SETTLED_AFTER
    least = SETTLED_GAIN if is_settled else LEAST_GAIN
    is_new_kind = [any(today.get(name) != one.settings.get(name) for name in KIND) for one in study.candidates]
    return np.where(is_new_kind, max(least, NEW_KIND_GAIN), least)


def _why_nothing(study: Study, margin: float, gain: float) -> str:
    figures = study.figures
    spent = (
        f"today's spend {figures.burn[0]:.2f} of the error budget, {figures.burn_bound[0]:.2f} in a bad fortnight and "
        f"{figures.stressed_burn[0]:.2f} under stress"
    )
    if gain <= 0.0:
        return f"no cheaper settings spend at most {margin:.0%} of the error budget; {spent}"
    return f"the best safe settings cost {gain:.1%} less, which is not worth a change; {spent}"
