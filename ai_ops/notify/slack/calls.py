"""What the bot asks of Slack, call by call. Imported where the bot first speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from slack_sdk.errors import SlackApiError
from urllib3.exceptions import ConnectTimeoutError, ProtocolError

from ai_ops.domain.errors import HttpError, NotifyError, OpsError, TooLarge
from ai_ops.http_transport import Untrusted
from ai_ops.notify.slack.web import LeashedWebClient
from ai_ops.notify.slack.words import lost, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ai_ops.notify.slack.bot import Patience

_OK = 200
_THREAD_MESSAGES_MAX = 15
"""Of a thread, apps that Slack does not know get no more in one answer."""

_MALFORMED = "SLACK_BOT_TOKEN or channel_addresses.slack is malformed: copy them again"

_HOMES = ("slack.com", "slack-gov.com")


class SlackCalls:
    """Calls that belong to one message; each failure leaves as a `NotifyError` without secrets.

    Parameters
    ----------
    token
        The bot's, a secret.
    base_url
        Where the methods are.
    patience
        How long to wait, altogether.
    redact
        Takes secrets out of a text.
    check_address
        Raises an `OpsError` for an address that must not be reached.
    """

    def __init__(
        self,
        token: str,
        base_url: str,
        patience: Patience,
        redact: Callable[[str], str],
        check_address: Callable[[str], None],
    ) -> None:
        self._token = token
        self._base_url = base_url
        self._redact = redact
        self._check_address = check_address
        self._check(base_url)
        if not token.isascii():  # no header holds it
            raise NotifyError(_MALFORMED)
        self._client = LeashedWebClient(token, base_url, patience)

    @property
    def attempts(self) -> int:
        """Requests sent so far."""
        return self._client.attempts

    def post(self, channel: str, card: Mapping[str, Any]) -> dict[str, Any]:
        """Post a card into a channel."""
        return self._ask(self._client.chat_postMessage, channel=channel, **card)

    def permalink(self, channel: str, timestamp: str) -> dict[str, Any]:
        """Ask where a person finds a message."""
        return self._ask(self._client.chat_getPermalink, channel=channel, message_ts=timestamp)

    def thread(self, channel: str, timestamp: str) -> dict[str, Any]:
        """Read a message with its reactions, and the first of its replies."""
        return self._ask(self._client.conversations_replies, channel=channel, ts=timestamp, limit=_THREAD_MESSAGES_MAX)

    def upload_address(self, filename: str, length: int, alt: str) -> dict[str, Any]:
        """Ask where a picture of `length` bytes may be sent to, and by which id it will be known."""
        return self._ask(self._client.files_getUploadURLExternal, filename=filename, length=length, alt_txt=alt or None)

    def upload(self, url: str, content: bytes) -> None:
        """Send the bytes; the address alone allows it, so that no token goes there."""
        if not _is_at_home(url, self._base_url):
            raise NotifyError("Slack named an upload address that is not its own, and nothing was sent there")
        self._check(url)
        status = self._in_words(self._client.upload, url, content)
        if status != _OK:
            raise NotifyError(f"the picture's upload ended in HTTP {status}: look at https://slack-status.com")

    def complete_uploads(self, channel: str, timestamp: str, files: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        """Show the uploaded files in the thread of a message; each has its `id` and its `title`."""
        return self._ask(
            self._client.files_completeUploadExternal,
            files=[dict(file) for file in files],
            channel_id=channel,
            thread_ts=timestamp,
        )

    def _ask(self, method: Callable[..., Any], **arguments: object) -> dict[str, Any]:
        answer: dict[str, Any] = self._in_words(method, **arguments).data
        return answer

    def _in_words(self, call: Callable[..., Any], *args: object, **arguments: object) -> Any:  # noqa: ANN401  # the call's
        """Call, and say what went wrong. Causes are cut off: they carry the token or the card."""
        try:
            return call(*args, **arguments)
        except SlackApiError as err:
            answer: Any = err.response
            raise refusal(answer.status_code, answer.data) from None
        except Untrusted as err:
            raise NotifyError(f"Slack was not spoken to: {self._without_secrets(str(err))}") from None
        except ConnectTimeoutError as err:
            advice = "check the network and channel_addresses.slack (`neuropilot doctor`)"
            raise NotifyError(f"Slack could not be reached ({self._why(err)}): {advice}", retryable=True) from None
        except ProtocolError as err:
            raise lost(f"Slack gave no whole answer ({self._why(err)})") from None
        except TooLarge:
            raise lost("Slack's answer was far too long") from None
        except HttpError as err:  # not sent: no time left, or an address that is refused once it is resolved
            raise NotifyError(self._without_secrets(str(err))) from None
        except ValueError:  # its text quotes the token
            raise NotifyError(_MALFORMED) from None

    def _check(self, url: str) -> None:
        try:
            self._check_address(url)
        except OpsError as err:
            raise NotifyError(self._without_secrets(str(err))) from None

    def _why(self, err: Exception) -> str:
        """What the system said, without the advice behind it."""
        return self._without_secrets(str(err)).partition(";")[0]

    def _without_secrets(self, text: str) -> str:
        return self._redact(text.replace(self._token, "the token") if self._token else text)


def _is_at_home(url: str, base_url: str) -> bool:
    """Whether files may be sent to `url`: where the methods are, or at Slack below a name that only Slack can have.

    >>> _is_at_home("https://files.slack.com/upload/v1/abc", "https://slack.com/api")
    True
    >>> _is_at_home("https://files.slack.com@evil.example/upload", "https://slack.com/api")
    False
    """
    try:
        there, home = urlsplit(url), urlsplit(base_url)
        doors = [(part.scheme, part.hostname, part.port) for part in (there, home)]
    except ValueError:
        return False
    if there.username is not None or not there.hostname:
        return False
    is_below = any(f".{there.hostname}".endswith(f".{name}") for name in _HOMES)
    return doors[0] == doors[1] or (there.scheme == "https" and there.port in {None, 443} and is_below)
