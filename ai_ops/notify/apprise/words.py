"""What a message says on a service that Apprise knows: within its limits, in its markup, and with nothing that acts."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import chain
from typing import TYPE_CHECKING, Literal

from ai_ops.domain.quoted import unquoted
from ai_ops.notify.letters.mark import SIMULATED
from ai_ops.notify.letters.plain_words import linkable, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ai_ops.domain.message import Message

Markup = Literal["text", "markdown", "html"]

SHORT = 640
"""Characters: what holds less is a phone's display, which shows headline and action alone. Four SMS are as long."""

_LONG = 8_000
_TITLE_MAX, _LINE_MAX = 250, 600
_SPARE = 0.95  # services escape what their own markup means, which makes a text a little longer

# Chats have mentions of the form <!channel>, some take escaped signs for the signs themselves, and many read markup in
# what is called text. So the signs themselves are changed, for ones that look alike.
_ALIKE = {"<": "\u2039", ">": "\u203a", "*": "\u2217", "`": "\u02cb", "|": "\u00a6", "\\": "\u2216", "~": "\u02dc"}
_QUIET = str.maketrans(_ALIKE)
# One letter outside of their alphabet (GSM 03.38) makes all letters of an SMS twice as long.
_PHONE = str.maketrans(
    {
        **{alike: sign for sign, alike in _ALIKE.items()},
        "\u2192": "->",
        "\u2026": "...",
        "\u2013": "-",
        "\u2014": "-",
        "\u2018": "'",
        "\u2019": "'",
        "\u00d7": "x",
        "\u2713": "ok",
    }
)


@dataclass(frozen=True, slots=True)
class Form:
    """What a service takes.

    Parameters
    ----------
    markup
        How its texts are written.
    body_max, title_max
        Characters; 0 for a service whose messages have no title.
    lines_max
        Lines of the body; 0 where it does not count them.
    """

    markup: Markup
    body_max: int
    title_max: int = 0
    lines_max: int = 0

    @property
    def is_short(self) -> bool:
        """Whether there is room for the headline and the action alone."""
        return self.body_max <= SHORT


def words_for(message: Message, form: Form, redact: Callable[[str], str]) -> tuple[str, str]:
    """Write title and body; the title is "" where the service has none, and stands in the body then.

    Parameters
    ----------
    message
        Any, however long or strange.
    redact
        Takes secrets out of a text; applied before anything is cut.
    """
    pen = _Pen(form.markup, redact)
    if form.is_short:
        return "", _short(message, pen, form.body_max)
    title = pen.title(message)
    lines = _lines(message, pen)
    if form.title_max <= 0:
        return "", _fitting(chain([pen.strong(title)], lines), form)
    return title[: form.title_max], _fitting(lines, form) or pen.written("NeuroPilot")


@dataclass(frozen=True, slots=True)
class _Pen:
    """Writes lines in one markup."""

    markup: Markup
    redact: Callable[[str], str]

    def title(self, message: Message) -> str:
        """The verdict, as plain words: no service reads markup in a title of its own."""
        mark = f"{SIMULATED} " if message.is_simulated else ""
        return mark + (self.plain(message.title, _TITLE_MAX) or "NeuroPilot")

    def plain(self, text: str, longest: int = _LINE_MAX) -> str:
        """Foreign text that is nothing but text."""
        return plain(unquoted(text), self.redact, longest).translate(_QUIET)

    def written(self, text: str) -> str:
        """Plain words in the markup; in Markdown they are so already, as long as no line begins with them."""
        return escape(text) if self.markup == "html" else text

    def strong(self, text: str) -> str:
        """Plain words that are seen first."""
        match self.markup:
            case "markdown":
                return f"**{self.written(text)}**"
            case "html":
                return f"<b>{self.written(text)}</b>"
        return text

    def fact(self, label: str, value: str) -> str:
        """A label and its value."""
        return self.written(f"{self.plain(label)}: {self.plain(value)}")

    def item(self, text: str) -> str:
        """A line of a list."""
        return self.written(f"• {self.plain(text)}")

    def link(self, words: str, address: str) -> str:
        """A link of ours; "" where the address is no plain one."""
        target = linkable(address, self.redact)
        if not target:
            return ""
        match self.markup:
            case "markdown":
                return f"[{words}]({target})"
            case "html":
                return f'<a href="{escape(target)}">{words}</a>'
        return f"{words}: {target}"


def _lines(message: Message, pen: _Pen) -> Iterator[str]:
    """Yield what stands below the title, in reading order."""
    document = message.document
    if document is not None:
        headline = pen.plain(document.headline)
        if headline not in {"", pen.plain(message.title)}:
            yield pen.strong(headline)
        yield pen.fact("Why", document.why)
        yield pen.fact("To do", document.action)
        yield pen.link("Do it", document.link if document.link != message.review_url else "")
    yield pen.link("Review the pull request", message.review_url)
    yield pen.link("Read the whole", message.link)
    for label, value in message.facts:
        yield pen.fact(label, value)
    for line in message.lines:
        yield pen.item(line)


def _fitting(lines: Iterator[str], form: Form) -> str:
    """As many whole lines as there is room for; nothing of a line is cut, so that no markup stays open."""
    end = "<br>\n" if form.markup == "html" else "\n\n" if form.markup == "markdown" else "\n"
    room = min(int(form.body_max * _SPARE), _LONG)
    body, count = "", 0
    for line in lines:
        longer = f"{body}{end if body else ''}{line}"
        if line and len(longer) <= room and not (form.lines_max and count >= form.lines_max):
            body, count = longer, count + 1
    return body


def _short(message: Message, pen: _Pen, limit: int) -> str:
    """Headline, action and address for a phone; the address is whole or left out."""
    action = pen.plain(message.document.action, 120) if message.document else ""
    address = linkable(message.review_url, pen.redact) or linkable(message.link, pen.redact)
    body = _cut(pen.title(message).translate(_PHONE), limit)
    for line in (action and f"To do: {action}".translate(_PHONE), address):
        if line and len(body) + 1 + len(line) <= limit:
            body += f"\n{line}"
    return body if pen.markup != "html" else escape(body)[:limit]


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3].rstrip()}..."
