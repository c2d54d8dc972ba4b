"""Earned autonomy: per class of action, how far the agent may go is a function of how its predictions turned out.

Outcomes raise it one step at a time, from observe to propose to commit. A step needs at least 20 judged predictions of
which so many came true that the share of successes lies, with 90 % confidence, at 0.9 or above (Wilson's lower bound).
In numbers:

    misses                 0    1    2    3    4    5    6    7
    judged predictions    20   32   47   60   73   86   99  111

The daily predictions for the unchanged settings count towards `propose`; towards `commit` only changes that were live.
A breach of a guard ends what was earned at once, and it is counted anew from there. People can only cap or lower it.
What is missing, or cannot be judged, never raises it.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ai_ops.domain.autonomy import ActionClass, Mode, lowest
from ai_ops.domain.prediction import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ai_ops.tune.autonomy.evidence import Evidence

LEAST_JUDGED = 20
"""Fewer outcomes say nothing: with none missed, 20 are the first round number whose bound is clearly above 0.9."""

CONFIDENCE = 0.9
"""Of the one-sided bound."""

WANTED_SHARE = 0.9
"""An interval is meant to hold nine of ten outcomes, so that an honest prediction succeeds that often or more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the team allows.

    Parameters
    ----------
    mode
        The cap on everything.
    caps
        Lower caps, by class.
    granted
        Why nothing has to be earned; None when it has.
    """

    mode: Mode
    caps: Mapping[ActionClass, Mode]
    granted: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """Predictions that were judged, and those of them that did not come true."""

    judged: int
    misses: int

    @property
    def missing(self) -> int:
        """How many more have to come true in a row before the step is made; 0 when it is."""
        return max(0, judged_needed(self.misses) - self.judged)

    def in_words(self, what: str) -> str:
        """`12 of 20 judged predictions, 0 missed`."""
        return f"{self.judged} of {judged_needed(self.misses)} judged {what}, {self.misses} missed"


@dataclass(frozen=True, slots=True)
class Autonomy:
    """How far the agent may go with one class of action.

    Parameters
    ----------
    action
        The class.
    allowed
        What it may do: the lowest of `earned` and `cap`.
    earned
        What outcomes allow.
    cap
        What the team allows.
    predictions
        All that count towards `propose`, since the last breach.
    changes
        Those of live changes, which count towards `commit`.
    breached_at
        When a guard was breached last; None when none ever was.
    missing
        One sentence: what is missing for the next step.
    is_granted
        Whether nothing has to be earned, by the team's will or because the policy predicts nothing.
    """

    action: ActionClass
    allowed: Mode
    earned: Mode
    cap: Mode
    predictions: Record
    changes: Record
    breached_at: datetime | None
    missing: str
    is_granted: bool = False


def autonomy(seen: Iterable[Evidence], limits: Limits) -> dict[ActionClass, Autonomy]:
    """What each class of action is allowed, from everything that `evidence.evidence` found."""
    everything = tuple(seen)
    return {action: _of_class(action, everything, limits) for action in ActionClass}


@cache
def judged_needed(misses: int) -> int:
    """How many predictions must have been judged so that this many misses leave the step earned.

    >>> judged_needed(0), judged_needed(3)
    (20, 60)
    """
    # The bound rises with every success, and each miss costs fewer than 20 of them.
    counts = range(LEAST_JUDGED, LEAST_JUDGED * (misses + 2))
    return counts[bisect_left(counts, WANTED_SHARE, key=lambda judged: success_bound(judged - misses, judged))]


def success_bound(hits: int, judged: int) -> float:
    """Wilson's one-sided lower bound of the share of successes, 0 to 1.

    References
    ----------
    Wilson, Probable Inference, the Law of Succession, and Statistical Inference (1927); Brown, Cai and DasGupta,
    Interval Estimation for a Binomial Proportion (2001), for why it and not the textbook's.
    """
    from scipy.stats import binomtest

    test = binomtest(hits, judged, alternative="greater")
    return float(test.proportion_ci(confidence_level=CONFIDENCE, method="wilson").low)


def _of_class(action: ActionClass, everything: tuple[Evidence, ...], limits: Limits) -> Autonomy:
    ours = [one for one in everything if one.action in {action, None}]
    breached_at = max((one.known_at for one in ours if one.is_breach), default=None)
    fresh = [one for one in ours if breached_at is None or one.since >= breached_at]
    predictions = _record(fresh)
    changes = _record(one for one in fresh if one.is_live_change)
    earned = Mode.COMMIT if limits.granted else _earned(action, predictions, changes)
    cap = lowest(limits.mode, limits.caps.get(action, Mode.COMMIT))
    since = f"; counted since the breach of {breached_at:%Y-%m-%d %H:%M} UTC" if breached_at else ""
    return Autonomy(
        action=action,
        allowed=lowest(earned, cap),
        earned=earned,
        cap=cap,
        predictions=predictions,
        changes=changes,
        breached_at=breached_at,
        missing=_held_back(earned, cap, limits) or f"{_next_step(earned, predictions, changes)}{since}",
        is_granted=limits.granted is not None,
    )


def _earned(action: ActionClass, predictions: Record, changes: Record) -> Mode:
    """The step that outcomes have reached. What buys safety may be proposed at once: waiting is the greater risk."""
    if predictions.missing:
        return Mode.PROPOSE if action is ActionClass.SAFETY else Mode.OBSERVE
    return Mode.PROPOSE if changes.missing else Mode.COMMIT


def _record(fresh: Iterable[Evidence]) -> Record:
    """Count each source once, and as a miss if it ever was one: looking twice, or every hour, earns nothing."""
    is_hit: dict[str, bool] = {}
    for one in fresh:
        if one.verdict is not Verdict.NOT_JUDGEABLE:
            is_hit[one.source] = is_hit.get(one.source, True) and one.verdict is Verdict.HIT
    return Record(len(is_hit), sum(not hit for hit in is_hit.values()))


def _held_back(earned: Mode, cap: Mode, limits: Limits) -> str | None:
    """What decides where outcomes have no say: the team's cap below what is earned, or that nothing must be earned."""
    if lowest(earned, cap) is earned:
        return limits.granted
    source = "mode" if cap is limits.mode else "approval.caps"
    return f"{limits.granted or f'{earned} is earned'}; {source} caps it at {cap}"


def _next_step(earned: Mode, predictions: Record, changes: Record) -> str:
    """What the next step wants."""
    if earned is Mode.COMMIT:
        return f"nothing: {predictions.in_words('predictions')}; {changes.in_words('live changes')}"
    if earned is Mode.OBSERVE:
        return f"{predictions.in_words('predictions')}; {predictions.missing} more that come true lead to propose"
    more = max(predictions.missing, changes.missing)
    return f"{changes.in_words('live changes')}; {more} more that come true lead to commit"
