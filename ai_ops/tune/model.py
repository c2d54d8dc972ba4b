"""The policy `model`: the cheapest settings that keep the promise with a margin, proven together by a replay.

It asks `advice`, as `recommend` does, in the team's name: with its knobs, its platform and its ledger.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.clocks import not_ahead
from ai_ops.domain.foresight import Foresight
from ai_ops.domain.quantised import quantised
from ai_ops.domain.tuning import Proposal
from ai_ops.tune.advice import Advice, Question, advise, first_glance
from ai_ops.tune.arguments import NEEDED_THRESHOLDS
from ai_ops.tune.changes import changes_between, thresholds_of
from ai_ops.tune.explanation.explanation import rationale
from ai_ops.tune.learning.hindsight import burn_of
from ai_ops.tune.learning.ledger_state import records_from, settings_of
from ai_ops.tune.search.choice import UNSAFE_BURN
from ai_ops.tune.search.team_limits import team_limits
from ai_ops.twin.settings_batch import THRESHOLD
from ai_ops.twin.telemetry import MINUTES_PER_DAY, NEEDED, telemetry_of

if TYPE_CHECKING:
    from ai_ops.domain.platform import Platform
    from ai_ops.domain.prediction import Outcome
    from ai_ops.domain.situation import Situation
    from ai_ops.tune.search.limits import Settings
    from ai_ops.twin.telemetry import Telemetry


@dataclass(frozen=True, slots=True)
class Glance:
    """What is known before anything is replayed.

    Parameters
    ----------
    outcomes
        Earlier predictions whose time is over, judged.
    last_day_burn
        Share of the last day's error budget that was spent; None where nothing was measured.
    """

    outcomes: tuple[Outcome, ...]
    last_day_burn: float | None


class Model:
    """A model of the service, calibrated on its own minutes, says what should run.

    Parameters
    ----------
    platform
        Constants of the platform; a price of 0 means that it is not known, and is read from the cost metric.
    movable
        Knobs that may move; the others are replayed as they stand.
    gap_percent
        Between scale-in and scale-out.
    """

    name = "model"

    def __init__(self, platform: Platform, movable: frozenset[str], gap_percent: float) -> None:
        self._platform = platform
        self._movable = movable
        self._gap_percent = gap_percent

    def propose(self, situation: Situation) -> Proposal:
        """Look at the service as often as there are minutes to look at, and say what should run."""
        question = self.question(situation)
        if isinstance(question, str):
            return Proposal.stay(question)
        question, advice = self._looked(situation, question)
        standing = situation.observation.thresholds
        wanted = standing if advice.thresholds is None else thresholds_of(advice.thresholds)
        is_priced = question.platform.price_per_instance_hour > 0
        return Proposal(
            changes=changes_between(standing, wanted),
            reasons=advice.reasons if is_priced else (*advice.reasons, _UNPRICED),
            is_urgent=advice.is_urgent,
            is_proven_whole=True,
            foresight=_foresight(question, advice, is_priced=is_priced),
        )

    def glance(self, situation: Situation) -> Glance | None:
        """What any look at this moment knows before it replays anything; None where nothing can be looked at."""
        question = self.question(situation)
        if isinstance(question, str):
            return None
        last_day = question.telemetry.last(MINUTES_PER_DAY)
        return Glance(first_glance(question).outcomes, burn_of(last_day, question.platform.allowed_bad_ratio))

    def question(self, situation: Situation) -> Question | str:
        """Everything the decision rests on, or why there can be none."""
        obstacle = _without_minutes(situation) or unfit(settings_of(situation.observation.thresholds))
        if obstacle is not None:
            return obstacle
        # What is decided on is what is kept: rounding once more changes nothing where it was done already.
        telemetry = telemetry_of({name: quantised(one) for name, one in situation.observation.minutes.items()})
        return Question(
            telemetry=telemetry,
            thresholds=settings_of(situation.observation.thresholds),
            platform=_priced(self._platform, telemetry),
            limits=team_limits(situation, self._movable, self._gap_percent, is_rescue=False),
            records=records_from(not_ahead(situation.past, situation.now)),
            now=situation.now,
        )

    def _looked(self, situation: Situation, question: Question) -> tuple[Question, Advice]:
        """Look within the team's steps; where safety is lacking, look once more as far as safety may go."""
        advice = advise(question)
        if not advice.is_urgent and not _is_unsafe(advice):
            return question, advice
        limits = team_limits(situation, self._movable, self._gap_percent, is_rescue=True)
        rescue = replace(question, limits=limits)
        further = advise(rescue)
        return (rescue, further) if further.is_urgent else (question, advice)


_UNPRICED = (
    "nothing is predicted: what an instance costs is not known; set cost.price_per_instance_hour, or measure the cost"
)


def _without_minutes(situation: Situation) -> str | None:
    """Why there is nothing to calibrate a model on, or None."""
    observation = situation.observation
    missing = [metric for metric in NEEDED if metric not in observation.minutes]
    if not missing:
        return None
    gap = next((one for one in observation.minute_gaps if one.metric in missing), None)
    if gap is not None:
        return f"the service cannot be modelled: {gap.metric} minute by minute: {gap.reason}"
    known = not_ahead(situation.past, situation.now)
    looks = [episode.decided_at for episode in known if episode.looked is not None]
    if looks:
        return f"looked at {looks[-1]:%Y-%m-%d %H:%M} UTC; the next look is due a day after it"
    return f"the service cannot be modelled: no minutes of {', '.join(missing)} were collected"


def unfit(settings: Settings) -> str | None:
    """Why settings cannot be replayed, so that the model decides nothing from them; None when they can."""
    missing = [name for name in NEEDED_THRESHOLDS if name not in settings]
    if missing:
        return (
            f"the service cannot be modelled without {', '.join(missing)}: name them under knobs, and write "
            "`neuropilot: ignore` beside the value that must not move; or set `tuning.policy: rules`"
        )
    is_stepped = settings.get("scaling_mode", THRESHOLD) == THRESHOLD
    if is_stepped and settings["cpu_scale_in_percent"] >= settings["cpu_scale_out_percent"]:
        return "cpu_scale_in_percent is not below cpu_scale_out_percent: the fleet never settles; repair that first"
    if settings["min_instances"] > settings["max_instances"]:
        return "min_instances is above max_instances: no replay would mean anything"
    return None


def _priced(platform: Platform, telemetry: Telemetry) -> Platform:
    """The platform with the price that was really paid, where nobody wrote one down; 0 stays where nothing tells."""
    if platform.price_per_instance_hour > 0:
        return platform
    with np.errstate(divide="ignore", invalid="ignore"):
        paid = telemetry.get("cost_per_hour") / telemetry.desired
    known = paid[np.isfinite(paid) & (paid > 0)]
    return replace(platform, price_per_instance_hour=float(np.median(known)) if known.size else 0.0)


def _is_unsafe(advice: Advice) -> bool:
    """Whether today's settings will probably break the promise, though nothing within reach is better."""
    is_trusted = advice.study is not None and advice.thresholds is None
    return is_trusted and bool(advice.study.figures.burn_bound[0] > UNSAFE_BURN)  # type: ignore[union-attr]


def _foresight(question: Question, advice: Advice, *, is_priced: bool) -> Foresight:
    record = advice.record
    return Foresight(
        at=question.now,
        prediction=advice.prediction if is_priced else None,
        if_unchanged=advice.if_unchanged if is_priced else None,
        outcomes=() if record is None else record.outcomes,
        looked=None if record is None else record.looked,
        rationale=rationale(advice, question.limits),
    )
