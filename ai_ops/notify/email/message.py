"""A message as a letter: text, HTML with its pictures inside, and the whole page attached."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING

from ai_ops.domain.message import Level, MessageKind
from ai_ops.domain.quoted import unquoted
from ai_ops.notify.email.html import mail_html
from ai_ops.notify.letters.mark import SIMULATED
from ai_ops.notify.letters.plain_words import linkable, plain
from ai_ops.notify.letters.visible_text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from email.headerregistry import Address
    from email.policy import Policy

    from ai_ops.domain.message import Message, Picture

BYTES_MAX = 10_000_000
"""Encoded. Many servers take 25 MB, some 10 MB, hardly one less."""

_SUBJECT_MAX, _TEXT_MAX, _BEGINNING = 150, 200_000, 500
_THREADED = {MessageKind.DAILY_REPORT, MessageKind.WEEKLY_BRIEF}
_POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom and to whom.

    Parameters
    ----------
    sender
        With the name that people see.
    recipients
        Addresses alone; at least one.
    """

    sender: Address
    recipients: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes over the wire.

    Parameters
    ----------
    id
        Of the letter, the same for the same message.
    content
        ASCII, lines ended by CR and LF.
    note
        What was left out; "" when nothing was.
    """

    id: str
    content: bytes
    note: str = ""


def letter_for(
    message: Message,
    envelope: Envelope,
    *,
    at: datetime,
    redact: Callable[[str], str],
    bytes_max: int = BYTES_MAX,
) -> Letter:
    """Write the letter, without pictures and then without the page where it would be larger than `bytes_max`.

    Parameters
    ----------
    at
        When it is sent, aware.
    redact
        Takes secrets out of a text.
    bytes_max
        Of the letter; what is left when pictures and page are gone is sent however large.
    """
    writer = _Writer(message, envelope, at, redact)
    page = redact(visible(message.html))
    pictures = tuple({picture.name: picture for picture in message.pictures}.values())
    ways: tuple[tuple[tuple[Picture, ...], str, str], ...] = (
        (pictures, page, ""),
        ((), page, "without its pictures"),
        ((), "", "without its pictures and its page"),
    )
    content, note = b"", ""
    for shown, attached, without in ways:
        content, note = writer.letter(shown, attached).as_bytes(), without
        if len(content) <= bytes_max:
            break
    return Letter(writer.id, content, note and f"{note}, because the server takes no more than {bytes_max:,} bytes")


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes one message for one envelope; see `letter_for`."""

    message: Message
    envelope: Envelope
    at: datetime
    redact: Callable[[str], str]

    @property
    def id(self) -> str:
        """Made from the key, so that a mail program shows a letter once however often it comes."""
        return f"<{self.digest(self.message.key)}@{self.envelope.sender.domain}>"

    def digest(self, *parts: str) -> str:
        """What tells this letter, or the row of letters that it belongs to, from all others."""
        named = "\0".join((self.message.kind.value, self.message.service, *parts))
        return hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:32]

    def letter(self, pictures: tuple[Picture, ...], page: str) -> EmailMessage:
        """Put it together; the pictures belong to the HTML, and the page stands beside both."""
        letter = EmailMessage(_POLICY)
        for name, value in self.headers():
            letter[name] = value
        names = {one.name: f"{number}.{self.id[1:-1]}" for number, one in enumerate(pictures, start=1)}
        letter.set_content(self.text(), cte="quoted-printable")
        html = mail_html(self.message, {name: f"cid:{cid}" for name, cid in names.items()}, self.redact)
        letter.add_alternative(html, subtype="html", cte="quoted-printable")
        for picture in pictures:
            (shown,) = [part for part in letter.iter_parts() if part.get_content_type() != "text/plain"]
            file = f"{_plain_name(picture.name)}.png"
            shown.add_related(picture.png, "image", "png", cid=f"<{names[picture.name]}>", filename=file)
        if page:
            letter.add_attachment(page, subtype="html", cte="base64", filename=f"{self.page_name()}.html")
        for number, part in enumerate(part for part in letter.walk() if part.is_multipart()):
            part.set_boundary(f"=_{number}_{self.digest(self.message.key)}")
        return letter

    def headers(self) -> Iterator[tuple[str, str | Address | tuple[Address, ...]]]:
        """Yield what stands above the letter."""
        mark = f"{SIMULATED} " if self.message.is_simulated else ""
        yield "From", self.envelope.sender
        yield "To", self.envelope.recipients
        yield (
            "Subject",
            _Subject(mark + (plain(unquoted(self.message.title), self.redact, _SUBJECT_MAX) or "NeuroPilot")),
        )
        yield "Date", format_datetime(self.at)
        yield "Message-ID", self.id
        if self.message.kind in _THREADED:  # an id that no letter has, and that all of one row name
            yield "In-Reply-To", f"<{self.digest()}@{self.envelope.sender.domain}>"
            yield "References", f"<{self.digest()}@{self.envelope.sender.domain}>"
        if self.message.level is Level.CRITICAL:
            yield "Importance", "high"
        yield "Auto-Submitted", "auto-generated"  # RFC 3834: no machine answers it
        yield "X-Auto-Response-Suppress", "All"  # the same for Exchange

    def text(self) -> str:
        """The message for who reads no HTML."""
        if self.message.text:
            text = self.redact(visible(self.message.text))[:_TEXT_MAX]
            is_marked = "simulated" in text[:_BEGINNING].lower()
            return f"{text}\n" if is_marked or not self.message.is_simulated else f"{SIMULATED}\n\n{text}\n"
        return "\n".join(self.lines()) + "\n"

    def lines(self) -> Iterator[str]:
        """Yield title, facts and lines, and where to go on from here."""
        message = self.message
        yield (f"{SIMULATED} " if message.is_simulated else "") + plain(message.title, self.redact)
        yield ""
        for label, value in message.facts[:200]:
            yield f"{plain(label, self.redact)}: {plain(value, self.redact)}"
        for line in message.lines[:200]:
            yield f"- {plain(line, self.redact)}"
        for words, address in (("Review the pull request", message.review_url), ("The whole", message.link)):
            if linkable(address, self.redact):
                yield f"{words}: {address}"
        yield ""
        yield f"NeuroPilot {plain(message.key, self.redact, 200)}"

    def page_name(self) -> str:
        """What the attached page is called: kind and day."""
        day = f"_{self.message.at:%Y%m%d}" if self.message.at else ""
        return f"{self.message.kind.value}{day}"


class _Subject(str):
    """One line as a header: the library's own folding loses blanks between encoded words (RFC 2047)."""

    __slots__ = ()
    name = "Subject"
    max_count = 1

    def fold(self, *, policy: Policy) -> str:
        """Write the header, broken over lines where it is long."""
        written = Header(str(self), header_name=self.name).encode(linesep=policy.linesep)
        return f"{self.name}: {written}{policy.linesep}"


def _plain_name(name: str) -> str:
    """A picture's name as a file may be called anywhere."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name)[:60].strip("-") or "picture"
