"""A record without secrets: every text in it, however deep, as the redactor leaves it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Record = TypeVar("_Record")


def redacted(record: _Record, redact: Callable[[str], str]) -> _Record:
    """Give a copy of `record` in which `redact` has seen every text; names of keys and choices stay.

    Parameters
    ----------
    record
        A dataclass, tuple, list, mapping, or what they hold.
    redact
        Takes secrets out of a text; asked once for equal ones, and services of a fleet have most texts in common.
    """
    cleaned: _Record = _cleaned(record, cache(redact))
    return cleaned


def _cleaned(value: Any, redact: Callable[[str], str]) -> Any:  # noqa: ANN401  # whatever a record holds
    match value:
        case Enum():
            return value
        case str():
            return redact(value)
        case tuple() | list():
            return type(value)(_cleaned(one, redact) for one in value)
        case dict():
            return {key: _cleaned(one, redact) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _cleaned(getattr(value, one.name), redact) for one in fields(value)})
    return value
