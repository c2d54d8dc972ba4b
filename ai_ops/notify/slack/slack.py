"""Slack, by an incoming webhook: one message becomes one card."""

from __future__ import annotations

import time
from http.client import HTTPException, InvalidURL
from ssl import SSLError
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

from ai_ops.domain.errors import NotifyError, OpsError
from ai_ops.domain.message import Sent
from ai_ops.notify.slack.card import card_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.message import Message

_NEW_WEBHOOK = "make a new webhook in Slack and put its address into SLACK_WEBHOOK_URL"
_DEFECT = "this is a defect of the agent: please report it, with `neuropilot --version`"

# Slack answers a webhook with one word.
# https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks
_REMEDIES = {
    "action_prohibited": "an administrator restricts who may post there: ask them, or choose another channel",
    "channel_is_archived": "its channel is archived: unarchive it, or " + _NEW_WEBHOOK,
    "channel_not_found": "its channel is gone: " + _NEW_WEBHOOK,
    "invalid_blocks": _DEFECT,
    "invalid_payload": _DEFECT,
    "invalid_token": "the webhook was revoked or its address is cut off: " + _NEW_WEBHOOK,
    "msg_blocks_too_long": _DEFECT,
    "no_active_hooks": "the webhook was disabled: " + _NEW_WEBHOOK,
    "no_service": "the webhook was removed or its address is mistyped: " + _NEW_WEBHOOK,
    "no_team": "the workspace is gone: " + _NEW_WEBHOOK,
    "no_text": _DEFECT,
    "posting_to_general_channel_denied": "only administrators may post to #general: choose another channel",
    "rate_limited": "more than one message a second went to this webhook: wait a minute",
    "rollup_error": "Slack failed inside: run again later, or look at https://slack-status.com",
    "team_disabled": "the workspace is disabled: " + _NEW_WEBHOOK,
    "user_not_found": "its user is gone: " + _NEW_WEBHOOK,
}
_STATUS_WORDS = {429: "rate_limited", 500: "rollup_error", 503: "rollup_error"}
_GATEWAY = {502, 504}


class SlackNotifier:
    """Posts cards to one webhook. Sends a message as often as it is told: `notify.deliver` sees to once.

    Parameters
    ----------
    webhook_url
        A secret; it appears in no error and in no log.
    timeout_seconds
        For connecting, and for each read of the answer. At most three attempts are made, with pauses of up to 30 s.
    redact
        Takes secrets out of a text.
    check_address
        Raises an `OpsError` for an address that must not be reached.
    sleep
        Waits so many seconds between two attempts.
    """

    name = "slack"

    def __init__(
        self,
        webhook_url: str,
        *,
        redact: Callable[[str], str],
        check_address: Callable[[str], None],
        timeout_seconds: int = 10,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = webhook_url
        self._redact = redact
        self._check_address = check_address
        self._timeout_seconds = timeout_seconds
        self._sleep = sleep

    def send(self, message: Message) -> Sent:
        """Post `message` as a card.

        Raises
        ------
        NotifyError
            When Slack did not take it, or did not say so; the reason names what to do.
        """
        card = card_for(message, self._redact)
        try:
            self._check_address(self._url)
        except OpsError as err:
            raise NotifyError(self._without_secrets(str(err))) from None
        status, body, attempts = self._post(card)
        if (status, body) != (200, "ok"):
            raise _refusal(status, body)
        return Sent(attempts=attempts)

    def _post(self, card: dict[str, Any]) -> tuple[int, str, int]:
        """Return Slack's answer, and how often it was asked. Causes are cut off: they may carry the address."""
        from ai_ops.notify.slack.client import LeashedClient

        try:
            client = LeashedClient(self._url, self._timeout_seconds, self._sleep)
            reply = client.send_dict(card)
        except (ValueError, InvalidURL):
            raise NotifyError(
                "SLACK_WEBHOOK_URL is no web address: copy it again from Slack, it begins with https://hooks.slack.com/"
            ) from None
        except URLError as err:  # raised until the request is out, so nothing arrived
            why = self._without_secrets(str(err.reason))
            advice = "check the network, a proxy's certificate, and SLACK_WEBHOOK_URL (`neuropilot doctor`)"
            is_tls = isinstance(err.reason, SSLError)
            raise NotifyError(f"Slack could not be reached ({why}): {advice}", retryable=not is_tls) from None
        except TimeoutError:
            raise _lost(f"it did not answer within {self._timeout_seconds} s") from None
        except (OSError, HTTPException) as err:
            raise _lost(f"it broke off ({type(err).__name__})") from None
        return reply.status_code, reply.body.strip(), client.attempts

    def _without_secrets(self, text: str) -> str:
        return self._redact(text.replace(self._url, "the webhook"))


def _lost(what: str) -> NotifyError:
    return NotifyError(
        f"Slack got the message, but {what}: it may have arrived, so it is not sent again. Look into the channel",
        may_have_arrived=True,
    )


def _refusal(status: int, body: str) -> NotifyError:
    """Say what Slack's answer means. Only documented words are repeated: the rest may come from anywhere."""
    if status in _GATEWAY:
        return _lost(f"a gateway answered HTTP {status}")
    if 300 <= status < 400:  # noqa: PLR2004  # the range is what a redirect is
        return NotifyError(
            f"the webhook answered with a redirect (HTTP {status}), which is not followed: {_NEW_WEBHOOK}"
        )
    word = body if body in _REMEDIES else _STATUS_WORDS.get(status)
    if word:
        return NotifyError(
            f"Slack refused it: {word} (HTTP {status}): {_REMEDIES[word]}", retryable=status in _STATUS_WORDS
        )
    if status == 200:  # noqa: PLR2004  # HTTP OK
        return _lost("the answer was not Slack's")
    return NotifyError(f"Slack refused it with HTTP {status} and no word that it documents: {_NEW_WEBHOOK}")
