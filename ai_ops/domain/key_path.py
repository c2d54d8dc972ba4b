"""Where a value stands inside of a file, as `path` in ops_config.yaml writes it.

    web.cpu_out                                       keys joined by dots
    metadata.annotations."example.com/min-scale"      a key with other characters, in quotes
    triggers[type=cpu].metadata.value                 the one item of a list whose field says so
    metrics[resource.name=cpu].resource.target.value  the field may lie deeper
    [op=replace,path=/spec/minReplicas].value         several fields; this file is a list as a whole
    triggers[metadata.query="up[5m]"].metadata.value  a field with other characters, in quotes
    limits[0]                                         an item by its place, counted from 0
    HorizontalPodAutoscaler/shop:spec.minReplicas     the one document of that kind and name
    HorizontalPodAutoscaler:spec.minReplicas          or of that kind alone

One item and one document must fit, or nothing is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BARE = r"[A-Za-z_][\w-]*"
_QUOTED = r'"[^"\\\x00-\x1f\x7f]+"'
_KEY = rf"(?:{_BARE}|{_QUOTED})"
_PLAIN = r'[^\s"\[\],=\x00-\x1f\x7f]+'
_FIELD = rf"(?P<keys>{_KEY}(?:\.{_KEY})*)=(?:(?P<quoted>{_QUOTED})|(?P<plain>{_PLAIN}))"
_UNNAMED = re.sub(r"\?P<\w+>", "?:", _FIELD)
_DOCUMENT = re.compile(r"(?P<kind>[A-Z][A-Za-z0-9]*)(?:/(?P<name>[a-z0-9][a-z0-9.-]*))?:")
_ITEM = rf"\[(?:(?P<position>0|[1-9][0-9]{{0,3}})|(?P<fields>{_UNNAMED}(?:,{_UNNAMED})*))\]"
_FIRST = re.compile(rf"(?P<key>{_KEY})|{_ITEM}")
_NEXT = re.compile(rf"\.(?P<key>{_KEY})|{_ITEM}")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list.

    Parameters
    ----------
    position
        Its place, counted from 0; None where its fields choose it.
    fields
        The keys that lead to a field, and what must stand there, one pair per condition.
    """

    position: int | None = None
    fields: tuple[tuple[tuple[str, ...], str], ...] = ()

    def __str__(self) -> str:
        """As a path writes it."""
        if self.position is not None:
            return f"[{self.position}]"
        return f"[{','.join(f'{in_words(keys)}={_value(wanted)}' for keys, wanted in self.fields)}]"


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file that may hold several: its `kind`, and its `metadata.name` unless that is empty."""

    kind: str
    name: str = ""

    def __str__(self) -> str:
        """Kind and name, as people speak of them."""
        return f"{self.kind}/{self.name}" if self.name else self.kind


Step = str | Item | Document
KeyPath = tuple[Step, ...]
"""The steps from the top of a file to a value; only the first may be a document."""


def key_path(text: str) -> KeyPath:
    """Read a path.

    >>> key_path("ScaledObject/shop:spec.triggers[type=cpu].metadata.value")[:3]
    (Document(kind='ScaledObject', name='shop'), 'spec', 'triggers')

    Raises
    ------
    ValueError
        When it is none; the message says from which character on, and how one is written.
    """
    document = _DOCUMENT.match(text)
    steps: list[Step] = [Document(document["kind"], document["name"] or "")] if document else []
    start = position = document.end() if document else 0
    while position < len(text) or position == start:
        found = (_FIRST if position == start else _NEXT).match(text, position)
        if found is None:
            raise ValueError(
                f"is no path from character {position + 1} on; it must be names joined by dots, like web.cpu_out, "
                "with list items like triggers[type=cpu] and documents like HorizontalPodAutoscaler/shop:spec"
            )
        steps.append(_step(found))
        position = found.end()
    return tuple(steps)


def in_words(path: KeyPath) -> str:
    """Write a path as `key_path` reads it.

    >>> in_words(("limits", "cpu.max", Item(0)))
    'limits."cpu.max"[0]'
    """
    written = ""
    for step in path:
        if isinstance(step, str):
            written += f"{'.' if written and not written.endswith(':') else ''}{_key(step)}"
        else:
            written += f"{step}:" if isinstance(step, Document) else str(step)
    return written


def field_name(path: KeyPath) -> str:
    """Name the field that a value is for: the last key, or in a JSON patch (RFC 6902) what its `path` ends with.

    >>> field_name(("spec", "minReplicas")), field_name(key_path("[path=/spec/maxReplicas].value"))
    ('minReplicas', 'maxReplicas')
    """
    *_, before, last = ("", *path)
    if last == "value" and isinstance(before, Item):
        targets = [wanted for keys, wanted in before.fields if keys == ("path",)]
        return targets[0].rpartition("/")[2] if targets else last
    return last if isinstance(last, str) else ""


def _step(found: re.Match[str]) -> Step:
    if found["key"]:
        return _bare(found["key"])
    if found["position"]:
        return Item(int(found["position"]))
    fields = re.finditer(_FIELD, found["fields"])
    return Item(fields=tuple((_keys(one["keys"]), _bare(one["quoted"] or one["plain"])) for one in fields))


def _keys(text: str) -> tuple[str, ...]:
    return tuple(_bare(found[0]) for found in re.finditer(_KEY, text))


def _bare(text: str) -> str:
    return text[1:-1] if text.startswith('"') else text


def _key(key: str) -> str:
    return key if re.fullmatch(_BARE, key) else f'"{key}"'


def _value(value: str) -> str:
    return value if re.fullmatch(_PLAIN, value) else f'"{value}"'
