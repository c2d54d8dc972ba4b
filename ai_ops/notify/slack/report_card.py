"""A report as a Slack card, to be read over coffee: the verdict, the figures, who is needed, and where to read on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ai_ops.notify.letters.mark import mark_of
from ai_ops.notify.slack.blocks import FIELDS_MAX, TEXT_MAX, context, fields, fitted, header, request_body, section
from ai_ops.notify.slack.chapters import ICONS, advice_in_lines, needs_of, rows_in_lines
from ai_ops.notify.slack.text import bullets, cut, defused, linked, readable, review_link, when

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.document import Document
    from ai_ops.domain.message import Message


def report_card(message: Message, document: Document, redact: Callable[[str], str]) -> dict[str, Any]:
    """Write the body of the request for a report, as `card.card_for` promises it.

    Of `document` the card shows the verdict, the chapter "needs", and either the chapter "fleet" or that of the trends
    of its only service; the rest is for the page.
    """
    told = _Told(message, document, redact)
    return fitted(lambda longest: _card(told, longest))


class _Told:
    """What the card says, each text on one line and defused."""

    def __init__(self, message: Message, document: Document, redact: Callable[[str], str]) -> None:
        self.document = document
        self.redact = redact
        mark = mark_of(message)
        facts = [(self.clean(label), self.clean(value)) for label, value in message.facts]
        self.title = mark + (self.clean(message.title) or "NeuroPilot")
        self.headline = "" if document.headline == message.title else self.clean(document.headline)
        self.why, self.action = self.clean(document.why), self.clean(document.action)
        self.facts = facts[:FIELDS_MAX]
        self.more_facts = [f"{label}: {value}" for label, value in facts[FIELDS_MAX:]]
        self.needs = needs_of(document, self.clean, self.link)
        self.advice = advice_in_lines(document, self.clean)
        self.rows = rows_in_lines(document, self.clean)
        self.links = self._links(message)
        whose = f"{mark}{self.clean(document.title)}, {self.clean(document.subtitle)}"
        self.context = f"{whose} · NeuroPilot {self.clean(message.key)}{when(message)}"

    def clean(self, text: str) -> str:
        """Defuse any text."""
        return defused(self.redact(readable(text)))

    def link(self, address: str, label: str) -> str:
        """Lead somewhere."""
        return linked(self.redact(address), label)

    def verdict(self, strong: str) -> str:
        """The headline, where the title says something else; why; and what to do. `strong` marks what is bold."""
        headline = f"{strong}{self.headline}{strong}" if self.headline else ""
        action = f"{strong}To do:{strong} {self.action}" if self.action else ""
        return "\n".join(filter(None, [headline, self.why, action]))

    def _links(self, message: Message) -> str:
        whole = self.link(message.link, "Read the whole report")
        return "   ".join(filter(None, [whole, review_link(self.redact(message.review_url))]))


def _card(told: _Told, longest: int) -> dict[str, Any]:
    """Lay the card out with no text longer than `longest` characters."""
    heading, rows = told.rows
    blocks = [
        *header(f"{ICONS[told.document.tone]} {told.title}", longest),
        *section(told.verdict("*"), longest),
        *fields(told.facts, longest),
        *section("\n".join(told.more_facts), longest),
        *section(_chapter("*Needs you*", told.needs.lines(longest, has_links=True))),
        *section(_chapter("*Advice*", [bullets(told.advice)] if told.advice else []), longest),
        *section(_chapter(f"*{heading}*", rows), longest),
        *section(told.links),
        *context(told.context, longest),
    ]
    return request_body(cut(_as_text(told, longest), min(TEXT_MAX, longest)), blocks)


def _as_text(told: _Told, longest: int) -> str:
    """Write the same for those who see no blocks; a link is its label there."""
    heading, rows = told.rows
    figures = [f"{label}: {value}" for label, value in told.facts]
    chapters = (
        _chapter("Needs you", told.needs.lines(longest, has_links=False)),
        _chapter("Advice", told.advice),
        _chapter(heading, rows),
    )
    return "\n".join(filter(None, [told.title, told.verdict(""), *figures, *told.more_facts, *chapters]))


def _chapter(heading: str, lines: list[str]) -> str:
    """A heading and what stands below it; "" for nothing."""
    return "\n".join([heading, *lines]) if lines else ""
