"""A report as one message for every channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Tone
from ai_ops.domain.message import Level, Message, MessageKind
from ai_ops.report.message.facts import facts_of
from ai_ops.report.message.properties import properties_of
from ai_ops.report.pages.attention import MOST_TOLD, worst_first
from ai_ops.report.pages.overview import action_with, what_to_do
from ai_ops.report.pages.recommendations import advice_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ai_ops.domain.document import Document
    from ai_ops.domain.message import Picture
    from ai_ops.report.agent.said import Need
    from ai_ops.report.service_report import Report

MOST_ADVICE = 6
"""Lines of advice: as many as there are rules (S001-109 to S001-114)."""

_USUAL_DAYS: Mapping[MessageKind, int] = {MessageKind.DAILY_REPORT: 1, MessageKind.WEEKLY_BRIEF: 7}

_LEVELS: Mapping[Tone, Level] = {
    Tone.GOOD: Level.INFO,
    Tone.PLAIN: Level.INFO,
    Tone.WATCH: Level.MEDIUM,
    Tone.BAD: Level.HIGH,
}


def message_for(
    report: Report,
    document: Document,
    *,
    text: str = "",
    html: str = "",
    pictures: tuple[Picture, ...] = (),
    link: str = "",
) -> Message:
    """Tell one report; its key is its day or week, so that each is told once.

    Parameters
    ----------
    document
        The same report as a page.
    text, html, pictures, link
        As in `Message`.
    """
    return Message(
        key=key_of(report),
        title=report.headline,
        facts=tuple(facts_of(report)),
        lines=tuple(_lines(report)),
        is_simulated=report.is_simulated,
        review_url=_review_url(report),
        kind=report.kind,
        level=_LEVELS[report.tone],
        service=report.services[0].service if len(report.services) == 1 else "",
        at=report.made_at,
        properties=tuple(properties_of(report, key_of(report))),
        document=document,
        text=text,
        html=html,
        pictures=pictures,
        link=link,
    )


def key_of(report: Report) -> str:
    """What it is called by day or week on the team's clock: "daily_report-20261120", "weekly_brief-2026-W47"."""
    day = report.span.local(report.span.end)
    name = f"{day:%G-W%V}" if report.kind is MessageKind.WEEKLY_BRIEF else f"{day:%Y%m%d}"
    return f"{report.kind}-{name}{unusual_days(report)}"


def unusual_days(report: Report) -> str:
    """What tells a report of other days than its kind has from the usual one, in whose place it must not stand."""
    return "" if report.span.days == _USUAL_DAYS.get(report.kind) else f"-{report.span.days}d"


def _lines(report: Report) -> Iterator[str]:
    yield report.why
    yield f"To do: {action_with(report.action, report.needs).text}"
    for need in report.needs:
        yield f"Needs a person: {_need(need, report)}"
    if report.more_needs:
        yield f"{report.more_needs} more can wait."
    yield from _advice(report)


def _need(need: Need, report: Report) -> str:
    whose = f"{need.service}: " if need.service and len(report.services) > 1 else ""
    return f"{whose}{need.what}: {need.why.rstrip('.')}. To do: {what_to_do(need.action).text}"


def _advice(report: Report) -> Iterator[str]:
    """What the figures advise, for the services that the page tells in full."""
    given = [
        f"{f'{service.service}: ' if len(report.services) > 1 else ''}{advice_in_words(one)}"
        for service in worst_first(report.services)[:MOST_TOLD]
        for one in service.recommendations
    ]
    yield from given[:MOST_ADVICE]
    if len(given) > MOST_ADVICE:
        yield f"and {len(given) - MOST_ADVICE} more recommendations"


def _review_url(report: Report) -> str:
    """Where the most urgent thing that is done at an address is done."""
    return next((address for need in report.needs if (address := what_to_do(need.action).link)), "")
