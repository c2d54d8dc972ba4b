"""What Notion's documentation demands of a request, version 2026-03-11, and the words it refuses with."""

from __future__ import annotations

import json
import re
from typing import Any

VERSION = "2026-03-11"
ITEMS_MAX, CONTENT_MAX, BLOCKS_MAX, DEPTH_MAX, BYTES_MAX = 100, 2000, 1000, 2, 500_000

_COLORS = {
    "default",
    *(
        color + ground
        for color in ("gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")
        for ground in ("", "_background")
    ),
}
_LOOKS = {"bold", "italic", "strikethrough", "underline", "code", "color"}
_TEXTUAL = {"paragraph", "heading_1", "heading_2", "heading_3", "bulleted_list_item", "callout", "toggle"}
_MORE_KEYS = {"callout": {"icon"}, "toggle": {"children"}, "paragraph": {"children"}}
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?")


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers or {}
        self.body = {"object": "error", "status": status, "code": code, "message": message, "request_id": "r-1"}


def invalid(message: str) -> Refusal:
    """A request that breaks a rule."""
    return Refusal(400, "validation_error", f"body failed validation: {message}")


def demand(fact: object, message: str) -> None:
    """Refuse unless `fact`."""
    if not fact:
        raise invalid(message)


def units(text: str) -> int:
    """Length as JavaScript counts it."""
    return len(text.encode("utf-16-le")) // 2


def check_body(body: dict[str, Any], raw: bytes, allowed: set[str]) -> None:
    """Size and keys."""
    demand(len(raw) <= BYTES_MAX, "body is too large: more than 500KB")
    strange = set(body) - allowed
    demand(not strange, f"body.{''.join(sorted(strange)[:1])} should be not present")


def check_children(children: Any, uploads: dict[str, str]) -> None:
    """Blocks of one request."""
    count = _check_array(children, 1, uploads, inside="page")
    demand(count <= BLOCKS_MAX, f"body has {count} blocks, should be ≤ `{BLOCKS_MAX}`")


def _check_array(children: Any, depth: int, uploads: dict[str, str], inside: str) -> int:
    demand(isinstance(children, list), "children should be an array")
    demand(depth <= DEPTH_MAX, "children are nested too deep: should be ≤ `2` levels")
    length = len(children)
    demand(length <= ITEMS_MAX, f"body.children.length should be ≤ `{ITEMS_MAX}`, instead was `{length}`.")
    return sum(_check_block(block, depth, uploads, inside) for block in children)


def _check_block(block: Any, depth: int, uploads: dict[str, str], inside: str) -> int:
    demand(isinstance(block, dict), "a block should be an object")
    kind = block.get("type")
    demand(set(block) <= {"object", "type", kind} and isinstance(block.get(kind), dict), f"{kind} should be defined")
    content = block[kind]
    demand((kind == "table_row") is (inside == "table"), f"a {kind} cannot be inside of a {inside}")
    if kind == "table":
        _check_table(content)
    elif kind == "table_row":
        pass  # with its table
    elif kind == "image":
        _check_image(content, uploads)
    else:
        demand(kind in _TEXTUAL, f"block type {kind} is unknown")
        allowed = {"rich_text", "color", *_MORE_KEYS.get(kind, ())}
        demand(set(content) <= allowed, f"{kind} has keys that should be not present: {set(content) - allowed}")
        check_rich_text(content.get("rich_text"))
        demand(content.get("color", "default") in _COLORS, "color is unknown")
    children = content.get("children", [])
    return 1 + (_check_array(children, depth + 1, uploads, kind) if "children" in content else 0)


def _check_table(table: dict[str, Any]) -> None:
    demand(set(table) == {"table_width", "has_column_header", "has_row_header", "children"}, "table has other keys")
    rows = table["children"]
    demand(isinstance(rows, list) and rows, "table.children.length should be ≥ `1`")
    for row in rows:
        cells = row.get("table_row", {}).get("cells") if isinstance(row, dict) else None
        demand(isinstance(cells, list), "a row should have cells")
        demand(len(cells) == table["table_width"], "Number of cells in table row must match the table width")
        for cell in cells:
            check_rich_text(cell)


def _check_image(image: dict[str, Any], uploads: dict[str, str]) -> None:
    demand(image.get("type") == "file_upload", "image.type should be `file_upload` here")
    demand(set(image) <= {"type", "file_upload", "caption"}, "image has other keys")
    number = image.get("file_upload", {}).get("id")
    demand(number in uploads, f"Could not find file_upload with ID: {number}")
    demand(uploads[number] == "uploaded", "file_upload has status pending, should be uploaded")
    check_rich_text(image.get("caption", []))


def check_rich_text(items: Any) -> None:
    """An array of text items."""
    demand(isinstance(items, list), "rich_text should be an array")
    demand(len(items) <= ITEMS_MAX, f"rich_text.length should be ≤ `{ITEMS_MAX}`, instead was `{len(items)}`.")
    for item in items:
        _check_item(item)


def _check_item(item: Any) -> None:
    demand(isinstance(item, dict) and item.get("type", "text") == "text", "an item should be a text")
    demand(set(item) <= {"type", "text", "annotations"}, "an item has other keys")
    content = item.get("text", {}).get("content")
    demand(isinstance(content, str), "text.content should be a string")
    demand(not re.search("[\ud800-\udfff]", content), "text.content is no text")
    length = units(content)
    demand(length <= CONTENT_MAX, f"text.content.length should be ≤ `{CONTENT_MAX}`, instead was `{length}`.")
    link = item["text"].get("link")
    demand(link is None or is_web_address(link.get("url")), "Invalid URL for link.")
    looks = item.get("annotations", {})
    demand(set(looks) <= _LOOKS and looks.get("color", "default") in _COLORS, "annotations are unknown")


def is_web_address(url: Any) -> bool:
    """An address of at most 2000 characters."""
    return isinstance(url, str) and len(url) <= CONTENT_MAX and bool(re.match(r"https?://\w", url))


def check_properties(properties: Any, schema: dict[str, dict[str, Any]], *, is_new: bool) -> None:
    """Values of columns, each of the type that its column has."""
    demand(isinstance(properties, dict), "body.properties should be an object")
    for name, value in properties.items():
        column = schema.get(name)
        demand(column is not None, f"{name} is not a property that exists.")
        kind = column["type"]
        demand(isinstance(value, dict) and set(value) == {kind}, f"{name} is expected to be {kind}.")
        demand(_is_value(kind, value[kind], column), f"{name} is no valid {kind}: {json.dumps(value)[:80]}")
    if is_new:
        demand(any(schema[name]["type"] == "title" for name in properties), "a page without a title")


def _is_value(kind: str, value: Any, column: dict[str, Any]) -> bool:
    if kind in {"title", "rich_text"}:
        check_rich_text(value)
        return True
    if kind == "status":
        return value.get("name") in {option["name"] for option in column["status"]["options"]}
    checks = {
        "number": lambda: isinstance(value, int | float) and not isinstance(value, bool),
        "checkbox": lambda: isinstance(value, bool),
        "url": lambda: is_web_address(value),
        "date": lambda: set(value) <= {"start", "end", "time_zone"} and bool(_DATE.fullmatch(value["start"])),
        "select": lambda: _is_option(value),
        "multi_select": lambda: len(value) <= ITEMS_MAX and all(map(_is_option, value)),
    }
    return bool(kind in checks and checks[kind]())


def _is_option(option: Any) -> bool:
    name = option.get("name")
    return isinstance(name, str) and 1 <= units(name) <= 100 and "," not in name


def matches(condition: Any, page: dict[str, Any], schema: dict[str, dict[str, Any]]) -> bool:
    """Whether a page passes a filter; text is compared as Notion does, in any case of letters."""
    if set(condition) == {"or"}:
        fits = [matches(one, page, schema) for one in condition["or"]]  # each of them is checked
        return any(fits)
    name = condition.get("property")
    if name not in schema:
        raise invalid(f"Could not find property with name or id: {name}")
    kind = schema[name]["type"]
    demand(set(condition) == {"property", kind} and kind in {"title", "rich_text"}, f"filter: {name} is {kind}")
    ((comparison, wanted),) = condition[kind].items()
    demand(comparison in {"equals", "ends_with"}, f"filter: {comparison} is unknown")
    text = text_of(page["properties"].get(name, {}).get(kind, ()))
    return text.lower() == wanted.lower() if comparison == "equals" else text.lower().endswith(wanted.lower())


def text_of(items: Any) -> str:
    """What a person reads."""
    return "".join(item["text"]["content"] for item in items)
