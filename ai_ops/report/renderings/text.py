"""The page as plain text, for a terminal and for plain mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.report.renderings.plain import columns, plain, wrapped
from ai_ops.report.renderings.signs import SIMULATED, signed_text
from ai_ops.report.renderings.subjects import by_subject, numbered
from ai_ops.report.renderings.text_blocks import WIDTH, lines_of, references

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ai_ops.domain.document import Document, Evidence, Section


def text_of(document: Document) -> str:
    """Write the page in 78 columns; behind each section's title stand the numbers of the evidence it rests on."""
    return "\n".join((*_opening(document), *_body(document), *_appendix(document))) + "\n"


def _opening(document: Document) -> Iterator[str]:
    yield from _titled(document.title, "=")
    yield from wrapped(plain(document.subtitle), WIDTH)
    yield ""
    if document.is_simulated:
        yield from wrapped(SIMULATED, WIDTH)
        yield ""
    yield from wrapped(signed_text(document.tone, plain(document.headline)), WIDTH)
    yield from wrapped(plain(document.why), WIDTH)
    yield from wrapped(plain(document.action), WIDTH, "To do: ", " " * 7)
    if document.link:
        yield from wrapped(document.link, WIDTH, " " * 7, " " * 7)


def _body(document: Document) -> Iterator[str]:
    numbers = numbered(document)
    for subject, sections in by_subject(document):
        if subject:
            yield from ("", "", *_titled(subject, "="))
        for section in sections:
            yield from _section(section, numbers)


def _section(section: Section, numbers: Mapping[str, int]) -> Iterator[str]:
    yield ""
    yield from _titled(f"{section.title}{references(section, numbers)}", "-")
    is_first = True
    for block in section.blocks:
        lines = list(lines_of(block))
        if lines and not is_first:
            yield ""
        yield from lines
        is_first = is_first and not lines


def _appendix(document: Document) -> Iterator[str]:
    if document.evidence:
        yield from ("", *_titled("Evidence", "="))
    for number, one in enumerate(document.evidence, start=1):
        mark = f"[{number}] "
        yield from wrapped(_in_one(one), WIDTH, mark, " " * len(mark))


def _in_one(one: Evidence) -> str:
    """All of it in one sentence, each part cut by itself, so that a long one leaves the others whole."""
    inputs = f"; with {', '.join(plain(f'{name} {value}') for name, value in one.inputs)}" if one.inputs else ""
    command = f"; shown by {plain(f'`{one.command}`')}" if one.command else ""
    return f"{plain(one.says)}: {plain(one.formula)}{inputs}; from {plain(one.source)}{command}"


def _titled(title: str, line: str) -> Iterator[str]:
    lines = list(wrapped(title, WIDTH))
    yield from lines
    yield line * max(columns(one) for one in lines)
