"""The page as the step summary of a CI run: what fits in a short one, without the appendix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.markdown import inert
from ai_ops.report.renderings.markdown import opening
from ai_ops.report.renderings.markdown_blocks import MarkdownPen, heading
from ai_ops.report.renderings.subjects import by_subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.document import Document

MOST_BYTES = 64_000
"""GitHub takes a mebibyte of each step, but nobody scrolls through that; other steps want room as well."""

MOST_ROWS = 50
_ROOM_FOR_THE_NOTE = 1_000
_NAMED = 8


def summary_of(document: Document) -> str:
    """Write the page without its appendix, up to the first section for which there is no room; a note names the rest.

    What comes first matters most, so nothing that is further down takes its place.
    """
    kept = list(opening(document, 2))
    room = MOST_BYTES - _ROOM_FOR_THE_NOTE - sum(map(_bytes, kept))
    left_out: list[str] = []
    for name, text in _sections(document):
        room -= _bytes(text)
        if room < 0:
            left_out.append(name)
        else:
            kept.append(text)
    return "\n\n".join((*kept, *_note(left_out))) + "\n"


def _sections(document: Document) -> Iterator[tuple[str, str]]:
    """Name and text of each section; the first of a service has its name above it."""
    groups = by_subject(document)
    pen = MarkdownPen(most_rows=MOST_ROWS, has_bars=len(groups) <= 2)  # noqa: PLR2004  # all services, and one
    for subject, sections in groups:
        above = f"{heading(3, subject)}\n\n" if subject else ""
        for section in sections:
            name = f"{section.title} of {subject}" if subject else section.title
            yield name, above + pen.section(section, 4 if subject else 3)
            above = ""


def _note(left_out: list[str]) -> Iterator[str]:
    if not left_out:
        return
    more = f" and {len(left_out) - _NAMED} more" if len(left_out) > _NAMED else ""
    names = ", ".join(inert(name, 60) for name in left_out[:_NAMED])
    yield f"Left out, because all of it would be too long: {names}{more}. The whole report is in the run's artifacts."


def _bytes(text: str) -> int:
    """With the empty line behind it."""
    return len(text.encode()) + 2
