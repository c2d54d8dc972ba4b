"""What a candidate must show before it replaces the model in use: nothing is promoted on a point estimate.

windows       enough was held out to say anything
auc           it tells faults from quiet hours at least as well as `min_auc` asks (S004-02)
auc_low       and so does the lower end of the interval, which chance alone does not reach
champion      it is not worse than the model in use, on the same windows
reference     nor than one of some time ago, or many small losses would add up
false_alarms  it does not wake people more often than the budget allows
loss          it is not more wrong about what is usual than the model in use
movement      a fit from scratch does not call normal what was far from it, unless a person says so
columns       no metric came or went beside the model in use, unless a person says so
person        nobody has gone back to the model in use, and it can be read: else a person has to say when to go on
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ai_ops.domain.model_version import MIN_AUC, Gate, Measured, Movement, TrainingKind, Verdict
from ai_ops.learn.day_bootstrap import LEAST_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.domain.model_card import Comparison

LEAST_WINDOWS = 12
"""Of either kind. With twelve, what the draw of the windows adds to an AUC of 0.8 is 0.15 either way (Hanley and
McNeil, 1982): no more than what such a model lies above the limit."""

CHAMPION_MARGIN = 0.01
"""An AUC that may be this much lower is as good: nobody notices one fault in a hundred pairs."""

REFERENCE_MARGIN = 0.03
"""Models that are weeks apart differ by chance more than models of two days, by about 0.02 in simulation. So this is
what a candidate may lose on an older version; and on the model in use when it is significantly less wrong about what is
usual. Otherwise a model of one calm week, which finds faults a little better in rows that it no longer understands,
would stay for ever."""

FARTHEST_SIGMAS = 3.0
"""By then the old normal would have been an alarm (S001-91)."""

WIDEST_RATIO = 2.0
"""Three sigmas of a spread that has doubled are six of the old one: as far out as three sigmas about a mean that has
moved by three. So the limit of what is an alarm never moves farther by one way than by the other. A spread that has
halved makes an alarm of what was one and a half sigmas, and is asked about as well."""

MOVEMENT, COLUMNS, PERSON, RUNNING = "movement", "columns", "person", "running"
ASKS = {MOVEMENT, COLUMNS, PERSON, RUNNING}
"""What a person may allow; whoever fails nothing else waits for that."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of a candidate.

    Parameters
    ----------
    min_auc
        Least area under the curve, 0.5 to 1.
    budget_per_week
        False alarms that the model may raise.
    is_approved
        Whether a person has asked for this very training, and so agreed to how far it moves.
    to_be_asked
        Why a person has to be asked whatever the figures say, in one sentence; empty where nobody has.
    changed_columns
        Metrics that the model in use knows and the candidate does not, or the other way round.

    Raises
    ------
    ValueError
        When the least AUC asks for less than guessing, or for more than there is.
    """

    min_auc: float = MIN_AUC
    budget_per_week: float = 1.0
    is_approved: bool = False
    to_be_asked: str = ""
    changed_columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a limit that would let everything pass."""
        if not 0.5 <= self.min_auc <= 1.0:  # noqa: PLR2004  # the AUC of guessing
            raise ValueError(f"min_auc must lie between 0.5 and 1, not {self.min_auc}")


def gates_of(
    candidate: Measured | None,
    champion: Comparison | None,
    reference: Comparison | None,
    terms: Terms,
    *,
    kind: TrainingKind = TrainingKind.WARM,
    moved: Sequence[Movement] = (),
) -> tuple[Gate, ...]:
    """Every condition, and whether it holds.

    Parameters
    ----------
    candidate
        What it is worth; None where nothing could be measured.
    champion
        The model in use, on the same windows; None without one.
    reference
        An older kept version, of about a week ago; None without one.
    terms
        What is asked.
    kind, moved
        How the candidate was trained, and how far its baselines lie from those of the model in use.
    """
    if candidate is None:
        return (Gate("windows", is_passed=False, reason="nothing was held out that it could be measured on"),)
    return (
        _windows(candidate),
        _auc(candidate, terms.min_auc),
        _auc_low(candidate, terms.min_auc),
        _not_worse("champion", "the model in use", champion, _champion_margin(champion)),
        _not_worse("reference", "an older version", reference, REFERENCE_MARGIN),
        _false_alarms(candidate, champion, terms.budget_per_week),
        _loss(candidate, champion),
        _movement(kind, moved, is_approved=terms.is_approved),
        _columns(terms),
        _person(terms),
    )


def verdict_of(gates: Sequence[Gate]) -> Verdict:
    """What becomes of a candidate."""
    failed = {gate.name for gate in gates if not gate.is_passed}
    if not gates or failed - ASKS:
        return Verdict.REFUSED
    return Verdict.WAITING if failed else Verdict.PROMOTED


def reason_of(gates: Sequence[Gate]) -> str:
    """The verdict's reason in one line: what failed, or that all hold."""
    failed = [gate.reason for gate in gates if not gate.is_passed]
    return "; ".join(failed) if failed else f"all {len(gates)} conditions hold"


def refusal(auc: float | None, min_auc: float) -> dict[str, Any]:
    """Answer to whoever asked for a model that is not good enough (S004-03), or of which nobody knows what it is worth.

    >>> refusal(0.61, 0.65)
    {'ok': False, 'error': 'Model AUC below threshold', 'auc': 0.61, 'min_auc': 0.65, 'rejected': True}
    """
    return {"ok": False, "error": "Model AUC below threshold", "auc": auc, "min_auc": min_auc, "rejected": True}


def _windows(one: Measured) -> Gate:
    is_enough = min(one.quiet_windows, one.fault_windows) >= LEAST_WINDOWS and one.days >= LEAST_DAYS
    had = f"{one.quiet_windows} quiet hours and {one.fault_windows} with a fault, of {one.days} days"
    need = f"{LEAST_WINDOWS} of each, of {LEAST_DAYS} days"
    return Gate("windows", is_enough, f"it was measured on {had}" if is_enough else f"only {had}; {need} are needed")


def _auc(one: Measured, least: float) -> Gate:
    is_passed = one.auc.value >= least
    return Gate("auc", is_passed, f"AUC {one.auc.value:.3f} is {_beside(is_passed=is_passed)} min_auc {least:g}")


def _auc_low(one: Measured, least: float) -> Gate:
    is_passed = one.auc.low >= least
    reason = (
        f"the AUC lies between {one.auc.low:.3f} and {one.auc.high:.3f} with 95 % confidence, its lower end "
        f"{_beside(is_passed=is_passed)} min_auc {least:g}"
    )
    return Gate("auc_low", is_passed, reason)


def _beside(*, is_passed: bool) -> str:
    return "not below" if is_passed else "below"


def _champion_margin(champion: Comparison | None) -> float:
    is_less_wrong = champion is not None and champion.loss_rise is not None and champion.loss_rise.high < 0.0
    return REFERENCE_MARGIN if is_less_wrong else CHAMPION_MARGIN


def _not_worse(name: str, who: str, other: Comparison | None, margin: float) -> Gate:
    if other is None:
        return Gate(name, is_passed=True, reason=f"there is nothing to compare it with as {who}")
    gain = other.auc_gain
    is_passed = gain.low >= -margin
    says = "at worst" if is_passed else "perhaps"
    reason = (
        f"its AUC is {gain.value:+.3f} beside {who}, {other.version}, on the same windows, {says} {gain.low:+.3f}: "
        f"{'within' if is_passed else 'more than'} the {margin:g} that it may be worse"
    )
    return Gate(name, is_passed, reason)


def _false_alarms(one: Measured, champion: Comparison | None, budget: float) -> Gate:
    """More alarms than the budget are no reason to keep a model that raises at least as many."""
    rate = one.false_alarms_per_week
    had = f"{rate.value:.1f} false alarms a week, {rate.low:.1f} to {rate.high:.1f} with 95 % confidence"
    if rate.low <= budget:
        return Gate("false_alarms", is_passed=True, reason=f"{had}: not significantly more than the budget {budget:g}")
    if champion and champion.measured.false_alarms_per_week.value >= rate.value:
        theirs = champion.measured.false_alarms_per_week.value
        reason = f"{had}: more than the budget {budget:g}, but no more than the {theirs:.1f} of the model in use"
        return Gate("false_alarms", is_passed=True, reason=reason)
    return Gate("false_alarms", is_passed=False, reason=f"{had}: significantly more than the budget {budget:g}")


def _loss(one: Measured, champion: Comparison | None) -> Gate:
    """Less than a perfect model shows by chance is no difference."""
    had = f"loss {one.loss:.3f}, where a perfect model would show about {one.loss_of_chance:.3f}"
    if champion is None or champion.loss_rise is None:
        return Gate("loss", is_passed=True, reason=f"{had}; there is no other model to compare it with")
    rise = champion.loss_rise
    is_passed = rise.low <= one.loss_of_chance
    reason = (
        f"{had}; {rise.value:+.3f} beside the model in use, {rise.low:+.3f} to {rise.high:+.3f} with 95 % confidence: "
        f"{'not ' if is_passed else ''}significantly more than chance would make of it"
    )
    return Gate("loss", is_passed, reason)


def _movement(kind: TrainingKind, moved: Sequence[Movement], *, is_approved: bool) -> Gate:
    """A warm start is held by its own bounds; a cold fit beside a model in use may lie anywhere, as a rebuild may."""
    if kind is TrainingKind.WARM or not moved:
        return Gate(MOVEMENT, is_passed=True, reason="it was not fitted from scratch beside a model in use")
    farthest = max(moved, key=lambda one: abs(one.sigmas))
    widest = max(moved, key=lambda one: _times(one.spread_ratio))
    is_near, is_alike = abs(farthest.sigmas) <= FARTHEST_SIGMAS, _times(widest.spread_ratio) <= WIDEST_RATIO
    mean = f"what is usual of {farthest.metric} moves by {farthest.sigmas:+.1f} sigma"
    spread = f"the spread of {widest.metric} becomes {widest.spread_ratio:.2f} times what it was"
    if is_near and is_alike:
        reason = f"{mean}, no farther than {FARTHEST_SIGMAS:g}, and {spread}, a factor of no more than {WIDEST_RATIO:g}"
        return Gate(MOVEMENT, is_passed=True, reason=reason)
    far = [] if is_near else [f"{mean}, more than {FARTHEST_SIGMAS:g}"]
    other = [] if is_alike else [f"{spread}, a factor of more than {WIDEST_RATIO:g}"]
    ends = "as a person agreed" if is_approved else "a person has to agree"
    return Gate(MOVEMENT, is_approved, f"{' and '.join([*far, *other])}: {ends}")


def _times(ratio: float) -> float:
    """By what factor a spread differs, 1 or more; a spread of nothing differs by any."""
    return max(ratio, 1.0 / ratio) if ratio > 0.0 else math.inf


def _columns(terms: Terms) -> Gate:
    """A metric that is hidden for a while could come back at any level, and nobody would have seen it move (H04)."""
    if not terms.changed_columns:
        return Gate(COLUMNS, is_passed=True, reason="it knows the metrics that the model in use knows")
    named = ", ".join(terms.changed_columns)
    ends = "as a person agreed" if terms.is_approved else "a person has to agree"
    return Gate(COLUMNS, terms.is_approved, f"{named} came or went since the model in use was trained: {ends}")


def _person(terms: Terms) -> Gate:
    """What a person took out of use would come back the next night: the rows that made it are still there (H42)."""
    if not terms.to_be_asked:
        return Gate(PERSON, is_passed=True, reason="the model in use is sound, and nobody has gone back to it")
    ends = "who asked for this one agrees" if terms.is_approved else "the next one waits until a person promotes it"
    return Gate(PERSON, terms.is_approved, f"{terms.to_be_asked}; {ends}")
