"""`judgements.jsonl`: what people said of decisions.

    {"action":"save","at":"2026-11-20T09:12:00Z","because":…,"by":"ada","episode":"web-20261118T06Z","is_good":false,…}

Nothing is taken out again: who changes their mind adds a line.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ai_ops.domain.episode_judgement import EpisodeJudgement
from ai_ops.redact import redact as redact_by_shape
from ai_ops.store.line_book import LineBook, LineForm, utc_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pydantic import TypeAdapter


class JudgementBook(LineBook[EpisodeJudgement]):
    """The judgements of every service's episodes; see `LineBook`."""

    def __init__(
        self, path: Path, *, warn: Callable[[str], None], redact: Callable[[str], str] = redact_by_shape
    ) -> None:
        super().__init__(path, LineForm("judgement", 1, _fields, _adapter), warn=warn, redact=redact)


def _fields(judgement: EpisodeJudgement, free_text: Callable[[str], str]) -> dict[str, object]:
    return {
        "episode": judgement.episode,
        "service": judgement.service,
        "action": None if judgement.action is None else str(judgement.action),
        "is_good": judgement.is_good,
        "at": utc_text(judgement.at),
        "by": free_text(judgement.by),
        "because": free_text(judgement.because),
        "is_simulated": judgement.is_simulated,
    }


@cache
def _adapter() -> TypeAdapter[EpisodeJudgement]:
    from pydantic import TypeAdapter

    return TypeAdapter(EpisodeJudgement)
