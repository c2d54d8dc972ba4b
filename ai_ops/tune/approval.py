"""The only gate: who may act, on every path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.autonomy import ActionClass, Mode, action_class, lowest
from ai_ops.tune.fit import contradiction, too_far

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.tuning import Change, Decision, Knob
    from ai_ops.tune.autonomy.autonomy import Autonomy


@dataclass(frozen=True, slots=True)
class Allowed:
    """The change may be made, or asked for.

    Parameters
    ----------
    by
        `Mode.COMMIT` makes it, `Mode.PROPOSE` opens a pull request.
    may_merge
        Whether the agent may merge that pull request itself.
    reason
        Why it is only asked for; "" where the mode says so, or where it is made.
    """

    by: Mode
    may_merge: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The change may not be made, and why.

    Parameters
    ----------
    reason
        One sentence for a person.
    is_as_agreed
        Whether the agent may only watch here, so that nothing is wrong and a person decides.
    """

    reason: str
    is_as_agreed: bool = False


Verdict = Allowed | Refused


@dataclass(frozen=True, slots=True)
class Approval:
    """What the team allows.

    Parameters
    ----------
    mode
        "observe", "propose" or "commit".
    knobs
        Names of the knobs that may move without a review.
    is_simulation_wanted
        Whether the settings ask for simulated metrics by name; a source that is simulated only because
        nothing else was configured must never move a real file.
    standstill
        Why nothing may move at this moment, such as a pause; None when changes are welcome.
    autonomy
        How far each class of action may go by what outcomes have earned; None where `mode` alone says it.
    is_auto_merging
        Whether what is urgent and safe may be merged without a review.
    is_way_back
        Whether a person takes a decision back: its steps were allowed on the way there.
    """

    mode: str
    knobs: frozenset[str]
    is_simulation_wanted: bool
    standstill: str | None = None
    autonomy: Mapping[ActionClass, Autonomy] | None = None
    is_auto_merging: bool = False
    is_way_back: bool = False


def may_apply(episode: Episode, approval: Approval, knobs: Mapping[str, Knob]) -> Verdict:
    """Join mode, approval, bounds and autonomy; anything that cannot be judged is refused."""
    try:
        return _judged(episode, approval, knobs)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return Refused(f"whether this may be done could not be judged: {type(error).__name__}: {error}")


def stricter(one: Verdict, other: Verdict) -> Verdict:
    """The verdict that allows less, for a change that two sets of settings must allow."""
    if isinstance(one, Refused) or isinstance(other, Refused):
        return one if isinstance(one, Refused) else other
    if one.by is not other.by:
        return one if one.by is Mode.PROPOSE else other
    return other if one.may_merge else one


def _judged(episode: Episode, approval: Approval, knobs: Mapping[str, Knob]) -> Verdict:
    if approval.mode not in {Mode.PROPOSE, Mode.COMMIT}:
        return Refused(f"mode {approval.mode}: recorded and reported, nothing changed", is_as_agreed=True)
    changes = episode.decision.changes
    reasons = (
        _against_acting(episode, approval),
        *(_against(one, episode.decision, approval, knobs) for one in changes),
        contradiction(episode.thresholds, changes),
    )
    reason = next(filter(None, reasons), None)
    if reason is not None:
        return Refused(reason)
    action = action_class(changes, knobs)
    earned, not_earned = _earned(action, approval)
    if earned is Mode.OBSERVE:
        return Refused(f"{not_earned}; recorded and reported", is_as_agreed=True)
    unapproved = sorted({change.knob for change in changes} - approval.knobs)
    if lowest(earned, Mode(approval.mode)) is Mode.COMMIT and not unapproved:
        return Allowed(Mode.COMMIT)
    return Allowed(
        Mode.PROPOSE,
        may_merge=(
            approval.is_auto_merging and episode.decision.is_urgent and action is ActionClass.SAFETY and not unapproved
        ),
        reason=_why_asked(approval, unapproved, not_earned),
    )


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
    if approval.is_way_back and knob.allows(change.after):
        return None
    return too_far(change, knob, is_urgent=decision.is_urgent)


def _earned(action: ActionClass | None, approval: Approval) -> tuple[Mode, str]:
    """How far outcomes let this class of action go, and what is missing for more; "" where nothing is."""
    if approval.autonomy is None or action is None:
        return Mode.COMMIT, ""
    one = approval.autonomy.get(action)
    if one is None:
        return Mode.OBSERVE, f"autonomy for {action.in_words} is unknown"
    if one.allowed is Mode.COMMIT:
        return Mode.COMMIT, ""
    return one.allowed, f"autonomy for {action.in_words} is {one.allowed}: {one.missing}"


def _why_asked(approval: Approval, unapproved: list[str], not_earned: str) -> str:
    """Why a change is not made at once although the mode would let it."""
    if approval.mode == Mode.PROPOSE:
        return ""
    if unapproved:
        return f"{', '.join(unapproved)} is not listed under approval.knobs, so a person must move it"
    return not_earned
