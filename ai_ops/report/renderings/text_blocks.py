"""Blocks of a page as lines of plain text."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ai_ops.domain.document import Bullets, Figure, Paragraph, Section, Table
from ai_ops.domain.figure import figure
from ai_ops.report.pages.evidence import cited
from ai_ops.report.renderings.plain import columns, padded, plain, wrapped
from ai_ops.report.renderings.signs import signed_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ai_ops.domain.document import Block, Cell

WIDTH = 78
"""Columns; plain mail is quoted once or twice before it reaches 80."""

_GAP = 2
_LONGEST_BAR = 40


def lines_of(block: Block) -> Iterator[str]:
    """Lines of one block; none of a picture without bars, whose figures stand beside it."""
    match block:
        case Paragraph():
            yield from wrapped(signed_text(block.tone, plain(block.text)), WIDTH)
        case Bullets():
            for cell in block.items:
                yield from _item(cell)
        case Table():
            yield from _table(block)
        case Figure():
            yield from _bars(block)


def references(section: Section, numbers: Mapping[str, int]) -> str:
    """The numbers of the evidence that a section rests on, " [3, 5-8]"; "" where it rests on none.

    >>> references(Section("a", "A", (Paragraph("", "x"), Paragraph("", "y"))), {"x": 3, "y": 4})
    ' [3-4]'
    """
    used = sorted({numbers[name] for name in cited([section]) if name in numbers})
    if not used:
        return ""
    breaks = [used[0], *(one for pair in pairwise(used) if pair[1] - pair[0] > 1 for one in pair), used[-1]]
    runs = zip(breaks[::2], breaks[1::2], strict=True)
    return f" [{', '.join(str(first) if first == last else f'{first}-{last}' for first, last in runs)}]"


def _item(cell: Cell) -> Iterator[str]:
    yield from wrapped(signed_text(cell.tone, plain(cell.text)), WIDTH, "- ", "  ")
    if cell.link:
        yield from wrapped(cell.link, WIDTH, "  ", "  ")


def _table(block: Table) -> Iterator[str]:
    """In columns where every row fits in one line, else row by row."""
    rows = [[_words(cell) for cell in row] for row in block.rows]
    widths = [max(map(columns, column)) for column in zip(block.header, *rows, strict=True)]
    if sum(widths) + _GAP * (len(widths) - 1) <= WIDTH:
        has_header = block.header[1:] != ("value",)
        for row in [block.header, *rows] if has_header else rows:
            yield (" " * _GAP).join(map(padded, row, widths)).rstrip()
    else:
        for row in rows:
            yield from _record(block.header, row)


def _record(header: tuple[str, ...], row: list[str]) -> Iterator[str]:
    """One row: what it is about, and below it a line for each of its figures."""
    label = max(map(columns, header[1:]), default=0)
    yield from wrapped(row[0], WIDTH, "- ", "  ")
    for name, value in zip(header[1:], row[1:], strict=True):
        yield from wrapped(value, WIDTH, f"    {padded(name, label)}  ", " " * (label + 6))


def _words(cell: Cell) -> str:
    words = signed_text(cell.tone, plain(cell.text))
    return f"{words}: {cell.link}" if cell.link else words


def _bars(block: Figure) -> Iterator[str]:
    most = max((height for _, height in block.bars), default=0.0)
    label = max((columns(name) for name, _ in block.bars), default=0)
    for name, height in block.bars:
        bar = "█" * round(_LONGEST_BAR * max(height, 0.0) / most) if most > 0 else ""
        yield f"{padded(name, label)}  {bar} {figure(height).removesuffix('.0')}"
    if block.bars:
        yield from wrapped(f"({plain(block.unit)})", WIDTH)
