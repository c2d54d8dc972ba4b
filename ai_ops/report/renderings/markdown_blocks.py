"""Blocks of a page as GitHub-flavoured Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ai_ops.domain.document import Bullets, Cell, Figure, Paragraph, Table, Tone
from ai_ops.domain.quoted import pieces, unquoted
from ai_ops.markdown import FARTHEST, bar_chart, bullets, code, cut, image, inert, one_visible_line, table
from ai_ops.report.renderings.signs import signed_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ai_ops.domain.document import Block, Section

LONGEST = 1_000
"""Letters of one sentence or cell."""

_ORDER = re.compile(r"^[/:]")


@dataclass(frozen=True, slots=True)
class MarkdownPen:
    """Writes blocks.

    Parameters
    ----------
    numbers
        Number of each piece of evidence by its id; what is not among them is not linked.
    pictures
        Address of each picture by its name.
    most_rows
        How many rows of a table are shown; all where it is None.
    has_bars
        Whether a picture without address is drawn as bars, where it has any.
    """

    numbers: Mapping[str, int] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)
    most_rows: int | None = None
    has_bars: bool = True

    def section(self, section: Section, level: int) -> str:
        """A section below its heading."""
        return "\n\n".join([heading(level, section.title), *self._blocks(section)])

    def sentence(self, paragraph: Paragraph) -> str:
        """A paragraph, its evidence as a note behind it."""
        return opening_words(paragraph.text, paragraph.tone) + self._note(paragraph.evidence)

    def _blocks(self, section: Section) -> Iterator[str]:
        for block in section.blocks:
            written = self._block(block)
            if written:
                yield written

    def _block(self, block: Block) -> str:
        match block:
            case Paragraph():
                return self.sentence(block)
            case Bullets():
                return bullets(self._item(cell) for cell in block.items)
            case Table():
                return self._table(block)
            case Figure():
                return self._figure(block)

    def _item(self, cell: Cell) -> str:
        return signed_text(cell.tone, linked(cell)) + self._note(cell.evidence)

    def _table(self, block: Table) -> str:
        shown = block.rows[: self.most_rows]
        rows = [[self._figure_in(cell) for cell in row] for row in shown]
        text = table([inert(word) for word in block.header], rows)
        left_out = len(block.rows) - len(shown)
        return f"{text}\n\nAnd {left_out} more." if left_out else text

    def _figure_in(self, cell: Cell) -> str:
        """A cell of a table: the figure itself is the link."""
        anchor = self._anchor(cell.evidence)
        return signed_text(cell.tone, f"[{words_of(cell.text)}]({anchor})" if anchor and cell.text else linked(cell))

    def _figure(self, block: Figure) -> str:
        drawn = image(inert(unquoted(block.alt), LONGEST), self.pictures.get(block.name, ""))
        if drawn or not (self.has_bars and block.bars):
            return drawn
        return bar_chart(block.title, block.unit, dict(block.bars))

    def _note(self, evidence: str) -> str:
        number = self.numbers.get(evidence)
        return f" [({number})]({self._anchor(evidence)})" if number else ""

    def _anchor(self, evidence: str) -> str:
        number = self.numbers.get(evidence)
        return f"#evidence-{number}" if number else ""


def words_of(text: str) -> str:
    r"""Write a sentence: names and commands in it as such, all else letter by letter.

    >>> print(words_of("`min_instances` is *2*"))
    `min_instances` is \*2\*
    """
    line = cut(one_visible_line(text[:FARTHEST]), LONGEST)
    return "".join(code(piece) if is_name else _spaced(piece) for piece, is_name in pieces(line))


def _spaced(piece: str) -> str:
    """Keep the blanks that part it from a name beside it."""
    return f"{' ' * piece.startswith(' ')}{inert(piece, LONGEST)}{' ' * piece.endswith(' ')}"


def opening_words(text: str, tone: Tone = Tone.PLAIN) -> str:
    r"""Write a sentence at the beginning of a line, where bots look for orders and CI for commands.

    >>> print(opening_words("/approve"), opening_words("::error a=b"))
    \/approve \::error a=b
    """
    return _ORDER.sub(r"\\\g<0>", signed_text(tone, words_of(text)))


def heading(level: int, text: str) -> str:
    """A heading of `level` signs."""
    return f"{'#' * level} {inert(text)}"


def linked(cell: Cell) -> str:
    """The words, leading to their address where that is one that cannot end the link before its end."""
    words = words_of(cell.text)
    return f"[{words}]({cell.link})" if cell.link and image("", cell.link) else words
