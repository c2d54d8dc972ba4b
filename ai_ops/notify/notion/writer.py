"""Writes one page of Notion, request by request, and looks before it does anything twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ai_ops.notify.notion.database import Page, page_of, pages_with
from ai_ops.notify.notion.words import AnswerLost

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ai_ops.notify.notion.batches import Block
    from ai_ops.notify.notion.database import Database
    from ai_ops.notify.notion.line import NotionLine
    from ai_ops.notify.notion.row import Row

LOOK_AGAIN_SECONDS = 3.0
"""How long after a lost answer it is looked whether the request was obeyed: Notion's search lags behind."""

TRIES = 3

T = TypeVar("T")


class PageWriter:
    """Writes the page of one message.

    Parameters
    ----------
    line
        The way to Notion.
    database, row
        Where the page is put, and what its columns say.
    """

    def __init__(self, line: NotionLine, database: Database, row: Row) -> None:
        self._line = line
        self._database = database
        self._row = row
        self._is_doubtful = False
        self._trashed: set[str] = set()

    def write(self, portions: Sequence[list[Block]]) -> Page:
        """Write the page; it bears its key alone only when all of it is there.

        Parameters
        ----------
        portions
            Blocks, as many together as one request takes; at least one portion.

        Raises
        ------
        NotifyError
            When a part is missing, or nobody knows.
        """
        first, *others = portions
        page = self._surely(lambda: self._created(first, is_whole=not others), self._seen)
        written = len(first)
        for portion in others:
            written += len(portion)
            self._append(page, portion, written)
        if others:
            done = self._row.run_id.value(is_whole=True)
            self._line.ask(lambda notion: notion.pages.update(page.id, properties=done))
        if self._is_doubtful:
            self._keep_only(page)
        return page

    def trash(self, page: Page) -> None:
        """Move a page to the trash, from where a person can take it back.

        Raises
        ------
        NotifyError
            When Notion did not do it.
        """
        self._line.ask(lambda notion: notion.pages.update(page.id, in_trash=True))
        self._trashed.add(page.id)

    def _surely(self, do: Callable[[], T], look: Callable[[], T | None]) -> T:
        """Do something once: after a lost answer, `look` says what was done, or None where nothing was."""
        tries = 0
        while True:
            tries += 1
            try:
                return do()
            except AnswerLost:
                self._is_doubtful = True
                self._line.wait(LOOK_AGAIN_SECONDS)
                seen = look()
                if seen is not None:
                    return seen
                if tries == TRIES:
                    raise

    def _created(self, blocks: list[Block], *, is_whole: bool) -> Page:
        form: dict[str, Any] = {
            "parent": {"type": "data_source_id", "data_source_id": self._database.source},
            "properties": self._row.properties(is_whole=is_whole),
            "children": blocks,
        }
        return page_of(self._line.ask(lambda notion: notion.pages.create(**form), may_repeat=False))

    def _seen(self) -> Page | None:
        return next(iter(self._pages()), None)

    def _append(self, page: Page, blocks: list[Block], written: int) -> None:
        """Add blocks, so that there are `written` of them."""

        def append() -> bool:
            self._line.ask(lambda notion: notion.blocks.children.append(page.id, children=blocks), may_repeat=False)
            return True

        self._surely(append, lambda: True if self._children_of(page) >= written else None)

    def _children_of(self, page: Page) -> int:
        """How many blocks stand on the page, those inside of others not counted."""
        count = 0
        more: dict[str, Any] = {}
        while True:
            answer = self._line.ask(lambda notion: notion.blocks.children.list(page.id, **more))  # noqa: B023
            count += len(answer.get("results") or ())
            if not answer.get("next_cursor"):
                return count
            more = {"start_cursor": answer["next_cursor"]}

    def _keep_only(self, page: Page) -> None:
        """Move to the trash what a request that seemed lost has made beside `page`."""
        for other in self._pages():
            if other.id != page.id:
                self.trash(other)

    def _pages(self) -> list[Page]:
        found = pages_with(self._line, self._database, self._row.run_id)
        return [page for page in found if page.id not in self._trashed]  # the search may still show it
