"""Text as Notion's rich text, within its limits.

A text of Notion's type "text" is shown as it is: it mentions nobody and leads nowhere, unless it carries a link.
"""

from __future__ import annotations

from typing import Any

from ai_ops.notify.letters import cut, pieces
from ai_ops.notify.web_address import is_web_address

ITEM_MAX = 2000
"""Units of one item; an array of them has at most 100."""

TEXT_MAX = 20_000
"""Units that we write into one block: nobody reads so far."""

RichText = list[dict[str, Any]]


def rich_text(
    text: str, longest: int = TEXT_MAX, *, color: str = "default", is_bold: bool = False, link: str = ""
) -> RichText:
    """Items for one text, at most `longest` units; `link` leads somewhere where it is a plain web address.

    Parameters
    ----------
    text
        Without anything hidden, and without lone halves of characters.
    color
        One of Notion's: "default", "green", "red_background".
    """
    looks: dict[str, Any] = {}
    if color != "default":
        looks["color"] = color
    if is_bold:
        looks["bold"] = True
    target = {"link": {"url": link}} if is_web_address(link) else {}
    return [
        {"type": "text", "text": {"content": piece, **target}, **({"annotations": looks} if looks else {})}
        for piece in pieces(cut(text, longest), ITEM_MAX)
    ]
