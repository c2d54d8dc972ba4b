"""What a decision expects, what became of earlier expectations, and what people said, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from ai_ops.domain.episode_judgement import EpisodeJudgement
    from ai_ops.domain.prediction import Interval, Outcome, Prediction


def prediction_in_words(prediction: Prediction) -> str:
    """Every figure with the range within which nine of ten outcomes should lie."""
    return (
        f"over {prediction.horizon_hours:g} h: cost {_range(prediction.cost_per_hour, '.2f')} per hour, "
        f"burn {_range(prediction.burn, '.2f')}, {_range(prediction.slo_good_percent, '.3f')} % good, "
        f"{_range(prediction.scale_events_per_day, '.0f')} scale events a day, "
        f"at {_range(prediction.requests_per_second, '.4g')} requests/s"
    )


def outcome_in_words(outcome: Outcome) -> str:
    """What became of a prediction, and why."""
    about = "a live change" if outcome.is_live_change else "unchanged settings"
    return f"{outcome.verdict} of {_time(outcome.made_at)}, {about}: {outcome.reason}"


def judged_in_words(words: Iterable[EpisodeJudgement]) -> Iterator[str]:
    """What people said of an episode, the last one last: it is the one that counts."""
    for one in words:
        verdict = "good" if one.is_good else "bad"
        yield f"{verdict} by {one.by}, {_time(one.at)}: {one.because}"


def _range(interval: Interval, digits: str) -> str:
    return f"{interval.expected:{digits}} ({interval.low:{digits}} to {interval.high:{digits}})"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
