"""A message as a Slack card: within every limit, and with nothing in it that Slack would act upon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ai_ops.notify.letters.mark import mark_of
from ai_ops.notify.slack.blocks import FIELDS_MAX, TEXT_MAX, context, fields, fitted, header, request_body, section
from ai_ops.notify.slack.report_card import report_card
from ai_ops.notify.slack.text import bullets, cut, defused, linked, readable, review_link, when

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ai_ops.domain.message import Message

PARTS_MAX = 4
"""Sections that many lines may fill, such as those of a digest; beyond them the card would be too long at any rate."""


def card_for(message: Message, redact: Callable[[str], str]) -> dict[str, Any]:
    """Write the body of the request, at most `BYTES_MAX` bytes on the wire; what is too long ends in an ellipsis.

    Parameters
    ----------
    message
        What to show; any text is welcome, however long or strange.
    redact
        Takes secrets out of a text; applied before anything is cut.
    """
    if message.document is not None:
        return report_card(message, message.document, redact)
    cleaned = _Cleaned(message, redact)
    return fitted(lambda longest: _card(cleaned, longest))


class _Cleaned:
    """The texts of a message, each on one line and defused."""

    def __init__(self, message: Message, redact: Callable[[str], str]) -> None:
        def clean(text: str) -> str:
            return defused(redact(readable(text)))

        mark = mark_of(message)
        facts = [(clean(label), clean(value)) for label, value in message.facts]
        self.title = mark + (clean(message.title) or "NeuroPilot")
        self.facts = facts[:FIELDS_MAX]
        self.lines = [f"{label}: {value}" for label, value in facts[FIELDS_MAX:]] + [
            clean(line) for line in message.lines
        ]
        self.links = "   ".join(
            filter(None, [linked(redact(message.link), "Read more"), review_link(redact(message.review_url))])
        )
        self.context = f"{mark}NeuroPilot {clean(message.key)}{when(message)}"


def _card(cleaned: _Cleaned, longest: int) -> dict[str, Any]:
    """Lay the card out with no text longer than `longest` characters."""
    blocks = [
        *header(cleaned.title, longest),
        *fields(cleaned.facts, longest),
        *(block for part in _parts(cleaned.lines, min(TEXT_MAX, longest)) for block in section(part)),
        *section(cleaned.links),
        *context(cleaned.context, longest),
    ]
    return request_body(cut(_as_text(cleaned), min(TEXT_MAX, longest)), blocks)


def _as_text(cleaned: _Cleaned) -> str:
    """Write the same for those who see no blocks."""
    return "\n".join([cleaned.title, *(f"{label}: {value}" for label, value in cleaned.facts), *cleaned.lines])


def _parts(lines: Sequence[str], longest: int) -> list[str]:
    """Bullets in at most `PARTS_MAX` texts, none longer than `longest`, cut between lines where that is possible."""
    parts: list[list[str]] = [[]]
    for at, line in enumerate(lines):
        shown = cut(line, max(1, longest - 2))
        if len(bullets([*parts[-1], shown])) > longest:
            if len(parts) == PARTS_MAX:
                return [*map(bullets, parts[:-1]), cut(f"{bullets(parts[-1])}\n… {len(lines) - at} more", longest)]
            parts.append([])
        parts[-1].append(shown)
    return [bullets(part) for part in parts if part]
