"""What a template may speak of: plain values, every text of them one line, so that no value forges a line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ai_ops.domain.one_line import one_line

if TYPE_CHECKING:
    from ai_ops.domain.message import AlarmNotice, Message

LONGEST = 2_000


def values_of(message: Message) -> dict[str, Any]:
    """By name, everything that a template may use.

    `facts` are pairs of label and value; `properties` are mapped by name; moments are texts in ISO 8601, UTC.
    """
    return {
        "title": _line(message.title),
        "facts": [[_line(label), _line(value)] for label, value in message.facts],
        "lines": [_line(line) for line in message.lines],
        "kind": message.kind.value,
        "level": message.level.value,
        "service": _line(message.service),
        "at": None if message.at is None else _moment(message.at),
        "link": _line(message.link),
        "review_url": _line(message.review_url),
        "is_simulated": message.is_simulated,
        "alarms": [_alarm(alarm) for alarm in message.alarms],
        "properties": {_line(one.name): _value(one.value) for one in message.properties},
        "text": "\n".join(_line(line) for line in message.text.splitlines()),
    }


def _alarm(alarm: AlarmNotice) -> dict[str, Any]:
    return {
        "key": _line(alarm.key),
        "summary": _line(alarm.summary),
        "level": alarm.level.value,
        "is_over": alarm.is_over,
    }


def _value(value: float | str | datetime | tuple[str, ...] | None) -> Any:  # noqa: ANN401  # JSON
    match value:
        case str():
            return _line(value)
        case datetime():
            return _moment(value)
        case tuple():
            return [_line(word) for word in value]
    return value


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _line(text: str) -> str:
    return one_line(text, LONGEST)
