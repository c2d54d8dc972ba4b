"""A message as the blocks of a page: its document where it has one, else its facts and lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.document import Bullets, Figure, Paragraph, Table, Tone
from ai_ops.notify.letters.web_address import is_web_address
from ai_ops.notify.notion import blocks
from ai_ops.notify.notion.text import ITEM_MAX, TEXT_MAX, rich_text, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ai_ops.domain.document import Block as Part
    from ai_ops.domain.document import Cell, Document, Evidence, Section
    from ai_ops.domain.message import Message
    from ai_ops.notify.notion.batches import Block
    from ai_ops.notify.notion.text import RichText

BLOCKS_MAX = 5000
"""Fifty requests, which take a quarter of a minute; what is left out is said."""

HEADING_MAX = 200
SIMULATED = "Simulated figures: no real service was measured."

_COLORS = {Tone.PLAIN: "default", Tone.GOOD: "green", Tone.WATCH: "orange", Tone.BAD: "red"}
_SIGNS = {Tone.PLAIN: "", Tone.GOOD: "✓ ", Tone.WATCH: "! ", Tone.BAD: "✗ "}
_ICONS = {Tone.PLAIN: "📋", Tone.GOOD: "✅", Tone.WATCH: "⚠️", Tone.BAD: "🛑"}
_BACKGROUNDS = {
    Tone.PLAIN: "gray_background",
    Tone.GOOD: "green_background",
    Tone.WATCH: "yellow_background",
    Tone.BAD: "red_background",
}


def blocks_of(message: Message, uploads: Mapping[str, str], clean: Callable[[str], str]) -> list[Block]:
    """Everything that stands on the page of `message`, at most `BLOCKS_MAX` blocks and at least one.

    Parameters
    ----------
    uploads
        By the name of a picture, the id under which Notion has it; a picture that is missing here is told in words.
    clean
        Puts a text on one line that can be shown, without secrets.
    """
    document = message.document
    ink = _Ink(clean, uploads, {one.id: number for number, one in enumerate(document.evidence if document else (), 1)})
    written = list(_head(message, ink))
    written += _body(document, ink) if document else _facts(message, ink)
    written += _pictures(message, ink)
    if document:
        written += _evidence(document, ink)
    return _bounded(written, message, ink)


@dataclass(frozen=True, slots=True)
class _Ink:
    """What texts are written with.

    Parameters
    ----------
    clean, uploads
        As `blocks_of` has them.
    numbers
        By id of evidence, the number that it bears on this page.
    """

    clean: Callable[[str], str]
    uploads: Mapping[str, str]
    numbers: Mapping[str, int]

    def plain(self, text: str, longest: int = TEXT_MAX) -> RichText:
        return sentence(self.clean(text), longest)

    def bold(self, text: str, longest: int = TEXT_MAX) -> RichText:
        return sentence(self.clean(text), longest, is_bold=True)

    def toned(self, cell: Cell | Paragraph, longest: int = TEXT_MAX) -> RichText:
        """The text in the colour and with the sign of its tone, with the number of its evidence behind it."""
        text = f"{_SIGNS[cell.tone]}{self.clean(cell.text)}"
        link = self.address(getattr(cell, "link", ""))
        color = _COLORS[cell.tone]
        items = rich_text(text, longest, color=color, link=link) if link else sentence(text, longest, color=color)
        number = self.numbers.get(cell.evidence)
        return [*items, *(rich_text(f" [{number}]", color="gray") if number else ())]

    def linked(self, text: str, address: str) -> Iterator[Block]:
        """A paragraph of our own words that leads somewhere; none where the address is not fit."""
        if self.address(address):
            yield blocks.paragraph(rich_text(text, link=address))

    def address(self, address: str) -> str:
        """The address itself, or nothing where it is no plain one or holds what must not be shown."""
        return address if is_web_address(address) and self.clean(address) == address else ""


def _head(message: Message, ink: _Ink) -> Iterator[Block]:
    if message.is_simulated:
        yield blocks.callout(rich_text(SIMULATED, is_bold=True), "🧪", "purple_background")
    if message.document:
        yield _verdict(message.document, ink)
        yield blocks.paragraph(ink.plain(message.document.subtitle))
    elif message.title:
        yield blocks.callout(ink.bold(message.title, ITEM_MAX), _ICONS[Tone.PLAIN], _BACKGROUNDS[Tone.PLAIN])
    yield from ink.linked("Review the pull request", message.review_url)
    yield from ink.linked("Read the whole report", message.link)


def _verdict(document: Document, ink: _Ink) -> Block:
    text = [*ink.bold(f"{_SIGNS[document.tone]}{document.headline}")]
    for line in (document.why, f"To do: {document.action}" if document.action else ""):
        text += [*rich_text("\n"), *ink.plain(line)] if line else []
    return blocks.callout(text, _ICONS[document.tone], _BACKGROUNDS[document.tone])


def _facts(message: Message, ink: _Ink) -> Iterator[Block]:
    rows = [
        [ink.bold(label, blocks.CELL_MAX), ink.plain(value, blocks.CELL_MAX)]
        for label, value in message.facts
        if label or value
    ]
    yield from blocks.tables([], rows)
    yield from (blocks.bullet(ink.plain(line)) for line in message.lines if line)


def _body(document: Document, ink: _Ink) -> Iterator[Block]:
    """The sections, those of each service below its name where there are several."""
    are_several = len({section.subject for section in document.sections if section.subject}) > 1
    subject = ""
    for section in document.sections:
        if are_several and section.subject not in {"", subject}:
            yield blocks.heading(ink.plain(section.subject, HEADING_MAX), 1)
        subject = section.subject
        yield from _section(section, ink)


def _section(section: Section, ink: _Ink) -> Iterator[Block]:
    yield blocks.heading(ink.plain(section.title, HEADING_MAX))
    for part in section.blocks:
        yield from _part(part, ink)


def _part(part: Part, ink: _Ink) -> Iterator[Block]:
    match part:
        case Paragraph():
            yield blocks.paragraph(ink.toned(part))
        case Bullets(items):
            yield from (blocks.bullet(ink.toned(item)) for item in items)
        case Table():
            yield from _table(part, ink)
        case Figure(name, title, alt):
            yield _figure(name, f"{title}. {alt}", ink)


def _table(table: Table, ink: _Ink) -> Iterator[Block]:
    if table.caption:
        yield blocks.paragraph(ink.bold(table.caption))
    header = [ink.bold(name, blocks.CELL_MAX) for name in table.header]
    rows = [[ink.toned(cell, blocks.CELL_MAX) for cell in row[: blocks.COLUMNS_MAX]] for row in table.rows]
    yield from blocks.tables(header, rows)


def _figure(name: str, says: str, ink: _Ink) -> Block:
    """The picture with what it shows below it; where it could not be uploaded, its words alone."""
    upload = ink.uploads.get(name)
    return blocks.image(upload, ink.plain(says, ITEM_MAX)) if upload else blocks.paragraph(ink.plain(says))


def _pictures(message: Message, ink: _Ink) -> Iterator[Block]:
    """Those that the document does not place."""
    sections = message.document.sections if message.document else ()
    placed = {part.name for section in sections for part in section.blocks if isinstance(part, Figure)}
    yield from (_figure(one.name, one.alt, ink) for one in message.pictures if one.name not in placed)


def _evidence(document: Document, ink: _Ink) -> Iterator[Block]:
    if document.evidence:
        yield blocks.heading(ink.plain("What the figures rest on", HEADING_MAX))
    for one in document.evidence:
        title = [*rich_text(f"[{ink.numbers[one.id]}] ", color="gray"), *ink.plain(one.says, ITEM_MAX)]
        yield blocks.toggle(title, [blocks.paragraph(line) for line in _foundation(one, ink)])


def _foundation(one: Evidence, ink: _Ink) -> Iterator[RichText]:
    inputs = "; ".join(f"{name} = {value}" for name, value in one.inputs)
    command = f"`{one.command}`" if one.command else ""
    lines = (("Formula", one.formula), ("With", inputs), ("From", one.source), ("See", command))
    for label, line in lines:
        if line:
            yield [*rich_text(f"{label}: ", is_bold=True), *ink.plain(line)]


def _bounded(written: list[Block], message: Message, ink: _Ink) -> list[Block]:
    if len(written) <= BLOCKS_MAX:
        return written or [blocks.paragraph(ink.plain(message.key))]
    left_out = len(written) - BLOCKS_MAX + 1
    says = f"{left_out} more blocks are left out: a page of this channel ends at {BLOCKS_MAX}."
    return [*written[: BLOCKS_MAX - 1], blocks.paragraph(rich_text(says))]
