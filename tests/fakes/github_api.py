"""GitHub's REST API for one repository: each endpoint asks the rules, then changes the state."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from fakes.github_json import Shapes
from fakes.github_rules import (
    BODY_MAX,
    Refusal,
    check_merge,
    check_opening,
    check_text,
    check_title,
    invalid,
    not_found,
    page_of,
    require,
)
from fakes.github_state import Comment, Pull

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakes.github_git import Who
    from fakes.github_state import RepositoryState, Token

_EITHER = "pull_requests|issues"
"""A pull request is an issue too: one of the two permissions opens its comments and labels."""


@dataclass(frozen=True)
class Request:
    """One request that has been let in."""

    token: Token
    query: Mapping[str, str]
    sent: dict[str, Any]
    url: str

    @property
    def who(self) -> Who:
        """Whose name commits bear that this request makes."""
        return self.token.login, f"{self.token.login}@users.noreply.github.com"


@dataclass(frozen=True)
class Answer:
    """What the server says; None has no body."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Api:
    """The endpoints; `answer` finds the one that a method and a path below the repository mean."""

    def __init__(self, state: RepositoryState, api: str) -> None:
        self._state = state
        self._draw = Shapes(state, api)
        self._routes: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
            ("GET", r"", self._repository),
            ("GET", r"/pulls", self._pulls),
            ("POST", r"/pulls", self._open),
            ("GET", r"/pulls/(\d+)", self._pull),
            ("PATCH", r"/pulls/(\d+)", self._edit),
            ("PUT", r"/pulls/(\d+)/merge", self._merge),
            ("GET", r"/issues/(\d+)/comments", self._comments),
            ("POST", r"/pulls/(\d+)/requested_reviewers", self._invite),
            ("POST", r"/issues/(\d+)/comments", self._comment),
            ("PATCH", r"/issues/comments/(\d+)", self._edit_comment),
            ("GET", r"/issues/(\d+)/labels", self._labels),
            ("POST", r"/issues/(\d+)/labels", self._add_labels),
            ("DELETE", r"/issues/(\d+)/labels/([^/]+)", self._remove_label),
            ("PUT", r"/actions/workflows/([^/]+)/enable", self._enable),
            ("GET", r"/actions/artifacts", self._artifacts),
            ("GET", r"/actions/runs/(\d+)/artifacts", self._artifacts),
            ("DELETE", r"/actions/artifacts/(\d+)", self._delete_artifact),
            ("GET", r"/actions/permissions/workflow", self._actions_settings),
            ("DELETE", r"/git/refs/heads/(.+)", self._delete_branch),
        )

    def answer(self, method: str, path: str, request: Request) -> Answer:
        """Carry a request out; `path` follows the name of the repository."""
        self._state.look_at_branches()
        for verb, pattern, endpoint in self._routes:
            found = re.fullmatch(pattern, path)
            if found and verb == method:
                if method != "GET" and self._state.is_archived:
                    raise Refusal(403, "Repository was archived so is read-only.")
                return endpoint(request, *(unquote(group) for group in found.groups()))
        raise not_found()

    def user(self, token: Token) -> Answer:
        """Whom a token belongs to; installations of Apps may not ask."""
        if token.is_bot:
            raise Refusal(403, "Resource not accessible by integration")
        return Answer(200, self._draw.user(token.login))

    def _repository(self, request: Request) -> Answer:
        return Answer(200, self._draw.repository(request.token))

    # -- pull requests ------------------------------------------------------------------------------------------------

    def _pulls(self, request: Request) -> Answer:
        require(request.token, "pull_requests", "read")
        found = [one for one in self._state.pulls.values() if self._is_asked_for(one, request.query)]
        by = {"created": "created_at", "updated": "updated_at"}.get(request.query.get("sort", "created"), "created_at")
        key = (lambda one: (one.closed_at or one.created_at, one.number)) if by == "updated_at" else _age
        default = "desc" if request.query.get("sort", "created") == "created" else "asc"
        found.sort(key=key, reverse=request.query.get("direction", default) == "desc")
        page, headers = page_of(found, request.query, request.url)
        return Answer(200, [self._draw.pull(one, is_whole=False) for one in page], headers)

    def _is_asked_for(self, pull: Pull, query: Mapping[str, str]) -> bool:
        owner, colon, branch = query.get("head", "").partition(":")
        head_owner = (pull.head_repository or "ghost/gone").partition("/")[0]
        return (
            query.get("state", "open") in {pull.state, "all"}
            and query.get("base") in {None, pull.base}
            # Without a colon the filter counts for nothing, as on GitHub.
            and (not colon or (head_owner.lower(), pull.branch) == (owner.lower(), branch))
        )

    def _open(self, request: Request) -> Answer:
        require(request.token, "pull_requests", "write")
        sent, state = request.sent, self._state
        title, body = check_title(sent.get("title")), check_text("PullRequest", "body", sent.get("body"), BODY_MAX)
        branch = str(sent.get("head", "")).removeprefix(f"{state.owner}:")
        head = check_opening(state, request.token, branch, str(sent.get("base", "")))
        number = state.next_number()
        pull = Pull(number, state.name, branch, head, sent["base"], title, body, request.token.login, state.clock())
        pull.is_draft, pull.computing_looks = bool(sent.get("draft")), state.looks_until_mergeable
        state.pulls[number] = pull
        state.git.keep(number, head)
        return Answer(201, self._draw.pull(pull, is_whole=True))

    def _invite(self, request: Request, number: str) -> Answer:
        require(request.token, "pull_requests", "write")
        pull, state = self._found(number), self._state
        teams = {f"{state.owner}/{team}" for team in request.sent.get("team_reviewers", [])}
        wanted = {*request.sent.get("reviewers", []), *teams}
        if pull.author in wanted or not wanted <= state.collaborators:
            says = "Reviews may only be requested from collaborators. One of the users or teams is none."
            raise Refusal(422, says)
        state.review_requests.setdefault(pull.number, set()).update(wanted)
        return Answer(201, self._draw.pull(pull, is_whole=False))

    def _pull(self, request: Request, number: str) -> Answer:
        require(request.token, "pull_requests", "read")
        pull = self._found(number)
        shown = self._draw.pull(pull, is_whole=True)
        pull.computing_looks = max(pull.computing_looks - 1, 0)
        return Answer(200, shown)

    def _edit(self, request: Request, number: str) -> Answer:
        require(request.token, "pull_requests", "write")
        pull, sent = self._found(number), request.sent
        title = check_title(sent["title"]) if "title" in sent else pull.title
        body = check_text("PullRequest", "body", sent["body"], BODY_MAX) if "body" in sent else pull.body
        if sent.get("state", "open") not in {"open", "closed"}:
            raise invalid("PullRequest", field="state", code="invalid")
        if sent.get("state") == "open" and pull.closed_at is not None:
            self._reopen(pull)
        pull.title, pull.body = title, body
        if sent.get("state") == "closed":
            self._state.close(pull)
        return Answer(200, self._draw.pull(pull, is_whole=True))

    def _reopen(self, pull: Pull) -> None:
        is_gone = pull.head_repository != self._state.name or self._state.git.tip(pull.branch) is None
        if pull.merged_at is not None or is_gone:
            says = "state cannot be changed. The pull request cannot be reopened."
            raise invalid("PullRequest", code="custom", field="state", message=says)
        pull.closed_at = None

    def _merge(self, request: Request, number: str) -> Answer:
        require(request.token, "contents", "write")
        pull, how = self._found(number), str(request.sent.get("merge_method", "merge"))
        check_merge(self._state, pull, how, request.sent.get("sha"))
        title, rest = request.sent.get("commit_title"), request.sent.get("commit_message")
        message = f"{title or pull.title}\n\n{rest or ''}" if title or rest else None
        commit = self._state.merge(pull, how, request.who, message)
        return Answer(200, {"sha": commit, "merged": True, "message": "Pull Request successfully merged"})

    # -- comments and labels ------------------------------------------------------------------------------------------

    def _comments(self, request: Request, number: str) -> Answer:
        require(request.token, _EITHER, "read")
        pull = self._found(number)
        found = [one for one in self._state.comments.values() if one.number == pull.number]
        page, headers = page_of(sorted(found, key=lambda one: one.id), request.query, request.url)
        return Answer(200, [self._draw.comment(one) for one in page], headers)

    def _comment(self, request: Request, number: str) -> Answer:
        require(request.token, _EITHER, "write")
        pull, body, now = self._found(number), _comment_body(request), self._state.clock()
        comment = Comment(self._state.next_id(), pull.number, request.token.login, body, now, now)
        self._state.comments[comment.id] = comment
        return Answer(201, self._draw.comment(comment))

    def _edit_comment(self, request: Request, number: str) -> Answer:
        require(request.token, _EITHER, "write")
        comment = self._state.comments.get(int(number))
        if comment is None:
            raise not_found()
        comment.body, comment.updated_at = _comment_body(request), self._state.clock()
        return Answer(200, self._draw.comment(comment))

    def _labels(self, request: Request, number: str) -> Answer:
        require(request.token, _EITHER, "read")
        return Answer(200, [self._draw.label(name) for name in self._found(number).labels])

    def _add_labels(self, request: Request, number: str) -> Answer:
        require(request.token, _EITHER, "write")
        pull, sent = self._found(number), request.sent.get("labels", [])
        pull.labels[:] = dict.fromkeys([*pull.labels, *sent])
        return self._labels(request, number)

    def _remove_label(self, request: Request, number: str, name: str) -> Answer:
        require(request.token, _EITHER, "write")
        pull = self._found(number)
        if name not in pull.labels:
            raise Refusal(404, "Label does not exist")
        pull.labels.remove(name)
        return self._labels(request, number)

    # -- workflows, settings, branches --------------------------------------------------------------------------------

    def _enable(self, request: Request, name: str) -> Answer:
        require(request.token, "actions", "write")
        if name not in self._state.enabled_workflows:
            raise not_found()
        self._state.enabled_workflows[name] = True
        return Answer(204)

    def _artifacts(self, request: Request, run: str = "") -> Answer:
        require(request.token, "actions", "read")
        wanted = request.query.get("name")
        found = [
            one
            for one in self._state.artifacts.values()
            if (not run or one.run_id == int(run)) and wanted in {None, one.name}
        ]
        page, headers = page_of(sorted(found, key=lambda one: -one.id), request.query, request.url)
        return Answer(
            200, {"total_count": len(found), "artifacts": [self._draw.artifact(one) for one in page]}, headers
        )

    def _delete_artifact(self, request: Request, number: str) -> Answer:
        require(request.token, "actions", "write")
        if self._state.artifacts.pop(int(number), None) is None:
            raise not_found()
        return Answer(204)

    def _actions_settings(self, request: Request) -> Answer:
        if not request.token.is_admin:
            raise Refusal(403, "Resource not accessible by integration")
        allowed = self._state.actions_may_open
        shown = {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": allowed}
        return Answer(200, shown)

    def _delete_branch(self, request: Request, branch: str) -> Answer:
        require(request.token, "contents", "write")
        if self._state.git.tip(branch) is None:
            raise Refusal(422, "Reference does not exist")
        self._state.git.delete(branch)
        self._state.look_at_branches()
        return Answer(204)

    def _found(self, number: str) -> Pull:
        pull = self._state.pulls.get(int(number))
        if pull is None:
            raise not_found()
        return pull


def _age(pull: Pull) -> tuple[Any, int]:
    return pull.created_at, pull.number


def _comment_body(request: Request) -> str:
    body = check_text("IssueComment", "body", request.sent.get("body"), BODY_MAX)
    if not body.strip():
        raise invalid("IssueComment", code="missing_field", field="body")
    return body


def moved(api: str, name: str, path: str, method: str) -> Answer:
    """What GitHub answers under a repository's former name."""
    target = f"{api}/repos/{quote(name)}{path}"
    status = 301 if method == "GET" else 307
    return Answer(status, {"message": "Moved Permanently", "url": target}, {"Location": target})
