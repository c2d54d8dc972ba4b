"""The page as GitHub-flavoured Markdown: no HTML in it, its evidence in a numbered appendix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Cell
from ai_ops.markdown import bullets, code
from ai_ops.report.renderings.markdown_blocks import MarkdownPen, heading, linked, opening_words, words_of
from ai_ops.report.renderings.signs import SIMULATED, signed_text
from ai_ops.report.renderings.subjects import by_subject, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ai_ops.domain.document import Document, Evidence

_NO_PICTURES: Mapping[str, str] = {}


def markdown_of(document: Document, pictures: Mapping[str, str] = _NO_PICTURES) -> str:
    """Write the page.

    Parameters
    ----------
    pictures
        By name, where each picture can be fetched; one without is drawn as bars where it has any, or left out.
    """
    pen = MarkdownPen(numbered(document), pictures)
    return "\n\n".join((*_parts(document, pen), *_appendix(document))) + "\n"


def opening(document: Document, level: int) -> Iterator[str]:
    """What matters most, why, and what to do, below the title."""
    yield heading(level, document.title)
    yield opening_words(document.subtitle)
    if document.is_simulated:
        yield f"> {SIMULATED}"
    yield f"**{signed_text(document.tone, words_of(document.headline))}**"
    yield opening_words(document.why)
    yield f"**To do:** {linked(Cell(document.action, link=document.link))}"


def _parts(document: Document, pen: MarkdownPen) -> Iterator[str]:
    yield from opening(document, 1)
    for subject, sections in by_subject(document):
        if subject:
            yield heading(2, subject)
        for section in sections:
            yield pen.section(section, 3 if subject else 2)


def _appendix(document: Document) -> Iterator[str]:
    if document.evidence:
        yield heading(2, "Evidence")
    for number, one in enumerate(document.evidence, start=1):
        yield heading(3, f"Evidence {number}")  # whose anchor is #evidence-1
        yield opening_words(one.says)
        yield bullets(_lines(one))


def _lines(one: Evidence) -> Iterator[str]:
    yield f"formula: {words_of(one.formula)}"
    if one.inputs:
        yield f"with: {', '.join(f'{code(name)} {words_of(value)}' for name, value in one.inputs)}"
    yield f"from: {words_of(one.source)}"
    if one.command:
        yield f"shown by: {code(one.command)}"
