"""A message as a Slack card: within every limit, and with nothing in it that Slack would act upon.

Limits: header 150 characters, section text 3000, 10 fields of 2000 each, 50 blocks (Block Kit reference). Beside them
all blocks together may have about 13,000 characters, or the answer is `msg_blocks_too_long` (bolt-js issue 2509).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ai_ops.domain.message import Message

BYTES_MAX = 9_900
HEADER_MAX, FIELD_MAX, TEXT_MAX = 150, 2000, 3000
FIELDS_MAX = 10
SIMULATED = "(simulated)"

# Control characters, and those that turn the reading direction: a card shows its text in the order it was written.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:/%-]{1,500}")  # nothing that could end the link, or show another name
_HALF_AN_ENTITY = re.compile(r"&[a-z]{0,3}$")


def card_for(message: Message, redact: Callable[[str], str]) -> dict[str, Any]:
    """Write the body of the request, at most `BYTES_MAX` bytes on the wire; what is too long ends in an ellipsis.

    The longest texts are cut first: all share one limit, lowered until the card fits.

    Parameters
    ----------
    message
        What to show; any text is welcome, however long or strange.
    redact
        Takes secrets out of a text; applied before anything is cut.
    """
    cleaned = _Cleaned(message, redact)
    longest = TEXT_MAX
    card = _card(cleaned, longest)
    while wire_size(card) > BYTES_MAX:
        longest = longest * 3 // 4
        card = _card(cleaned, longest)
    return card


def wire_size(card: dict[str, Any]) -> int:
    """Bytes of the request's body: the SDK writes every character outside ASCII as an escape of 6 or 12 bytes."""
    return len(json.dumps(card))


class _Cleaned:
    """The texts of a message, each on one line and defused."""

    def __init__(self, message: Message, redact: Callable[[str], str]) -> None:
        def clean(text: str) -> str:
            return _defuse(redact(_readable(text)))

        mark = f"{SIMULATED} " if message.is_simulated else ""
        facts = [(clean(label), clean(value)) for label, value in message.facts]
        self.title = mark + (clean(message.title) or "NeuroPilot")
        self.facts = facts[:FIELDS_MAX]
        self.lines = [f"{label}: {value}" for label, value in facts[FIELDS_MAX:]] + [
            clean(line) for line in message.lines
        ]
        address = redact(message.review_url)
        self.review = f"<{address}|Review the pull request>" if _ADDRESS.fullmatch(address) else ""
        self.context = f"{mark}NeuroPilot {clean(message.key)}"


def _card(cleaned: _Cleaned, longest: int) -> dict[str, Any]:
    """Lay the card out with no text longer than `longest` characters."""
    from slack_sdk.models.blocks import ContextBlock, HeaderBlock, MarkdownTextObject, PlainTextObject, SectionBlock

    def marked(text: str, limit: int) -> MarkdownTextObject:
        return MarkdownTextObject(text=_cut(text, min(limit, longest)), verbatim=True)

    fields = [marked(f"*{label}*\n{value}", FIELD_MAX) for label, value in cleaned.facts]
    blocks = [
        HeaderBlock(text=PlainTextObject(text=_cut(cleaned.title, min(HEADER_MAX, longest)))),
        *([SectionBlock(fields=fields)] if fields else []),
        *([SectionBlock(text=marked(_bullets(cleaned.lines), TEXT_MAX))] if cleaned.lines else []),
        *([SectionBlock(text=MarkdownTextObject(text=cleaned.review))] if cleaned.review else []),
        ContextBlock(elements=[marked(cleaned.context, TEXT_MAX)]),
    ]
    return {
        "text": _cut(_as_text(cleaned), min(TEXT_MAX, longest)),
        "blocks": [block.to_dict() for block in blocks],
        # Slack would fetch whatever address stands in a text.
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _as_text(cleaned: _Cleaned) -> str:
    """Write what notifications, screen readers and old clients show."""
    return "\n".join([cleaned.title, *(f"{label}: {value}" for label, value in cleaned.facts), *cleaned.lines])


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"• {line}" for line in lines)


def _readable(text: str) -> str:
    """Put any text on one line of characters that can be sent and shown."""
    sendable = text.encode("utf-8", "replace").decode()
    return " ".join(_UNSHOWABLE.sub("", sendable).split())


def _defuse(text: str) -> str:
    """Take from Slack everything it would turn into a mention, a link or a command."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("@", "@\u200b")


def _cut(text: str, limit: int) -> str:
    """Keep at most `limit` characters, and no half of an entity such as `&amp;`."""
    if len(text) <= limit:
        return text
    return _HALF_AN_ENTITY.sub("", text[: limit - 1]) + "…"
