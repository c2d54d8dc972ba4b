"""What people said of a decision, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from ai_ops.domain.episode_judgement import EpisodeJudgement


def judged_in_words(words: Iterable[EpisodeJudgement]) -> Iterator[str]:
    """What people said of an episode, the last one last: it is the one that counts."""
    for one in words:
        verdict = "good" if one.is_good else "bad"
        yield f"{verdict} by {one.by}, {_time(one.at)}: {one.because}"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
