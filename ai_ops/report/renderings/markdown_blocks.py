"""Blocks of a page as GitHub-flavoured Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ai_ops.domain.document import Bullets, Cell, Figure, Paragraph, Table, Tone
from ai_ops.markdown import bar_chart, bullets, image, inert, table
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
        words = inert(cell.text, LONGEST)
        linked = f"[{words}]({cell.link})" if _is_linkable(cell) else words
        return signed_text(cell.tone, linked) + self._note(cell.evidence)

    def _table(self, block: Table) -> str:
        shown = block.rows[: self.most_rows]
        rows = [[self._figure_in(cell) for cell in row] for row in shown]
        text = table([inert(word) for word in block.header], rows)
        left_out = len(block.rows) - len(shown)
        return f"{text}\n\nAnd {left_out} more." if left_out else text

    def _figure_in(self, cell: Cell) -> str:
        """A cell of a table: the figure itself is the link."""
        words = inert(cell.text, LONGEST)
        address = cell.link if _is_linkable(cell) else self._anchor(cell.evidence)
        return signed_text(cell.tone, f"[{words}]({address})" if address and words else words)

    def _figure(self, block: Figure) -> str:
        drawn = image(inert(block.alt, LONGEST), self.pictures.get(block.name, ""))
        if drawn or not (self.has_bars and block.bars):
            return drawn
        return bar_chart(block.title, block.unit, dict(block.bars))

    def _note(self, evidence: str) -> str:
        number = self.numbers.get(evidence)
        return f" [({number})]({self._anchor(evidence)})" if number else ""

    def _anchor(self, evidence: str) -> str:
        number = self.numbers.get(evidence)
        return f"#evidence-{number}" if number else ""


def opening_words(text: str, tone: Tone = Tone.PLAIN) -> str:
    r"""Write a sentence at the beginning of a line, where bots look for orders and CI for commands.

    >>> print(opening_words("/approve"), opening_words("::endgroup"))
    \/approve \::endgroup
    """
    return _ORDER.sub(r"\\\g<0>", signed_text(tone, inert(text, LONGEST)))


def heading(level: int, text: str) -> str:
    """A heading of `level` signs."""
    return f"{'#' * level} {inert(text)}"


def _is_linkable(cell: Cell) -> bool:
    """Whether the address is one that cannot end the link before its end."""
    return bool(cell.link and image("", cell.link))
