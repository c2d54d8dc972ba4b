"""PagerDuty, by its Events API v2: alarms open alerts, and close them when they are over.

An alert is found by the key of its alarm, so that any event may be sent again without harm.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ai_ops.domain.errors import HttpError, NotifyError
from ai_ops.domain.message import Level, Sent
from ai_ops.markdown import defused, one_visible_line
from ai_ops.notify.pagerduty.event import events_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.message import Message
    from ai_ops.http_client import HttpClient, Reply
    from ai_ops.notify.pagerduty.event import Event

NO_ALARM = "no alarm"

PAUSES_SECONDS = (2.0, 10.0)
"""Before the second and the third attempt, where PagerDuty names no other."""

PAUSE_MAX_SECONDS = 30.0

_ACCEPTED, _BAD_REQUEST, _TOO_MANY = 202, 400, 429
_KEY = (
    "PAGERDUTY_ROUTING_KEY must be the integration key of an Events API v2 integration: in PagerDuty, open the "
    "service, choose Integrations, and copy it from there"
)
_LATER = "the next run tries again; https://status.pagerduty.com tells more"
_ADDRESS = "check `channel_addresses.pagerduty`: usually https://events.pagerduty.com"
_WORDS_MAX = 200


class PagerDutyNotifier:
    """Opens and closes alerts of one integration.

    Parameters
    ----------
    client
        Asks over the network; it may refuse to send a POST twice.
    routing_key
        A secret; it appears in no error and in no log.
    least_level
        Alarms that are less loud open no alert.
    redact
        Takes secrets out of a text.
    base_url
        Usually https://events.pagerduty.com.
    sleep
        Waits so many seconds between two attempts.
    """

    name = "pagerduty"

    def __init__(
        self,
        client: HttpClient,
        routing_key: str,
        *,
        redact: Callable[[str], str],
        least_level: Level = Level.CRITICAL,
        base_url: str = "https://events.pagerduty.com",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._routing_key = routing_key
        self._least_level = least_level
        self._redact = redact
        self._url = f"{base_url.rstrip('/')}/v2/enqueue"
        self._sleep = sleep

    def send(self, message: Message) -> Sent:
        """Tell what began, goes on, or is over.

        Raises
        ------
        NotifyError
            When an event was not taken. Those that were taken stay; sending the message again is always safe.
        """
        events = events_of(message, self._least_level, self._clean)
        if not events:
            return Sent(note=NO_ALARM)
        attempts, failures = [], []
        for event in events:
            try:
                attempts.append(self._enqueue(event))
            except NotifyError as error:
                failures.append((event, error))
                if error.retryable:  # the others would fare alike, and each would wait as long
                    break
        if failures:
            raise _failed(failures, len(attempts), len(events))
        return Sent(events[0]["dedup_key"], attempts=max(attempts))

    def _enqueue(self, event: Event) -> int:
        """Send one event until it is taken, which does no harm; say how many attempts it took."""
        attempts, pauses = 0, (*PAUSES_SECONDS, None)
        while True:
            error, wait = self._attempt(event, pauses[attempts])
            attempts += 1
            if error is None:
                return attempts
            if wait is None or not error.retryable:
                raise error
            self._sleep(wait)

    def _attempt(self, event: Event, pause: float | None) -> tuple[NotifyError | None, float | None]:
        """Send once; return what went wrong, if anything, and how long to wait before the next attempt."""
        try:
            reply = self._client.post(self._url, json={"routing_key": self._routing_key, **event})
        except HttpError as error:
            return NotifyError(f"PagerDuty: {self._clean(str(error))}: {_LATER}", retryable=True), pause
        return (None, None) if _is_accepted(reply) else (self._refusal(reply), _pause(reply, pause))

    def _refusal(self, reply: Reply) -> NotifyError:
        if reply.status == _TOO_MANY or reply.status >= 500:  # noqa: PLR2004  # the range of a server's own failures
            return NotifyError(f"PagerDuty answered HTTP {reply.status}: {_LATER}", retryable=True)
        if reply.status != _BAD_REQUEST:
            return NotifyError(f"PagerDuty's address answered HTTP {reply.status}: {_ADDRESS}")
        words = defused(self._clean(_errors_in(reply)), _WORDS_MAX)
        remedy = _KEY if "routing_key" in words or not words else "this is a defect of the agent: please report it"
        return NotifyError(f"PagerDuty refused it ({words or 'without a reason'}): {remedy}")

    def _clean(self, text: str) -> str:
        """One line that can be shown; a secret with something hidden in it is found once that is gone."""
        return one_visible_line(self._redact(one_visible_line(text.replace(self._routing_key, "***"))))


def _failed(failures: list[tuple[Event, NotifyError]], taken: int, count: int) -> NotifyError:
    """One error for all: what was not taken first, and why."""
    (event, error), more = failures[0], len(failures) - 1
    if count == 1:
        return error
    names = defused(event["dedup_key"], _WORDS_MAX) + (f" and {more} more" if more else "")
    is_retryable = any(one.retryable for _, one in failures)
    return NotifyError(f"PagerDuty took {taken} of {count} events, not {names}: {error}", retryable=is_retryable)


def _is_accepted(reply: Reply) -> bool:
    """Whether PagerDuty itself said so: a page of some proxy has another status, or other words."""
    if reply.status != _ACCEPTED:
        return False
    try:
        answer = reply.json()
    except HttpError:
        return False
    return isinstance(answer, dict) and answer.get("status") == "success"


def _pause(reply: Reply, pause: float | None) -> float | None:
    """How long to wait before the next attempt; None for never."""
    asked = str(reply.headers.get("retry-after", "")).strip()
    if pause is None or not (asked.isascii() and asked.isdecimal()):
        return pause
    return float(asked) if float(asked) <= PAUSE_MAX_SECONDS else None


def _errors_in(reply: Reply) -> str:
    try:
        answer = reply.json()
    except HttpError:
        return ""
    errors = answer.get("errors") if isinstance(answer, dict) else None
    return "; ".join(str(error) for error in errors) if isinstance(errors, list) else ""
