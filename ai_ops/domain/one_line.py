"""Text from outside as one clean line: no escape sequences, no forged lines, no hidden characters, no flood."""

from __future__ import annotations

import unicodedata

LONGEST = 300

_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories of what steers a terminal or a reader: control, format, half a character, line separators."""


def one_line(text: str, longest: int = LONGEST) -> str:
    """Write `text` without what cannot be seen, in at most `longest` characters, an ellipsis at the cut."""
    line = " ".join(visible(text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def visible(text: str) -> str:
    """Put a space for every character that cannot be seen; line breaks are among them."""
    return "".join(" " if unicodedata.category(char) in _HIDDEN else char for char in text)
