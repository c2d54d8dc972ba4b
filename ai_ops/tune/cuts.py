"""The guardrails that cut: a change that reaches too far is made smaller, and one that cannot be is held.

A number is cut to where it may stand. A word or a schedule has no smaller form: it passes whole or not at all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.schedule import in_order
from ai_ops.domain.tuning import LATENCY, SCALE_IN, SCALE_OUT, KnobKind, value_in_words
from ai_ops.tune.fit import contradiction
from ai_ops.tune.guardrails import Verdict
from ai_ops.tune.search.candidates import LATENCY_ROOM, LATENCY_SHARE

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.situation import Situation
    from ai_ops.domain.tuning import Change
    from ai_ops.tune.guardrails import Changes, Guardrail

    Limit = Callable[[Change, float], float]
    """Where a change of a number may lead, given where it wants to."""


def sane_latency(changes: Changes, situation: Situation) -> Verdict:
    """Keep the latency threshold within 1.5 times the normal p95 and 0.9 times the SLO (R37)."""
    if not any(change.knob == LATENCY for change in changes):
        return Verdict(changes)
    seen = situation.observation
    series = seen.minutes.get("latency_p95_ms") or seen.series.get("latency_p95_ms")  # what the policy looked at
    if series is None or not np.isfinite(series.values).any():
        return Verdict.hold(f"{LATENCY}: no latency history, so its normal level is unknown")
    low, high = LATENCY_ROOM * float(np.nanmedian(series.values)), LATENCY_SHARE * situation.slo.latency_ms
    if low > high:
        return Verdict.hold(
            f"{LATENCY}: 1.5 times the normal p95 ({low:.0f} ms) is above 0.9 times the SLO ({high:.0f} ms)"
        )
    return _cut(
        changes, lambda _, wanted: min(max(wanted, float(np.ceil(low))), float(np.floor(high))), "latency", LATENCY
    )


def limit_step(changes: Changes, situation: Situation) -> Verdict:
    """Move a number at most `max_step` at once, unless it is urgent and buys safety."""

    def near(change: Change, wanted: float) -> float:
        knob = situation.knobs[change.knob]
        if isinstance(change.before, str | tuple) or (situation.is_urgent and knob.is_safer(change.before, wanted)):
            return wanted
        return min(max(wanted, change.before - knob.max_step), change.before + knob.max_step)

    return _cut(changes, near, "step")


def keep_gap(gap_percent: float) -> Guardrail:
    """Keep scale-in `gap_percent` below scale-out, by cutting the change that would close the gap."""

    def gap(changes: Changes, situation: Situation) -> Verdict:
        moved = {change.knob: change.after for change in changes if isinstance(change.after, int | float)}
        after = situation.observation.thresholds.numbers | moved
        if SCALE_OUT not in after or SCALE_IN not in after or after[SCALE_IN] <= after[SCALE_OUT] - gap_percent:
            return Verdict(changes)
        if SCALE_IN in moved:
            return _cut(changes, lambda _, wanted: min(wanted, after[SCALE_OUT] - gap_percent), "gap", SCALE_IN)
        if SCALE_OUT in moved:
            return _cut(changes, lambda _, wanted: max(wanted, after[SCALE_IN] + gap_percent), "gap", SCALE_OUT)
        return Verdict(changes)

    return gap


def within_bounds(changes: Changes, situation: Situation) -> Verdict:
    """Keep every knob within the bounds of its kind; a value that a person set outside them is theirs."""
    knobs = situation.knobs
    for change in changes:
        knob = knobs[change.knob]
        if not knob.allows(change.before):
            says = value_in_words(change.before)
            return Verdict.hold(f"{knob.name} is {says}, outside {knob.bounds_in_words()}: somebody set it there")
        if knob.kind is not KnobKind.NUMBER and not knob.allows(change.after):
            return Verdict.hold(f"{knob.name}: {value_in_words(change.after)} is not {knob.bounds_in_words()}")

    verdict = _cut(
        changes,
        lambda change, wanted: min(max(wanted, knobs[change.knob].minimum), knobs[change.knob].maximum),
        "bounds",
    )
    stranger = next((change for change in verdict.changes if not knobs[change.knob].allows(change.after)), None)
    if stranger is not None:
        return Verdict.hold(f"{stranger.knob}: {stranger.after!r} is not {knobs[stranger.knob].bounds_in_words()}")
    problem = contradiction(situation.observation.thresholds, verdict.changes)
    return Verdict.hold(problem) if problem else verdict


def _cut(changes: Changes, limit: Limit, name: str, only: str | None = None) -> Verdict:
    """Move each number (or only that of one knob) to where `limit` allows; what no longer moves falls away.

    A cut may weaken a change. It never turns it round, and never makes it larger.
    """
    left: list[Change] = []
    said: list[str] = []
    for change in changes:
        before, after = change.before, change.after
        if isinstance(before, str | tuple) or isinstance(after, str | tuple):
            left += [_ordered(change)] if after != before else []
            continue
        wanted = limit(change, after) if only in {None, change.knob} else after
        low, high = sorted((before, after))
        allowed = min(max(wanted, low), high)
        if allowed != after:
            outcome = f"cut to {allowed:g}" if allowed != before else f"left at {allowed:g}"
            said.append(f"{change.knob}: {after:g} {outcome} ({name})")
        if (allowed - before) * (after - before) > 0:
            left.append(replace(change, after=allowed))
    return Verdict(tuple(left), "; ".join(said) or None)


def _ordered(change: Change) -> Change:
    """Put a schedule in the order of the week, in which it is read again later."""
    return replace(change, after=in_order(change.after)) if isinstance(change.after, tuple) else change
