"""Follow a key path through the nodes of a file, to the one value it leads to.

PyYAML's nodes know where they begin and end in the text. YAML comes as these nodes, and JSON is turned into them, so
that a path means the same in both. What is ambiguous is refused: a key that stands twice, a condition that two items or
documents fulfil, and what an anchor or a merge key shares with other places.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import yaml

from ai_ops.apply.settings_text import line_of
from ai_ops.domain.errors import EditError
from ai_ops.domain.key_path import Document, Item, in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.domain.key_path import KeyPath, Step

_MERGE = "tag:yaml.org,2002:merge"
_DASH = re.compile(r"-(?:\s|#[^\n]*\n)*\Z")
_MOST_NAMED = 5
"""As many documents as a message names."""

Member = tuple[int, str | int, yaml.Node]
"""Where a key or an item begins, the key or the place in the list, and the value."""


class Place(NamedTuple):
    """A value, where the keys and items that lead to it begin, and the plain keys and places in lists."""

    node: yaml.Node
    positions: tuple[int, ...]
    pointer: tuple[str | int, ...]


def follow(documents: Sequence[yaml.Node | None], path: KeyPath, text: str, name: str) -> Place | None:
    """Follow `path` to its value; None where a key on the way is not there.

    Parameters
    ----------
    documents
        The roots of the file's documents (None: an empty one).
    path
        As `key_path` reads it.
    text, name
        The whole file, and its name for messages.

    Raises
    ------
    EditError
        When the path leads to no or to several documents or list items, through a key that stands twice, or through
        what other places share.
    """
    node = _document(documents, path[0] if path else "", text, name)
    steps: list[Step] = [step for step in path if not isinstance(step, Document)]
    if not steps:
        raise EditError(f"{name}: the path of a knob needs at least one key; set `path` in ops_config.yaml")
    positions: list[int] = []
    pointer: list[str | int] = []
    for passed, step in enumerate(steps):
        if isinstance(step, Item):
            member = _item(node, step, in_words(tuple(steps[:passed])), text, name)
            positions += _dash(node, text, member[0])
        elif found := _member(node, str(step), text, name):
            member = found
        else:
            return None
        positions.append(member[0])
        pointer.append(member[1])
        node = member[2]
    return Place(node, tuple(positions), tuple(pointer)) if node else None


def _document(documents: Sequence[yaml.Node | None], first: Step, text: str, name: str) -> yaml.Node | None:
    """Choose the one document that the path means."""
    if not isinstance(first, Document):
        if len(documents) > 1:
            line = _line(documents[1], text)
            raise EditError(
                f"{name}:{line}: a second document begins; say by kind and name which one is meant: "
                "`path: HorizontalPodAutoscaler/shop:spec.minReplicas` in ops_config.yaml"
            )
        return documents[0] if documents else None
    titles = [_title(document, text, name) for document in documents]
    fitting = [
        document
        for document, title in zip(documents, titles, strict=True)
        if first.kind == title.kind and first.name in {"", title.name}
    ]
    if not fitting:
        known = ", ".join(str(title) for title in titles[:_MOST_NAMED] if title.kind) or "none with a kind"
        raise EditError(f"{name}: no document is {first}; there are: {known}; correct `path` in ops_config.yaml")
    if len(fitting) > 1:
        lines = _lines(fitting, text)
        raise EditError(f"{name}:{_line(fitting[0], text)}: several documents are {first} (lines {lines}); name one")
    return fitting[0]


def _title(document: yaml.Node | None, text: str, name: str) -> Document:
    """Kind and name of a document; empty where it has none."""
    return Document(
        _scalar(document, ("kind",), text, name) or "", _scalar(document, ("metadata", "name"), text, name) or ""
    )


def _item(node: yaml.Node | None, item: Item, above: str, text: str, name: str) -> Member:
    """Find the one item of a list that is meant."""
    place = f"`{above}`" if above else "the file"
    if not isinstance(node, yaml.SequenceNode):
        raise EditError(f"{name}:{_line(node, text)}: {place} is no list, so it has no item {item}")
    _refuse_shared(node, text, name)
    fitting = [index for index, one in enumerate(node.value) if _fits(index, one, item, text, name)]
    if not fitting:
        raise EditError(
            f"{name}:{_line(node, text)}: {place} has {len(node.value)} items, and none is {item}; "
            "correct `path` in ops_config.yaml"
        )
    if len(fitting) > 1:
        lines = _lines([node.value[index] for index in fitting], text)
        raise EditError(
            f"{name}:{_line(node, text)}: several items of {place} are {item} (lines {lines}); "
            "add a field that only one has, like [type=Resource,resource.name=cpu]"
        )
    [index] = fitting
    return node.value[index].start_mark.index, index, node.value[index]


def _fits(index: int, node: yaml.Node, item: Item, text: str, name: str) -> bool:
    """Whether a list's item stands at the place or has the fields."""
    if item.position is not None:
        return index == item.position
    return all(_scalar(node, keys, text, name) == wanted for keys, wanted in item.fields)


def _scalar(node: yaml.Node | None, keys: tuple[str, ...], text: str, name: str) -> str | None:
    """Read the text of a scalar below `node`; None where there is none."""
    for key in keys:
        found = _member(node, key, text, name)
        if found is None:
            return None
        node = found[2]
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


def _member(node: yaml.Node | None, key: str, text: str, name: str) -> Member | None:
    """Find the one value under `key` of a mapping; None where there is no mapping or no such key."""
    if not isinstance(node, yaml.MappingNode):
        return None
    _refuse_shared(node, text, name)
    found = [(one, value) for one, value in node.value if isinstance(one, yaml.ScalarNode) and one.value == key]
    if len(found) > 1:
        line, lines = _line(found[0][0], text), _lines([one for one, _ in found], text)
        raise EditError(f"{name}:{line}: `{key}` is defined more than once (lines {lines}); keep one")
    return (found[0][0].start_mark.index, key, found[0][1]) if found else None


def _refuse_shared(node: yaml.CollectionNode, text: str, name: str) -> None:
    """Stop where an edit would show at several places; an alias leads to the node that bears the anchor."""
    is_merged = isinstance(node, yaml.MappingNode) and any(key.tag == _MERGE for key, _ in node.value)
    if is_merged or text[node.start_mark.index] in "&!":
        line = _line(node, text)
        raise EditError(f"{name}:{line}: anchors, merge keys and tags lead to the value; write it out in one place")


def _dash(items: yaml.Node | None, text: str, position: int) -> list[int]:
    """Where the dash of the list item at `position` stands: a comment beside it speaks of the item."""
    found = _DASH.search(text, items.start_mark.index if items else 0, position)
    return [found.start()] if found else []


def _line(node: yaml.Node | None, text: str) -> int:
    return line_of(text, node.start_mark.index) if node else 1


def _lines(nodes: Sequence[yaml.Node | None], text: str) -> str:
    return ", ".join(str(_line(node, text)) for node in nodes)
