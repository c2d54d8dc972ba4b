"""What a page is called and found by: the key of its message, in a column of its own or behind its title. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ai_ops.domain.message import Property
from ai_ops.notify.letters.letters import cut
from ai_ops.notify.letters.mark import mark_of
from ai_ops.notify.letters.short_key import short_key
from ai_ops.notify.notion.columns import values_for
from ai_ops.notify.notion.text import ITEM_MAX, rich_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.domain.message import Message
    from ai_ops.notify.notion.columns import Column, Columns

RUN_ID = "Run ID"
KEY_MAX = 200
TITLE_MAX = 250

UNFINISHED = " (being written)"
"""Stands behind the key as long as a part of the page is missing."""

_SEPARATOR = " · "


@dataclass(frozen=True, slots=True)
class RunId:
    """How the page of one message is found again.

    Parameters
    ----------
    column, kind
        Where the key stands, and the type of that column: "rich_text" or "title".
    key
        Of the message.
    title
        What stands before the key in its column; "" where it stands alone.
    """

    column: str
    kind: str
    key: str
    title: str = ""

    def value(self, *, is_whole: bool) -> dict[str, Any]:
        """The column's value while the page is being written, or when it is whole."""
        before = f"{self.title}{_SEPARATOR}" if self.title else ""
        return {self.column: {self.kind: rich_text(before + self._mark(is_whole=is_whole), ITEM_MAX)}}

    def filter(self) -> dict[str, Any]:
        """Ask for the pages of this message, whole or not."""
        comparison = "ends_with" if self.title else "equals"
        marks = (self._mark(is_whole=True), self._mark(is_whole=False))
        return {"or": [{"property": self.column, self.kind: {comparison: mark}} for mark in marks]}

    def is_whole(self, page: Mapping[str, Any]) -> bool | None:
        """Whether a page that was found is whole; None where it is another message's."""
        text = _text_of(page, self.column, self.kind)
        for is_whole in (True, False):
            mark = self._mark(is_whole=is_whole)
            if text == mark or (self.title and text.endswith(f"{_SEPARATOR}{mark}")):
                return is_whole
        return None

    def _mark(self, *, is_whole: bool) -> str:
        return self.key if is_whole else self.key + UNFINISHED


@dataclass(frozen=True, slots=True)
class Row:
    """The line of a database that a message becomes.

    Parameters
    ----------
    run_id
        By which it is found again.
    values
        Of all other columns.
    advice
        What a person should change about the columns.
    """

    run_id: RunId
    values: Mapping[str, Any]
    advice: tuple[str, ...]

    def properties(self, *, is_whole: bool) -> dict[str, Any]:
        """All values."""
        return {**self.values, **self.run_id.value(is_whole=is_whole)}


def row_of(message: Message, columns: Columns, clean: Callable[[str], str]) -> Row:
    """Fit a message into the columns that there are.

    Parameters
    ----------
    clean
        Puts a text on one line that can be shown, without secrets.
    """
    key = short_key(clean(message.key) or "message", KEY_MAX)
    title = cut(mark_of(message) + (clean(message.title) or "NeuroPilot"), TITLE_MAX)
    values, _ = values_for(_plain_figures(message), columns, clean)
    figures = (one for one in message.properties if one.name.strip().casefold() != RUN_ID.casefold())
    more, advice = values_for(figures, columns, clean)
    values |= more
    column = columns.named(RUN_ID)
    if column is None or column.kind not in {"rich_text", "title"}:
        return Row(RunId(columns.title.name, "title", key, title), values, (_no_run_id(column), *advice))
    if column.kind == "rich_text":
        values[columns.title.name] = {"title": rich_text(title)}
    return Row(RunId(column.name, column.kind, key), values, advice)


def _plain_figures(message: Message) -> tuple[Property, ...]:
    """What is known of every message, for columns that there are; what the message itself says of them wins."""
    return (
        Property("Date", message.at),
        Property("Kind", message.kind.replace("_", " ")),
        Property("Level", message.level.value),
        Property("Services", (message.service,) if message.service else None),
    )


def _no_run_id(column: Column | None) -> str:
    what = f'no column "{RUN_ID}"' if column is None else f'column "{column.name}" is of type {column.kind}'
    return f"{what}: the key stands in the title instead; add a column {RUN_ID} of type Text"


def _text_of(page: Mapping[str, Any], column: str, kind: str) -> str:
    properties = page.get("properties")
    value = properties.get(column) if isinstance(properties, dict) else None
    items = value.get(kind) if isinstance(value, dict) else None
    return "".join(str(item.get("plain_text", "")) for item in items or () if isinstance(item, dict))
