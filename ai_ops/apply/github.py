"""GitHub as the place where people review, through PyGithub.

How often the API is asked, when nothing goes wrong: `pull_requests`, `open`, `edit`, `close` and `merge` once each
(`merge` again for each kind of merge that the repository does not allow); `say` twice, and once more per process where
the token belongs to a person; `look` three times.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ai_ops.apply.github_shapes import Standing, is_early, is_merged, is_of_this_repository, lines, read
from ai_ops.apply.github_words import AnswerLost, Refused, failure
from ai_ops.domain.errors import DeliveryError, HttpError, Overtaken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from github.IssueComment import IssueComment
    from github.PullRequest import PullRequest as Theirs
    from github.Repository import Repository

    from ai_ops.domain.pull_request import PullRequest

NEWEST = 30
"""So many pull requests of one branch are looked at: one page."""

COMMENTS_MAX = 1000
"""Of one pull request; ours is among the first."""

WAYS_TO_MERGE = ("rebase", "squash", "merge")
"""In this order: only the first two keep the commit's message, with its trailers, on the base itself."""

PAUSES_WHILE_COMPUTING_SECONDS = (2.0, 4.0)
"""GitHub answers `mergeable: null` for so long after a push, in general less."""

_NOT_NOW, _HEAD_MOVED = 405, 409
_WAY_NOT_ALLOWED = "not allowed on this repository"
_INSTALLATION = "ghs_"
"""How the token of an App or of a workflow begins; it belongs to a bot, and may not ask which."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long GitHub is waited for.

    Parameters
    ----------
    connect_seconds, attempt_seconds
        For one connection, and for one request with its answer. GitHub itself gives up after 10 s.
    patience_seconds
        For all requests of one `GitHub` together, with the pauses between attempts.
    pause_between_writes_seconds
        GitHub asks for at least one second.
    """

    connect_seconds: float = 5.0
    attempt_seconds: float = 15.0
    patience_seconds: float = 60.0
    pause_between_writes_seconds: float = 1.0


class GitHub:
    """Pull requests of one repository.

    Parameters
    ----------
    token
        Of a person, an App or a workflow. It needs `pull-requests: write`, and `contents: write` to merge.
    repository
        As owner/name.
    api_url
        Usually https://api.github.com; of GitHub Enterprise Server https://HOST/api/v3. It may lie in a private
        network, but never at a cloud's metadata service.
    redact
        Takes secrets out of a text.
    limits
        How long to wait.
    sleep
        Waits so many seconds between two attempts.
    """

    name = "github"

    def __init__(
        self,
        token: str,
        repository: str,
        api_url: str,
        *,
        redact: Callable[[str], str],
        limits: Limits = Limits(),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.repository = repository
        self._token = token
        self._api_url = api_url
        self._redact = redact
        self._limits = limits
        self._sleep = sleep
        self._opened: Repository | None = None
        self._login: str | None = None

    # -- the socket ---------------------------------------------------------------------------------------------------

    def pull_requests(self, branch: str) -> tuple[PullRequest, ...]:
        """Newest pull requests of `branch` in this very repository, in every state, newest first; at most 30."""
        return self._listed(branch, "all")

    def open(self, branch: str, base: str, title: str, body: str) -> PullRequest:
        """Open one. When the answer is lost it is looked for before anything else is sent.

        Raises
        ------
        Overtaken
            When the branch has an open one already.
        """
        try:
            return self._create(branch, base, title, body)
        except AnswerLost:
            found = self._ours_after_all(branch, base, title, body)
        # GitHub takes one open pull request per branch and base, so that a second attempt never makes a second one.
        return found or self._create(branch, base, title, body)

    def invite(self, number: int, reviewers: tuple[str, ...]) -> str | None:
        """Ask people, or teams as owner/team, for a review; None when they are asked, else why GitHub does not."""
        teams = [one.partition("/")[2] for one in reviewers if "/" in one]
        people = [one for one in reviewers if "/" not in one]
        try:
            with self._asking(f"nobody was asked to review pull request #{number}"):
                self._repository().get_pull(number).create_review_request(people, teams)
        except DeliveryError as error:
            return str(error)
        return None

    def edit(self, number: int, title: str, body: str) -> None:
        """Replace title and body."""
        with self._asking(f"pull request #{number} was not edited"):
            self._repository().get_pull(number).edit(title=title, body=body)

    def close(self, number: int) -> None:
        """Close it without a merge; closing a closed one does nothing."""
        with self._asking(f"pull request #{number} was not closed"):
            self._repository().get_pull(number).edit(state="closed")

    def merge(self, number: int, head: str) -> str | None:
        """Merge it if its newest commit is still `head`; None when it is done, else why GitHub does not let it.

        GitHub also refuses while it still finds out whether a fresh pull request can be merged: that is waited for.
        """
        words = ""
        for pause in (*PAUSES_WHILE_COMPUTING_SECONDS, None):
            refusal = self._refusal_to_merge(number, head)
            if refusal is None:
                return None
            words = refusal.words
            theirs = self._seen(number) if refusal.status == _NOT_NOW else None
            if theirs and is_merged(theirs, head):
                return None
            if pause is None or theirs is None or not is_early(theirs, words):
                break
            self._sleep(pause)
        return f"GitHub does not merge it: {words}"

    def has_said(self, number: int, marker: str) -> bool:
        """Whether one of our comments begins with `marker`."""
        with self._asking(f"the comments of pull request #{number} cannot be read"):
            return self._our_comment(self._repository().get_issue(number).get_comments(), marker) is not None

    def say(self, number: int, marker: str, text: str) -> None:
        """Leave one comment that begins with `marker`; where one of ours begins with it, edit that one instead.

        Nothing is sent where that comment says `text` already.
        """
        wanted = text if text.startswith(marker) else f"{marker}\n{text}"
        with self._asking(f"pull request #{number} was not commented on"):
            issue = self._repository().get_issue(number)
            ours = self._our_comment(issue.get_comments(), marker)
            if ours is None:
                issue.create_comment(wanted)
            elif lines(ours.body) != lines(wanted):
                issue.get_comment(ours.id).edit(wanted)

    # -- for the doctor -----------------------------------------------------------------------------------------------

    def look(self, branch: str) -> Standing:
        """Try what a run needs to read, and say how the repository stands.

        Raises
        ------
        DeliveryError
            When the token sees no repository, or no pull requests.
        """
        with self._asking(f"{self.repository} cannot be read"):
            seen = self._repository().complete()
            may_push = seen.permissions.push if seen.permissions else None
            standing = Standing(
                seen.full_name, not seen.private, bool(seen.archived), may_push, self._actions_may_open()
            )
        self.pull_requests(branch)
        return standing

    # -- private ------------------------------------------------------------------------------------------------------

    def _repository(self) -> Repository:
        """The repository, of which nothing is fetched yet."""
        if self._opened is None:
            from github.Repository import Repository

            from ai_ops.apply.github_client import Line, requester

            line = Line(self._api_url, self._limits, self._sleep)
            asks = requester(line, self._token, self._api_url, self._limits.pause_between_writes_seconds)
            self._opened = Repository(asks, url=f"/repos/{self.repository}")
        return self._opened

    def _listed(self, branch: str, state: str) -> tuple[PullRequest, ...]:
        owner = self.repository.partition("/")[0]
        with self._asking(f"the pull requests of {branch} cannot be listed"):
            found = self._repository().get_pulls(state, "created", "desc", head=f"{owner}:{branch}")
            return tuple(read(one) for one in islice(found, NEWEST) if is_of_this_repository(one, branch))

    def _create(self, branch: str, base: str, title: str, body: str) -> PullRequest:
        with self._asking(f"no pull request was opened for {branch}"):
            return read(self._repository().create_pull(base, branch, title=title, body=body))

    def _ours_after_all(self, branch: str, base: str, title: str, body: str) -> PullRequest | None:
        """The pull request that a lost answer spoke of; None when none came about."""
        for one in (listed for listed in self._listed(branch, "open") if listed.base == base):
            if (one.title.strip(), lines(one.body)) == (title.strip(), lines(body)):
                return one
            raise Overtaken(f"{branch} has the open pull request #{one.number} of somebody else: run again")
        return None

    def _refusal_to_merge(self, number: int, head: str) -> Refused | None:
        """Merge in the first way that the repository allows; returns GitHub's reason not to, None when it is merged."""
        refusal = None
        for way in WAYS_TO_MERGE:
            refusal = self._merge(number, head, way)
            if refusal is None or _WAY_NOT_ALLOWED not in refusal.words:
                break
        return refusal

    def _merge(self, number: int, head: str, way: str) -> Refused | None:
        try:
            with self._asking(f"pull request #{number} was not merged"):
                self._repository().get_pull(number).merge(sha=head, merge_method=way)
        except Refused as refusal:
            if refusal.status not in {_NOT_NOW, _HEAD_MOVED}:
                raise
            return refusal
        except AnswerLost:
            if not is_merged(self._seen(number), head):
                raise
        return None

    def _seen(self, number: int) -> Theirs:
        """A pull request with all that GitHub must compute first."""
        with self._asking(f"pull request #{number} cannot be read"):
            return self._repository().get_pull(number).complete()

    def _our_comment(self, comments: Iterable[IssueComment], marker: str) -> IssueComment | None:
        candidates = (one for one in islice(comments, COMMENTS_MAX) if (one.body or "").startswith(marker))
        return next((one for one in candidates if self._is_by_us(one)), None)

    def _is_by_us(self, comment: IssueComment) -> bool:
        """Whether the token's owner wrote it; where that may not be asked, whether a bot did.

        Anybody can begin a comment with our marker. Whatever was written into theirs, they could change afterwards.
        """
        if self._login is None:
            self._login = "" if self._token.startswith(_INSTALLATION) else self._asked_login()
        author = comment.user
        return author.login == self._login if self._login else author.type == "Bot"

    def _asked_login(self) -> str:
        with suppress(Refused), self._asking("the token's owner cannot be asked"):
            _, answer = self._repository().requester.requestJsonAndCheck("GET", "/user")
            return str(answer["login"])
        return ""

    def _actions_may_open(self) -> bool | None:
        """What the repository's setting says; only administrators may ask."""
        path = f"/repos/{self.repository}/actions/permissions/workflow"
        with suppress(Refused), self._asking("the settings of GitHub Actions cannot be read"):
            _, answer = self._repository().requester.requestJsonAndCheck("GET", path)
            return bool(answer["can_approve_pull_request_reviews"])
        return None

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        """Turn whatever PyGithub and the network raise into a `DeliveryError` that opens with `what`."""
        from github import BadAttributeException, GithubException

        try:
            yield
        except GithubException as error:
            raise failure(what, error, self._redact) from error
        except AnswerLost as error:
            raise AnswerLost(self._redact(f"{what}: {error}")) from error
        except (DeliveryError, HttpError) as error:
            raise DeliveryError(self._redact(f"{what}: {error}")) from error
        # PyGithub takes the shape of an answer for granted, and stumbles in as many ways as there are shapes.
        except (
            AssertionError,
            AttributeError,
            BadAttributeException,
            KeyError,
            OverflowError,
            TypeError,
            ValueError,
        ) as error:
            raise DeliveryError(f"{what}: the answer is not GitHub's; is `github_api_url` right?") from error
