"""A report, made from what was observed and what is remembered, and everything that is rendered from it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ai_ops.domain.document import Figure
from ai_ops.domain.message import Picture
from ai_ops.report.gathered import Frame
from ai_ops.report.json_form import report_form
from ai_ops.report.message.message import message_for, unusual_days
from ai_ops.report.pages.document import document_of
from ai_ops.report.pictures import charts_of, inline_svg
from ai_ops.report.redacted import redacted
from ai_ops.report.renderings.html import html_of
from ai_ops.report.renderings.markdown import markdown_of
from ai_ops.report.renderings.summary import summary_of
from ai_ops.report.renderings.text import text_of
from ai_ops.report.report import make_report
from ai_ops.wiring.report.gather import gather
from ai_ops.wiring.report.told import told

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ai_ops.charts.charts import Chart
    from ai_ops.domain.document import Document
    from ai_ops.domain.errors import OpsError
    from ai_ops.domain.message import Message, MessageKind
    from ai_ops.domain.metrics import Observation
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.service_report import Report
    from ai_ops.wiring.session import Session

    Seen = Mapping[str, Observation | OpsError]


def make(session: Session, kind: MessageKind, span: ReportSpan, seen: Seen) -> Made:
    """Make the report of every service in `seen`, in the order of the settings."""
    wanted = [one for one in session.settings.services if one.name in seen]
    gathered = tuple(gather(session, one, span, seen[one.name]) for one in wanted)
    frame = Frame(session.place.clock(), session.settings.report.currency, told(session))
    report = redacted(make_report(kind, gathered, span, frame), session.redact)
    document = document_of(report)
    shown = {block.name for section in document.sections for block in section.blocks if isinstance(block, Figure)}
    drawn = (charts_of(one, said, span, shown) for one, said in zip(gathered, report.services, strict=True))
    charts = {name: chart for some in drawn for name, chart in some.items()}
    return Made(report, document, redacted(charts, session.redact))


@dataclass(frozen=True, eq=False)
class Made:
    """A report and its renderings, each made when it is asked for; nothing of it holds a secret.

    Parameters
    ----------
    report, document
        The same as values and as a page.
    charts
        By the name that the page gives them.
    """

    report: Report
    document: Document
    charts: Mapping[str, Chart]

    @property
    def name(self) -> str:
        """What its files are called: "daily_report_20261120"."""
        return f"{self.report.kind}_{self.day:%Y%m%d}{unusual_days(self.report)}"

    @property
    def day(self) -> date:
        """The day of the report, by the team's clock."""
        return self.report.span.local(self.report.span.end).date()

    @cached_property
    def form(self) -> str:
        """As JSON."""
        return json.dumps(report_form(self.report), indent=2, sort_keys=True, allow_nan=False) + "\n"

    @cached_property
    def text(self) -> str:
        """As plain text."""
        return text_of(self.document)

    @cached_property
    def markdown(self) -> str:
        """As GitHub-flavoured Markdown."""
        return markdown_of(self.document)

    @cached_property
    def page(self) -> str:
        """As one HTML page with its charts."""
        return html_of(self.document, {name: inline_svg(chart) for name, chart in self.charts.items()})

    @cached_property
    def summary(self) -> str:
        """As a step summary of GitHub Actions."""
        return summary_of(self.document)

    def message(self, link: str, *, with_pictures: bool) -> Message:
        """For every channel; drawing for chat and mail takes seconds, so the pictures come where one can show them."""
        pictures = self._pictures if with_pictures else ()
        return message_for(self.report, self.document, text=self.text, html=self.page, pictures=pictures, link=link)

    @property
    def _pictures(self) -> tuple[Picture, ...]:
        from ai_ops.charts.charts import rendered

        return tuple(Picture(name, one.description, rendered(one, ".png")) for name, one in self.charts.items())
