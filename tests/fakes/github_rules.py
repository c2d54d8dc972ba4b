"""What GitHub refuses, with the status and the words that it documents or is known to use."""

from __future__ import annotations

import re
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakes.github_state import Pull, RepositoryState, Token

BODY_MAX, TITLE_MAX = 65_536, 256
_NOT_ALLOWED = {
    "merge": "Merge commits are not allowed on this repository.",
    "squash": "Squash merges are not allowed on this repository.",
    "rebase": "Rebase merges are not allowed on this repository.",
}


class Refusal(Exception):
    """An answer that says no."""

    def __init__(
        self, status: int, message: str, errors: list[Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.body: dict[str, Any] = {"message": message, "status": str(status)}
        if errors is not None:
            self.body["errors"] = errors


def not_found() -> Refusal:
    """What GitHub says of things that are not there, or not for this token."""
    return Refusal(404, "Not Found")


def invalid(resource: str, **error: str) -> Refusal:
    """A request that cannot be carried out."""
    return Refusal(422, "Validation Failed", [{"resource": resource, **error}])


def require(token: Token, area: str, level: str) -> None:
    """Refuse a token that lacks a permission; for a pull request's comments and labels either of two will do."""
    areas = area.split("|")
    if not any(token.may(one, level) for one in areas):
        kind = "integration" if token.is_bot else "personal access token"
        accepted = "; ".join(f"{one}={level}" for one in areas)
        raise Refusal(403, f"Resource not accessible by {kind}", headers={"X-Accepted-GitHub-Permissions": accepted})


def check_text(resource: str, field_name: str, value: object, longest: int) -> str:
    """Give back a text that GitHub takes; None counts as empty."""
    if value is not None and not isinstance(value, str):
        raise Refusal(422, f"Invalid request.\n\nFor 'properties/{field_name}', {value!r} is not a string.")
    text = value or ""
    if len(text) > longest:
        says = f"{field_name} is too long (maximum is {longest} characters)"
        raise invalid(resource, code="custom", field=field_name, message=says)
    return text


def check_title(value: object) -> str:
    """Give back a title; there must be one."""
    title = check_text("PullRequest", "title", value, TITLE_MAX).strip()
    if not title:
        raise invalid("Issue", code="missing_field", field="title")
    return title


def check_opening(state: RepositoryState, token: Token, branch: str, base: str) -> str:
    """Give back the newest commit of a branch that a pull request may be opened for."""
    if token.is_workflow and not state.actions_may_open:
        raise Refusal(403, "GitHub Actions is not permitted to create or approve pull requests.")
    head, target = state.git.tip(branch), state.git.tip(base)
    if head is None:
        raise invalid("PullRequest", field="head", code="invalid")
    if target is None:
        raise invalid("PullRequest", field="base", code="invalid")
    twins = (one for one in state.pulls.values() if one.state == "open" and one.head_repository == state.name)
    if any((one.branch, one.base) == (branch, base) for one in twins):
        says = f"A pull request already exists for {state.owner}:{branch}."
        raise invalid("PullRequest", code="custom", message=says)
    if state.git.contains(target, head):
        raise invalid("PullRequest", code="custom", message=f"No commits between {base} and {branch}")
    return head


def check_merge(state: RepositoryState, pull: Pull, how: str, sha: str | None) -> None:
    """Refuse a merge that the repository, its rules or the branches do not let pass."""
    if how not in _NOT_ALLOWED:
        raise invalid("PullRequest", field="merge_method", code="invalid")
    target = state.git.tip(pull.base)
    if pull.closed_at is not None or pull.is_draft or pull.computing_looks or target is None:
        raise Refusal(405, "Pull Request is not mergeable")
    if sha is not None and sha != pull.head:
        raise Refusal(409, "Head branch was modified. Review and try the merge again.")
    missing = state.required_reviews - len(state.approvals.get(pull.number, ()))
    if missing > 0:
        says = f"At least {missing} approving review is required by reviewers with write access."
        raise Refusal(405, says)
    for check in sorted(state.required_checks):
        if (pull.head, check) not in state.passed_checks:
            raise Refusal(405, f'Required status check "{check}" is expected.')
    if how not in state.allowed_merges:
        raise Refusal(405, _NOT_ALLOWED[how])
    if not state.git.fits(target, pull.head):
        raise Refusal(405, "Pull Request is not mergeable")


@dataclass
class RateLimits:
    """How often a token may ask.

    Parameters
    ----------
    requests_per_hour
        GitHub's primary limit: 5,000 for most, 1,000 for the token of a workflow.
    writes_per_minute
        Content-creating requests; GitHub lets about 80 pass.
    retry_after_seconds
        What a sender is told to wait who wrote too often.
    """

    requests_per_hour: int = 5000
    writes_per_minute: int = 80
    retry_after_seconds: int = 60
    _used: int = 0
    _reset: int = field(default_factory=lambda: int(time.time()) + 3600)
    _writes: deque[float] = field(default_factory=deque)

    def headers(self) -> dict[str, str]:
        """What every answer says about the primary limit."""
        return {
            "X-RateLimit-Limit": str(self.requests_per_hour),
            "X-RateLimit-Remaining": str(max(self.requests_per_hour - self._used, 0)),
            "X-RateLimit-Used": str(self._used),
            "X-RateLimit-Reset": str(self._reset),
            "X-RateLimit-Resource": "core",
        }

    def count(self, method: str) -> None:
        """Count one request, or refuse it."""
        if self._used >= self.requests_per_hour:
            raise Refusal(403, "API rate limit exceeded for installation ID 1.")
        self._used += 1
        if method == "GET":
            return
        now = time.monotonic()
        while self._writes and now - self._writes[0] >= self.retry_after_seconds:
            self._writes.popleft()
        if len(self._writes) >= self.writes_per_minute:
            says = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
            raise Refusal(403, says, headers={"Retry-After": str(self.retry_after_seconds)})
        self._writes.append(now)


def page_of(found: list[Any], query: Mapping[str, str], url: str) -> tuple[list[Any], dict[str, str]]:
    """One page, and the header that leads to the others."""
    size = min(max(_whole(query.get("per_page"), 30), 1), 100)
    page, last = max(_whole(query.get("page"), 1), 1), max(-(-len(found) // size), 1)
    kept = "&".join(f"{name}={value}" for name, value in query.items() if name != "page")
    targets = {"prev": page - 1, "next": page + 1, "first": 1, "last": last}
    if page == 1:
        targets = {name: number for name, number in targets.items() if name in {"next", "last"}}
    if page >= last:
        targets = {name: number for name, number in targets.items() if name in {"prev", "first"}}
    links = ", ".join(
        f'<{url}?{kept}{"&" if kept else ""}page={number}>; rel="{name}"' for name, number in targets.items()
    )
    return found[(page - 1) * size : page * size], {"Link": links} if links else {}


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and re.fullmatch(r"[0-9]{1,6}", text) else otherwise
