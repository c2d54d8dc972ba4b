"""`labels.jsonl`: what people said of findings.

    {"alarm":"deviation","at":"2026-11-20T09:12:00Z","by":"ada","finding":"f3a9b21c0","is_true":false,"metric":…,"version":1}

Of two lines on the same finding the later counts.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ai_ops.domain.label import Label
from ai_ops.redact import redact as redact_by_shape
from ai_ops.store.line_book import LineBook, LineForm, utc_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pydantic import TypeAdapter


class LabelBook(LineBook[Label]):
    """The labels of every service; see `LineBook`."""

    def __init__(
        self, path: Path, *, warn: Callable[[str], None], redact: Callable[[str], str] = redact_by_shape
    ) -> None:
        super().__init__(path, LineForm("label", 1, _fields, _adapter), warn=warn, redact=redact)


def _fields(label: Label, free_text: Callable[[str], str]) -> dict[str, object]:
    return {
        "finding": label.finding,
        "service": label.service,
        "metric": label.metric,
        "alarm": str(label.alarm),
        "since": utc_text(label.since),
        "is_true": label.is_true,
        "at": utc_text(label.at),
        "by": free_text(label.by),
        "note": free_text(label.note),
        "is_simulated": label.is_simulated,
    }


@cache
def _adapter() -> TypeAdapter[Label]:
    from pydantic import TypeAdapter

    return TypeAdapter(Label)
