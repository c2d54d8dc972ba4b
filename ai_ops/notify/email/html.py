"""A message as HTML that mail programs draw: tables and inline styles, no scripts, no SVG, nothing from elsewhere.

Outlook draws no SVG and knows few styles, Gmail drops what it does not know and cuts off what is longer than 102 kB;
https://www.caniemail.com lists who draws what.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from ai_ops.domain.document import Bullets, Cell, Figure, Paragraph, Table, Tone
from ai_ops.domain.quoted import options, pieces, unquoted
from ai_ops.notify.email.picture_width import shown_width
from ai_ops.notify.letters.plain_words import linkable, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ai_ops.domain.document import Block, Document, Section
    from ai_ops.domain.message import Message

BYTES_MAX = 95_000
SIMULATED = "Simulated: these are the figures of a service that is made up, not of one of yours."

_WIDTH = 640
_WIDE = 5
"""Columns with which a table is wider than a phone: a keyboard must reach it to move it."""

_ENTRIES = 60
_LONGEST = (600, 100, 20)
"""Letters of one text; the first limit with which everything fits is taken."""

_FONT = "font-family:Arial,Helvetica,sans-serif;color:#1c1c1c"
_CELL = "padding:5px 10px 5px 0;border-bottom:1px solid #e6e6e6;vertical-align:top"
_STYLES = {
    "h1": "margin:0 0 4px;font-size:22px;line-height:28px",
    "h2": "margin:28px 0 8px;font-size:18px;line-height:24px",
    "h3": "margin:20px 0 6px;font-size:15px;line-height:20px",
    "p": "margin:0 0 10px;font-size:14px;line-height:20px",
    "ul": "margin:0 0 10px;padding-left:20px;font-size:14px;line-height:20px",
    "quiet": "margin:0 0 10px;font-size:12px;line-height:17px;color:#595959",
    "headline": "margin:14px 0 10px;font-size:17px;line-height:23px;font-weight:bold",
    "banner": "margin:0 0 12px;padding:8px 12px;background-color:#fbe3cd;font-size:14px;line-height:20px",
    "button": "display:inline-block;margin:0 8px 8px 0;padding:10px 16px;background-color:#12355b;color:#ffffff;"
    "font-size:14px;font-weight:bold;text-decoration:none",
    "table": "border-collapse:collapse;width:100%;margin:0 0 12px;font-size:13px;line-height:18px",
    "caption": "text-align:left;padding:0 0 4px;font-size:12px;color:#595959",
    "th": "text-align:left;padding:5px 10px 5px 0;border-bottom:2px solid #b0b0b0",
    "row": f"text-align:left;font-weight:normal;{_CELL}",
    "td": _CELL,
    "img": "display:block;width:100%;height:auto;border:0;margin:0 0 4px",
    "span": "white-space:nowrap",
    "a": "color:#12548c",
}
_SIGNS: Mapping[Tone, tuple[str, str]] = {
    Tone.GOOD: ("✓", "#1a6b2f"),
    Tone.WATCH: ("!", "#8a5300"),
    Tone.BAD: ("✗", "#a32015"),
}


def mail_html(message: Message, addresses: Mapping[str, str], redact: Callable[[str], str]) -> str:
    """Write `message` as a whole page of at most `BYTES_MAX` bytes; sections that do not fit are named.

    Parameters
    ----------
    message
        Its document is shown where it has one, else its facts and lines.
    addresses
        Where each picture of the letter is found, by the picture's name.
    redact
        Takes secrets out of a text.
    """
    page, widths = "", {one.name: shown_width(one.png, _WIDTH) for one in message.pictures}
    for longest in _LONGEST:
        page = _written(message, _Pen(addresses, widths, redact, longest))
        if _bytes_of(page) <= BYTES_MAX:
            break
    return page


def _written(message: Message, pen: _Pen) -> str:
    """The page with as many sections as there is room for."""
    top, bottom = "".join(_opening(message, pen)), "".join(_closing(message, pen))
    room = BYTES_MAX - _bytes_of(_page(message, pen, top + bottom))
    sections = pen.document(message.document) if message.document else pen.pictures(message)
    return _page(message, pen, top + "".join(_fitting(sections, room)) + bottom)


@dataclass(frozen=True, slots=True)
class _Pen:
    """Writes the parts of a document; see `mail_html`. `widths` of pictures are in CSS pixels."""

    addresses: Mapping[str, str]
    widths: Mapping[str, int]
    redact: Callable[[str], str]
    longest: int

    def words(self, text: str) -> str:
        """Foreign text that is nothing but text, its names and commands as such."""
        line = plain(text, self.redact, self.longest)
        return "".join(_as_code(one) if is_name else escape(one) for one, is_name in pieces(line))

    def label(self, text: str) -> str:
        """The same for the inside of a tag."""
        return escape(plain(unquoted(text), self.redact, self.longest))

    def toned(self, text: str, tone: Tone, link: str = "") -> str:
        """Words behind the sign of their tone."""
        sign, colour = _SIGNS.get(tone, ("", ""))
        mark = f'<span style="color:{colour};font-weight:bold">{sign}</span> ' if sign else ""
        return mark + self.link(link, self.words(text))

    def link(self, address: str, words: str, style: str = "a") -> str:
        """A link of ours; the words alone where the address is no plain one."""
        target = linkable(address, self.redact)
        return f'<a href="{escape(target)}" style="{_STYLES[style]}">{words}</a>' if target else words

    def cell(self, cell: Cell) -> str:
        """What stands in a table or a list."""
        return self.toned(cell.text, cell.tone, cell.link)

    def document(self, document: Document) -> Iterator[Callable[[], str]]:
        """Yield what writes its sections, each as a whole; the first one of a service below its name."""
        are_several = len({section.subject for section in document.sections if section.subject}) > 1
        for subject, sections in groupby(document.sections, lambda section: section.subject):
            name = _tag("h2", self.words(subject)) if subject and are_several else ""
            for section in sections:
                yield partial(self.section, section, "h3" if subject and are_several else "h2", name)
                name = ""

    def section(self, section: Section, level: str, above: str) -> str:
        """One section below its heading."""
        return above + _tag(level, self.words(section.title)) + "".join(map(self.block, section.blocks))

    def block(self, block: Block) -> str:
        """One block."""
        match block:
            case Paragraph():
                return _tag("p", self.toned(block.text, block.tone))
            case Bullets():
                return _tag("ul", "".join(f"<li>{self.cell(item)}</li>" for item in block.items))
            case Table():
                return self.table(block)
            case Figure():
                return self.picture(block.name, block.alt) + _tag("p", self.words(block.title), "quiet")

    def table(self, table: Table) -> str:
        """A table of figures, whose first column names the rows; two columns need no names."""
        head = "".join(f'<th scope="col" style="{_STYLES["th"]}">{self.words(name)}</th>' for name in table.header)
        above = "" if len(table.header) == 2 else f"<thead><tr>{head}</tr></thead>"  # noqa: PLR2004
        rows = "".join(f"<tr>{self.row(cells)}</tr>" for cells in table.rows)
        caption = _tag("caption", self.words(table.caption))
        whole = _tag("table", f"{caption}{above}<tbody>{rows}</tbody>")
        reached = f' tabindex="0" role="region" aria-label="{self.label(table.caption)}"'
        return f'<div{reached if len(table.header) >= _WIDE else ""} style="overflow-x:auto">{whole}</div>'

    def row(self, cells: tuple[Cell, ...]) -> str:
        """One row."""
        first, *others = cells
        named = f'<th scope="row" style="{_STYLES["row"]}">{self.cell(first)}</th>'
        return named + "".join(_tag("td", self.cell(cell)) for cell in others)

    def picture(self, name: str, alt: str) -> str:
        """A picture of the letter; what it shows in words, where it was left out."""
        address = self.addresses.get(name)
        if not address:
            return _tag("p", self.words(alt))
        width = self.widths.get(name, _WIDTH)
        style = f"max-width:{width}px;{_STYLES['img']}"
        return f'<img src="{escape(address)}" width="{width}" alt="{self.label(alt)}" style="{style}">'

    def pictures(self, message: Message) -> Iterator[Callable[[], str]]:
        """Yield what writes the pictures of a message that has no document to say where they belong."""
        return (partial(self.picture, one.name, one.alt) for one in message.pictures)


def _opening(message: Message, pen: _Pen) -> Iterator[str]:
    """Yield what matters most."""
    document = message.document
    if message.is_simulated:
        yield _tag("p", SIMULATED, "banner")
    if document is None:
        yield _tag("h1", pen.words(message.title))
        yield from _facts(message, pen)
        return
    yield _tag("h1", pen.words(document.title)) + _tag("p", pen.words(document.subtitle), "quiet")
    yield _tag("p", pen.toned(document.headline, document.tone), "headline")
    yield _tag("p", pen.words(document.why))
    yield _tag("p", f"<strong>To do:</strong> {pen.link(document.link, pen.words(document.action))}")


def _facts(message: Message, pen: _Pen) -> Iterator[str]:
    """Yield facts and lines; as many as anybody reads."""
    rows = "".join(
        f'<tr><th scope="row" style="{_STYLES["row"]}">{pen.words(label)}</th>{_tag("td", pen.words(value))}</tr>'
        for label, value in message.facts[:_ENTRIES]
    )
    if rows:
        yield _tag("table", f"<tbody>{rows}</tbody>")
    if message.lines:
        yield _tag("ul", "".join(f"<li>{pen.words(line)}</li>" for line in message.lines[:_ENTRIES]))


def _closing(message: Message, pen: _Pen) -> Iterator[str]:
    """Yield where to go on from here."""
    buttons = [
        pen.link(address, words, "button")
        for address, words in ((message.review_url, "Review the pull request"), (message.link, "Read the whole"))
        if linkable(address, pen.redact)
    ]
    if buttons:
        yield _tag("p", "&nbsp; ".join(buttons))
    if message.html:
        yield _tag("p", "The attached page shows the same with what every figure rests on.", "quiet")
    yield _tag("p", f"NeuroPilot {pen.words(message.key)}", "quiet")


def _fitting(sections: Iterable[Callable[[], str]], room: int) -> Iterator[str]:
    """Yield sections until there is no room left, and say how many there are more."""
    note = _tag("p", "{} more section(s) are in the text of this mail, and on the attached page.", "quiet")
    left, left_out = room - _bytes_of(note), 0
    for section in sections:
        written = "" if left_out else section()  # of many services, most are never written
        left -= _bytes_of(written)
        if left_out or left < 0:
            left_out += 1
        else:
            yield written
    if left_out:
        yield note.format(left_out)


def _page(message: Message, pen: _Pen, content: str) -> str:
    """Put the content in the middle, no wider than anybody reads."""
    cell = f'<td style="{_FONT};max-width:{_WIDTH}px;padding:20px 16px">{content}</td>'
    layout = f"table-layout:fixed;max-width:{_WIDTH + 32}px;margin:0 auto;background-color:#ffffff"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        '<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">'
        f"<title>{pen.label(message.title)}</title></head>"
        f'<body style="margin:0;padding:0"><table role="presentation" align="center" width="100%" style="{layout}">'
        f"<tr>{cell}</tr></table></body></html>"
    )


def _as_code(text: str) -> str:
    """A name or a command; an option in it stays one word, so that nobody copies a part of it."""
    marked = (_tag("span", escape(one)) if is_option else escape(one) for one, is_option in options(text))
    return f"<code>{''.join(marked)}</code>"


def _tag(name: str, content: str, style: str = "") -> str:
    return f'<{name} style="{_STYLES[style or name]}">{content}</{name}>'


def _bytes_of(text: str) -> int:
    return len(text.encode())
