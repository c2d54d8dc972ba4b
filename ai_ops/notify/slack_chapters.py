"""Chapters of a report in the few lines that a Slack card has for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Paragraph, Table, Tone
from ai_ops.notify.slack_text import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ai_ops.domain.document import Cell, Document, Section

NEEDS_MAX, REMARKS_MAX = 3, 2
ROWS_MAX = 7
"""Trends of one service, or services of many."""

PART_MAX, LINK_MAX = 250, 300
"""Characters of each part of a need, and of its link: three needs and two remarks fit into one section, uncut."""

ICONS = {Tone.PLAIN: "📋", Tone.GOOD: "✅", Tone.WATCH: "⚠️", Tone.BAD: "🛑"}


def needs_in_lines(
    document: Document, clean: Callable[[str], str], link: Callable[[str, str], str], longest: int
) -> list[str]:
    """Who is needed for what, numbered, with what to do below each; and what else the chapter remarks.

    Parameters
    ----------
    clean
        Defuses a text.
    link
        Writes an address with its label, defused; "" for an address that nobody may be led to.
    longest
        Characters that a part may have; each is cut by itself, so that no link ever is.
    """
    chapter = next((one for one in document.sections if one.id == "needs"), None)
    if chapter is None:
        return []
    limit = min(PART_MAX, longest)

    def part(text: str) -> str:
        return cut(clean(text), limit)

    remarks = [part(block.text) for block in chapter.blocks if isinstance(block, Paragraph)]
    rows = [row for block in chapter.blocks if isinstance(block, Table) for row in block.rows]
    lines = [
        f"{number}. {': '.join(part(cell.text) for cell in needed)}\n    → {_step(step, part, link)}"
        for number, (*needed, step) in enumerate(rows[:NEEDS_MAX], 1)
    ]
    return [*lines, *remarks[:REMARKS_MAX]]


def rows_in_lines(document: Document, clean: Callable[[str], str]) -> tuple[str, list[str]]:
    """Heading and lines of all services where there are several, else of the trends of the one; ("", []) without."""
    fleet = _table(document, lambda chapter: chapter.id == "fleet")
    if fleet is not None:
        return "All services", _shortened([_service(fleet, row, clean) for row in fleet.rows])
    trends = _table(document, lambda chapter: chapter.id.endswith("-trends"))
    if trends is None:
        return "", []
    heading = " ".join(["Trends", *map(clean, trends.header[2:3])])
    return heading, _shortened([" ".join(clean(cell.text) for cell in row[:3]) for row in trends.rows])


def _step(cell: Cell, part: Callable[[str], str], link: Callable[[str, str], str]) -> str:
    """What to do: a link where the cell leads somewhere, else its text."""
    leading = link(cell.link, part(cell.text)) if cell.link else ""
    return leading if 0 < len(leading) <= LINK_MAX else part(cell.text)


def _service(table: Table, row: tuple[Cell, ...], clean: Callable[[str], str]) -> str:
    """One service of many: how it is, and its figures."""
    name, verdict, *figures = row
    whose = "" if verdict.text.startswith(name.text) else f"{name.text}: "
    labels = table.header[2:]
    told = ", ".join(f"{label} {cell.text}" for label, cell in zip(labels, figures, strict=False))
    return f"{ICONS[verdict.tone]} {clean(whose + verdict.text)} {clean(f'({told})')}"


def _table(document: Document, is_wanted: Callable[[Section], bool]) -> Table | None:
    return next(_tables(document, is_wanted), None)


def _tables(document: Document, is_wanted: Callable[[Section], bool]) -> Iterator[Table]:
    chapters = filter(is_wanted, document.sections)
    return (block for chapter in chapters for block in chapter.blocks if isinstance(block, Table))


def _shortened(lines: list[str]) -> list[str]:
    more = len(lines) - ROWS_MAX
    return [*lines[:ROWS_MAX], *([f"… {more} more in the report"] if more > 0 else [])]
