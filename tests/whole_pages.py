"""Whole pages of reports as a reader gets them: with real charts, of one service or of many, or of hostile words."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

from hostile import hostile
from report_days import MORNINGS, a_morning, bad_service, first_service, quiet_service, renamed, with_gaps
from reports import infested

from ai_ops.domain.document import Figure
from ai_ops.report.pages.document import document_of
from ai_ops.report.pictures import charts_of, inline_svg
from ai_ops.report.renderings.html import html_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from report_days import Morning

    from ai_ops.report.service_report import Report


def one_service(name: str) -> str:
    """The page of a morning by its name."""
    morning = MORNINGS[name]()
    return _page(morning.report, _charts(morning))


def fifty_services() -> str:
    """One in trouble, one with gaps, one that is new, two that are well, all told in full; and 45 that are well."""
    gaps = with_gaps().services[0]
    five = (
        quiet_service(),
        renamed(bad_service(), "api"),
        renamed(first_service(), "jobs"),
        renamed(quiet_service(), "search"),
        renamed(gaps, "mail"),
    )
    morning = a_morning(*five, *(renamed(quiet_service(), f"shard-{number:03}") for number in range(5, 50)))
    return _page(morning.report, _charts(morning))


def hostile_words() -> str:
    """A bad day on which every foreign text is hostile."""
    morning = MORNINGS["bad-day"]()
    return _page(infested(morning.report, cycle(hostile().values())), _charts(morning))


def _charts(morning: Morning) -> Mapping[str, str]:
    """Every chart that the page shows, drawn."""
    report = morning.report
    shown = {
        block.name for section in document_of(report).sections for block in section.blocks if isinstance(block, Figure)
    }
    drawn = (
        charts_of(gathered, said, morning.span, shown)
        for gathered, said in zip(morning.services, report.services, strict=True)
    )
    return {name: inline_svg(chart) for some in drawn for name, chart in some.items()}


def _page(report: Report, charts: Mapping[str, str]) -> str:
    return html_of(document_of(report), charts)
