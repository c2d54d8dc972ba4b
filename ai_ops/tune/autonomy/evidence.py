"""What the past says about the agent's judgement: a fold of the ledger and of what people said, nothing stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.autonomy import action_class
from ai_ops.domain.prediction import Verdict
from ai_ops.tune.learning.outcome import TOLERABLE_BURN, needs_way_back

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from ai_ops.domain.autonomy import ActionClass
    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.episode_judgement import EpisodeJudgement
    from ai_ops.domain.prediction import Outcome
    from ai_ops.domain.tuning import Knob


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was predicted or done, and how it turned out.

    Parameters
    ----------
    source
        What counts once, however often it was looked at: a day, or an episode that a person judged.
    since
        When the prediction was made, or the word was said: evidence older than a breach counts no more.
    known_at
        When it became known.
    action
        Which class it speaks of; None speaks of all.
    verdict
        What became of it.
    is_live_change
        Whether a change of ours was live.
    is_breach
        Whether it ends what was earned so far.
    """

    source: str
    since: datetime
    known_at: datetime
    action: ActionClass | None
    verdict: Verdict
    is_live_change: bool
    is_breach: bool = False


def evidence(
    past: Iterable[Episode], judgements: Iterable[EpisodeJudgement], knobs: Mapping[str, Knob]
) -> tuple[Evidence, ...]:
    """Everything that earns or costs autonomy, from the episodes of one service and what people said of them."""
    episodes = tuple(past)
    predicted = {one.prediction.made_at: one for one in episodes if one.prediction is not None}
    outcomes = (
        _from_outcome(outcome, predicted.get(outcome.made_at), knobs)
        for episode in episodes
        for outcome in episode.outcomes
    )
    return (*outcomes, *_from_people(judgements))


def is_breach(outcome: Outcome) -> bool:
    """Whether a guard was breached: a miss beyond tolerance, or a broken promise while a change of ours was live.

    The second holds whatever the verdict: that demand had shifted explains a broken promise, and does not excuse it.
    """
    is_broken = outcome.burn is not None and outcome.burn > TOLERABLE_BURN
    return needs_way_back(outcome) or (outcome.is_live_change and is_broken)


def _from_outcome(outcome: Outcome, episode: Episode | None, knobs: Mapping[str, Knob]) -> Evidence:
    """What one outcome says; a hit counts as that of a live change only where the ledger holds the change.

    Without the episode nobody knows which class it was about: a miss then counts against all of them, and a hit
    for none of the changes. It does not count at all where not even its prediction is known.
    """
    action = action_class(episode.decision.changes, knobs) if episode and outcome.is_live_change else None
    is_live_change, verdict = outcome.is_live_change, outcome.verdict
    if verdict is Verdict.HIT:
        is_live_change = action is not None
        verdict = Verdict.HIT if episode is not None else Verdict.NOT_JUDGEABLE
    return Evidence(
        source=f"{'change' if is_live_change else 'unchanged'} {outcome.made_at:%Y-%m-%d}",
        since=outcome.made_at,
        known_at=outcome.judged_at,
        action=action,
        verdict=verdict,
        is_live_change=is_live_change,
        is_breach=is_breach(outcome),
    )


def _from_people(judgements: Iterable[EpisodeJudgement]) -> Iterator[Evidence]:
    """Bad judgements as misses; praise earns nothing, and a word that was taken back still cost it (H42)."""
    for one in judgements:
        if not one.is_good:
            yield Evidence(
                source=f"judged {one.episode}",
                since=one.at,
                known_at=one.at,
                action=one.action,
                verdict=Verdict.MISS,
                is_live_change=one.action is not None,
            )
