"""What a file of settings says, value by value, as a parser reads it that the product does not use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Iterator

Leaves = dict[tuple[str | int, ...], object]
"""By the keys and places that lead to it, each value: its text in JSON, its value in YAML."""


def leaves(content: bytes, name: str) -> Leaves:
    """Every value of a file that ends in .json, .yaml or .yml; the documents of YAML are counted from 0."""
    text = content.decode("utf-8-sig")
    if name.endswith(".json"):
        return flat(json.loads(text, parse_int=_written, parse_float=_written))
    return flat(list(YAML(typ="safe", pure=True).load_all(text)))


def flat(value: Any) -> Leaves:
    """Every value in nested mappings and lists."""
    return dict(_below((), value))


def differences(before: Leaves, after: Leaves) -> dict[tuple[str | int, ...], tuple[object, object]]:
    """The values that differ, with what they were and what they are; a change of type is one."""
    assert before.keys() == after.keys()
    return {
        place: (old, after[place])
        for place, old in before.items()
        if (type(old), old) != (type(after[place]), after[place])
    }


class Number(str):
    """The digits of a number, as they are written; another type than a word."""

    __slots__ = ()


def _written(digits: str) -> Number:
    return Number(digits)


def _below(place: tuple[str | int, ...], value: Any) -> Iterator[tuple[tuple[str | int, ...], object]]:
    inner = [*(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())]
    if not inner:
        yield place, value
    for key, one in inner:
        yield from _below((*place, key), one)
