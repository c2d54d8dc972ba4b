"""Values in YAML: text in, text out, and nothing moves but the digits, the word or the list.

For a team that keeps a knob in a YAML file. The node graph gives the position of the value, the token stream gives the
comments, and the stream of events, compared before and after, proves that one value changed and nothing else.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ai_ops.apply.settings_text import (
    EXAMPLES,
    WANTED,
    Located,
    kind_of,
    line_of,
    refuse_strange,
    refuse_to_lose,
    says_ignore,
)
from ai_ops.apply.yaml_literals import read_literal, written
from ai_ops.domain.errors import EditError
from ai_ops.domain.tuning import KnobKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

    from ai_ops.apply.settings_text import Value

_DOUBTFUL_BREAK = re.compile("[\x85\u2028\u2029]")  # line breaks to YAML 1.1, ordinary characters to YAML 1.2
_COMMENT = re.compile(r"#[^\r\n]*")
_BARE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_MERGE = "tag:yaml.org,2002:merge"
_WANTED = WANTED | {KnobKind.NUMBER: "decimal number"}


class _Outline(NamedTuple):
    """The root of the file's one document (None: an empty file), and the spans of its comments."""

    root: yaml.Node | None
    comments: tuple[tuple[int, int], ...]


def is_defined(text: str, path: tuple[str, ...], name: str = "values.yaml") -> bool:
    """Whether anything stands at `path`.

    Raises
    ------
    EditError
        When the file cannot be read beyond doubt.
    """
    refuse_strange(text, name)
    return _walk(_outline(text, name).root, path, text, name) is not None


def read_value(
    text: str, path: tuple[str, ...], name: str = "values.yaml", kind: KnobKind = KnobKind.NUMBER
) -> Located:
    """Find the value at `path`.

    Parameters
    ----------
    text
        The whole file, with its byte order mark if it has one.
    path
        Keys from the top level inwards.
    name
        The file's name, for messages.
    kind
        What it must be: a literal number or word, quoted or not, or a list of minimums.

    Raises
    ------
    EditError
        Unless there is one document, and exactly one definition that is a literal of that kind, reached without
        anchors, aliases, merge keys and tags.
    """
    refuse_strange(text, name)
    outline = _outline(text, name)
    place = _walk(outline.root, path, text, name)
    if place is None:
        example = "NUMBER" if kind is KnobKind.NUMBER else EXAMPLES[kind]
        raise EditError(f"{name}: `{'.'.join(path)}` is not defined; add {line_to_add(path, example)}")
    value, keys = place
    start = value.start_mark.index
    line = line_of(text, start)
    try:
        literal = read_literal(text, value, kind, outline.comments)
    except ValueError as error:
        why = f": {error}" if error.args else ""
        raise EditError(
            f"{name}:{line}: `{path[-1]}` is no plain {_WANTED[kind]}{why}; "
            f"write one, such as `{path[-1]}: {EXAMPLES[kind]}`"
        ) from error
    is_ignored = says_ignore(text, outline.comments, (*keys, start, literal.end - 1))
    return Located(literal.value, line, is_ignored, literal.start, literal.end, literal.has_comments)


def set_value(text: str, path: tuple[str, ...], value: Value, name: str = "values.yaml") -> str:
    """Put `value` at `path`; a text that says so already comes back as it is.

    Raises
    ------
    EditError
        When no value of this kind can be found (see `read_value`), or none changed without losing a comment or
        changing anything else.
    """
    found = read_value(text, path, name, kind_of(value))
    if found.value == value:
        return text
    refuse_to_lose(found, path, name)
    edited = found.replaced(text, written(value, text, found.start))
    again = read_value(edited, path, name, kind_of(value))
    is_only_change = _events_but_for(text, found.start) == _events_but_for(edited, again.start)
    if (again.line, again.value) != (found.line, value) or not is_only_change:
        raise EditError(f"{name}:{found.line}: changing `{path[-1]}` would change more than that; edit it by hand")
    return edited


def line_to_add(path: tuple[str, ...], example: str) -> str:
    """Say which line defines a value such as `example`, and where it belongs."""
    key = path[-1] if _BARE_KEY.fullmatch(path[-1]) else f'"{path[-1]}"'
    place = f" below `{'.'.join(path[:-1])}:`" if path[1:] else ""
    return f"the line `{key}: {example}`{place}"


@lru_cache(maxsize=4)  # the knobs of a service share one file, and parsing is what takes the time
def _outline(text: str, name: str) -> _Outline:
    """Parse without building a single object."""
    import yaml

    if doubtful := _DOUBTFUL_BREAK.search(text):
        line = line_of(text, doubtful.start())
        raise EditError(f"{name}:{line}: holds {doubtful[0]!a}, a line break to some parsers only; take it out")
    try:
        documents = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
        tokens = list(yaml.scan(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise EditError(f"{name}:{line}: {error.problem or error.context}; mend the file") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise EditError(f"{name}: no readable YAML ({type(error).__name__}); mend or simplify the file") from error
    if len(documents) > 1:
        line = documents[1].start_mark.line + 1
        raise EditError(f"{name}:{line}: a second document begins; keep the knobs in a file with one")
    gaps = ((one.end_mark.index, two.start_mark.index) for one, two in pairwise(tokens))
    comments = (found.span() for start, end in gaps for found in _COMMENT.finditer(text, start, end))
    return _Outline(documents[0] if documents else None, tuple(comments))


def _walk(
    root: yaml.Node | None, path: tuple[str, ...], text: str, name: str
) -> tuple[yaml.Node, tuple[int, ...]] | None:
    """Follow `path` to its value; also the positions of the keys on the way. None where nothing stands there."""
    node, positions = root, []
    for step in path:
        found = [(key, value) for key, value in _pairs(node, text, name) if key.value == step]
        if not found:
            return None
        if len(found) > 1:
            lines = [str(line_of(text, key.start_mark.index)) for key, _ in found]
            places = ", ".join(lines)
            raise EditError(f"{name}:{lines[0]}: `{step}` is defined more than once (lines {places}); keep one")
        [(key, node)] = found
        positions.append(key.start_mark.index)
    if node is None:
        raise EditError(f"{name}: the path of a knob needs at least one key; set `path` in ops_config.yaml")
    return node, tuple(positions)


def _pairs(node: yaml.Node | None, text: str, name: str) -> list[tuple[yaml.Node, yaml.Node]]:
    """Keys and values of a mapping that belongs to one place only; none where there is no mapping."""
    import yaml

    if not isinstance(node, yaml.MappingNode):
        return []
    start = node.start_mark.index
    is_shared = text[start : start + 1] in {"&", "!"}  # an alias leads to the node that bears the anchor
    if is_shared or any(key.tag == _MERGE for key, _ in node.value):
        line = line_of(text, start)
        raise EditError(f"{name}:{line}: anchors, merge keys and tags lead to the value; write it out in one place")
    return [(key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)]


def _events_but_for(text: str, position: int) -> list[dict[str, object]]:
    """Everything the file says, one event after the other, without the value that begins at `position`."""
    return [
        {"kind": type(event).__name__} | {key: value for key, value in vars(event).items() if "mark" not in key}
        for event in _without(text, position)
    ]


def _without(text: str, position: int) -> Iterator[yaml.Event]:
    """All events but those of the scalar or list that covers the character at `position`."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        begin = event.start_mark
        is_list = isinstance(event, yaml.SequenceStartEvent) and begin is not None and begin.index == position
        if depth or is_list:
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        elif not _covers(event, position):
            yield event


def _covers(event: yaml.Event, position: int) -> bool:
    """Whether the character at `position` belongs to `event`."""
    start, end = event.start_mark, event.end_mark
    return start is not None and end is not None and start.index <= position < end.index
