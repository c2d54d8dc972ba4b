"""The literals that a knob may have in YAML: a number, a word, a list of scheduled minimums."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from ai_ops.apply.settings_text import WORD, Literal, indentation, line_end, line_of, plain, plain_word
from ai_ops.domain.schedule import schedule_of
from ai_ops.domain.tuning import KnobKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    import yaml

    from ai_ops.apply.settings_text import Value

# A leading zero means octal to one YAML version and decimal to the next; 1_000, 1:30 and 1e3 are as doubtful.
_NUMBER = re.compile(r"""(?P<quote>["']?)(?P<number>-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,30})?)(?P=quote)""")
_WORD = re.compile(rf"""(?P<quote>["']?)(?P<word>{WORD})(?P=quote)""")
_FILLED_IN = re.compile(r"\{\{|\$[{(]")  # Helm, Kustomize and Flux, in this order
_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}")
_TEXT = "tag:yaml.org,2002:str"


def read_literal(text: str, node: yaml.Node, kind: KnobKind, comments: Iterable[tuple[int, int]]) -> Literal:
    """Read what `node` writes.

    Raises
    ------
    ValueError
        When it is no literal of that kind; the message, where there is one, says why.
    """
    start, end = node.start_mark.index, node.end_mark.index
    if kind is KnobKind.SCHEDULE:
        entries, end = _list(text, node)
        has_comments = any(start < begin < end for begin, _ in comments)
        return Literal(schedule_of(entries), start, end, has_comments)
    found = (_NUMBER if kind is KnobKind.NUMBER else _WORD).fullmatch(text, start, end)
    if found is None or (kind is KnobKind.CHOICE and node.tag != _TEXT):  # a bare `on` or `no` is a boolean
        raise ValueError("another tool fills it in") if _FILLED_IN.search(text, start, end) else ValueError
    if kind is KnobKind.CHOICE:
        return Literal(found["word"], *found.span("word"))
    return Literal(Decimal(found["number"]), *found.span("number"))


def written(value: Value, text: str, start: int) -> str:
    """Write `value` as it shall stand at `start` of `text`; a list with one entry a line, in the style it has there.

    Raises
    ------
    EditError
        When no file can hold it.
    """
    if not isinstance(value, tuple):
        return plain_word(value) if isinstance(value, str) else plain(value)
    rows = [
        f"{{from_minute_of_week: {one.from_minute_of_week}, to_minute_of_week: {one.to_minute_of_week}, "
        f"min_instances: {one.min_instances}}}"
        for one in value
    ]
    is_block, newline = text[start] == "-", line_end(text, start)
    if not rows:
        return "  []" if is_block else "[]"  # deeper than its key, which the dashes need not be
    if is_block:
        column = start - (text.rfind("\n", 0, start) + 1)
        return f"{newline}{' ' * column}".join(f"- {row}" for row in rows)
    between = f"{newline}{indentation(text, start)}    "
    return f"[{between}{f',{between}'.join(rows)}]"


def _list(text: str, node: yaml.Node) -> tuple[list[dict[str, object]], int]:
    """Entries of a list, and where it ends: behind its last character that is no comment and no blank."""
    import yaml

    if not isinstance(node, yaml.SequenceNode) or not _is_bare(text, node):
        raise ValueError
    end = node.end_mark.index
    entries: list[dict[str, object]] = []
    for item in node.value:
        if not isinstance(item, yaml.MappingNode) or not _is_bare(text, item):
            raise ValueError(f"line {line_of(text, item.start_mark.index)} holds no plain entry")
        if not all(isinstance(key, yaml.ScalarNode) for key, _ in item.value):
            raise ValueError(f"line {line_of(text, item.start_mark.index)} holds a key that is no word")
        entries.append({key.value: _whole(text, value) for key, value in item.value})
        twice = [name for name, count in Counter(key.value for key, _ in item.value).items() if count > 1]
        if twice:
            raise ValueError(f"{twice[0]} stands twice in one entry")
        if not node.flow_style:
            end = item.end_mark.index if item.flow_style else item.value[-1][1].end_mark.index
    return entries, end


def _whole(text: str, node: yaml.Node) -> int:
    """Read a plain whole number."""
    start, end = node.start_mark.index, node.end_mark.index
    if not _WHOLE.fullmatch(text, start, end):
        raise ValueError(f"line {line_of(text, start)} holds no plain whole number")
    return int(text[start:end])


def _is_bare(text: str, node: yaml.Node) -> bool:
    """Whether no anchor, no alias and no tag leads to `node`; an alias leads to the node that bears the anchor."""
    return text[node.start_mark.index] not in "&!*"
