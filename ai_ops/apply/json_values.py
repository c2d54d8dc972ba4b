"""Values in JSON, such as Terraform's `.tfvars.json`: text in, text out, and nothing moves but the digits or the word.

Two parsers must agree: a grammar that gives the position of every token, and Python's own, which says before and after
what the file means. JSON has no comments, so no `neuropilot: ignore`: a team leaves such a knob out of `knobs`.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from ai_ops.apply.json_nodes import compose, without_mark
from ai_ops.apply.node_path import follow
from ai_ops.apply.settings_text import (
    EXAMPLES,
    WANTED,
    Located,
    indentation,
    kind_of,
    last_key,
    line_end,
    line_of,
    plain,
    plain_word,
    refuse_strange,
)
from ai_ops.apply.yaml_literals import read_literal
from ai_ops.domain.errors import EditError
from ai_ops.domain.key_path import in_words
from ai_ops.domain.schedule import schedule_of
from ai_ops.domain.tuning import KnobKind

if TYPE_CHECKING:
    import yaml

    from ai_ops.apply.node_path import Place
    from ai_ops.apply.settings_text import Value
    from ai_ops.domain.key_path import KeyPath
    from ai_ops.domain.schedule import ScheduledMinimum

_WANTED = WANTED | {KnobKind.NUMBER: "decimal number", KnobKind.CHOICE: "word in quotes"}


def is_defined(text: str, path: KeyPath, name: str = "terraform.tfvars.json") -> bool:
    """Whether anything stands at `path`.

    Raises
    ------
    EditError
        When the file cannot be read beyond doubt.
    """
    return _place(text, path, name) is not None


def read_value(
    text: str, path: KeyPath, name: str = "terraform.tfvars.json", kind: KnobKind = KnobKind.NUMBER
) -> Located:
    """Find the value at `path`.

    Parameters
    ----------
    text
        The whole file, with its byte order mark if it has one.
    path
        Steps from the top level inwards.
    name
        The file's name, for messages.
    kind
        What it must be: a number (quoted or not) without exponent, a word in quotes, or a list of minimums.

    Raises
    ------
    EditError
        Unless there is exactly one definition, it is a literal of that kind, and both parsers agree on it.
    """
    return _located(text, path, name, kind)[0]


def set_value(text: str, path: KeyPath, value: Value, name: str = "terraform.tfvars.json") -> str:
    """Put `value` at `path`; a text that says so already comes back as it is.

    Raises
    ------
    EditError
        When no value of this kind can be found (see `read_value`), or none changed without changing anything else.
    """
    found, place = _located(text, path, name, kind_of(value))
    if found.value == value:
        return text
    edited = found.replaced(text, _written(value, text, found.start))
    again, _ = _located(edited, path, name, kind_of(value))
    is_only_change = _meaning_but_for(text, place, name) == _meaning_but_for(edited, place, name)
    if (again.start, again.value) != (found.start, value) or not is_only_change:
        raise EditError(
            f"{name}:{found.line}: changing `{last_key(path)}` would change more than that; edit it by hand"
        )
    return edited


def line_to_add(path: KeyPath, example: str) -> str:
    """Say which line defines a value such as `example`, and where it belongs."""
    place = f" inside `{in_words(path[:-1])}`" if path[1:] else ""
    return f'the line `"{path[-1]}": {example}`{place}'


def _place(text: str, path: KeyPath, name: str) -> Place | None:
    refuse_strange(text, name)
    return follow([_root(text, name)], path, text, name)


def _located(text: str, path: KeyPath, name: str, kind: KnobKind) -> tuple[Located, Place]:
    """Find the value by the grammar, and ask the other parser whether it sees the same there."""
    place = _place(text, path, name)
    if place is None:
        example = "NUMBER" if kind is KnobKind.NUMBER else EXAMPLES[kind]
        raise EditError(f"{name}: `{in_words(path)}` is not defined; add {line_to_add(path, example)}")
    line = line_of(text, place.node.start_mark.index)
    try:
        literal = read_literal(text, place.node, kind, ())
    except ValueError as error:
        why = f": {error}" if error.args else ""
        raise EditError(
            f"{name}:{line}: `{last_key(path)}` is no plain {_WANTED[kind]}{why}; "
            f'write one, such as `"{last_key(path)}": {EXAMPLES[kind]}`'
        ) from error
    if not _means(_member(_meaning(text, name), place), literal.value):
        raise EditError(f"{name}:{line}: two parsers disagree about `{last_key(path)}`; write the file more plainly")
    return Located(literal.value, line, is_ignored=False, start=literal.start, end=literal.end), place


@lru_cache(maxsize=4)  # the knobs of a service share one file, and parsing is what takes the time
def _root(text: str, name: str) -> yaml.Node:
    """Root of the file; its mistakes are told in the words of Python's parser."""
    _meaning(text, name)
    return compose(text, name)


def _meaning(text: str, name: str) -> Any:  # noqa: ANN401  # whatever the file holds
    """What Python's parser reads, its numbers as the digits that are written."""
    try:
        return json.loads(without_mark(text), parse_int=str, parse_float=str, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise EditError(f"{name}:{error.lineno}: {error.msg}; mend the file") from error
    except (RecursionError, ValueError) as error:
        raise EditError(f"{name}: no readable JSON ({error}); mend or simplify the file") from error


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _member(meaning: Any, place: Place) -> Any:  # noqa: ANN401  # whatever the file holds
    for step in place.pointer:
        meaning = meaning[step]
    return meaning


def _means(meant: Any, value: Value) -> bool:  # noqa: ANN401  # whatever the file holds
    """Whether `meant`, as Python's parser read it, is `value`."""
    if isinstance(value, Decimal):
        return Decimal(meant) == value
    if isinstance(value, str):
        return bool(meant == value)
    return schedule_of([{key: int(number) for key, number in one.items()} for one in meant]) == value


def _meaning_but_for(text: str, place: Place, name: str) -> object:
    """What the file says, with nothing in the place of one value."""
    meaning = _meaning(text, name)
    *above, last = place.pointer
    _member(meaning, place._replace(pointer=tuple(above)))[last] = None
    return meaning


def _written(value: Value, text: str, start: int) -> str:
    """Write `value` as it shall stand at `start` of `text`; a list with one entry a line."""
    if isinstance(value, tuple):
        newline, indent = line_end(text, start), indentation(text, start)
        rows = f",{newline}".join(f"{indent}  {_entry(one)}" for one in value)
        return f"[{newline}{rows}{newline}{indent}]" if value else "[]"
    return plain_word(value) if isinstance(value, str) else plain(value)


def _entry(one: ScheduledMinimum) -> str:
    return (
        f'{{"from_minute_of_week": {one.from_minute_of_week}, "to_minute_of_week": {one.to_minute_of_week}, '
        f'"min_instances": {one.min_instances}}}'
    )
