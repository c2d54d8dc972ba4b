"""Random YAML files of several documents, each with one number in a list whose place is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import strategies as st
from json_files import Generated, literals

from ai_ops.domain.key_path import Document, Item

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

_PLACE = "THE-PLACE"
_WORDS = st.sampled_from(
    [
        "cpu: 5",
        "# no comment",
        "two\nlines\n",
        "ö",
        "80",
        "",
        " - x",
        "{",
        "---",
        "kind: HorizontalPodAutoscaler",
        "a\n---\nb",
    ]
)
_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-999, 999), _WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b c", "80", "value"]), inner),
    max_leaves=6,
)
_OTHER_DOCUMENTS = st.one_of(
    st.none(), _VALUES, st.builds(lambda kind, name: {"kind": kind, "metadata": {"name": name}, "spec": {"t": []}},
    st.sampled_from(["Deployment", "ScaledObject"]), st.sampled_from(["shop", "cart"])),
)  # fmt: skip
_COMMENTS = st.sampled_from(["# value: 70", "#", "   # - type: cpu", "# ---", "# {{ if x }}"])


@st.composite
def generated_manifests(draw: DrawFn) -> Generated:
    """Whole files: one document with the number in the list `spec.t`, among other documents, and comments anywhere."""
    is_by_field, is_flow = draw(st.booleans()), draw(st.sampled_from([True, False, None]))
    items = draw(st.lists(_VALUES, max_size=2))
    place = draw(st.integers(0, len(items)))
    item = draw(_item())
    target = draw(_document([*items[:place], item, *items[place:]]))
    before, after = (draw(st.lists(_OTHER_DOCUMENTS, max_size=2)) for _ in range(2))
    text = yaml.safe_dump_all(
        [*before, target, *after], default_flow_style=is_flow, allow_unicode=True, width=10_000, explicit_start=True
    )
    text = draw(_with_comments(text)).replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    head, tail = text.split(_PLACE)
    quote, mark = draw(st.sampled_from(["", "'", '"'])), draw(st.sampled_from(["", "\ufeff"]))
    step = Item(fields=((("type",), "the one"),)) if is_by_field else Item(place)
    path = (
        Document("HorizontalPodAutoscaler", draw(st.sampled_from(["", "shop"]))),
        "spec",
        "t",
        step,
        "target",
        "value",
    )
    return Generated(mark + head + quote, draw(literals()), quote + tail, path)


@st.composite
def _item(draw: DrawFn) -> dict[str, Any]:
    """The item that holds the number, with other fields before and after."""
    others = draw(st.dictionaries(st.sampled_from(["name", "value", "x"]), _VALUES, max_size=2))
    return dict(draw(st.permutations([("type", "the one"), ("target", {"value": _PLACE}), *others.items()])))


@st.composite
def _document(draw: DrawFn, items: list[Any]) -> dict[str, Any]:
    """The manifest that holds the list."""
    metadata = {"name": "shop", **draw(st.dictionaries(st.sampled_from(["labels", "x"]), _VALUES, max_size=1))}
    members = [("kind", "HorizontalPodAutoscaler"), ("metadata", metadata), ("spec", {"t": items})]
    return dict(draw(st.permutations(members)))


@st.composite
def _with_comments(draw: DrawFn, text: str) -> str:
    """The same with comment lines in between, which inside of a text are part of it."""
    lines = text.split("\n")
    for line in draw(st.lists(st.integers(0, len(lines) - 1), max_size=4)):
        lines.insert(line, draw(_COMMENTS))
    return "\n".join(lines)
