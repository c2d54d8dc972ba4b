"""A webhook of the team's own: the message as signed JSON.

How a receiver makes sure that a call is ours, with the secret that both sides know:

1. take `X-NeuroPilot-Timestamp`, seconds since 1970; refuse the call when it is more than five minutes from now, so
   that nobody can send an old one again;
2. compute HMAC-SHA256 with the secret over the timestamp, a full stop, and the body as it came, byte by byte;
3. compare "sha256=" and the hexadecimal digest with `X-NeuroPilot-Signature` in constant time;
4. remember `X-NeuroPilot-Delivery` (also sent as `Idempotency-Key`) for a few days, and answer 409 to one that is
   known: a call whose answer got lost comes again.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING

from ai_ops.domain.errors import HttpError, NotifyError, OpsError, Unreachable
from ai_ops.domain.message import Sent
from ai_ops.notify.watchers.heartbeat import without_paths
from ai_ops.notify.webhook.message_form import message_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from ai_ops.domain.message import Message
    from ai_ops.http_client import HttpClient, Reply

_FINE = range(200, 300)
_REDIRECTED = range(300, 400)
_KNOWN_ALREADY = 409
_TRANSIENT = {408, 425, 429, 500, 503}
_GATEWAY = {502, 504}
_CHECK_ADDRESS = "check NEUROPILOT_WEBHOOK_URL"
_CHECK_SECRET = "check that NEUROPILOT_WEBHOOK_SECRET is the same on both sides, and the receiver's clock"  # noqa: S105
_HINTS = {
    401: _CHECK_SECRET,
    403: _CHECK_SECRET,
    404: _CHECK_ADDRESS,
    405: f"it must take POST; {_CHECK_ADDRESS}",
    410: f"the receiver is gone for good; {_CHECK_ADDRESS}, or unset it",
    413: "allow it bodies of 1 MB",
    429: "it is told too much: raise channels.webhook.least_level, or its limit",
}


class WebhookNotifier:
    """Posts messages to one address. Sends a message as often as it is told: `notify.deliver` sees to once.

    Parameters
    ----------
    client
        Asks over the network. It may send a POST twice, because a receiver knows what it has by its key, and must
        follow no redirect, because an answer from elsewhere says nothing.
    url
        Where to; a secret, of which errors name the server alone.
    secret
        What calls are signed with; "" leaves them unsigned.
    redact
        Takes secrets out of a text.
    check_address
        Raises an `OpsError` for an address that must not be reached.
    clock
        Gives the time, aware.
    """

    name = "webhook"

    def __init__(
        self,
        client: HttpClient,
        url: str,
        *,
        secret: str,
        redact: Callable[[str], str],
        check_address: Callable[[str], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._url = url
        self._secret = secret
        self._redact = redact
        self._check_address = check_address
        self._clock = clock

    def send(self, message: Message) -> Sent:
        """Post `message`; a receiver that knows its key already has it.

        Raises
        ------
        NotifyError
            When the receiver did not take it, or did not say so.
        """
        body, delivery = message_bytes(message, self._redact), delivery_id(message.key, self._redact)
        reply = self._post(body, self._headers(message, body, delivery))
        if reply.status == _KNOWN_ALREADY:
            return Sent(reference=delivery, note="the receiver had it already")
        if reply.status not in _FINE:
            raise _refusal(reply.status)
        return Sent(reference=delivery)

    def _headers(self, message: Message, body: bytes, delivery: str) -> dict[str, str]:
        timestamp = str(int(self._clock().timestamp()))
        signed = {"X-NeuroPilot-Signature": signature(self._secret, timestamp, body)} if self._secret else {}
        return {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "NeuroPilot",
            "X-NeuroPilot-Event": message.kind.value,
            "X-NeuroPilot-Delivery": delivery,
            "X-NeuroPilot-Timestamp": timestamp,
            "Idempotency-Key": delivery,
            **signed,
        }

    def _post(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Return the receiver's answer. Causes are cut off below: they may carry the address."""
        try:
            self._check_address(self._url)
        except OpsError as err:
            raise NotifyError(self._without_secrets(str(err))) from None
        try:
            return self._client.post(self._url, form=body, headers=headers)
        except Unreachable as err:
            raise NotifyError(f"the webhook's receiver: {self._without_secrets(str(err))}", retryable=True) from None
        except HttpError as err:
            words = self._without_secrets(str(err))
            raise NotifyError(
                f"the webhook's receiver: {words}; it may have arrived", retryable=True, may_have_arrived=True
            ) from None

    def _without_secrets(self, text: str) -> str:
        return self._redact(without_paths(text.replace(self._url, "the webhook")))


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Sign a call.

    >>> signature("key", "1795168800", b"{}")[:20]
    'sha256=238cca43c42f9'
    """
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


def delivery_id(key: str, redact: Callable[[str], str]) -> str:
    """A message's key as a header can hold it: itself, or a digest of what is too long, too strange or too secret.

    >>> delivery_id("report-daily-20261120", str)
    'report-daily-20261120'
    """
    is_plain = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}", key) and redact(key) == key
    return key if is_plain else f"sha256:{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()}"


def _refusal(status: int) -> NotifyError:
    """Say what an answer means. Its words are not repeated: they may come from anywhere."""
    if status in _REDIRECTED:
        return NotifyError(f"the webhook's receiver redirects (HTTP {status}), which is not followed; {_CHECK_ADDRESS}")
    is_transient, may_have_arrived = status in _TRANSIENT | _GATEWAY, status in _GATEWAY
    hint = _HINTS.get(status, "run again later" if is_transient else "see the receiver's own log")
    return NotifyError(
        f"the webhook's receiver answered HTTP {status}: {hint}",
        retryable=is_transient,
        may_have_arrived=may_have_arrived,
    )
