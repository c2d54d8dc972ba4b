"""A message as JSON, for a program that reads it: `ai_ops/config/schemas/message.schema.json` describes it."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ai_ops.domain.document import Bullets, Figure, Paragraph, Table
from ai_ops.notify.letters.visible_text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ai_ops.domain.document import Block, Cell, Document, Section
    from ai_ops.domain.message import Message

VERSION = 1

BYTES_MAX = 1_000_000
"""Receivers refuse what is larger: 1 MB is the least limit of those in common use."""

_LARGE = ("document", "text")
_ITEMS_MAX, _CHARACTERS_MAX = 200, 500


def message_bytes(message: Message, redact: Callable[[str], str]) -> bytes:
    """Write `message` as UTF-8, at most `BYTES_MAX` bytes; `left_out` names what did not fit.

    Parameters
    ----------
    message
        Any, however long or strange.
    redact
        Takes secrets out of a text; applied before anything is cut.
    """

    def clean(text: str) -> str:
        return redact(visible(text))

    form = message_form(message, clean)
    for name in _LARGE:
        if form[name] and len(_encoded(form)) > BYTES_MAX:
            form |= {name: None, "left_out": [*form["left_out"], name]}
    return _encoded(form) if len(_encoded(form)) <= BYTES_MAX else _encoded(_shortened(form))


def message_form(message: Message, clean: Callable[[str], str]) -> dict[str, Any]:
    """Every part of `message` but its page and its pictures, of which only the words are told."""
    return {
        "version": VERSION,
        "key": clean(message.key),
        "kind": message.kind.value,
        "level": message.level.value,
        "service": clean(message.service),
        "at": _moment(message.at) if message.at else None,
        "is_simulated": message.is_simulated,
        "title": clean(message.title),
        "facts": [{"label": clean(label), "value": clean(value)} for label, value in message.facts],
        "lines": [clean(line) for line in message.lines],
        "alarms": [
            {
                "key": clean(one.key),
                "summary": clean(one.summary),
                "level": one.level.value,
                "is_over": one.is_over,
            }
            for one in message.alarms
        ],
        "properties": [{"name": clean(one.name), "value": _value(one.value, clean)} for one in message.properties],
        "pictures": [{"name": clean(one.name), "alt": clean(one.alt)} for one in message.pictures],
        "review_url": clean(message.review_url),
        "link": clean(message.link),
        "text": clean(message.text) or None,
        "document": _document(message.document, clean) if message.document else None,
        "left_out": [],
    }


def _document(document: Document, clean: Callable[[str], str]) -> dict[str, Any]:
    return {
        "title": clean(document.title),
        "subtitle": clean(document.subtitle),
        "headline": clean(document.headline),
        "why": clean(document.why),
        "action": clean(document.action),
        "link": clean(document.link),
        "tone": document.tone.value,
        "sections": [_section(section, clean) for section in document.sections],
        "evidence": [
            {
                "id": clean(one.id),
                "says": clean(one.says),
                "formula": clean(one.formula),
                "inputs": [{"name": clean(name), "value": clean(value)} for name, value in one.inputs],
                "source": clean(one.source),
                "command": clean(one.command),
            }
            for one in document.evidence
        ],
    }


def _section(section: Section, clean: Callable[[str], str]) -> dict[str, Any]:
    return {
        "id": clean(section.id),
        "title": clean(section.title),
        "subject": clean(section.subject),
        "blocks": [_block(block, clean) for block in section.blocks],
    }


def _block(block: Block, clean: Callable[[str], str]) -> dict[str, Any]:
    match block:
        case Paragraph():
            return {"type": "paragraph", **_words(block, clean)}
        case Bullets():
            return {"type": "bullets", "items": [_cell(item, clean) for item in block.items]}
        case Table():
            return {
                "type": "table",
                "caption": clean(block.caption),
                "header": [clean(name) for name in block.header],
                "rows": [[_cell(cell, clean) for cell in row] for row in block.rows],
            }
        case Figure():
            return {
                "type": "figure",
                "name": clean(block.name),
                "title": clean(block.title),
                "alt": clean(block.alt),
                "bars": [{"label": clean(label), "height": _value(height, clean)} for label, height in block.bars],
                "unit": clean(block.unit),
            }


def _cell(cell: Cell, clean: Callable[[str], str]) -> dict[str, str]:
    return {**_words(cell, clean), "link": clean(cell.link)}


def _words(said: Cell | Paragraph, clean: Callable[[str], str]) -> dict[str, str]:
    return {"text": clean(said.text), "evidence": clean(said.evidence), "tone": said.tone.value}


def _value(value: float | str | datetime | tuple[str, ...] | None, clean: Callable[[str], str]) -> object:
    """A figure as JSON has it; one that is no number is not known."""
    match value:
        case str():
            return clean(value)
        case datetime():
            return _moment(value)
        case tuple():
            return [clean(one) for one in value]
        case None:
            return None
    return value if math.isfinite(value) else None


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _shortened(form: Mapping[str, Any]) -> dict[str, Any]:
    """Cut what is still too much: long lists after their first entries, long texts after their first words."""
    short = {name: _cut(value) for name, value in form.items()}
    return short | {"left_out": [*form["left_out"], "the ends of long lists and texts"]}


def _cut(value: object) -> object:
    match value:
        case str():
            return value if len(value) <= _CHARACTERS_MAX else value[: _CHARACTERS_MAX - 1] + "…"
        case list():
            return [_cut(one) for one in value[:_ITEMS_MAX]]
        case dict():
            return {name: _cut(one) for name, one in value.items()}
    return value


def _encoded(form: Mapping[str, Any] | Sequence[Any]) -> bytes:
    return json.dumps(form, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
