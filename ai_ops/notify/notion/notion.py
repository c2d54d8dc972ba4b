"""Notion: one message becomes one page of a database, never two.

Notion knows no idempotency key, so a page bears the key of its message, and is looked for before it is made. A page
that needs several requests says so behind its key until the last one was obeyed: what is found half written, a run
that broke off has left. It goes to the trash, and the page is written anew.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from ai_ops.domain.errors import NotifyError
from ai_ops.domain.message import Sent
from ai_ops.markdown import defused, one_visible_line
from ai_ops.notify.notion.batches import batches
from ai_ops.notify.notion.database import database_id_of, open_database, pages_with
from ai_ops.notify.notion.page import blocks_of
from ai_ops.notify.notion.pictures import upload
from ai_ops.notify.notion.row import row_of
from ai_ops.notify.notion.writer import PageWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.message import Message
    from ai_ops.notify.notion.database import Database
    from ai_ops.notify.notion.line import NotionLine

NOTE_MAX = 1000

_TOKEN = re.compile(r"[\x21-\x7e]+")


class NotionNotifier:
    """Writes pages into one database. Sending a message again changes nothing.

    Parameters
    ----------
    token
        Of an integration that the database is shared with; it appears in no error and in no log.
    database_id
        As a person copies it: the id, or the address of the database.
    base_url
        Usually https://api.notion.com.
    redact
        Takes secrets out of a text.
    clock, sleep
        Monotonic seconds, and waiting for so many of them: Notion grants three requests a second.
    """

    name = "notion"

    def __init__(
        self,
        token: str,
        database_id: str,
        *,
        redact: Callable[[str], str],
        base_url: str = "https://api.notion.com",
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._token = token
        self._database_id = database_id
        self._base_url = base_url
        self._redact = redact
        self._clock, self._sleep = clock, sleep
        self._line: NotionLine | None = None
        self._database: Database | None = None

    def send(self, message: Message) -> Sent:
        """Write the page of `message`, or find it.

        Raises
        ------
        NotifyError
            When it is not there as a whole; the reason names what to do. Sending the message again is always safe.
        """
        line = self._opened()
        database = self._database = self._database or open_database(line, database_id_of(self._database_id))
        row = row_of(message, database.columns, self._clean)
        found = pages_with(line, database, row.run_id)
        if found and found[0].is_whole:
            return Sent(found[0].id, found[0].url, line.attempts, "it was there already")
        writer = PageWriter(line, database, row)
        for half_written in found:
            writer.trash(half_written)
        uploads, missing = upload(line, message.pictures, self._clean)
        page = writer.write(list(batches(blocks_of(message, uploads, self._clean))))
        return Sent(page.id, page.url, line.attempts, _note(database.note, *row.advice, *missing))

    def _opened(self) -> NotionLine:
        if not _TOKEN.fullmatch(self._token):
            raise NotifyError("NOTION_API_KEY is no token: copy the integration's secret again, on one line")
        if self._line is None:
            from ai_ops.notify.notion.line import NotionLine

            redact = self._without_token
            self._line = NotionLine(self._token, self._base_url, redact=redact, clock=self._clock, sleep=self._sleep)
        self._line.begin()
        return self._line

    def _clean(self, text: str) -> str:
        """One line that can be shown; a secret with something hidden in it is found once that is gone."""
        return one_visible_line(self._redact(one_visible_line(text)))

    def _without_token(self, text: str) -> str:
        return self._redact(text.replace(self._token, "***"))


def _note(*parts: str) -> str:
    return defused("; ".join(part for part in parts if part), NOTE_MAX)
