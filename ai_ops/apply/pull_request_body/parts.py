"""Pieces of a body, and which of them give way when it would be too long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.markdown import FARTHEST, code, inert, one_visible_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ALWAYS = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One whole piece of Markdown.

    Parameters
    ----------
    name
        What a reader calls it, should it be left out.
    text
        Empty where there is nothing to say.
    rank
        The highest is left out first; `ALWAYS` stays.
    """

    name: str
    text: str
    rank: int = ALWAYS


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes foreign text, without its secrets, so that nothing in it acts."""

    redact: Callable[[str], str]

    def words(self, text: str, longest: int = 300) -> str:
        """Write a sentence, or a part of one."""
        return inert(self.redact(one_visible_line(text[:FARTHEST])), longest)

    def code(self, text: str, longest: int = 300) -> str:
        """Write a name, a value or a command."""
        return code(self.redact(one_visible_line(text[:FARTHEST])), longest)


def fitted(parts: Iterable[Part], ending: Part, most_bytes: int) -> str:
    """Join the parts in their order, without as many of the least needed as it takes; what is left out is named.

    Parameters
    ----------
    ending
        The last paragraph, behind that note as well.
    """
    kept = [part for part in parts if part.text]
    left_out: list[str] = []
    while True:
        note = [Part("note", _left_out(left_out))] if left_out else []
        text = "\n\n".join(part.text for part in (*kept, *note, ending)) + "\n"
        dearest = max(kept, key=lambda part: part.rank)
        if len(text.encode()) <= most_bytes or dearest.rank == ALWAYS:
            return text
        kept.remove(dearest)
        left_out.append(dearest.name)


def _left_out(names: list[str]) -> str:
    return f"Left out, because all of it would be too long: {', '.join(names)}."
