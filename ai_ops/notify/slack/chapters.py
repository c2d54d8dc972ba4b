"""Chapters of a report in the few lines that a Slack card has for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ai_ops.domain.document import Bullets, Paragraph, Table, Tone
from ai_ops.notify.slack.text import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ai_ops.domain.document import Cell, Document

_Part = TypeVar("_Part", Bullets, Paragraph, Table)

NEEDS_MAX, REMARKS_MAX = 3, 2
ROWS_MAX, ADVICE_MAX = 7, 3
"""Trends of one service, or services of many; pieces of advice."""

PART_MAX, LINK_MAX = 250, 300
"""Characters of each part of a need, and of its link: three needs and two remarks fit into one section, uncut."""

ICONS = {Tone.PLAIN: "📋", Tone.GOOD: "✅", Tone.WATCH: "⚠️", Tone.BAD: "🛑"}


@dataclass(frozen=True, slots=True)
class Need:
    """Something for a person: what and why, what to do, and the same as a link; "" where it leads nowhere."""

    parts: tuple[str, ...]
    step: str
    link: str


@dataclass(frozen=True, slots=True)
class Needs:
    """Who is needed for what, and what else the chapter remarks; each text on one line and defused."""

    needs: tuple[Need, ...]
    remarks: tuple[str, ...]

    def lines(self, longest: int, *, has_links: bool) -> list[str]:
        """The needs, numbered, with what to do below each; and the remarks.

        Parameters
        ----------
        longest
            Characters that a part may have; each is cut by itself, so that no link ever is.
        """
        limit = min(PART_MAX, longest)
        return [
            *(_numbered(number, need, limit, has_links=has_links) for number, need in enumerate(self.needs, 1)),
            *(cut(remark, limit) for remark in self.remarks),
        ]


def needs_of(document: Document, clean: Callable[[str], str], link: Callable[[str, str], str]) -> Needs:
    """Read the chapter "needs".

    Parameters
    ----------
    clean
        Defuses a text.
    link
        Writes a link to an address with a defused label; "" for an address that nobody may be led to.
    """
    rows = [row for table in _of_kind(Table, document, "needs") for row in table.rows][:NEEDS_MAX]
    remarks = [paragraph.text for paragraph in _of_kind(Paragraph, document, "needs")][:REMARKS_MAX]
    return Needs(tuple(_need(row, clean, link) for row in rows), tuple(map(clean, remarks)))


def rows_in_lines(document: Document, clean: Callable[[str], str]) -> tuple[str, list[str]]:
    """Heading and lines of all services where there are several, else of the trends of the one; ("", []) without."""
    fleet = next(_of_kind(Table, document, "fleet"), None)
    if fleet is not None:
        return "All services", _first([_service(fleet, row) for row in fleet.rows], ROWS_MAX, clean)
    trends = next(_of_kind(Table, document, "-trends"), None)
    if trends is None:
        return "", []
    heading = f"Trends, beside the {clean(trends.header[2])}" if len(trends.header) > 2 else "Trends"  # noqa: PLR2004
    return heading, _first([" ".join(cell.text for cell in row[:3]) for row in trends.rows], ROWS_MAX, clean)


def advice_in_lines(document: Document, clean: Callable[[str], str]) -> list[str]:
    """What the figures advise; where there are several services, the page tells it of each."""
    chapters = list(_of_kind(Bullets, document, "-recommendations"))
    return _first([item.text for item in chapters[0].items], ADVICE_MAX, clean) if len(chapters) == 1 else []


def _need(row: tuple[Cell, ...], clean: Callable[[str], str], link: Callable[[str, str], str]) -> Need:
    *parts, step = row
    label = clean(step.text)
    leading = link(step.link, cut(label, PART_MAX)) if step.link else ""
    return Need(tuple(clean(cell.text) for cell in parts), label, leading if len(leading) <= LINK_MAX else "")


def _numbered(number: int, need: Need, limit: int, *, has_links: bool) -> str:
    step = need.link if has_links and need.link else cut(need.step, limit)
    return f"{number}. {': '.join(cut(part, limit) for part in need.parts[:2])}\n    → {step}"


def _service(table: Table, row: tuple[Cell, ...]) -> str:
    """One service of many: how it is, and its figures."""
    name, *figures = row
    told = " · ".join(f"{label} {cell.text}" for label, cell in zip(table.header[1:], figures, strict=False))
    return f"{ICONS[name.tone]} {name.text}: {told}"


def _of_kind(kind: type[_Part], document: Document, chapter: str) -> Iterator[_Part]:
    """Parts of one kind in every chapter whose id ends so."""
    wanted = (one for one in document.sections if one.id.endswith(chapter))
    return (block for one in wanted for block in one.blocks if isinstance(block, kind))


def _first(lines: Sequence[str], most: int, clean: Callable[[str], str]) -> list[str]:
    """The first lines, and how many more there are."""
    more = len(lines) - most
    return [*map(clean, lines[:most]), *([f"… {more} more in the report"] if more > 0 else [])]
