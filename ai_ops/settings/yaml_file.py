"""Strict YAML: plain values only, every key once, no aliases, no surprises; remembers where each value stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from ai_ops.domain.errors import ConfigError
from ai_ops.files import read_plain
from ai_ops.settings.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

    from ai_ops.settings.problems import Place

MOST_BYTES = 1024 * 1024
DEEPEST = 20
"""Levels of nesting; the settings need six."""

_UNREADABLE = object()
"""Stands for a value that has become a problem, until its key is left out."""

_SCALARS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null"))


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says.

    Parameters
    ----------
    name
        The file, or what stands in for it.
    values
        The mapping at its top.
    lines
        Line of each value, counted from 1.
    problems
        Duplicate keys and values that are no plain ones; they are left out of `values`.
    """

    name: str
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_yaml(file: Path) -> Document:
    """Read a file that holds one YAML mapping.

    Raises
    ------
    ConfigError
        When it cannot be read, is larger than 1 MiB, is no YAML, or uses anchors or aliases.
    """
    try:
        content = read_plain(file, MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}. Check its path and its permissions.") from None
    return yaml_of(content, str(file))


def yaml_of(content: bytes, name: str) -> Document:
    """Read the bytes of a file called `name`. Raises as `read_yaml` does."""
    if len(content) > MOST_BYTES:
        raise ConfigError(f"{name} is larger than 1 MiB, which no settings file is. Check that it is the right file.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name} is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from None
    return _parse(text, name)


def _parse(text: str, name: str) -> Document:
    """Turn YAML text into a document; `name` is the file's, for messages."""
    try:
        node = _StrictLoader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # The mark's own text quotes the line, which may hold a secret.
        where = f"{name}:{mark.line + 1}" if mark else name
        raise ConfigError(f"{where}: {_in_words(error)}") from None
    except yaml.YAMLError:
        raise ConfigError(f"{name} holds a character that YAML does not allow. Save it as plain UTF-8 text.") from None
    document = Document(name)
    if node is None:
        return document
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(f"{name}:{node.start_mark.line + 1}: the settings must be `key: value` lines at the top.")
    document.values.update(_mapping(node, (), yaml.SafeLoader(""), document))
    return document


class _Refusal(yaml.MarkedYAMLError):
    """Valid YAML that has no place in settings."""


class _StrictLoader(yaml.SafeLoader):
    """Refuses anchors, aliases and deep nesting while the text is parsed, before they can cost memory."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # PyYAML's own way of saying what a plain word means
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None) is not None:
            raise _Refusal(problem="anchors and aliases are refused", problem_mark=event.start_mark)
        if self.depth > DEEPEST:
            raise _Refusal(problem=f"more than {DEEPEST} levels", problem_mark=event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _in_words(error: yaml.MarkedYAMLError) -> str:
    """Say PyYAML's complaint so that a person knows what to do."""
    said = ", ".join(part for part in (error.context, error.problem) if part)
    if "'\\t'" in said:
        return "a tab stands where YAML wants spaces. Indent with spaces."
    if isinstance(error, _Refusal):
        return f"{said}. Write every value where it belongs."
    return f"not valid YAML: {said}. Compare the line with docs/ai_ops/CONFIGURATION.md."


def _value(node: yaml.Node, path: Place, loader: yaml.SafeLoader, document: Document) -> Any:  # noqa: ANN401  # any YAML
    """Build the plain value of `node`; what is not plain becomes a problem and `_UNREADABLE`."""
    document.lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
        return _mapping(node, path, loader, document)
    if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
        items = [_value(item, (*path, place), loader, document) for place, item in enumerate(node.value)]
        return [item for item in items if item is not _UNREADABLE]
    if isinstance(node, yaml.ScalarNode) and node.tag in _SCALARS:
        try:
            return loader.construct_object(node)
        except (ValueError, yaml.YAMLError):
            document.problems.append(Problem(path, "is not the number it is written as"))
            return _UNREADABLE
    document.problems.append(Problem(path, "only plain values are read here; take the tag (the ! word) away"))
    return _UNREADABLE


def _mapping(node: yaml.MappingNode, path: Place, loader: yaml.SafeLoader, document: Document) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            document.lines[*path, "?"] = line
            document.problems.append(Problem((*path, "?"), "a key must be a word"))
            continue
        key = str(key_node.value)
        if key in values:
            first = document.lines[*path, key]
            document.problems.append(Problem((*path, key), f"stands twice, on lines {first} and {line}; keep one"))
            continue
        values[key] = _value(value_node, (*path, key), loader, document)
        document.lines[*path, key] = line
    return {key: value for key, value in values.items() if value is not _UNREADABLE}
