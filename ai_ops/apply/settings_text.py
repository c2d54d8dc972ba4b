"""A settings file as text: the step from bytes and back, and one number inside it.

A comment that says `neuropilot: ignore` keeps the agent away from a value. It counts when it stands on the line of the
value or of a key that leads to it, or alone on the line directly above one of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

SIZE_LIMIT_BYTES = 128 * 1024
"""Above this nothing is read. Thresholds need a few kB; the parsers take a minute for some texts twice as long."""

BOM = "\ufeff"

_MARKER = re.compile(r"\bneuropilot\s*:\s*ignore\b", re.IGNORECASE)
_LONE_CR = re.compile(r"\r(?!\n)")


@dataclass(frozen=True, slots=True)
class Located:
    """One number in a text.

    Parameters
    ----------
    value
        Exactly as written.
    line
        Counted from 1.
    is_ignored
        Whether a comment says `neuropilot: ignore`.
    start, end
        Half-open span of its digits and sign in characters, quotes left out.
    """

    value: Decimal
    line: int
    is_ignored: bool
    start: int
    end: int

    def replaced(self, text: str, value: Decimal) -> str:
        """Copy of `text` with `value` in the place of this number, and nothing else moved."""
        return f"{text[: self.start]}{plain(value)}{text[self.end :]}"


def decoded(content: bytes, name: str) -> str:
    r"""Text of a file, its byte order mark and line ends kept.

    Raises
    ------
    EditError
        When it is not UTF-8, too large, or holds NUL or `\r` without `\n`.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise EditError(f"{name}:{line}: not UTF-8, so no byte of it is safe to change; save it as UTF-8") from error
    refuse_strange(text, name)
    return text


def encoded(text: str) -> bytes:
    """Bytes of a file; the opposite of `decoded`."""
    return text.encode()


def refuse_strange(text: str, name: str) -> None:
    r"""Stop before a parser sees what parsers disagree about.

    Raises
    ------
    EditError
        When `text` is too large, no valid Unicode, or holds NUL or `\r` without `\n`.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise EditError(f"{name}: half a character at {error.start}; save it as UTF-8") from error
    if size > SIZE_LIMIT_BYTES:
        limit = SIZE_LIMIT_BYTES // 1024
        raise EditError(f"{name}: {size // 1024} KiB is above the limit of {limit} KiB; keep the knobs in a file apart")
    if "\0" in text:
        line = line_of(text, text.index("\0"))
        raise EditError(f"{name}:{line}: holds a NUL byte, so it is no settings file; restore it from git")
    if lone := _LONE_CR.search(text):
        line = line_of(text, lone.start())
        raise EditError(f"{name}:{line}: a carriage return without a line feed; save it with LF or CRLF line ends")


def plain(value: Decimal) -> str:
    """Write a number without exponent, trailing zeros or a sign on zero.

    >>> from decimal import Decimal
    >>> plain(Decimal("85.0")), plain(Decimal("1E+2")), plain(Decimal("0.50"))
    ('85', '100', '0.5')

    Raises
    ------
    EditError
        When `value` is no finite number.
    """
    if not value.is_finite():
        raise EditError(f"{value} is no number that a settings file can hold; nothing was changed")
    whole, _, fraction = f"{value:f}".partition(".")
    fraction = fraction.rstrip("0")
    written = f"{whole}.{fraction}" if fraction else whole
    return "0" if value.is_zero() else written


def line_of(text: str, position: int) -> int:
    """Line of a character, counted from 1."""
    return text.count("\n", 0, position) + 1


def says_ignore(text: str, comments: Iterable[tuple[int, int]], positions: Iterable[int]) -> bool:
    """Whether one of `comments` (half-open spans) keeps the agent away from what stands at one of `positions`."""
    lines = {line_of(text, position) for position in positions}
    return any(lines & _lines_covered(text, start, end) for start, end in comments if _MARKER.search(text, start, end))


def _lines_covered(text: str, start: int, end: int) -> set[int]:
    """Lines a comment speaks of: its own, and the next when nothing else stands on its own."""
    first, last = line_of(text, start), line_of(text, end)
    before = text[text.rfind("\n", 0, start) + 1 : start].removeprefix(BOM)
    after = text[end:].partition("\n")[0]
    stands_alone = not before.strip() and not after.strip()
    return set(range(first, last + 1 + stands_alone))
