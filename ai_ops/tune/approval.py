"""The only gate: who may act, on every path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.autonomy import Mode, action_class
from ai_ops.tune.fit import contradiction, too_far

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.autonomy import ActionClass
    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.tuning import Change, Decision, Knob
    from ai_ops.tune.autonomy.autonomy import Autonomy


@dataclass(frozen=True, slots=True)
class Allowed:
    """The change may be made."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The change may not be made, and why.

    Parameters
    ----------
    reason
        One sentence for a person.
    is_as_agreed
        Whether the agent may only watch or propose here, so that nothing is wrong and a person decides.
    """

    reason: str
    is_as_agreed: bool = False


@dataclass(frozen=True, slots=True)
class Approval:
    """What the team allows.

    Parameters
    ----------
    mode
        "observe" or "commit".
    knobs
        Names of the knobs that may move without a review.
    is_simulation_wanted
        Whether the settings ask for simulated metrics by name; a source that is simulated only because
        nothing else was configured must never move a real file.
    standstill
        Why nothing may move at this moment, such as a pause; None when changes are welcome.
    autonomy
        How far each class of action may go by what outcomes have earned; None where `mode` alone says it.
    """

    mode: str
    knobs: frozenset[str]
    is_simulation_wanted: bool
    standstill: str | None = None
    autonomy: Mapping[ActionClass, Autonomy] | None = None


def may_apply(episode: Episode, approval: Approval, knobs: Mapping[str, Knob]) -> Allowed | Refused:
    """Join mode, approval, bounds and autonomy; anything that cannot be judged is refused."""
    if approval.mode != Mode.COMMIT:
        return Refused(f"mode {approval.mode}: recorded and reported, nothing changed", is_as_agreed=True)
    reasons = (
        _against_acting(episode, approval),
        *(_against(one, episode.decision, approval, knobs) for one in episode.decision.changes),
        contradiction(episode.thresholds, episode.decision.changes),
    )
    reason = next(filter(None, reasons), None)
    if reason is not None:
        return Refused(reason)
    not_earned = _not_earned(episode, approval, knobs)
    return Allowed() if not_earned is None else Refused(not_earned, is_as_agreed=True)


def _against_acting(episode: Episode, approval: Approval) -> str | None:
    """Why nothing at all may move, or None."""
    if episode.is_simulated and not approval.is_simulation_wanted:
        return "the metrics are simulated because no source is configured; set PROMETHEUS_URL or GRAFANA_URL"
    return approval.standstill


def _against(change: Change, decision: Decision, approval: Approval, knobs: Mapping[str, Knob]) -> str | None:
    """Why this change may not be made, or None."""
    knob = knobs.get(change.knob)
    if knob is None:
        return f"{change.knob} is not a knob of this service"
    if change.knob not in approval.knobs:
        return f"{change.knob} is not listed under approval.knobs, so a person must move it"
    return too_far(change, knob, is_urgent=decision.is_urgent)


def _not_earned(episode: Episode, approval: Approval, knobs: Mapping[str, Knob]) -> str | None:
    """Why this class of action is not the agent's to make by itself, or None."""
    action = action_class(episode.decision.changes, knobs)
    if approval.autonomy is None or action is None:
        return None
    one = approval.autonomy.get(action)
    if one is None:
        return f"autonomy for {action.in_words} is unknown"
    if one.allowed is Mode.COMMIT:
        return None
    what_now = "recorded and reported" if one.allowed is Mode.OBSERVE else "a person makes this change"
    return f"autonomy for {action.in_words} is {one.allowed}: {one.missing}; {what_now}"
