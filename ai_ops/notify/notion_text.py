"""Text as Notion's rich text: within its limits, cut between letters and never inside of one.

Notion counts in units of UTF-16, so that most pictures count as two. A text of Notion's type "text" is shown as it is:
it mentions nobody and leads nowhere, unless it carries a link of its own.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

ITEM_MAX = 2000
"""Units of one item; an array of them has at most 100."""

TEXT_MAX = 20_000
"""Units that we write into one block: nobody reads so far."""

_LOOK_BACK = 200
_JOINER = "\u200d"
_LINK = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9._~:/%?=&+,;@-]{0,1900})?")
_REGIONAL = range(0x1F1E6, 0x1F200)  # two of these make a flag
_TONES_OF_SKIN = range(0x1F3FB, 0x1F400)
_JAMO = range(0x1100, 0x1200)

RichText = list[dict[str, Any]]


def units(text: str) -> int:
    """How long Notion finds a text.

    >>> units("ab"), units("🙂")
    (2, 2)
    """
    return len(text) + sum(char > "\uffff" for char in text)


def cut(text: str, longest: int) -> str:
    """At most `longest` units, an ellipsis at the cut."""
    if units(text) <= longest:
        return text
    return text[: _break(text, longest - 1)].rstrip() + "…"


def pieces(text: str, longest: int = ITEM_MAX) -> list[str]:
    """The text in parts of at most `longest` units, cut behind a space where there is one near; no part is empty."""
    found = []
    while units(text) > longest:
        end = _break(text, longest)
        found.append(text[:end])
        text = text[end:]
    return [*found, text] if text else found


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
    target = {"link": {"url": link}} if is_address(link) else {}
    return [
        {"type": "text", "text": {"content": piece, **target}, **({"annotations": looks} if looks else {})}
        for piece in pieces(cut(text, longest))
    ]


def is_address(text: str) -> bool:
    """Whether a person may be led there: a web address without a name or password in it, and without odd letters."""
    return _LINK.fullmatch(text) is not None


def _break(text: str, longest: int) -> int:
    """Where to cut so that at most `longest` units come before: at least 1."""
    end = longest
    while (excess := units(text[:end]) - longest) > 0:
        end -= (excess + 1) // 2
    whole = next((at for at in range(end, max(0, end - _LOOK_BACK), -1) if _is_between_letters(text, at)), end)
    space = text.rfind(" ", max(0, whole - _LOOK_BACK), whole) + 1
    return max(1, space if space and _is_between_letters(text, space) else whole)


def _is_between_letters(text: str, at: int) -> bool:
    """Whether no letter, accent, picture or flag is torn apart by a cut before `text[at]`."""
    before, after = text[at - 1], text[at]
    is_mark = unicodedata.category(after)[0] == "M" or ord(after) in _TONES_OF_SKIN
    is_syllable = ord(before) in _JAMO and ord(after) in _JAMO
    return not (is_mark or is_syllable or _JOINER in (before, after) or _is_inside_flag(text, at))


def _is_inside_flag(text: str, at: int) -> bool:
    start = at
    while start and ord(text[start - 1]) in _REGIONAL:
        start -= 1
    return ord(text[at]) in _REGIONAL and (at - start) % 2 == 1
