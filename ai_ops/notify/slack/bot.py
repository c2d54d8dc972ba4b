"""Slack, by a bot: the same cards as by a webhook, with pictures in their threads, and an ear for replies."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ai_ops.domain.errors import NotifyError
from ai_ops.domain.message import Heard, Sent
from ai_ops.notify.slack.card import card_for
from ai_ops.notify.slack.pictures import show_pictures
from ai_ops.notify.slack.text import is_plain_https

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.domain.message import Message
    from ai_ops.notify.slack.calls import SlackCalls

_TIMESTAMP = re.compile(r"\d{1,12}\.\d{1,9}")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for Slack.

    Parameters
    ----------
    timeout_seconds
        For one attempt, whole.
    total_seconds
        For one message with its pictures, all attempts and the pauses between them.
    sleep
        Waits so many seconds.
    clock
        Monotonic seconds.
    """

    timeout_seconds: float = 10.0
    total_seconds: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


class SlackBot:
    """Posts cards into one channel. Sends a message as often as it is told: `notify.deliver` sees to once.

    Parameters
    ----------
    token
        The bot's, with the scopes `chat:write`, and `files:write` for pictures; a secret, it appears in no error and
        in no log. With `channels:history` (`groups:history` for a private channel) the bot hears replies.
    channel
        Id of the channel; the bot must be in it.
    base_url
        Where the methods of the Web API are.
    redact
        Takes secrets out of a text.
    check_address
        Raises an `OpsError` for an address that must not be reached.
    patience
        How long to wait.
    """

    name = "slack"

    def __init__(
        self,
        token: str,
        channel: str,
        *,
        redact: Callable[[str], str],
        check_address: Callable[[str], None],
        base_url: str = "https://slack.com/api",
        patience: Patience = Patience(),
    ) -> None:
        self._token = token
        self._channel = channel
        self._redact = redact
        self._check_address = check_address
        self._base_url = base_url
        self._patience = patience

    def send(self, message: Message) -> Sent:
        """Post `message` as a card, and its first pictures below it; a picture that fails is noted, and no failure.

        Raises
        ------
        NotifyError
            When Slack did not take the card, or did not say so; the reason names what to do.
        """
        card = card_for(message, self._redact)
        calls = self._calls()
        posted = calls.post(self._channel, card)
        attempts, timestamp = calls.attempts, posted.get("ts")
        if not isinstance(timestamp, str) or not _TIMESTAMP.fullmatch(timestamp):
            note = "its pictures are missing: Slack did not say where the message is" if message.pictures else ""
            return Sent(attempts=attempts, note=note)
        note = show_pictures(calls, message.pictures, (self._channel, timestamp), self._redact)
        return Sent(timestamp, self._address(calls, timestamp), attempts, note)

    def heard(self, reference: str) -> Heard:
        """Count what people did below a message, by the reference of when it was sent; nothing where Slack is silent.

        Replies of the bot itself, such as its pictures, are not counted.
        """
        if not _TIMESTAMP.fullmatch(reference):
            return Heard()
        try:
            thread = self._calls().thread(self._channel, reference)
        except NotifyError:
            return Heard()
        return _heard_in(thread, reference)

    def _calls(self) -> SlackCalls:
        from ai_ops.notify.slack.calls import SlackCalls

        return SlackCalls(self._token, self._base_url, self._patience, self._redact, self._check_address)

    def _address(self, calls: SlackCalls, timestamp: str) -> str:
        """Where a person finds the message; "" when Slack does not say."""
        try:
            address = calls.permalink(self._channel, timestamp).get("permalink")
        except NotifyError:
            return ""
        return address if isinstance(address, str) and is_plain_https(address) else ""


def _heard_in(thread: Mapping[str, Any], reference: str) -> Heard:
    """Read the counts off the message itself, which comes before its replies."""
    messages = [one for one in _list(thread.get("messages")) if isinstance(one, dict)]
    parent = next((one for one in messages if one.get("ts") == reference), None)
    if parent is None:
        return Heard()
    own = sum(one is not parent and one.get("user") == parent.get("user") for one in messages)
    reactions = sum(_count(one.get("count")) for one in _list(parent.get("reactions")) if isinstance(one, dict))
    return Heard(replies=max(0, _count(parent.get("reply_count")) - own), reactions=reactions)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
