"""Random JSON files, each with one number whose place is known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from ai_ops.domain.key_path import Item, KeyPath

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

_WORDS = ("cpu", '"cpu": 5', "{", "]", '"', "\\", "/", "ö漢🚀", "\u2028", "\t\n", "", "${x}", "#", "\u00a0")
_KEYS = ("memory", "a b", "a.b", "//", "ö", "limits", '"', "on", "<<")
_NUMBERS = ("0", "-0", "55", "1.50", "-3.25e-2", "8E1", "123456789012345678901234567890")
_BLANKS = st.text(st.sampled_from(" \t\n"), max_size=2)


@dataclass(frozen=True, slots=True)
class Generated:
    """A file in three pieces: `head`, the digits of the number at `path`, `tail`."""

    head: str
    literal: str
    tail: str
    path: KeyPath

    @property
    def text(self) -> str:
        """The whole file."""
        return self.head + self.literal + self.tail

    @property
    def value(self) -> Decimal:
        """The number as it stands."""
        return Decimal(self.literal)

    def around(self, before: str, after: str, path: KeyPath = ()) -> Generated:
        """The same in a larger file."""
        return Generated(before + self.head, self.literal, self.tail + after, (*path, *self.path))


@st.composite
def literals(draw: DrawFn) -> str:
    """A number as YAML and JSON both have it."""
    sign, fraction = draw(st.sampled_from(["", "-"])), draw(st.sampled_from(["", ".5", ".250", ".0"]))
    return f"{sign}{draw(st.integers(0, 99_999))}{fraction}"


@st.composite
def texts(draw: DrawFn, word: str) -> str:
    """A word in quotes, plain or with all its characters escaped."""
    return json.dumps(word, ensure_ascii=draw(st.booleans())).replace("/", draw(st.sampled_from(["/", "\\/"])))


@st.composite
def other_values(draw: DrawFn, depth: int = 2) -> str:
    """Any value but the number in question."""
    kind = draw(st.sampled_from(["word", "number", "name", "object", "list"][: 5 if depth else 3]))
    if kind == "object":
        return "{" + ",".join(draw(_members(depth - 1))) + "}"
    if kind == "list":
        return "[" + ",".join(draw(st.lists(other_values(depth - 1), max_size=3))) + "]"
    words = {"word": st.sampled_from(_WORDS).flatmap(texts), "number": st.sampled_from(_NUMBERS)}
    return draw(_BLANKS) + draw(words.get(kind, st.sampled_from(["true", "false", "null"]))) + draw(_BLANKS)


@st.composite
def generated_json(draw: DrawFn) -> Generated:
    """A whole file: one number in objects and lists, among other values, with any blanks, line ends and a BOM."""
    quote = draw(st.sampled_from(["", "", '"']))
    file = Generated(quote, draw(literals()), quote, ())
    for _ in range(draw(st.integers(0, 2))):
        file = draw(_level(file))
    file = draw(_in_object(file, draw(st.sampled_from(["cpu", "two words", "web"]))))
    file = file.around(draw(_BLANKS), draw(_BLANKS))
    end, mark = draw(st.sampled_from(["\n", "\r\n"])), draw(st.sampled_from(["", "", "\ufeff"]))
    return Generated(mark + file.head.replace("\n", end), file.literal, file.tail.replace("\n", end), file.path)


@st.composite
def _level(draw: DrawFn, file: Generated) -> Generated:
    """The value so far inside of an object, or as an item of a list by its place or by a field."""
    kind = draw(st.sampled_from(["object", "place", "field"]))
    if kind == "object":
        return draw(_in_object(file, draw(st.sampled_from(["cpu", "target", "a/b"]))))
    before, after = (draw(st.lists(other_values(1), max_size=2)) for _ in range(2))
    step = Item(len(before))
    if kind == "field":
        name = draw(st.sampled_from(["cpu", "/spec/cpu", "a, b]"]))
        file = draw(_in_object(file, "value")).around("", "")
        field = draw(texts("type")) + ":" + draw(_BLANKS) + draw(texts(name)) + ","
        file = Generated("{" + field + file.head.removeprefix("{"), file.literal, file.tail, file.path)
        step = Item(fields=((("type",), name),))
    return file.around("[" + "".join(f"{one}," for one in before), "".join(f",{one}" for one in after) + "]", (step,))


@st.composite
def _in_object(draw: DrawFn, file: Generated, key: str) -> Generated:
    """The value under a key, with other keys before and after it."""
    members = draw(_members(1))
    place = draw(st.integers(0, len(members)))
    before, after = members[:place], members[place:]
    named = draw(texts(key)) + draw(_BLANKS) + ":" + draw(_BLANKS)
    start, end = "".join(f"{one}," for one in before), draw(_BLANKS) + "".join(f",{one}" for one in after)
    return file.around("{" + start + named, end + "}", (key,))


@st.composite
def _members(draw: DrawFn, depth: int) -> list[str]:
    """Keys with other values."""
    keys = draw(st.lists(st.sampled_from(_KEYS), max_size=3, unique=True))
    return [draw(_BLANKS) + draw(texts(key)) + draw(_BLANKS) + ":" + draw(other_values(depth)) for key in keys]
