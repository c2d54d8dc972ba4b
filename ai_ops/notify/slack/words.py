"""What the Web API of Slack means by its words, and what to do about each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ai_ops.domain.errors import NotifyError

if TYPE_CHECKING:
    from collections.abc import Mapping

_NEW_TOKEN = "copy the token that begins with xoxb- from your app's page OAuth & Permissions into SLACK_BOT_TOKEN"  # noqa: S105  # it is none
_INVITE = "invite the bot: write /invite and its name into the channel"
_RIGHT_CHANNEL = (
    "SLACK_CHANNEL must be the id of a channel of this workspace, and a private one must have the bot in it"
)
_ADMINISTRATOR = "an administrator restricts who may post there: ask them, or choose another channel"
_WAIT = "run again later, or look at https://slack-status.com"
_DEFECT = "this is a defect of the agent: please report it, with `neuropilot --version`"

# https://docs.slack.dev/reference/methods/chat.postMessage#errors, and the same of files.completeUploadExternal
_REMEDIES = {
    "access_denied": _ADMINISTRATOR,
    "account_inactive": f"the app was removed from the workspace: install it again, and {_NEW_TOKEN}",
    "channel_not_found": _RIGHT_CHANNEL,
    "ekm_access_denied": _ADMINISTRATOR,
    "file_type_not_allowed": "the workspace takes no PNG pictures: ask an administrator",
    "file_upload_size_restricted": "the workspace takes smaller files only: ask an administrator",
    "file_uploads_disabled": "the workspace takes no files: ask an administrator",
    "invalid_auth": f"the token is mistyped, or this machine's address is not allowed: {_NEW_TOKEN}",
    "invalid_blocks": _DEFECT,
    "invalid_blocks_format": _DEFECT,
    "invalid_channel": _RIGHT_CHANNEL,
    "is_archived": "the channel is archived: unarchive it, or choose another one as SLACK_CHANNEL",
    "message_limit_exceeded": "the workspace has sent all that its plan allows: ask an administrator",
    "msg_blocks_too_long": _DEFECT,
    "no_permission": _INVITE,
    "no_text": _DEFECT,
    "not_allowed_token_type": f"this token is not a bot's: {_NEW_TOKEN}",
    "not_authed": _NEW_TOKEN,
    "not_in_channel": _INVITE,
    "posting_to_channel_denied": _ADMINISTRATOR,
    "rate_limited": "more than one message a second went to this channel: wait a minute",
    "ratelimited": "more requests came than Slack takes: wait a minute",
    "request_timeout": "the message came cut off: run again",
    "restricted_action": _ADMINISTRATOR,
    "restricted_action_read_only_channel": _ADMINISTRATOR,
    "restricted_action_thread_only_channel": "the channel takes nothing but replies: choose another one",
    "service_unavailable": _WAIT,
    "storage_limit_reached": "the workspace has no room for files: delete some, or ask an administrator",
    "team_access_not_granted": "the app is not installed in this workspace: ask an administrator",
    "team_added_to_org": "the workspace is being moved to an Enterprise organisation: run again later",
    "token_expired": f"the token has expired: turn token rotation off, and {_NEW_TOKEN}",
    "token_revoked": f"the token was revoked: install the app again, and {_NEW_TOKEN}",
}
_PASSES = {"rate_limited", "ratelimited", "request_timeout", "service_unavailable", "team_added_to_org"}
"""Nothing was done, and another time it may be."""

_HALF_DONE = {"fatal_error", "internal_error"}
"""Slack says of these that some of it may have been done."""

_OK, _TOO_MANY, _SERVER_FAULT = 200, 429, 500


def refusal(status: int, answer: Mapping[str, object]) -> NotifyError:
    """Say what an answer without success means.

    Parameters
    ----------
    status
        Of HTTP.
    answer
        The object that came with it; empty when none came.
    """
    word = _word(answer) or ("ratelimited" if status == _TOO_MANY else "")
    if word in _HALF_DONE or (status >= _SERVER_FAULT and word not in _PASSES):
        return lost(f"Slack failed inside ({word or f'HTTP {status}'})")
    if word == "missing_scope":
        return NotifyError(
            f"Slack refused it: missing_scope: add {_scopes(answer)} on your app's page OAuth & Permissions, and "
            "install it in the workspace again"
        )
    if word:
        advice = _REMEDIES.get(word, "https://docs.slack.dev/reference/methods/chat.postMessage says what it means")
        return NotifyError(f"Slack refused it: {word}: {advice}", retryable=word in _PASSES)
    return _no_word(status)


def lost(what: str) -> NotifyError:
    """Say that nobody knows whether it was done."""
    return NotifyError(
        f"{what}: it may have arrived all the same, so it is not sent again. Look into the channel",
        may_have_arrived=True,
    )


def _no_word(status: int) -> NotifyError:
    """Say what it means that somebody answered who does not speak like Slack."""
    if status == _OK:
        return lost("the answer was not Slack's")
    what = "a redirect, which is not followed" if status // 100 == 3 else "not Slack's"  # noqa: PLR2004  # HTTP 3xx
    return NotifyError(f"the answer was HTTP {status} and {what}: is channel_addresses.slack right, and the proxy?")


def _word(answer: Mapping[str, object]) -> str:
    """Slack's word for what is wrong; "" for what does not look like one, because it may come from anywhere."""
    word = answer.get("error")
    return word if isinstance(word, str) and re.fullmatch("[a-z]{1,30}(?:_[a-z]{1,30}){0,9}", word) else ""


def _scopes(answer: Mapping[str, object]) -> str:
    """The permissions that are missing, as Slack names them."""
    needed = answer.get("needed")
    is_list = isinstance(needed, str) and re.fullmatch(r"[a-z]{1,30}:[a-z._:,]{1,80}", needed)
    return str(needed) if is_list else "chat:write and files:write"
