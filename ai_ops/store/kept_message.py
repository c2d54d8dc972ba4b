"""A message in JSON, as it waits on the disk: without secrets, pictures and page, and of bounded size."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from ai_ops.domain.document import Document
from ai_ops.domain.message import AlarmNotice, Level, Message, MessageKind, Property

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Redact = Callable[[str], str]

TEXT_LONGEST = 40_000
LINE_LONGEST = 2_000
MOST_LINES = 200
MOST_ALARMS = 500
DOCUMENT_LONGEST = 150_000
"""Characters of JSON: the page of a few services. A larger one is left out, and the message says so."""

TOO_LARGE = "The whole page was too large to be kept until this could be sent."
CUT = "…"


def form_of(message: Message, redact: Redact) -> dict[str, Any]:
    """Write `message`; what is too long for a message that waits is cut, and says so.

    Parameters
    ----------
    redact
        Takes secrets out of a text.
    """

    def short(text: str, longest: int = LINE_LONGEST) -> str:
        clean = redact(text)
        return clean if len(clean) <= longest else clean[: longest - 1] + CUT

    document = _document_form(message.document, redact)
    is_too_large = message.document is not None and document is None
    return {
        "key": message.key,
        "title": short(message.title),
        "facts": [[short(label), short(value)] for label, value in message.facts[:MOST_LINES]],
        "lines": [*map(short, message.lines[:MOST_LINES]), *([TOO_LARGE] if is_too_large else [])],
        "is_simulated": message.is_simulated,
        "review_url": short(message.review_url),
        "kind": message.kind,
        "level": message.level,
        "service": message.service,
        "at": None if message.at is None else message.at.astimezone(UTC).isoformat(),
        "alarms": [_alarm_form(alarm, short) for alarm in message.alarms[:MOST_ALARMS]],
        "properties": [_property_form(one, short) for one in message.properties[:MOST_LINES]],
        "document": document,
        "text": short(message.text, TEXT_LONGEST),
        "link": short(message.link),
    }


def message_of(form: Any) -> Message:  # noqa: ANN401  # whatever stands in the file
    """Read what `form_of` wrote.

    Raises
    ------
    AttributeError, LookupError, TypeError or ValueError
        When it is anything else.
    """
    return Message(
        key=_text(form["key"]),
        title=_text(form["title"]),
        facts=tuple((_text(label), _text(value)) for label, value in form["facts"]),
        lines=tuple(map(_text, form["lines"])),
        is_simulated=bool(form["is_simulated"]),
        review_url=_text(form["review_url"]),
        kind=MessageKind(form["kind"]),
        level=Level(form["level"]),
        service=_text(form["service"]),
        at=None if form["at"] is None else _moment(form["at"]),
        alarms=tuple(_alarm(alarm) for alarm in form["alarms"]),
        properties=tuple(Property(_text(one["name"]), _value(one)) for one in form["properties"]),
        document=None if form["document"] is None else _documents().validate_python(form["document"]),
        text=_text(form["text"]),
        link=_text(form["link"]),
    )


def _document_form(document: Document | None, redact: Redact) -> Any:  # noqa: ANN401  # JSON
    if document is None:
        return None
    form = _clean(_documents().dump_python(document, mode="json"), redact)
    return form if len(json.dumps(form)) <= DOCUMENT_LONGEST else None


@cache
def _documents() -> Any:  # noqa: ANN401  # pydantic's adapter of documents
    from pydantic import TypeAdapter

    return TypeAdapter(Document)


def _clean(form: Any, redact: Redact) -> Any:  # noqa: ANN401  # JSON
    match form:
        case str():
            return redact(form)
        case list():
            return [_clean(one, redact) for one in form]
        case dict():
            return {name: _clean(one, redact) for name, one in form.items()}
    return form


def _alarm_form(alarm: AlarmNotice, short: Redact) -> dict[str, Any]:
    return {"key": alarm.key, "summary": short(alarm.summary), "level": alarm.level, "is_over": alarm.is_over}


def _alarm(form: Any) -> AlarmNotice:  # noqa: ANN401  # whatever stands in the file
    values = {one.name: form[one.name] for one in fields(AlarmNotice)}
    return AlarmNotice(**values | {"level": Level(form["level"])})


def _property_form(one: Property, short: Redact) -> dict[str, Any]:
    """A property with the type of its value: JSON knows neither moments nor tuples."""
    match one.value:
        case datetime():
            return {"name": one.name, "at": one.value.astimezone(UTC).isoformat()}
        case tuple():
            return {"name": one.name, "words": list(map(short, one.value))}
        case str():
            return {"name": one.name, "value": short(one.value)}
    return {"name": one.name, "value": one.value}


def _value(form: Any) -> float | str | datetime | tuple[str, ...] | None:  # noqa: ANN401  # whatever stands in the file
    if "at" in form:
        return _moment(form["at"])
    if "words" in form:
        return tuple(_texts(form["words"]))
    value = form["value"]
    if value is not None and not isinstance(value, int | float | str):
        raise TypeError("a property is a number, a text, a moment, words or nothing")
    return value


def _texts(values: Iterable[Any]) -> Iterable[str]:
    return map(_text, values)


def _text(value: Any) -> str:  # noqa: ANN401  # whatever stands in the file
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def _moment(text: Any) -> datetime:  # noqa: ANN401  # whatever stands in the file
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment
