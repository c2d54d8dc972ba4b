"""What PagerDuty is told of one alarm: an event of its Events API v2, within its limits. Pure.

Limits: 512 KB, a summary of 1024 characters, a key of 255 (developer.pagerduty.com, Events API v2).
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from ai_ops.domain.message import AlarmNotice, Level, MessageKind
from ai_ops.notify.letters.letters import cut
from ai_ops.notify.letters.mark import mark_of
from ai_ops.notify.letters.short_key import short_key
from ai_ops.notify.letters.web_address import is_web_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.message import Message

KEY_MAX, SUMMARY_MAX, NAME_MAX = 255, 1024, 200
FACTS_MAX, LINES_MAX, DETAIL_MAX = 40, 40, 300
"""So many details, of so many characters, stay below the limit even where each character takes twelve bytes."""

PREFIX = "neuropilot/"
TEST_KEY = "neuropilot/test"

_SEVERITIES = {
    Level.CRITICAL: "critical",
    Level.HIGH: "error",
    Level.MEDIUM: "warning",
    Level.LOW: "info",
    Level.INFO: "info",
}

Event = dict[str, Any]


def events_of(message: Message, least_level: Level, clean: Callable[[str], str]) -> list[Event]:
    """Events for the alarms of a message, the loudest first and those that are over last.

    A test opens an alert that wakes nobody, and closes it at once.

    Parameters
    ----------
    least_level
        Alarms that are less loud open nothing. Those that are over are closed in any case: what does not stand open
        is not harmed by that.
    clean
        Puts a text on one line that can be shown, without secrets.
    """
    if message.kind is MessageKind.TEST and not message.alarms:
        test = AlarmNotice(TEST_KEY.removeprefix(PREFIX), message.title, Level.INFO)
        return [_opened(test, message, clean), _closed(test, clean)]
    lasting = [alarm for alarm in message.alarms if not alarm.is_over and alarm.level.reaches(least_level)]
    lasting.sort(key=lambda alarm: tuple(Level).index(alarm.level), reverse=True)
    return [
        *(_opened(alarm, message, clean) for alarm in lasting),
        *(_closed(alarm, clean) for alarm in message.alarms if alarm.is_over),
    ]


def _opened(alarm: AlarmNotice, message: Message, clean: Callable[[str], str]) -> Event:
    service, _, part = alarm.key.partition("/")
    payload: dict[str, Any] = {
        "summary": _summary(alarm, message, clean),
        "source": _name(message.service or service, clean) or "neuropilot",
        # What was made up wakes nobody.
        "severity": "info" if message.is_simulated else _SEVERITIES[alarm.level],
        "custom_details": _details(message, clean),
    }
    if part:
        payload["component"] = _name(part, clean)
    if message.at is not None:
        payload["timestamp"] = message.at.astimezone(UTC).isoformat(timespec="seconds")
    links = [
        {"href": address, "text": text}
        for address, text in ((message.review_url, "Review the pull request"), (message.link, "Read the whole report"))
        if is_web_address(address) and clean(address) == address
    ]
    opened = {"event_action": "trigger", "dedup_key": _dedup_key(alarm, clean), "client": "NeuroPilot"}
    return {**opened, "payload": payload, "links": links}


def _closed(alarm: AlarmNotice, clean: Callable[[str], str]) -> Event:
    return {"event_action": "resolve", "dedup_key": _dedup_key(alarm, clean)}


def _dedup_key(alarm: AlarmNotice, clean: Callable[[str], str]) -> str:
    """The same for an alarm as long as it lasts, so that no event of it opens a second alert."""
    return PREFIX + short_key(clean(alarm.key), KEY_MAX - len(PREFIX))


def _summary(alarm: AlarmNotice, message: Message, clean: Callable[[str], str]) -> str:
    says = clean(alarm.summary) or clean(message.title) or _name(alarm.key, clean) or "NeuroPilot"
    return cut(mark_of(message) + says, SUMMARY_MAX)


def _details(message: Message, clean: Callable[[str], str]) -> dict[str, Any]:
    facts = [(_detail(label, clean), _detail(value, clean)) for label, value in message.facts[:FACTS_MAX]]
    return {
        **{label: value for label, value in facts if label},
        "Message": _detail(message.title, clean),
        "Episode": _detail(message.key, clean),
        "Details": [line for line in (_detail(line, clean) for line in message.lines[:LINES_MAX]) if line],
    }


def _detail(text: str, clean: Callable[[str], str]) -> str:
    return cut(clean(text), DETAIL_MAX)


def _name(text: str, clean: Callable[[str], str]) -> str:
    return cut(clean(text), NAME_MAX)
