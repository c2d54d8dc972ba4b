"""The sections of a page in groups: those about all services, then those about each."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ai_ops.domain.document import Document, Section


def by_subject(document: Document) -> tuple[tuple[str, tuple[Section, ...]], ...]:
    """Sections in their order, neighbours about one service together; "" where a heading of its own is not needed.

    A page about one service alone has that service in its title.
    """
    groups = tuple((name, tuple(some)) for name, some in groupby(document.sections, lambda section: section.subject))
    are_several = len({name for name, _ in groups if name}) > 1
    return tuple((name if are_several else "", some) for name, some in groups)


def numbered(document: Document) -> dict[str, int]:
    """By id, the number that a reader knows a piece of evidence by, from 1."""
    return {one.id: number for number, one in enumerate(document.evidence, start=1)}
