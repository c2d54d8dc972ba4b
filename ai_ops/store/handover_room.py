"""How much room the parts of a handed-over document have: nothing in them may grow as long as somebody likes.

What is handed over ends in the ledger, which is kept for years, and in messages. The forms say what each part is;
here is weighed how much of it there is, before it is read as anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NUMBER_BYTES = 8
LONGEST_WORDS = 1_000
"""Characters of a failure's words: all of an error that anybody reads."""


@dataclass(frozen=True, slots=True)
class Room:
    """The most that a part of a document may hold; called with that part as JSON, it gives it back or refuses it.

    Parameters
    ----------
    text
        Bytes of one text, in UTF-8.
    items
        Entries of one list or object.
    whole
        Bytes of all texts, keys and numbers together.
    """

    text: int
    items: int
    whole: int

    def __call__(self, part: Any) -> Any:  # noqa: ANN401  # JSON, or what a form is made of; that is weighed as JSON later
        """Give `part` back.

        Raises
        ------
        ValueError
            When it holds more.
        """
        weight = self._weight(part)
        if weight > self.whole:
            raise ValueError(f"it holds {weight} bytes, {self.whole} are allowed")
        return part

    def _weight(self, value: Any) -> int:  # noqa: ANN401
        if isinstance(value, str):
            return self._length(value)
        if not isinstance(value, Mapping | list | tuple):
            return NUMBER_BYTES
        if len(value) > self.items:
            raise ValueError(f"a list of {len(value)}, {self.items} are allowed")
        inside = [*value, *value.values()] if isinstance(value, Mapping) else value
        return sum(map(self._weight, inside))

    def _length(self, text: str) -> int:
        length = len(text.encode("utf-8", "backslashreplace"))
        if length > self.text:
            raise ValueError(f"a text of {length} bytes, {self.text} are allowed")
        return length


SEEN = Room(text=20_000, items=10_000, whole=1_000_000)
"""For what sources and settings said beside their numbers."""

THOUGHT = Room(text=4_000, items=1_000, whole=256_000)
"""For all that was decided about one service: it is written into the ledger. An honest one takes about 20 kB."""
