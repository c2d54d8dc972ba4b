"""The blocks of a Slack card, and how a card is brought below every limit.

Limits: header 150 characters, section text 3000, 10 fields of 2000 each, 50 blocks (Block Kit reference). Beside them
all blocks together may have about 13,000 characters, or the answer is `msg_blocks_too_long` (bolt-js issue 2509).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ai_ops.notify.slack.text import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slack_sdk.models.blocks import Block

BYTES_MAX = 9_900
HEADER_MAX, FIELD_MAX, TEXT_MAX = 150, 2000, 3000
FIELDS_MAX = 10


def fitted(card_of: Callable[[int], dict[str, Any]]) -> dict[str, Any]:
    """Lay a card out with texts as long as they may be while it has at most `BYTES_MAX` bytes on the wire.

    Parameters
    ----------
    card_of
        Lays the card out with no text longer than so many characters. The longest texts are cut first: all share one
        limit, which is lowered until the card fits.
    """
    longest = TEXT_MAX
    card = card_of(longest)
    while wire_size(card) > BYTES_MAX:
        longest = longest * 3 // 4
        card = card_of(longest)
    return card


def wire_size(card: dict[str, Any]) -> int:
    """Bytes of the request's body: the SDK writes every character outside ASCII as an escape of 6 or 12 bytes."""
    return len(json.dumps(card))


def request_body(text: str, blocks: Sequence[Block]) -> dict[str, Any]:
    """Put together what is sent.

    Parameters
    ----------
    text
        What notifications, screen readers and old clients show: they do not look into blocks.
    """
    return {
        "text": text,
        "blocks": [block.to_dict() for block in blocks],
        # Slack would fetch whatever address stands in a text.
        "unfurl_links": False,
        "unfurl_media": False,
    }


def header(text: str, longest: int) -> list[Block]:
    """The first block."""
    from slack_sdk.models.blocks import HeaderBlock, PlainTextObject

    return [HeaderBlock(text=PlainTextObject(text=cut(text, min(HEADER_MAX, longest))))]


def section(text: str, longest: int = TEXT_MAX) -> list[Block]:
    """A paragraph; none for no text."""
    from slack_sdk.models.blocks import MarkdownTextObject, SectionBlock

    shown = cut(text, min(TEXT_MAX, longest))
    return [SectionBlock(text=MarkdownTextObject(text=shown, verbatim=True))] if shown else []


def fields(facts: Sequence[tuple[str, str]], longest: int) -> list[Block]:
    """Labels and values in two columns; at most ten pairs."""
    from slack_sdk.models.blocks import MarkdownTextObject, SectionBlock

    limit = min(FIELD_MAX, longest)
    shown = [MarkdownTextObject(text=cut(f"*{label}*\n{value}", limit), verbatim=True) for label, value in facts]
    return [SectionBlock(fields=shown)] if shown else []


def context(text: str, longest: int) -> list[Block]:
    """The small print."""
    from slack_sdk.models.blocks import ContextBlock, MarkdownTextObject

    shown = cut(text, min(TEXT_MAX, longest))
    return [ContextBlock(elements=[MarkdownTextObject(text=shown, verbatim=True)])]
