"""The database that pages are put into: its data source, its columns, and the pages that are there already."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ai_ops.domain.errors import NotifyError
from ai_ops.notify.letters.web_address import is_web_address
from ai_ops.notify.notion.columns import columns_of
from ai_ops.notify.notion.words import not_notion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ai_ops.notify.notion.columns import Columns
    from ai_ops.notify.notion.line import NotionLine
    from ai_ops.notify.notion.row import RunId

_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
_AT_THE_END = re.compile(rf".*[-/]({_ID.pattern})", re.IGNORECASE)
_WANTED = "it is the 32 letters and digits of the database's address before ?v="


@dataclass(frozen=True, slots=True)
class Page:
    """One page: under which id Notion has it, where a person finds it, and whether all of it was written."""

    id: str
    url: str
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Database:
    """Where pages are put.

    Parameters
    ----------
    source
        Id of the data source that holds them.
    columns
        What it has.
    note
        Why this data source, where there is a choice; "" else.
    """

    source: str
    columns: Columns
    note: str = ""


def database_id_of(text: str) -> str:
    """The id in what a person copied: the id itself, with dashes or without, or the address of the database.

    Raises
    ------
    NotifyError
        When there is none, or only that of a view.
    """
    text = text.strip()
    if _ID.fullmatch(text):
        return text.replace("-", "").lower()
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    found = _AT_THE_END.fullmatch(parts.path.rstrip("/")) if parts.scheme in {"http", "https"} else None
    if found:
        return found[1].replace("-", "").lower()
    raise NotifyError(f"NOTION_DATABASE_ID holds no id of a database: {_WANTED}")


def open_database(line: NotionLine, database_id: str) -> Database:
    """Ask for the data source of a database, and for its columns.

    Raises
    ------
    NotifyError
        When Notion does not say, or the database has none that we may see.
    """
    sources = line.ask(lambda notion: notion.databases.retrieve(database_id)).get("data_sources") or []
    if not sources:
        raise NotifyError(
            "Notion shows no data source in NOTION_DATABASE_ID: a linked view of a database is not enough, copy the "
            "address of the database itself"
        )
    source = checked_id(sources[0])
    schema = line.ask(lambda notion: notion.data_sources.retrieve(source)).get("properties")
    try:
        columns = columns_of(schema if isinstance(schema, dict) else {})
    except ValueError:
        raise not_notion("describes no database") from None
    note = f"the database has {len(sources)} data sources: pages go to the first" if len(sources) > 1 else ""
    return Database(source, columns, note)


def pages_with(line: NotionLine, database: Database, run_id: RunId) -> list[Page]:
    """The pages of one message, whole ones first; those in the trash are none."""
    query = {"filter": run_id.filter(), "page_size": 100}
    found = line.ask(lambda notion: notion.data_sources.query(database.source, **query)).get("results") or []
    pages = list(_pages(found, run_id))
    return sorted(pages, key=lambda page: not page.is_whole)


def page_of(form: Mapping[str, Any]) -> Page:
    """Read what Notion says of a page."""
    url = str(form.get("url", ""))
    return Page(checked_id(form), url if is_web_address(url) else "")


def checked_id(form: object) -> str:
    """The id of something that Notion names, which becomes a part of an address."""
    found = str(form.get("id", "")) if isinstance(form, dict) else ""
    if not _ID.fullmatch(found):
        raise not_notion("names something without an id")
    return found


def _pages(found: list[Any], run_id: RunId) -> Iterator[Page]:
    """Those that really bear the key: a filter does not tell capitals from small letters."""
    for form in found:
        is_page = isinstance(form, dict) and form.get("object") == "page" and not form.get("in_trash")
        is_whole = run_id.is_whole(form) if is_page else None
        if is_whole is not None:
            page = page_of(form)
            yield Page(page.id, page.url, is_whole)
