"""What Notion's answers mean for a person, and what to do about them."""

from __future__ import annotations

from http import HTTPStatus

from ai_ops.domain.errors import NotifyError
from ai_ops.markdown import defused

_DEFECT = "this is a defect of the agent: please report it, with `neuropilot --version`"
_LATER = "the next run tries again; https://www.notion-status.com tells more"
_SHARED = (
    "open the database in Notion, choose ••• and Connections, and add the integration there; if it is there, check "
    "NOTION_DATABASE_ID: it is the part of the database's address before ?v="
)

# https://developers.notion.com/reference/status-codes
_REMEDIES = {
    "unauthorized": "make a new secret of the integration at https://www.notion.so/profile/integrations and put it "
    "into NOTION_API_KEY",
    "restricted_resource": "give the integration the capabilities to read, insert and update content",
    "object_not_found": _SHARED,
    "validation_error": "look at the columns of the database, and at NOTION_DATABASE_ID; if both are right, " + _DEFECT,
    "invalid_json": _DEFECT,
    "invalid_request_url": "check `channel_addresses.notion`: usually https://api.notion.com",
    "invalid_request": _DEFECT,
    "missing_version": _DEFECT,
    "conflict_error": _LATER,
    "rate_limited": _LATER,
    "service_overload": _LATER,
}
_BUSY = {HTTPStatus.TOO_MANY_REQUESTS, 529}
_STRANGE = (
    "and not in Notion's words: something on the way answers in its place; check the network, its proxy and "
    "`channel_addresses.notion`"
)
_WORDS_MAX = 200


class AnswerLost(NotifyError):
    """Notion may have done what it was asked for: look before asking again. The whole message may be sent again."""


def refusal(status: int, code: str, says: str) -> NotifyError:
    """What Notion answered in place of doing it.

    Parameters
    ----------
    status, code
        Of HTTP, and Notion's own word; the word is "" where the answer is not Notion's.
    says
        Notion's sentence, without secrets.
    """
    is_worth_waiting = status in _BUSY or status == HTTPStatus.CONFLICT
    if status in range(300, 400):
        return NotifyError(
            f"Notion's address answered with a redirect (HTTP {status}), which is not followed: "
            "set `channel_addresses.notion` to the final address"
        )
    if code not in _REMEDIES:
        words = _LATER if is_worth_waiting else _STRANGE
        return NotifyError(f"Notion answered HTTP {status}, {words}", retryable=is_worth_waiting)
    quoted = f" ({defused(says, _WORDS_MAX)})" if code == "validation_error" and says else ""
    return NotifyError(f"Notion refused it: {code}{quoted}: {_REMEDIES[code]}", retryable=is_worth_waiting)


def unreachable(why: str) -> NotifyError:
    """No request came through."""
    return NotifyError(f"Notion cannot be reached: {why}", retryable=True)


def lost(why: str) -> AnswerLost:
    """A request went out, and what became of it is not known."""
    return AnswerLost(f"Notion got the request, but {why}: {_LATER}", retryable=True)


def too_slow(seconds: float) -> NotifyError:
    """The time for one message is used up."""
    return NotifyError(
        f"the {seconds:g} s for one message to Notion are used up: the next run moves what is half written to the "
        "trash and begins anew",
        retryable=True,
    )


def not_notion(what: str) -> NotifyError:
    """An answer that Notion would not give."""
    return NotifyError(f"the answer of Notion {what}, {_STRANGE}")
