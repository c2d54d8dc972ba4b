"""Foreign text as plain words in so many columns."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from ai_ops.markdown import defused

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 1_000
_DOLLAR_MEANWHILE = "¤"
_COLONS = re.compile(":(?=:)")
_KEPT_TOGETHER = "\xa0%"


def plain(text: str) -> str:
    """One line of text in which nothing steers a terminal, mentions anybody or becomes a link in a mail program.

    A dollar keeps its sign, which means nothing outside of Markdown. Two colons are parted: a line of output that
    begins with them is a command to the runner of a CI job.

    >>> plain("28.40 $, thanks @ops, see https://evil.example")
    '28.40 $, thanks (at)ops, see https: //evil.example'
    """
    words = defused(text.replace("$", _DOLLAR_MEANWHILE), LONGEST).replace(_DOLLAR_MEANWHILE, "$")
    return _COLONS.sub(": ", words)


def columns(text: str) -> int:
    """How wide a terminal shows it: marks on a letter take no room, and letters of the Far East that of two.

    >>> columns("p95 ✓"), columns("漢字")
    (5, 4)
    """
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def padded(text: str, width: int) -> str:
    """The text, and blanks behind it up to `width` columns."""
    return text + " " * (width - columns(text))


def wrapped(text: str, width: int, first: str = "", others: str = "") -> Iterator[str]:
    """Lines of at most `width` columns, broken between words, and inside one only where it is longer than a line.

    Parameters
    ----------
    first, others
        What the first line begins with, and all others; both take part in the width.
    """
    line, is_empty = first, True
    for word in _pieces(text.replace(" %", _KEPT_TOGETHER), width - max(columns(first), columns(others))):
        if not is_empty and columns(line) + 1 + columns(word) > width:
            yield line.replace(_KEPT_TOGETHER, " %")
            line, is_empty = others, True
        line += word if is_empty else f" {word}"
        is_empty = False
    yield line.rstrip().replace(_KEPT_TOGETHER, " %")


def _pieces(text: str, longest: int) -> Iterator[str]:
    """Words, those that are too long in several pieces."""
    for word in text.split(" "):
        piece = ""
        for char in word if columns(word) > longest else [word]:
            if piece and columns(piece + char) > longest:
                yield piece
                piece = ""
            piece += char
        yield piece


def _columns_of(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
