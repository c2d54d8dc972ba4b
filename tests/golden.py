"""Every rendering of a report as text, for golden files."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from report_days import MORNINGS

from ai_ops.domain.document import Figure
from ai_ops.domain.message import Picture
from ai_ops.markdown import one_visible_line
from ai_ops.notify.notion.page import blocks_of
from ai_ops.notify.slack.card import card_for
from ai_ops.notify.webhook.message_form import message_form
from ai_ops.report.json_form import report_form
from ai_ops.report.message.message import message_for
from ai_ops.report.pages.document import document_of
from ai_ops.report.renderings.html import html_of
from ai_ops.report.renderings.markdown import markdown_of
from ai_ops.report.renderings.summary import summary_of
from ai_ops.report.renderings.text import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

GOLDEN = Path(__file__).parent / "report" / "golden"

RENEW = "python tests/renew_golden.py"

_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)

LINK = "https://github.com/acme/shop/actions/runs/42"

SVG = '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{alt}" viewBox="0 0 9 9"></svg>'
"""In the place of each chart: how it is drawn has tests of its own."""


@cache
def renderings(day: str) -> Mapping[str, str]:
    """By file name, how the report of that day looks everywhere."""
    report = MORNINGS[day]().report
    document = document_of(report)
    figures = [block for section in document.sections for block in section.blocks if isinstance(block, Figure)]
    pictures = tuple(Picture(one.name, one.alt, b"") for one in figures)
    message = message_for(report, document, pictures=pictures, link=LINK)
    return {
        "report.json": _indented(report_form(report)),
        "report.md": markdown_of(document),
        "report.txt": text_of(document),
        "summary.md": summary_of(document),
        "report.html": _without_style(html_of(document, {one.name: SVG.format(alt=one.title) for one in figures})),
        "message.json": _indented(_without_document(message_form(message, str))),
        "slack.json": _indented(card_for(message, str)),
        "notion.json": _line_by_line(
            blocks_of(message, {one.name: f"upload-{one.name}" for one in figures}, one_visible_line)
        ),
    }


def _without_style(page: str) -> str:
    """The page without its style, which is the same on every day and looked at in a browser."""
    return _STYLE.sub("<style>\n</style>", page, count=1)


def _without_document(form: dict[str, Any]) -> dict[str, Any]:
    return form | {"document": None}


def _indented(form: object) -> str:
    return json.dumps(_rounded(form), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def _rounded(form: object) -> object:
    """Ten digits of every number: what lies beyond depends on the processor."""
    match form:
        case float():
            return float(f"{form:.10g}")
        case dict():
            return {key: _rounded(one) for key, one in form.items()}
        case list():
            return [_rounded(one) for one in form]
    return form


def _line_by_line(blocks: Iterable[object]) -> str:
    """A block on each line, so that what changed is seen."""
    lines = (json.dumps(one, sort_keys=True, ensure_ascii=False, allow_nan=False) for one in blocks)
    return "[\n" + ",\n".join(lines) + "\n]\n"
