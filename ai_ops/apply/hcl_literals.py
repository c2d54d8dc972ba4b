"""The literals that a knob may have in HCL: a number, a word in quotes, a list of scheduled minimums.

Whatever Terraform would have to compute is no literal, and is left alone.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from ai_ops.apply.settings_text import WORD, Literal, indentation, line_end, line_of, plain, plain_word
from ai_ops.domain.schedule import schedule_of
from ai_ops.domain.tuning import KnobKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.apply.settings_text import Value
    from ai_ops.domain.schedule import ScheduledMinimum

_NUMBER = re.compile(r'(?P<quote>"?)(?P<number>-?[ \t]*[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?)(?P=quote)')
_WORD = re.compile(f'"(?P<word>{WORD})"')
_PIECE = re.compile(
    r"(?P<blank>[ \t\r\n]+)|(?P<comment>(?:#|//)[^\n]*|/\*.*?\*/)|(?P<number>[0-9]{1,9})(?![0-9A-Za-z_.])"
    r'|(?P<quote>"?)(?P<key>[a-z_]+)(?P=quote)(?=[ \t]*[=:])|(?P<sign>[][{},=:])',
    re.DOTALL,
)

Piece = tuple[str, str]
"""Kind and text: ("number", "420"), ("key", "min_instances"), or ("sign", "{")."""


def read_literal(text: str, start: int, end: int, kind: KnobKind) -> Literal:
    """Read what stands from `start` to `end`.

    Raises
    ------
    ValueError
        When it is no literal of that kind; the message, where there is one, says why.
    """
    if kind is KnobKind.SCHEDULE:
        pieces, has_comments = _pieces(text, start, end)
        return Literal(schedule_of(_entries(pieces)), start, end, has_comments)
    found = (_NUMBER if kind is KnobKind.NUMBER else _WORD).fullmatch(text, start, end)
    if found is None:
        raise ValueError
    if kind is KnobKind.CHOICE:
        return Literal(found["word"], *found.span("word"))
    return Literal(Decimal(re.sub(r"[ \t]", "", found["number"])), *found.span("number"))


def written(value: Value, text: str, start: int) -> str:
    """Write `value` as it shall stand at `start` of `text`; a list with one entry a line, as `terraform fmt` has it.

    Raises
    ------
    EditError
        When no file can hold it.
    """
    if isinstance(value, tuple):
        newline, indent = line_end(text, start), indentation(text, start)
        rows = "".join(f"{indent}  {_entry(one)},{newline}" for one in value)
        return f"[{newline}{rows}{indent}]" if value else "[]"
    return plain_word(value) if isinstance(value, str) else plain(value)


def _entry(one: ScheduledMinimum) -> str:
    return (
        f"{{ from_minute_of_week = {one.from_minute_of_week}, to_minute_of_week = {one.to_minute_of_week}, "
        f"min_instances = {one.min_instances} }}"
    )


def _pieces(text: str, start: int, end: int) -> tuple[list[Piece], bool]:
    """Cut a list into its pieces, without blanks and comments; also whether there were comments."""
    pieces: list[Piece] = []
    has_comments, position = False, start
    while position < end:
        found = _PIECE.match(text, position, end)
        if found is None:
            odd = text[position:end].split(maxsplit=1)[0][:20]
            raise ValueError(f"{odd!a} on line {line_of(text, position)} is computed, or no part of a plain list")
        position = found.end()
        kind = found.lastgroup or ""
        has_comments = has_comments or kind == "comment"
        if kind not in {"blank", "comment"}:
            pieces.append((kind, found[kind]))
    return pieces, has_comments


def _entries(pieces: list[Piece]) -> list[dict[str, object]]:
    """Read the entries of a list; that commas stand where they must, Terraform's own parser has seen."""
    rest = iter([piece for piece in pieces if piece != ("sign", ",")])
    _expect(next(rest, None), "[")
    entries: list[dict[str, object]] = []
    for piece in rest:
        if piece == ("sign", "]") and next(rest, None) is None:
            return entries
        _expect(piece, "{")
        entries.append(_fields(rest))
    raise ValueError("it does not end where it begins")


def _fields(rest: Iterator[Piece]) -> dict[str, object]:
    """Read the fields of one entry, up to its closing brace."""
    fields: dict[str, object] = {}
    for kind, key in rest:
        if (kind, key) == ("sign", "}"):
            return fields
        sign, number = next(rest, None), next(rest, None)
        if kind != "key" or sign not in {("sign", "="), ("sign", ":")} or number is None or number[0] != "number":
            raise ValueError(f"{key!a} has no plain whole number")
        if key in fields:
            raise ValueError(f"{key} stands twice in one entry")
        fields[key] = int(number[1])
    raise ValueError("an entry does not end")


def _expect(piece: Piece | None, sign: str) -> None:
    if piece != ("sign", sign):
        raise ValueError(f"{piece[1]!a} stands where {sign} belongs" if piece else "it is empty")
