"""Values in YAML: text in, text out, and nothing moves but the digits, the word or the list.

For a team that keeps a knob in a YAML file: manifests of Kubernetes, values of Helm, patches of Kustomize. The node
graph gives the position of the value, the token stream gives the comments, and the stream of events, compared before
and after, proves that one value changed and nothing else.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ai_ops.apply.node_path import follow
from ai_ops.apply.settings_text import (
    EXAMPLES,
    WANTED,
    Located,
    kind_of,
    last_key,
    line_of,
    refuse_strange,
    refuse_to_lose,
    says_ignore,
)
from ai_ops.apply.yaml_literals import read_literal, written
from ai_ops.domain.errors import EditError
from ai_ops.domain.key_path import in_words
from ai_ops.domain.tuning import KnobKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

    from ai_ops.apply.settings_text import Value
    from ai_ops.domain.key_path import KeyPath

_DOUBTFUL_BREAK = re.compile("[\x85\u2028\u2029]")  # line breaks to YAML 1.1, ordinary characters to YAML 1.2
_COMMENT = re.compile(r"#[^\r\n]*")
_BARE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_WANTED = WANTED | {KnobKind.NUMBER: "decimal number"}


class _Outline(NamedTuple):
    """The roots of the file's documents, and the spans of its comments."""

    documents: tuple[yaml.Node | None, ...]
    comments: tuple[tuple[int, int], ...]


def is_defined(text: str, path: KeyPath, name: str = "values.yaml") -> bool:
    """Whether anything stands at `path`.

    Raises
    ------
    EditError
        When the file cannot be read beyond doubt.
    """
    refuse_strange(text, name)
    return follow(_outline(text, name).documents, path, text, name) is not None


def read_value(text: str, path: KeyPath, name: str = "values.yaml", kind: KnobKind = KnobKind.NUMBER) -> Located:
    """Find the value at `path`.

    Parameters
    ----------
    text
        The whole file, with its byte order mark if it has one.
    path
        Steps from the top level, or from a document, inwards.
    name
        The file's name, for messages.
    kind
        What it must be: a literal number or word, quoted or not, or a list of minimums.

    Raises
    ------
    EditError
        Unless there is exactly one definition that is a literal of that kind, reached without anchors, aliases, merge
        keys and tags, in the file's one document or in the one that the path names.
    """
    refuse_strange(text, name)
    outline = _outline(text, name)
    place = follow(outline.documents, path, text, name)
    if place is None:
        example = "NUMBER" if kind is KnobKind.NUMBER else EXAMPLES[kind]
        raise EditError(f"{name}: `{in_words(path)}` is not defined; add {line_to_add(path, example)}")
    start = place.node.start_mark.index
    line = line_of(text, start)
    try:
        literal = read_literal(text, place.node, kind, outline.comments)
    except ValueError as error:
        why = f": {error}" if error.args else ""
        raise EditError(
            f"{name}:{line}: `{last_key(path)}` is no plain {_WANTED[kind]}{why}; "
            f"write one, such as `{last_key(path)}: {EXAMPLES[kind]}`"
        ) from error
    is_ignored = says_ignore(text, outline.comments, (*place.positions, start, literal.end - 1))
    return Located(literal.value, line, is_ignored, literal.start, literal.end, literal.has_comments)


def set_value(text: str, path: KeyPath, value: Value, name: str = "values.yaml") -> str:
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
        raise EditError(
            f"{name}:{found.line}: changing `{last_key(path)}` would change more than that; edit it by hand"
        )
    return edited


def line_to_add(path: KeyPath, example: str) -> str:
    """Say which line defines a value such as `example`, and where it belongs."""
    *above, last = path
    key = last if isinstance(last, str) and _BARE_KEY.fullmatch(last) else f'"{last}"'
    place = f" below `{in_words(tuple(above)).rstrip(':')}:`" if above else ""
    return f"the line `{key}: {example}`{place}"


@lru_cache(maxsize=4)  # the knobs of a service share one file, and parsing is what takes the time
def _outline(text: str, name: str) -> _Outline:
    """Parse without building a single object."""
    import yaml

    if doubtful := _DOUBTFUL_BREAK.search(text):
        line = line_of(text, doubtful.start())
        raise EditError(f"{name}:{line}: holds {doubtful[0]!a}, a line break to some parsers only; take it out")
    try:
        documents = tuple(yaml.compose_all(text, Loader=yaml.SafeLoader))
        tokens = list(yaml.scan(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise EditError(f"{name}:{line}: {error.problem or error.context}; {_remedy(text)}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise EditError(f"{name}: no readable YAML ({type(error).__name__}); mend or simplify the file") from error
    gaps = ((one.end_mark.index, two.start_mark.index) for one, two in pairwise(tokens))
    comments = (found.span() for start, end in gaps for found in _COMMENT.finditer(text, start, end))
    return _Outline(documents, tuple(comments))


def _remedy(text: str) -> str:
    """What to do about a file that is no YAML."""
    return "a template is no YAML, name the file that holds its values" if "{{" in text else "mend the file"


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
