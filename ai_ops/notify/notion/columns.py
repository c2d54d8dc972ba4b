"""The typed figures of a message as values of the columns that a database really has. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ai_ops.notify.letters.letters import cut
from ai_ops.notify.letters.web_address import is_web_address
from ai_ops.notify.notion.text import ITEM_MAX, rich_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ai_ops.domain.message import Property

OPTION_MAX, OPTIONS_MAX = 100, 100

Value = float | str | datetime | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a database.

    Parameters
    ----------
    name
        As the database spells it.
    kind
        Notion's word for its type: "number", "rich_text".
    options
        The words of a status column, which alone makes no new ones by itself.
    """

    name: str
    kind: str
    options: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Columns:
    """All columns of a database, found by name in any case of letters."""

    all: tuple[Column, ...]

    @property
    def title(self) -> Column:
        """The one that names the pages; there is always exactly one."""
        return next(column for column in self.all if column.kind == "title")

    def named(self, name: str) -> Column | None:
        """The column of that name, None without one."""
        wanted = name.strip().casefold()
        found = (column for column in self.all if column.name.strip().casefold() == wanted)
        return next(found, None)


def columns_of(schema: Mapping[str, Any]) -> Columns:
    """Read the schema of a data source.

    Raises
    ------
    ValueError
        When it has no title, so that it is none.
    """
    found = [
        Column(str(name), str(form.get("type", "")), _options(form))
        for name, form in schema.items()
        if isinstance(form, dict)
    ]
    if sum(column.kind == "title" for column in found) != 1:
        raise ValueError("a schema has exactly one title")
    return Columns(tuple(found))


def values_for(
    properties: Iterable[Property], columns: Columns, clean: Callable[[str], str]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The values that fit, by the name of their column, and for each one that does not what to do about it.

    Parameters
    ----------
    properties
        What is not known is left out without a word.
    clean
        Puts a text on one line that can be shown, without secrets.
    """
    values: dict[str, Any] = {}
    advice = []
    for one in properties:
        if one.value is None or one.value in ("", ()):
            continue
        column = columns.named(one.name)
        if column is columns.title:  # the message's own title stands there
            continue
        value = None if column is None else _value(column, one.value, clean)
        if column is not None and value is not None:
            values[column.name] = value
        else:
            advice.append(_advice(one, column))
    return values, tuple(advice)


def _value(column: Column, value: Value, clean: Callable[[str], str]) -> dict[str, Any] | None:
    """The value in the form of its column; None where the column is of another type."""
    content: Any = None
    match column.kind, value:
        case "checkbox", bool():
            content = value
        case "number", int() | float() if math.isfinite(value) and not isinstance(value, bool):
            content = value
        case "date", datetime():
            content = {"start": value.astimezone(UTC).isoformat(timespec="seconds")}
        case "rich_text", _:
            content = rich_text(clean(_in_words(value)), ITEM_MAX)
        case "url", str() if is_web_address(value) and clean(value) == value:
            content = value
        case (("select" | "status" | "multi_select"), str() | tuple()):
            content = _chosen(column, [clean(word) for word in ((value,) if isinstance(value, str) else value)])
    return None if content is None else {column.kind: content}


def _chosen(column: Column, words: list[str]) -> dict[str, str] | list[dict[str, str]] | None:
    """Options by their names, which hold no comma; None where the column cannot take them."""
    names = list(dict.fromkeys(cut(word.replace(",", ";"), OPTION_MAX) for word in words if word))
    if column.kind == "multi_select":
        return [{"name": name} for name in names[:OPTIONS_MAX]]
    is_fit = len(names) == 1 and (column.kind == "select" or names[0] in column.options)
    return {"name": names[0]} if is_fit else None


def _in_words(value: Value) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return f"{value:.10g}"
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        case tuple():
            return ", ".join(value)
    return value


def _advice(one: Property, column: Column | None) -> str:
    fitting = _fitting(one.value)
    if column is None:
        return f'no column "{one.name}": add one of type {fitting}'
    return f'column "{column.name}" is of type {column.kind or "unknown"}: make it {fitting}'


def _fitting(value: Value | None) -> str:
    """What Notion calls the type of column that a value needs."""
    match value:
        case bool():
            return "Checkbox"
        case int() | float():
            return "Number" if math.isfinite(value) else "Text"
        case datetime():
            return "Date"
        case tuple():
            return "Multi-select"
    return "Text or Select"


def _options(form: Mapping[str, Any]) -> frozenset[str]:
    status = form.get("status")
    options = status.get("options", ()) if isinstance(status, dict) else ()
    return frozenset(str(option.get("name")) for option in options if isinstance(option, dict))
