"""A settings file as text: the step from bytes and back, and one value inside it.

A comment that says `neuropilot: ignore` keeps the agent away from a value. It counts when it stands on the line of the
value or of a key that leads to it, or alone on the line directly above one of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from ai_ops.domain.errors import EditError
from ai_ops.domain.key_path import in_words
from ai_ops.domain.schedule import Schedule
from ai_ops.domain.tuning import KnobKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_ops.domain.key_path import KeyPath

SIZE_LIMIT_BYTES = 128 * 1024
"""Above this nothing is read. Thresholds need a few kB; the parsers take a minute for some texts twice as long."""

BOM = "\ufeff"

WANTED = {KnobKind.NUMBER: "number", KnobKind.CHOICE: "word", KnobKind.SCHEDULE: "list of minimums"}
EXAMPLES = {KnobKind.NUMBER: "80", KnobKind.CHOICE: '"threshold"', KnobKind.SCHEDULE: "[]"}
"""What a knob's value must be, and what could stand there, the same in every format."""

WORD = r"[A-Za-z][A-Za-z0-9_-]*"

Value = Decimal | str | Schedule
"""A knob's value as a file holds it: a number exactly as written, a word, or minimums in the order of the week."""

_MARKER = re.compile(r"\bneuropilot\s*:\s*ignore\b", re.IGNORECASE)
_LONE_CR = re.compile(r"\r(?!\n)")


class Literal(NamedTuple):
    """A value, the half-open span in characters that writes it, and whether comments stand in between."""

    value: Value
    start: int
    end: int
    has_comments: bool = False


@dataclass(frozen=True, slots=True)
class Located:
    """One value in a text.

    Parameters
    ----------
    value
        As written.
    line
        Counted from 1.
    is_ignored
        Whether a comment says `neuropilot: ignore`.
    start, end
        Half-open span in characters: of digits and sign, of a word without its quotes, or of a whole list.
    has_comments
        Whether comments stand inside of the list, which writing it anew would lose.
    """

    value: Value
    line: int
    is_ignored: bool
    start: int
    end: int
    has_comments: bool = False

    def replaced(self, text: str, written: str) -> str:
        """Copy of `text` with `written` in the place of this value, and nothing else moved."""
        return f"{text[: self.start]}{written}{text[self.end :]}"


def kind_of(value: Value) -> KnobKind:
    """What sort of value this is."""
    if isinstance(value, Decimal):
        return KnobKind.NUMBER
    return KnobKind.CHOICE if isinstance(value, str) else KnobKind.SCHEDULE


def plain_word(word: str) -> str:
    """Give `word` back.

    Raises
    ------
    EditError
        When it could mean more than itself in some file.
    """
    if not re.fullmatch(WORD, word):
        raise EditError(f"{word!a} is no word that a settings file can hold; nothing was changed")
    return word


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


def indentation(text: str, position: int) -> str:
    """Blanks at the begin of the line that holds `position`."""
    line = text[text.rfind("\n", 0, position) + 1 : position].removeprefix(BOM)
    return line[: len(line) - len(line.lstrip(" \t"))]


def line_end(text: str, position: int) -> str:
    r"""How the line that holds `position` ends, or the one before it where that is the last: `\n` or `\r\n`."""
    end = text.find("\n", position)
    end = end if end >= 0 else text.rfind("\n", 0, position)
    return "\r\n" if text[max(end - 1, 0) : end] == "\r" else "\n"


def last_key(path: KeyPath) -> str:
    """What a message calls the value at `path`."""
    return path[-1] if isinstance(path[-1], str) else in_words(path)


def refuse_to_lose(found: Located, path: KeyPath, name: str) -> None:
    """Stop before comments inside of a value are lost.

    Raises
    ------
    EditError
        When there are any.
    """
    if found.has_comments:
        raise EditError(f"{name}:{found.line}: comments inside of `{last_key(path)}` would be lost; move them above it")


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
