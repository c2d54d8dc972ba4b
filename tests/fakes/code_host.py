"""A code host without a network: the same repository and the same rules as the fake GitHub, called directly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.github_json import WEB
from fakes.github_rules import BODY_MAX, Refusal, check_merge, check_opening, check_text, check_title
from fakes.github_state import Comment, Pull, RepositoryState, Token

from ai_ops.domain.errors import DeliveryError, Overtaken
from ai_ops.domain.pull_request import PullRequest, PullRequestState

if TYPE_CHECKING:
    from collections.abc import Callable

AGENT = Token("neuropilot-acme[bot]")


class DirectHost:
    """A `CodeHost` for tests that care about pull requests and not about how they get there.

    Parameters
    ----------
    state
        The repository; usually that of a `FakeGitHub`, whose methods play the people.
    """

    name = "direct"

    def __init__(self, state: RepositoryState) -> None:
        self._state = state

    def pull_requests(self, branch: str) -> tuple[PullRequest, ...]:
        """Newest first; at most 30."""
        self._state.look_at_branches()
        ours = [one for one in self._state.pulls.values() if self._is_ours(one) and one.branch == branch]
        return tuple(self._shown(one) for one in sorted(ours, key=lambda one: -one.number)[:30])

    def open(self, branch: str, base: str, title: str, body: str) -> PullRequest:
        """Open one."""
        state = self._state
        state.look_at_branches()
        text = self._checked(lambda: check_text("PullRequest", "body", body, BODY_MAX))
        head = self._checked(lambda: check_opening(state, AGENT, branch, base))
        named = self._checked(lambda: check_title(title))
        number = state.next_number()
        pull = Pull(number, state.name, branch, head, base, named, text, AGENT.login, state.clock())
        state.pulls[number] = pull
        return self._shown(pull)

    def invite(self, number: int, reviewers: tuple[str, ...]) -> str | None:
        """Ask for a review, of people who work here."""
        self._found(number)
        if strangers := set(reviewers) - self._state.collaborators:
            return f"Reviews may only be requested from collaborators: {', '.join(sorted(strangers))}"
        self._state.review_requests.setdefault(number, set()).update(reviewers)
        return None

    def edit(self, number: int, title: str, body: str) -> None:
        """Replace title and body."""
        pull = self._found(number)
        text = self._checked(lambda: check_text("PullRequest", "body", body, BODY_MAX))
        pull.title, pull.body = self._checked(lambda: check_title(title)), text

    def close(self, number: int) -> None:
        """Close it."""
        self._state.close(self._found(number))

    def merge(self, number: int, head: str) -> str | None:
        """Merge it in the first way that is allowed."""
        pull, reason = self._found(number), ""
        if pull.merged_at is not None and pull.head == head:
            return None
        for how in ("rebase", "squash", "merge"):
            try:
                check_merge(self._state, pull, how, head)
            except Refusal as refusal:
                reason = str(refusal)
                continue
            self._state.merge(pull, how, (AGENT.login, "bot@example.org"))
            return None
        return reason

    def has_said(self, number: int, marker: str) -> bool:
        """Look for a comment of ours."""
        ours = [one for one in self._state.comments.values() if one.number == number and one.author == AGENT.login]
        return any(one.body.startswith(marker) for one in ours)

    def say(self, number: int, marker: str, text: str) -> None:
        """Comment, or edit the comment."""
        pull, now = self._found(number), self._state.clock()
        wanted = text if text.startswith(marker) else f"{marker}\n{text}"
        ours = [one for one in self._state.comments.values() if one.number == number and one.author == AGENT.login]
        standing = next((one for one in ours if one.body.startswith(marker)), None)
        if standing is None:
            comment = Comment(self._state.next_id(), pull.number, AGENT.login, wanted, now, now)
            self._state.comments[comment.id] = comment
        elif standing.body != wanted:
            standing.body, standing.updated_at = wanted, now

    def _is_ours(self, pull: Pull) -> bool:
        return pull.head_repository == self._state.name

    def _found(self, number: int) -> Pull:
        self._state.look_at_branches()
        if number not in self._state.pulls:
            raise DeliveryError(f"there is no pull request #{number}")
        return self._state.pulls[number]

    def _checked(self, check: Callable[[], str]) -> str:
        try:
            return check()
        except Refusal as refusal:
            words = f"{refusal}: {refusal.body.get('errors', '')}"
            raise (Overtaken if "already exists" in words else DeliveryError)(words) from refusal

    def _shown(self, pull: Pull) -> PullRequest:
        merged = PullRequestState.MERGED if pull.merged_at else PullRequestState.CLOSED
        return PullRequest(
            number=pull.number,
            url=f"{WEB}/{self._state.name}/pull/{pull.number}",
            state=merged if pull.closed_at else PullRequestState.OPEN,
            branch=pull.branch,
            head=pull.head,
            base=pull.base,
            title=pull.title,
            body=pull.body,
            labels=frozenset(pull.labels),
            opened_at=pull.created_at,
            closed_at=pull.closed_at,
            merge_commit=pull.merge_commit,
        )
