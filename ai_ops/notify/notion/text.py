"""Text as Notion's rich text, within its limits.

A text of Notion's type "text" is shown as it is: it mentions nobody and leads nowhere, unless it carries a link.
"""

from __future__ import annotations

import re
from typing import Any

from ai_ops.notify.letters.letters import cut, pieces
from ai_ops.notify.letters.web_address import is_web_address

ITEM_MAX = 2000
"""Units of one item; an array of them has at most 100."""

TEXT_MAX = 20_000
"""Units that we write into one block: nobody reads so far."""

SPANS_MAX = 9
"""Commands within one text that are shown as such: each takes two of the hundred items."""

_QUOTED = re.compile(r"`([^`]+)`")

RichText = list[dict[str, Any]]


def rich_text(
    text: str,
    longest: int = TEXT_MAX,
    *,
    color: str = "default",
    is_bold: bool = False,
    is_code: bool = False,
    link: str = "",
) -> RichText:
    """Items for one text, at most `longest` units; `link` leads somewhere where it is a plain web address.

    Parameters
    ----------
    text
        Without anything hidden, and without lone halves of characters.
    color
        One of Notion's: "default", "green", "red_background".
    """
    asked = {"color": color, "bold": is_bold, "code": is_code}
    looks = {name: look for name, look in asked.items() if look not in {"default", False}}
    target = {"link": {"url": link}} if is_web_address(link) else {}
    return [
        {"type": "text", "text": {"content": piece, **target}, **({"annotations": looks} if looks else {})}
        for piece in pieces(cut(text, longest), ITEM_MAX)
    ]


def sentence(text: str, longest: int = TEXT_MAX, *, color: str = "default", is_bold: bool = False) -> RichText:
    """The same, with what stands between backticks as code."""
    parts = _QUOTED.split(cut(text, longest))
    if len(parts) > 2 * SPANS_MAX + 1:
        return rich_text(text, longest, color=color, is_bold=is_bold)
    return [
        item
        for number, part in enumerate(parts)
        for item in rich_text(part, color=color, is_bold=is_bold, is_code=bool(number % 2))
    ]
