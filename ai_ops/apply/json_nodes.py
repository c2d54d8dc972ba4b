"""JSON as the nodes that PyYAML would make of it, each with its span, so that one walk serves both formats.

PyYAML itself cannot read every JSON: it refuses tabs and takes half a surrogate pair for a character.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache

import yaml
from lark import Lark, Token, Tree
from lark.exceptions import LarkError

from ai_ops.apply.settings_text import BOM, line_of
from ai_ops.domain.errors import EditError

# https://www.rfc-editor.org/rfc/rfc8259
_GRAMMAR = r"""
?start: value
?value: object | array | STRING | NUMBER | WORD
object: "{" [pair ("," pair)*] "}"
pair: STRING ":" value
array: "[" [value ("," value)*] "]"
STRING: /"(?:[^"\\\x00-\x1f]|\\(?:["\\\/bfnrt]|u[0-9A-Fa-f]{4}))*"/
NUMBER: /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/
WORD: "true" | "false" | "null"
%ignore /[ \t\r\n]+/
"""
_TEXT, _NO_TEXT = "tag:yaml.org,2002:str", "tag:yaml.org,2002:value"


def compose(text: str, name: str) -> yaml.Node:
    """Parse a file into nodes whose marks hold positions in `text`.

    Raises
    ------
    EditError
        When it is no JSON, or a key stands twice in one object, which parsers read differently.
    """
    try:
        return _node(_parser().parse(without_mark(text)), text, name)
    except (LarkError, RecursionError) as error:
        line = max(getattr(error, "line", 1), 1)
        raise EditError(f"{name}:{line}: no JSON that can be edited safely; write it more plainly") from error


def without_mark(text: str) -> str:
    """Put a blank in the place of a byte order mark, which parsers of JSON do not take; positions stay."""
    return text.replace(BOM, " ", 1) if text.startswith(BOM) else text


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _node(part: Tree[Token] | Token, text: str, name: str) -> yaml.Node:
    """Turn one value into a node, with all that is in it."""
    if isinstance(part, Token):
        start, end = _mark(part.start_pos), _mark(part.end_pos)
        if part.type == "STRING":
            return yaml.ScalarNode(_TEXT, json.loads(part), start, end, style='"')
        return yaml.ScalarNode(_NO_TEXT, str(part), start, end)
    start, end = _mark(part.meta.start_pos), _mark(part.meta.end_pos)
    if part.data == "array":
        return yaml.SequenceNode(
            _NO_TEXT, [_node(one, text, name) for one in part.children], start, end, flow_style=True
        )
    pairs = [(_node(pair.children[0], text, name), _node(pair.children[1], text, name)) for pair in _pairs(part)]
    _refuse_twins([key for key, _ in pairs], text, name)
    return yaml.MappingNode(_NO_TEXT, pairs, start, end, flow_style=True)


def _pairs(part: Tree[Token]) -> list[Tree[Token]]:
    return [pair for pair in part.children if isinstance(pair, Tree)]


def _mark(position: int | None) -> yaml.Mark:
    """Only the position counts; lines are counted where a message needs one."""
    return yaml.Mark("", position or 0, 0, 0, None, 0)


def _refuse_twins(keys: list[yaml.Node], text: str, name: str) -> None:
    twins = [key for key, count in Counter(key.value for key in keys).items() if count > 1]
    if twins:
        lines = [str(line_of(text, key.start_mark.index)) for key in keys if key.value == twins[0]]
        raise EditError(
            f"{name}:{lines[0]}: `{twins[0]}` is defined more than once (lines {', '.join(lines)}); keep one"
        )
