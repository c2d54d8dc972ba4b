"""Guardrails: small functions that let changes pass, cut them, or hold them, and say what they did.

Each takes the changes that are left and the situation. `wiring/sources.py` puts them in order; bounds are the last,
whatever the ones before made of a change. Those that cut are in `cuts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.clocks import times_of
from ai_ops.domain.tuning import value_in_words
from ai_ops.tune.past import landed_changes, moved_by_people

if TYPE_CHECKING:
    from ai_ops.domain.situation import Situation
    from ai_ops.domain.tuning import Change
    from ai_ops.tune.past import Landed
    from ai_ops.tune.standstill import Standstill

NEEDED_METRICS = ("slo_good_ratio", "requests_per_second", "cpu_percent")
NEEDED_TO_SAVE = (*NEEDED_METRICS, "cost_per_hour")
"""Without these a decision would be a guess; safety may be bought at an unknown price, nothing may be saved at one."""

LEAST_COMPLETE = 0.9
"""Share of the window's points that each needed metric must have."""

KEPT = "the file says `neuropilot: ignore`, or holds a comment inside of the value"
ABSENT = "the file does without it; `neuropilot doctor` says which line to add"

LEAST_HISTORY = timedelta(days=1)
"""A saving needs to have seen a whole day: six busy hours say nothing of the night."""

Changes = tuple["Change", ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a guardrail lets pass, and what it has to say; nothing left means the decision is held."""

    changes: Changes
    said: str | None = None

    @classmethod
    def hold(cls, reason: str) -> Verdict:
        """Let nothing pass."""
        return cls((), reason)


Guardrail = Callable[[Changes, "Situation"], Verdict]


def nothing_stops(standstill: Standstill) -> Guardrail:
    """Hold while a brake is on: a doubtful ledger, the kill switch, a freeze window."""

    def stop(changes: Changes, situation: Situation) -> Verdict:
        reason = standstill.reason(situation.now)
        return Verdict.hold(reason) if reason else Verdict(changes)

    return stop


def memory_fits_branch(rest: timedelta) -> Guardrail:
    """Hold while the branch carries a recent decision that the memory does not know: the memory was lost."""

    def memory(changes: Changes, situation: Situation) -> Verdict:
        # A hold leaves no trailer: one of the same period does not mean that the change is known.
        known = {episode.id for episode in situation.past if not episode.decision.is_hold}
        for episode, at in situation.delivered.items():
            if episode not in known and situation.now - at < rest:
                return Verdict.hold(
                    f"the branch carries {episode} of {at:%Y-%m-%d %H:%M} UTC, which the ledger does not know: "
                    f"the memory was lost, so nothing moves within {rest / timedelta(hours=1):g} h of it"
                )
        return Verdict(changes)

    return memory


def complete_data(changes: Changes, situation: Situation) -> Verdict:
    """Hold on partial answers, and on needed metrics that are missing or full of holes."""
    if situation.observation.warnings:
        return Verdict.hold(f"the metrics are partial: {situation.observation.warnings[0]}")
    points = situation.observation.window.points
    for metric in _needed(changes, situation):
        share = situation.observation.values(metric).size / points
        if share < LEAST_COMPLETE:
            return Verdict.hold(f"{metric} has {share:.0%} of its points, {LEAST_COMPLETE:.0%} are needed")
    return Verdict(changes)


def fresh_data(limit: timedelta) -> Guardrail:
    """Hold when the newest point of a needed metric, which covers one step, is older than `limit`, or not yet due."""

    def freshness(changes: Changes, situation: Situation) -> Verdict:
        for metric in _needed(changes, situation):
            series = situation.observation.series.get(metric)
            newest = series.newest() if series else None
            if newest is None:
                return Verdict.hold(f"{metric} was never measured")
            age = situation.now - newest
            if age > limit + situation.observation.window.step:
                return Verdict.hold(f"the newest {metric} is {_minutes(age)} old, {_minutes(limit)} are allowed")
            if age < -situation.observation.window.step:
                return Verdict.hold(f"the newest {metric} lies {_minutes(-age)} in the future: check the clocks")
        return Verdict(changes)

    return freshness


def enough_requests(changes: Changes, situation: Situation) -> Verdict:
    """Hold when the SLI rests on too few requests to mean anything."""
    requests, needed = situation.reward.requests, situation.slo.minimum_requests
    if requests is None:
        return Verdict.hold("the number of requests is unknown")
    if requests < needed:
        return Verdict.hold(f"{requests:.0f} requests in the window, {needed} are needed before the SLI counts")
    return Verdict(changes)


def not_ignored(changes: Changes, situation: Situation) -> Verdict:
    """Leave out knobs that the file keeps from being changed, or does without."""
    thresholds, names = situation.observation.thresholds, {change.knob for change in changes}
    said = [f"{name}: {KEPT}" for name in sorted(names & thresholds.ignored)]
    said += [f"{name}: {ABSENT}" for name in sorted(names - thresholds.values.keys())]
    left = (change for change in changes if change.knob in thresholds.values.keys() - thresholds.ignored)
    return Verdict(tuple(left), "; ".join(said) or None)


def knob_is_live(changes: Changes, situation: Situation) -> Verdict:
    """Hold when the platform, where it can be asked, does not run what the file says."""
    for change in changes:
        if situation.knobs[change.knob].live_query is None:
            continue
        runs = situation.observation.live.get(change.knob)
        if runs is None:
            return Verdict.hold(f"{change.knob}: the platform does not say what it runs (live_query gave nothing)")
        if isinstance(change.before, str | tuple) or not np.isclose(runs, change.before, rtol=1e-6):
            says = value_in_words(change.before)
            return Verdict.hold(
                f"{change.knob}: the file says {says} but the platform runs {runs:g}; apply the file first"
            )
    return Verdict(changes)


def no_savings_after_harm(changes: Changes, situation: Situation) -> Verdict:
    """Save nothing for 24 h after users felt something (R37)."""
    times = zip(situation.past, times_of(situation.past, situation.now), strict=True)
    recent = [episode for episode, at in times if situation.now - at <= timedelta(hours=24)]
    findings = [*situation.findings, *(finding for episode in recent for finding in episode.findings)]
    harm = [finding for finding in findings if finding.is_harm]
    if not harm or _buys_only_safety(changes, situation):
        return Verdict(changes)
    latest = max(harm, key=lambda finding: finding.at)
    return Verdict.hold(
        f"no saving within 24 h of an anomaly that users felt ({latest.metric}, {latest.at:%m-%d %H:%M} UTC)"
    )


def enough_history(changes: Changes, situation: Situation) -> Verdict:
    """Save nothing before every needed metric has shown a whole day."""
    if _buys_only_safety(changes, situation):
        return Verdict(changes)
    for metric in NEEDED_TO_SAVE:
        series = situation.observation.series.get(metric)
        known = 0 if series is None else int(np.isfinite(series.values).sum())
        needed = round(LEAST_COMPLETE * (LEAST_HISTORY / situation.observation.window.step))
        if known < needed:
            return Verdict.hold(f"{metric} has {known} points, a saving needs {needed}: a day, whatever the hour")
    return Verdict(changes)


def cooled_down(saving: timedelta, safety: timedelta) -> Guardrail:
    """Hold until the last change has had time to show what it does."""

    def cooldown(changes: Changes, situation: Situation) -> Verdict:
        landed = list(landed_changes(situation))
        wait = safety if _buys_only_safety(changes, situation) else saving
        # Runs start some minutes early or late, so the last half hour of a wait does not count.
        if landed and (since := situation.now - landed[-1].at) < wait - timedelta(minutes=30):
            return Verdict.hold(
                f"{_moved(landed[-1], since)}, {wait / timedelta(hours=1):g} h must pass between two changes"
            )
        return Verdict(changes)

    return cooldown


def _moved(last: Landed, since: timedelta) -> str:
    """How long ago a change was made; where its own time cannot be true, since when it is known."""
    claimed, hours = last.episode.decided_at, since / timedelta(hours=1)
    if claimed == last.at:
        return f"{last.change.knob} moved {hours:.1f} h ago"
    return (
        f"the last change of {last.change.knob} lies in the future ({claimed:%Y-%m-%d %H:%M} UTC; check the clocks), "
        f"so it counts as made when it was first seen, {hours:.1f} h ago"
    )


def respect_people(rest: timedelta) -> Guardrail:
    """Leave a knob alone for `rest` after a person moved it: their edit wins."""

    def respect(changes: Changes, situation: Situation) -> Verdict:
        theirs = {moved.knob: moved for moved in moved_by_people(situation) if situation.now - moved.since < rest}
        for change in changes:
            if (moved := theirs.get(change.knob)) is not None:
                before, after = value_in_words(moved.before), value_in_words(moved.after)
                return Verdict.hold(
                    f"a person moved {moved.knob} from {before} to {after} "
                    f"(first seen {moved.since:%Y-%m-%d %H:%M} UTC); it is theirs for {rest / timedelta(hours=1):g} h"
                )
        return Verdict(changes)

    return respect


def no_swinging(span: timedelta) -> Guardrail:
    """Hold a saving that would turn a knob round for the second time within `span`: to and fro is no search (H28)."""

    def swinging(changes: Changes, situation: Situation) -> Verdict:
        if _buys_only_safety(changes, situation):
            return Verdict(changes)
        recent = [landed.change for landed in landed_changes(situation) if situation.now - landed.at < span]
        for change in changes:
            moves = [*(one for one in recent if one.knob == change.knob), change]
            if sum(_turns_back(before, after) for before, after in pairwise(moves)) > 1:
                return Verdict.hold(
                    f"{change.knob} was turned round within the last {span / timedelta(days=1):g} days; "
                    "a saving that turns it once more waits"
                )
        return Verdict(changes)

    return swinging


def _turns_back(before: Change, after: Change) -> bool:
    """Whether the second move goes against the first; a schedule has no direction."""
    moves = (before.before, before.after, after.before, after.after)
    if all(isinstance(value, int | float) for value in moves):
        first, second = (float(one.after) - float(one.before) for one in (before, after))  # type: ignore[arg-type]
        return first * second < 0
    return isinstance(after.after, str) and after.after == before.before


def _needed(changes: Changes, situation: Situation) -> tuple[str, ...]:
    return NEEDED_METRICS if _buys_only_safety(changes, situation) else NEEDED_TO_SAVE


def _buys_only_safety(changes: Changes, situation: Situation) -> bool:
    """Whether nothing is saved: each change by itself, or what a replay has proven of all of them together."""
    if situation.is_urgent and situation.is_proven_whole:
        return True
    return all(situation.knobs[change.knob].is_safer(change.before, change.after) for change in changes)


def _minutes(span: timedelta) -> str:
    return f"{span / timedelta(minutes=1):.0f} min"
