"""What GitHub's refusals mean: its own words, and what to do next."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ai_ops.domain.errors import DeliveryError, Overtaken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from github import GithubException

_WORDS_MAX = 400
_SERVER_FAULT = 500
_LIMITED = re.compile(r"rate limit|^429 |retry your request again later|wait a few minutes", re.IGNORECASE)

_PERMISSION = "give the token {} (GitHub Actions: `permissions:` of the job)"

_ACTIONS_SETTING = (
    "turn on Settings > Actions > General > Allow GitHub Actions to create and approve pull requests (an organisation "
    "may forbid it for all its repositories), or set an App's token as NEUROPILOT_GITHUB_TOKEN"
)

# GitHub's words: https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
_HINTS = (
    (
        r"not permitted to create or approve",
        _ACTIONS_SETTING,
    ),
    (
        r"SAML|single sign-on",
        "authorise the token for the organisation: it stands under the token's `Configure SSO`",
    ),
    (r"IP allow list", "run from an address that the organisation allows"),
    (r"archived", "unarchive the repository, or set `mode: observe`"),
    (r"resource not accessible|must have (admin|write|push)|write access", _PERMISSION),
    (r"^401 ", "the token is wrong or has expired: set NEUROPILOT_GITHUB_TOKEN anew"),
    (
        r"^404 ",
        "see whether the repository is called so, set `github_repository` if not, and let the token see it",
    ),
    (r"^410 ", "the repository has switched this off in its settings"),
    (r"no commits between", "the branch holds nothing that its base lacks: run again to decide anew"),
    (r"\bhead\b.*invalid|invalid.*\bhead\b", "push the branch first; run again"),
    (r"\bbase\b.*invalid|invalid.*\bbase\b", "name a branch that stands on GitHub in `repository.branch`"),
    (r"^5\d\d ", "look at https://www.githubstatus.com and run again"),
)
"""What helps, by status and words of the refusal, first match wins."""


class Refused(DeliveryError):
    """GitHub understood and said no.

    Parameters
    ----------
    message
        What failed, GitHub's words, and what to do.
    status
        Of the answer.
    words
        GitHub's own.
    """

    def __init__(self, message: str, status: int, words: str) -> None:
        super().__init__(message)
        self.status = status
        self.words = words


class AnswerLost(DeliveryError):
    """The request may have been obeyed or not: nobody knows until somebody looks."""


def failure(what: str, error: GithubException, redact: Callable[[str], str]) -> DeliveryError:
    """The error for a refusal: `what` opens its sentence."""
    words = redact(said(error.data))[:_WORDS_MAX] or "nothing"
    status, headers = error.status, {name.lower(): value for name, value in (error.headers or {}).items()}
    if status >= _SERVER_FAULT:
        return AnswerLost(f"{what}: GitHub failed inside (HTTP {status}). Next: {_hint(f'{status} ', headers)}")
    if re.search("pull request already exists", words, re.IGNORECASE):
        return Overtaken(f"{what}: {words}. Somebody else opened it first: run again to decide anew")
    hint = _limit(headers) if is_limited(status, words, headers) else _hint(f"{status} {words}", headers)
    next_step = f". Next: {hint}" if hint else ""
    return Refused(f"{what}: GitHub says {words} (HTTP {status}){next_step}", status, words)


def said(data: Any) -> str:  # noqa: ANN401  # whatever an answer held
    """GitHub's words in one line: the message, and behind it what is wrong with which field.

    >>> said({"message": "Validation Failed", "errors": [{"field": "head", "code": "invalid"}]})
    'Validation Failed: head invalid'
    """
    if not isinstance(data, dict):
        return ""
    errors = data.get("errors")
    details = [_detail(one) for one in errors] if isinstance(errors, list) else []
    message = str(data.get("message") or "").strip()
    line = ": ".join(part for part in (message, "; ".join(filter(None, details))) if part)
    shown = "".join(char if char.isprintable() else " " for char in line)
    return " ".join(shown.split()).rstrip(".")


def is_limited(status: int, words: str, headers: Mapping[str, str]) -> bool:
    """Whether it is only too early: nothing was done, and the same may be asked again later."""
    if status not in {403, 429}:
        return False
    is_spent = headers.get("x-ratelimit-remaining") == "0"
    return is_spent or "retry-after" in headers or bool(_LIMITED.search(f"{status} {words}"))


def _limit(headers: Mapping[str, str]) -> str:
    after, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if after.isdecimal():
        return f"the limit ends in {after} s: run again then"
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return f"the limit ends at {datetime.fromtimestamp(int(reset[:10]), UTC):%Y-%m-%d %H:%M} UTC: run again then"
    return "wait a few minutes and run again"


def _hint(words: str, headers: Mapping[str, str]) -> str:
    hint = next((hint for pattern, hint in _HINTS if re.search(pattern, words, re.IGNORECASE)), "")
    return hint.format(_permission(headers)) if hint is _PERMISSION else hint


def _permission(headers: Mapping[str, str]) -> str:
    """The permission that would have sufficed, where GitHub names it."""
    accepted = headers.get("x-accepted-github-permissions", "")
    wanted = re.findall(r"([a-z_]+)=(read|write|admin)", accepted)
    named = " or ".join(f"`{name.replace('_', '-')}: {level}`" for name, level in wanted[:4])
    return named or "`pull-requests: write` and `contents: write`"


def _detail(error: Any) -> str:  # noqa: ANN401  # whatever an answer held
    if not isinstance(error, dict):
        return str(error)
    return str(error.get("message") or f"{error.get('field', '')} {error.get('code', '')}".strip())
