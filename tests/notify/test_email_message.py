"""The letter itself: what mail programs show of it, and that nothing in it acts."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hostile import hostile
from inertness import HIDDEN
from messages import AT, DOCUMENT, MORNING, REVIEW, filled

from ai_ops.domain.document import Cell, Section, Table
from ai_ops.domain.message import Level, Message, MessageKind, Picture
from ai_ops.notify.email.html import BYTES_MAX, mail_html
from ai_ops.notify.email.message import Envelope, letter_for

if TYPE_CHECKING:
    from email.message import EmailMessage

ENVELOPE = Envelope(Address("NeuroPilot", "ops", "example.com"), (Address("", "ada", "example.com"),))
SHORT = Message("web-1", "web: hold", (("CPU", "47 %"),), ("all is calm",), review_url=REVIEW)


def letter_of(message: Message) -> EmailMessage:
    """The letter as a mail program reads it."""
    content = letter_for(message, ENVELOPE, at=AT, redact=str).content
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998  # RFC 5322
    assert not re.search(b"(?<!\r)\n|\r(?!\n)", content)
    return message_from_bytes(content, policy=default)  # type: ignore[return-value]


def text_of(letter: EmailMessage, kind: str) -> str:
    """One of the two ways in which a letter is read."""
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


class Seen(HTMLParser):
    """What is in a page: its tags, where it leads to, what it loads, and what is left open."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        self.links += [str(value) for name, value in attrs if name == "href"]
        self.loaded += [str(value) for name, value in attrs if name == "src"]
        if tag not in {"img", "meta"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the newest one."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


def test_a_letter_has_text_page_and_pictures() -> None:
    """Text for who reads no HTML, HTML with its pictures inside, the whole page beside them (S003-70)."""
    letter = letter_of(MORNING)
    assert [part.get_content_type() for part in letter.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "text/html",
    ]
    (page,) = letter.iter_attachments()
    assert page.get_filename() == "daily_report_20261120.html"
    assert page.get_content().strip() == MORNING.html
    assert text_of(letter, "plain").startswith(MORNING.text)
    picture = next(part for part in letter.walk() if part.get_content_type() == "image/png")
    assert picture.get_content() == MORNING.pictures[0].png
    assert f"cid:{picture['Content-ID'][1:-1]}" in Seen(text_of(letter, "html")).loaded


def test_its_head_says_what_machines_must_know() -> None:
    """Nobody answers it by machine (RFC 3834), it is shown once, and reports of a row stand together."""
    letter = letter_of(MORNING)
    assert letter["From"] == "NeuroPilot <ops@example.com>"
    assert letter["To"] == "ada@example.com"
    assert letter["Subject"] == MORNING.title
    assert letter["Date"].datetime == AT
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Importance"] is None
    tomorrow = letter_of(replace(MORNING, key="report-daily-20261121"))
    assert letter["References"] == tomorrow["References"] == letter["In-Reply-To"]
    assert letter["Message-ID"] == letter_of(replace(MORNING, title="again"))["Message-ID"]
    ids = {letter["Message-ID"], tomorrow["Message-ID"], letter_of(replace(MORNING, service="api"))["Message-ID"]}
    assert len(ids) == 3
    assert letter["References"] != letter_of(replace(MORNING, kind=MessageKind.WEEKLY_BRIEF))["References"]
    assert letter_of(SHORT)["References"] is None
    assert letter_of(replace(SHORT, level=Level.CRITICAL))["Importance"] == "high"


def test_the_same_message_is_the_same_letter() -> None:
    """Byte by byte: nothing in it is drawn by lot."""
    assert letter_for(MORNING, ENVELOPE, at=AT, redact=str) == letter_for(MORNING, ENVELOPE, at=AT, redact=str)


def test_the_page_says_all_that_the_document_says() -> None:
    """Figures with the sign of their tone, tables with captions, links of ours, pictures with words."""
    page = text_of(letter_of(MORNING), "html")
    seen = Seen(page)
    for words in (
        DOCUMENT.title,
        DOCUMENT.subtitle,
        f"✓ {DOCUMENT.headline}",
        DOCUMENT.why,
        DOCUMENT.action.replace("`", ""),
        "✓ 87 of 100",
        "✗ 61.20 EUR",
        "! 160 ms",
        "Key figures of web",
        "Cost by day",
        "Nothing else",
        "report-daily-20261120",
    ):
        assert words in seen.text
    assert seen.open == []
    assert "<code>neuropilot pause</code>" in page
    assert set(seen.links) == {REVIEW, MORNING.link}
    assert 'alt="Cost rose from 1.60 to 2.04 EUR a day"' in page
    assert "<h1" in page
    assert "<h2" in page
    assert "<h3" not in page  # one service: no level is left out


def test_it_needs_nothing_that_mail_programs_lack() -> None:
    """No script, no style sheet, no SVG, nothing from elsewhere (https://www.caniemail.com)."""
    seen = Seen(mail_html(MORNING, {"web-cost": "cid:1"}, str))
    assert not seen.tags & {"script", "style", "link", "svg", "iframe", "form", "object", "base"}
    assert seen.names <= {
        "alt", "align", "charset", "content", "href", "lang", "name", "role", "scope", "src", "style", "width",
    }  # fmt: skip
    assert seen.loaded == ["cid:1"]


@pytest.mark.parametrize(
    ("ink", "ground"),
    [("1c1c1c", "ffffff"), ("595959", "ffffff"), ("1a6b2f", "ffffff"), ("8a5300", "ffffff"), ("a32015", "ffffff"),
     ("12548c", "ffffff"), ("ffffff", "12355b"), ("1c1c1c", "fbe3cd")],
)  # fmt: skip
def test_its_colours_can_be_read(ink: str, ground: str) -> None:
    """4.5 to 1 and more (WCAG 1.4.3), and each of them is used."""
    page = mail_html(replace(MORNING, is_simulated=True), {"web-cost": "cid:1"}, str)
    assert f"#{ink}" in page
    assert contrast(ink, ground) >= 4.5


def test_services_have_headings_of_their_own() -> None:
    """Where there are several."""
    sections = tuple(
        Section(f"{name}-cost", "Cost", (Table("t", ("a",), ((Cell("b"),),)),), name) for name in ("web", "api")
    )
    page = mail_html(replace(MORNING, document=replace(DOCUMENT, sections=sections)), {}, str)
    assert re.findall(r"<h2[^>]*>(\w+)</h2><h3[^>]*>(\w+)</h3>", page) == [("web", "Cost"), ("api", "Cost")]


def test_a_message_without_a_document_is_a_short_letter() -> None:
    """A cycle has facts and lines."""
    letter = letter_of(SHORT)
    assert text_of(letter, "plain") == (
        f"web: hold\n\nCPU: 47 %\n- all is calm\nReview the pull request: {REVIEW}\n\nNeuroPilot web-1\n"
    )
    seen = Seen(text_of(letter, "html"))
    assert seen.links == [REVIEW]
    assert all(words in seen.text for words in ("web: hold", "CPU", "47 %", "all is calm"))
    assert not list(letter.iter_attachments())


def test_pictures_without_a_document_are_shown_as_well() -> None:
    """None is lost."""
    letter = letter_of(replace(SHORT, pictures=MORNING.pictures * 2))
    assert len(Seen(text_of(letter, "html")).loaded) == 2
    assert sum(part.get_content_type() == "image/png" for part in letter.walk()) == 1


def test_a_simulation_shows_everywhere() -> None:
    """Subject, text and page (S001-84)."""
    letter = letter_of(replace(MORNING, is_simulated=True))
    assert letter["Subject"].startswith("(simulated) ")
    assert text_of(letter, "plain").startswith("(simulated)")
    assert "Simulated: " in Seen(text_of(letter, "html")).text


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\0\n"])
def test_no_header_can_be_put_in(line_end: str) -> None:
    """Not by the title, the key, the service, or the name of a picture."""
    evil = f"web{line_end}Bcc: eve@evil.example{line_end}{line_end}<b>"
    message = replace(filled(evil), pictures=(Picture(evil, evil, b"\x89PNG"),))
    letter = letter_of(message)
    assert letter["Bcc"] is None
    assert letter.keys() == letter_of(MORNING).keys()
    assert letter["Subject"].startswith("web")
    assert letter["Subject"].isprintable()
    assert (
        next(part.get_filename() for part in letter.walk() if part.get_filename()) == "web-Bcc-eve-evil-example-b.png"
    )


def test_a_title_of_any_length_and_script_is_one_line() -> None:
    """Encoded words (RFC 2047) come back as they were."""
    assert letter_of(replace(SHORT, title="Größe → 漢字 😀 " * 3))["Subject"] == ("Größe → 漢字 😀 " * 3).strip()
    assert len(letter_of(replace(SHORT, title="x" * 9000))["Subject"]) <= 150
    assert letter_of(replace(SHORT, title="run `a b` now"))["Subject"] == "run a b now"
    assert letter_of(replace(SHORT, title=""))["Subject"] == "NeuroPilot"


def test_hostile_text_is_inert_in_the_page_and_in_the_text() -> None:
    """No tag, no link, no mention, nothing hidden; whatever was written into a label (H20)."""
    texts = list(hostile().values())
    rows = tuple((Cell(text), Cell(text, link=text)) for text in texts)
    sections = tuple(
        Section(f"s{number}", row[0].text, (Table("", ("", ""), (row,)),), "web") for number, row in enumerate(rows)
    )
    for part in range(0, len(sections), 40):  # so that all of them fit
        document = replace(DOCUMENT, sections=sections[part : part + 40])
        seen = Seen(mail_html(replace(MORNING, document=document), {}, str))
        assert seen.open == []
        assert not seen.tags - {
            "html", "head", "meta", "title", "body", "table", "caption", "thead", "tbody", "tr", "th", "td", "h1", "h2",
            "p", "span", "strong", "a", "ul", "li", "div", "code",
        }  # fmt: skip
        assert all(link in {REVIEW, MORNING.link} or link in texts for link in seen.links)
        assert "more section(s)" not in seen.text
        assert not HIDDEN.search(seen.text)
        assert not re.search(r"://|@\w|\bwww\.\w", seen.text)
    text = text_of(letter_of(replace(SHORT, facts=tuple((one[:300], one[:300]) for one in texts[:200]))), "plain")
    assert not HIDDEN.search(text.replace("\n", ""))
    assert not re.search(r"(?<!pull request: https)://|@\w", text)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        'https://a.example/"><script>',
        "https://a.example/ b",
        "//a.example",
        "https://u:p@a.example/",
    ],
)
def test_an_address_that_is_no_plain_one_leads_nowhere(address: str) -> None:
    """Ours have neither user nor quotation mark."""
    cell = Cell("here", link=address)
    document = replace(DOCUMENT, link=address, sections=(Section("s", "s", (Table("", ("",), ((cell,),)),)),))
    message = replace(MORNING, link=address, review_url=address, document=document)
    assert Seen(mail_html(message, {}, str)).links == []
    assert address not in text_of(letter_of(replace(message, text="")), "plain")


def test_a_giant_message_is_a_letter_that_is_shown_whole() -> None:
    """Gmail cuts off a page above 102 kB, in the middle of a figure; here it says what is missing."""
    section = DOCUMENT.sections[0]
    document = replace(DOCUMENT, sections=(section,) * 500)
    page = mail_html(replace(MORNING, document=document), {}, str)
    assert 80_000 < len(page.encode()) <= BYTES_MAX
    shown = page.count("Key figures of web")
    assert f"{500 - shown} more section(s) are in the text of this mail" in page
    huge = Message("k" * 9000, "t\n" * 9000, (("a" * 9000, "\0" * 900),) * 99, ('"<&' * 9000,) * 99)
    assert len(mail_html(huge, {}, str).encode()) <= BYTES_MAX
    assert len(letter_for(huge, ENVELOPE, at=AT, redact=str).content) < 10_000_000


def test_an_empty_message_is_a_letter_too() -> None:
    """A channel never loses a message over its form."""
    assert letter_of(Message("", "", (), ()))["Subject"] == "NeuroPilot"


def contrast(ink: str, ground: str) -> float:
    """Of two colours, as WCAG computes it."""

    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(ink), light(ground)))
    return (high + 0.05) / (low + 0.05)
