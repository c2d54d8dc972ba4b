"""Typed figures in the columns that a database really has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from fakes.notion_rules import check_properties
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.message import Property
from ai_ops.markdown import one_visible_line
from ai_ops.notify.notion.columns import columns_of, values_for

AT = datetime(2026, 11, 20, 7, 5, tzinfo=timezone(timedelta(hours=1)))
STATUS = {"type": "status", "status": {"options": [{"name": "Done"}, {"name": "Open"}]}}
KINDS = ["title", "rich_text", "number", "select", "multi_select", "status", "date", "url", "checkbox", "formula", ""]


def a_schema(kind: str) -> dict[str, dict[str, Any]]:
    """A title, and one column of a type."""
    return {"Name": {"type": "title", "title": {}}, "It": STATUS if kind == "status" else {"type": kind, kind: {}}}


def value_of(kind: str, value: Any) -> Any:
    """What is written into a column of this type; None where nothing is."""
    values, _ = values_for([Property("It", value)], columns_of(a_schema(kind)), one_visible_line)
    return values["It"][kind] if values else None


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("number", 0.5, 0.5),
        ("number", 0.0, 0.0),
        ("number", float("nan"), None),
        ("number", float("inf"), None),
        ("number", "0.5", None),
        ("number", True, None),
        ("date", AT, {"start": "2026-11-20T06:05:00+00:00"}),
        ("date", "2026-11-20", None),
        ("select", "cycle", {"name": "cycle"}),
        ("select", "a, b", {"name": "a; b"}),
        ("select", ("web",), {"name": "web"}),
        ("select", ("web", "api"), None),
        ("select", 7.0, None),
        ("status", "Done", {"name": "Done"}),
        ("status", "cycle", None),
        ("multi_select", ("web", "api", "web"), [{"name": "web"}, {"name": "api"}]),
        ("multi_select", "web", [{"name": "web"}]),
        ("url", "https://ci.example/1", "https://ci.example/1"),
        ("url", "javascript:alert(1)", None),
        ("checkbox", True, True),
        ("checkbox", 1.0, None),
        ("formula", 1.0, None),
    ],
)
def test_a_value_is_written_where_its_type_fits(kind: str, value: Any, expected: Any) -> None:
    """Notion refuses a whole page over one value of a wrong type."""
    assert value_of(kind, value) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1250.0, "1250"),
        (0.123, "0.123"),
        (AT, "2026-11-20 06:05 UTC"),
        (("a", "b"), "a, b"),
        ("x", "x"),
        (float("nan"), "nan"),
        (True, "yes"),
    ],
)
def test_a_text_column_takes_anything(value: Any, text: str) -> None:
    """As a person would write it."""
    ((item),) = value_of("rich_text", value)
    assert item["text"]["content"] == text


@given(
    st.sampled_from(KINDS),
    st.one_of(
        st.none(),
        st.booleans(),
        st.floats(),
        st.text(),
        st.datetimes(timezones=st.just(UTC)),
        st.lists(st.text(max_size=200), max_size=150).map(tuple),
    ),
)
def test_no_value_makes_notion_refuse_the_page(kind: str, value: Any) -> None:
    """What does not fit is left out, and said; what is not known is left out in silence."""
    schema = a_schema(kind)
    if kind == "title":
        del schema["Name"]
    values, advice = values_for([Property("It", value)], columns_of(schema), one_visible_line)
    check_properties(values, schema, is_new=False)
    is_unknown = value is None or value in ("", ())
    assert bool(advice) is (not values and not is_unknown and kind != "title")


@pytest.mark.parametrize("schema", [{}, {"A": {"type": "number"}}, {"A": {"type": "title"}, "B": {"type": "title"}}])
def test_a_schema_has_one_title(schema: dict[str, Any]) -> None:
    """Anything else is no data source."""
    with pytest.raises(ValueError, match="one title"):
        columns_of(schema)
