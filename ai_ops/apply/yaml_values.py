"""Numbers in YAML: text in, text out, and nothing moves but the digits.

For a team that keeps a knob in a YAML file. The node graph gives the position of the value, the token stream gives the
comments, and the stream of events, compared before and after, proves that one scalar changed and nothing else.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ai_ops.apply.settings_text import Located, line_of, refuse_strange, says_ignore
from ai_ops.domain.errors import EditError

if TYPE_CHECKING:
    import yaml

# A leading zero means octal to one YAML version and decimal to the next; 1_000, 1:30 and 1e3 are as doubtful.
_NUMBER = re.compile(r"""(?P<quote>["']?)(?P<number>-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,30})?)(?P=quote)""")
_DOUBTFUL_BREAK = re.compile("[\x85\u2028\u2029]")  # line breaks to YAML 1.1, ordinary characters to YAML 1.2
_COMMENT = re.compile(r"#[^\r\n]*")
_BARE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_MERGE = "tag:yaml.org,2002:merge"


class _Outline(NamedTuple):
    """The root of the file's one document (None: an empty file), and the spans of its comments."""

    root: yaml.Node | None
    comments: tuple[tuple[int, int], ...]


def read_value(text: str, path: tuple[str, ...], name: str = "values.yaml") -> Located:
    """Find the number at `path`.

    Parameters
    ----------
    text
        The whole file, with its byte order mark if it has one.
    path
        Keys from the top level inwards.
    name
        The file's name, for messages.

    Raises
    ------
    EditError
        Unless there is one document, and exactly one definition that is a literal number, quoted or not, reached
        without anchors, aliases, merge keys and tags.
    """
    refuse_strange(text, name)
    outline = _outline(text, name)
    value, keys = _walk(outline.root, path, text, name)
    start, end = value.start_mark.index, value.end_mark.index
    line = line_of(text, start)
    literal = _NUMBER.fullmatch(text, start, end)
    if literal is None:
        raise EditError(f"{name}:{line}: `{path[-1]}` is no plain decimal number; write one, such as `{path[-1]}: 80`")
    is_ignored = says_ignore(text, outline.comments, (*keys, start))
    return Located(Decimal(literal["number"]), line, is_ignored, *literal.span("number"))


def set_value(text: str, path: tuple[str, ...], value: Decimal, name: str = "values.yaml") -> str:
    """Put `value` at `path`; a text that says so already comes back as it is.

    Raises
    ------
    EditError
        When the value cannot be found (see `read_value`), or changed without changing anything else.
    """
    found = read_value(text, path, name)
    if found.value == value:
        return text
    edited = found.replaced(text, value)
    again = read_value(edited, path, name)
    is_only_change = _events_but_for(text, found.start) == _events_but_for(edited, found.start)
    if (again.start, again.value) != (found.start, value) or not is_only_change:
        raise EditError(f"{name}:{found.line}: changing `{path[-1]}` would change more than that; edit it by hand")
    return edited


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


def _walk(root: yaml.Node | None, path: tuple[str, ...], text: str, name: str) -> tuple[yaml.Node, tuple[int, ...]]:
    """Follow `path` to its value; also the positions of the keys on the way."""
    node, positions = root, []
    for step in path:
        found = [(key, value) for key, value in _pairs(node, text, name) if key.value == step]
        if not found:
            raise EditError(f"{name}: `{'.'.join(path)}` is not defined; add {_line_to_add(path)}")
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


def _line_to_add(path: tuple[str, ...]) -> str:
    """Say which line defines the value, and where it belongs."""
    key = path[-1] if _BARE_KEY.fullmatch(path[-1]) else f'"{path[-1]}"'
    place = f" below `{'.'.join(path[:-1])}:`" if path[1:] else ""
    return f"the line `{key}: NUMBER`{place}"


def _events_but_for(text: str, position: int) -> list[dict[str, object]]:
    """Everything the file says, one event after the other, without the scalar whose digits begin at `position`."""
    import yaml

    return [
        {"kind": type(event).__name__} | {key: value for key, value in vars(event).items() if "mark" not in key}
        for event in yaml.parse(text, Loader=yaml.SafeLoader)
        if not _covers(event, position)
    ]


def _covers(event: yaml.Event, position: int) -> bool:
    """Whether the character at `position` belongs to `event`."""
    start, end = event.start_mark, event.end_mark
    return start is not None and end is not None and start.index <= position < end.index
