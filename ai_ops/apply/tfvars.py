"""Values in Terraform's `.tfvars`: text in, text out, and nothing moves but the digits, the word or the list.

Two parsers must agree. python-hcl2 knows the position of every token, so it finds the value; pygohcl is Terraform's
own parser, so it says before and after what the file means. Whatever one of them does not understand is left alone.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from ai_ops.apply.hcl_literals import read_literal, written
from ai_ops.apply.settings_text import (
    BOM,
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
from ai_ops.domain.errors import EditError
from ai_ops.domain.key_path import in_words
from ai_ops.domain.schedule import schedule_of
from ai_ops.domain.tuning import KnobKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lark import Token, Tree

    from ai_ops.apply.settings_text import Value
    from ai_ops.domain.key_path import KeyPath

_KEY = re.compile(r'"(?P<quoted>[^"\\$%]+)"|(?P<bare>[A-Za-z0-9_-]+)')
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_GO_ERROR = re.compile(r"tmp\.hcl:(?P<line>\d+),\d+-[\d,]+: (?P<problem>[^;]+)")
_HUGE_EXPONENT = re.compile(r"[eE][+-]?[0-9]{4,}")

_DEEPEST = 200
"""Brackets inside brackets. Terraform's parser ends the whole process when its stack is full, near 60,000."""


class _Definition(NamedTuple):
    """Where one value stands, quotes included, and the keys that lead to it."""

    start: int
    end: int
    keys: tuple[int, ...]


class _Outline(NamedTuple):
    """All values of a file by their path, and its comments."""

    definitions: Mapping[KeyPath, tuple[_Definition, ...]]
    comments: tuple[tuple[int, int], ...]


def is_defined(text: str, path: KeyPath, name: str = "terraform.tfvars") -> bool:
    """Whether anything stands at `path`.

    Raises
    ------
    EditError
        When the file cannot be read.
    """
    refuse_strange(text, name)
    return path in _outline(text, name).definitions


def paths_in(text: str, name: str = "terraform.tfvars") -> tuple[KeyPath, ...]:
    """Where something stands, in the order of the file.

    Raises
    ------
    EditError
        When the file cannot be read.
    """
    refuse_strange(text, name)
    return tuple(_outline(text, name).definitions)


def read_value(text: str, path: KeyPath, name: str = "terraform.tfvars", kind: KnobKind = KnobKind.NUMBER) -> Located:
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
        What it must be: a literal number (quoted or not), a word in quotes, or a list of minimums.

    Raises
    ------
    EditError
        Unless there is exactly one definition, it is a literal of that kind, and both parsers agree on it.
    """
    refuse_strange(text, name)
    found = _located(text, path, name, kind)
    if not _means(_member(_meaning(text, name), path), found.value):
        raise EditError(
            f"{name}:{found.line}: two parsers disagree about `{last_key(path)}`; write the file more plainly"
        )
    return found


def set_value(text: str, path: KeyPath, value: Value, name: str = "terraform.tfvars") -> str:
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
    is_only_change = _meaning_but_for(text, path, name) == _meaning_but_for(edited, path, name)
    if (again.start, again.value) != (found.start, value) or not is_only_change:
        raise EditError(
            f"{name}:{found.line}: changing `{last_key(path)}` would change more than that; edit it by hand"
        )
    return edited


def line_to_add(path: KeyPath, example: str) -> str:
    """Say which line defines a value such as `example`, and where it belongs."""
    last = last_key(path)
    key = last if _IDENTIFIER.fullmatch(last) else f'"{last}"'
    place = f" inside `{in_words(path[:-1])} = {{ ... }}`" if path[1:] else ""
    return f"the line `{key} = {example}`{place}"


def _located(text: str, path: KeyPath, name: str, kind: KnobKind) -> Located:
    """Find the value by its tokens alone."""
    outline = _outline(text, name)
    definitions = outline.definitions.get(path, ())
    if not definitions:
        example = "NUMBER" if kind is KnobKind.NUMBER else EXAMPLES[kind]
        raise EditError(f"{name}: `{in_words(path)}` is not defined; add {line_to_add(path, example)}")
    start, end, keys = definitions[0]
    line = line_of(text, start)
    if len(definitions) > 1:
        lines = ", ".join(str(line_of(text, each.start)) for each in definitions)
        raise EditError(f"{name}:{line}: `{last_key(path)}` is defined more than once (lines {lines}); keep one")
    try:
        literal = read_literal(text, start, end, kind)
    except ValueError as error:
        why = f": {error}" if error.args else ""
        raise EditError(
            f"{name}:{line}: `{last_key(path)}` is no literal {WANTED[kind]}{why}; "
            f"write one, such as `{last_key(path)} = {EXAMPLES[kind]}`"
        ) from error
    is_ignored = says_ignore(text, outline.comments, (*keys, start, end - 1))
    return Located(literal.value, line, is_ignored, literal.start, literal.end, literal.has_comments)


@lru_cache(maxsize=4)  # the knobs of a service share one file, and parsing is what takes the time
def _outline(text: str, name: str) -> _Outline:
    """Parse by python-hcl2 and keep only the positions."""
    import hcl2
    from lark import Token
    from lark.exceptions import LarkError

    _refuse_depth(text, name)
    body = text.replace(BOM, " ", 1) if text.startswith(BOM) else text  # it knows no BOM; a blank keeps the positions
    try:
        tree = hcl2.parses_to_tree(body)
    except (LarkError, RecursionError) as error:  # a sum of a thousand terms is a tree of a thousand floors
        _meaning(text, name)  # a true mistake is told in Terraform's words
        line = max(getattr(error, "line", 1), 1)
        raise EditError(
            f"{name}:{line}: Terraform accepts this line, or the one above it, but it cannot be edited safely; "
            "write it more plainly, with its comment at the end"
        ) from error
    tokens = list(tree.scan_values(lambda node: isinstance(node, Token)))
    _refuse_huge_exponents(tokens, name)
    found: dict[KeyPath, tuple[_Definition, ...]] = {}
    for path, definition in _definitions(tree.children[0], body):
        found[path] = (*found.get(path, ()), definition)
    comments = [token for token in tokens if token.type == "NL_OR_COMMENT" and token[0] in "#/"]
    spans = ((token.start_pos, token.start_pos + len(token.rstrip("\r\n"))) for token in comments)
    return _Outline(found, tuple(spans))


def _refuse_depth(text: str, name: str) -> None:
    """Count brackets wherever they stand, so that no parser's opinion is needed."""
    steps = {"[": 1, "(": 1, "{": 1, "]": -1, ")": -1, "}": -1}
    depths = accumulate((steps.get(character, 0) for character in text), lambda depth, step: max(depth + step, 0))
    for position, depth in enumerate(depths):
        if depth > _DEEPEST:
            line = line_of(text, position)
            raise EditError(f"{name}:{line}: more than {_DEEPEST} open brackets; close them or split the file")


def _refuse_huge_exponents(tokens: Iterable[Token], name: str) -> None:
    """Keep `1e9999999` from Terraform's parser, which writes out every digit."""
    for token in tokens:
        if token.type == "FLOAT_LITERAL" and _HUGE_EXPONENT.search(token):
            raise EditError(f"{name}:{token.line}: {token[:20]} is beyond any setting; write a smaller number")


def _definitions(
    body: Tree[Token], text: str, path: tuple[str, ...] = (), keys: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[str, ...], _Definition]]:
    """Every value in `body`, the file or an object, with the path that leads to it."""
    from lark import Tree

    for element in body.children:
        if not isinstance(element, Tree) or element.data not in {"attribute", "object_elem"}:
            continue
        key, value = (child for child in element.children if isinstance(child, Tree))
        name = _KEY.fullmatch(text, key.meta.start_pos, key.meta.end_pos)
        if name is None:
            continue
        here = (*path, name["quoted"] or name["bare"])
        above = (*keys, key.meta.start_pos)
        yield here, _Definition(value.meta.start_pos, value.meta.end_pos, above)
        inner = value.children[0]
        if isinstance(inner, Tree) and inner.data == "object":
            yield from _definitions(inner, text, here, above)


def _meaning(text: str, name: str) -> dict[str, Any]:
    """What Terraform's own parser reads.

    Raises
    ------
    EditError
        When it refuses the file; the message carries its words.
    """
    import pygohcl

    try:
        return pygohcl.attributes_loads(text)  # type: ignore[no-any-return]  # the package has no types
    except (pygohcl.HCLParseError, ValueError) as error:  # ValueError: a number of more than 4,300 digits
        said = _GO_ERROR.search(str(error))
        line, problem = (f":{said['line']}", said["problem"]) if said else ("", "not accepted by Terraform's parser")
        raise EditError(f"{name}{line}: {problem}; mend it, `terraform plan` shows the place") from error


def _means(meant: object, value: Value) -> bool:
    """Whether `meant`, as Terraform's parser read it, is `value`; a number may stand in quotes."""
    try:
        if isinstance(value, Decimal):
            return isinstance(meant, int | float | str) and float(meant) == float(value)
        if isinstance(value, str):
            return meant == value
        return isinstance(meant, list) and schedule_of(meant) == value
    except (AttributeError, OverflowError, ValueError):
        return False


def _member(meaning: object, path: KeyPath) -> object:
    """What stands at `path`, or None where there is nothing."""
    for key in path:
        meaning = meaning.get(key) if isinstance(meaning, dict) else None
    return meaning


def _meaning_but_for(text: str, path: KeyPath, name: str) -> dict[str, Any]:
    """What the file says apart from the value at `path`."""
    meaning = _meaning(text, name)
    parent = _member(meaning, path[:-1])
    if isinstance(parent, dict):
        parent.pop(path[-1], None)
    return meaning
