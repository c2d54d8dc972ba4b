"""What a GitHub remembers of one repository: who holds which token, pull requests, comments, settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from fakes.github_git import BareRepository, Who

WORKFLOW_TOKEN = "ghs_workflowworkflowworkflowworkflow0001"
APP_TOKEN = "ghs_appappappappappappappappappappapp002"
PERSON_TOKEN = "ghp_personpersonpersonpersonpersonpers03"

_WRITES = {"contents": "write", "pull_requests": "write", "issues": "write", "actions": "write"}


@dataclass(frozen=True)
class Token:
    """Who holds a token, and what it may do.

    Parameters
    ----------
    login
        Of its owner; those of bots end in `[bot]`.
    permissions
        "read" or "write" by the names that GitHub uses: contents, pull_requests, issues, actions.
    is_workflow
        Whether it is the `GITHUB_TOKEN` of a workflow, which the setting for Actions can keep from opening.
    is_admin
        Whether it may read the settings.
    sees
        Whether it sees the repository at all.
    """

    login: str
    permissions: Mapping[str, str] = field(default_factory=lambda: _WRITES)
    is_workflow: bool = False
    is_admin: bool = False
    sees: bool = True

    @property
    def is_bot(self) -> bool:
        """Whether it belongs to an App."""
        return self.login.endswith("[bot]")

    def may(self, area: str, level: str) -> bool:
        """Whether it grants `level` in `area`."""
        return self.permissions.get(area) in {level, "write"}


def usual_tokens() -> dict[str, Token]:
    """One of a workflow, one of an App, one of an administrator."""
    return {
        WORKFLOW_TOKEN: Token("github-actions[bot]", is_workflow=True),
        APP_TOKEN: Token("neuropilot-acme[bot]"),
        PERSON_TOKEN: Token("ada", is_admin=True),
    }


@dataclass
class Pull:
    """One pull request.

    `head_repository` is None when the fork was deleted; `head` is its newest known commit; for `computing_looks` more
    looks it is not known whether it can be merged.
    """

    number: int
    head_repository: str | None
    branch: str
    head: str
    base: str
    title: str
    body: str
    author: str
    created_at: datetime
    labels: list[str] = field(default_factory=list)
    is_draft: bool = False
    computing_looks: int = 0
    closed_at: datetime | None = None
    merged_at: datetime | None = None
    merge_commit: str | None = None

    @property
    def state(self) -> str:
        """As GitHub says it."""
        return "open" if self.closed_at is None else "closed"


@dataclass
class Comment:
    """One comment below a pull request."""

    id: int
    number: int
    author: str
    body: str
    created_at: datetime
    updated_at: datetime


@dataclass
class Artifact:
    """What a run of a workflow has left."""

    id: int
    name: str
    run_id: int
    created_at: datetime
    size_bytes: int = 1000


@dataclass
class RepositoryState:
    """One repository, its settings, and what people and programs did to it.

    `squash_title` is COMMIT_OR_PR_TITLE or PR_TITLE, `squash_message` COMMIT_MESSAGES, PR_BODY or BLANK: what a squash
    is given by default, in the words of the API; `co_authors` is what GitHub writes behind it. `required_reviews` and
    `required_checks` protect every base; `passed_checks` are pairs of a commit and a check.
    """

    git: BareRepository
    name: str
    clock: Callable[[], datetime]
    default_branch: str = "main"
    is_private: bool = True
    is_archived: bool = False
    former_names: set[str] = field(default_factory=set)
    actions_may_open: bool = True
    deletes_merged_branches: bool = False
    looks_until_mergeable: int = 0
    allowed_merges: set[str] = field(default_factory=lambda: {"merge", "squash", "rebase"})
    squash_title: str = "COMMIT_OR_PR_TITLE"
    squash_message: str = "COMMIT_MESSAGES"
    co_authors: str = ""
    required_reviews: int = 0
    required_checks: set[str] = field(default_factory=set)
    passed_checks: set[tuple[str, str]] = field(default_factory=set)
    approvals: dict[int, set[str]] = field(default_factory=dict)
    collaborators: set[str] = field(default_factory=lambda: {"ada", "acme/platform"})
    review_requests: dict[int, set[str]] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    artifacts: dict[int, Artifact] = field(default_factory=dict)
    enabled_workflows: dict[str, bool] = field(default_factory=dict)
    _numbers: int = 0

    @property
    def owner(self) -> str:
        """Before the slash."""
        return self.name.partition("/")[0]

    def next_id(self) -> int:
        """A number that nothing else has."""
        self._numbers += 1
        return self._numbers

    def next_number(self) -> int:
        """Number of the next pull request."""
        return max(self.pulls, default=0) + 1

    def look_at_branches(self) -> None:
        """Let pushes since the last look take their effect on open pull requests, as GitHub does."""
        for pull in self.pulls.values():
            if pull.closed_at is None and pull.head_repository == self.name:
                self._look_at(pull)

    def merge(self, pull: Pull, how: str, who: Who, message: str | None = None) -> str:
        """Merge for real; nothing is asked any more."""
        tip = self.git.tip(pull.base)
        assert tip is not None
        pull.merge_commit = {
            "merge": lambda: self.git.merge(tip, pull.head, message or self._merge_message(pull), who),
            "squash": lambda: self.git.squash(tip, pull.head, message or self._squash_message(pull, tip), who),
            "rebase": lambda: self.git.rebase(tip, pull.head, who),
        }[how]()
        self.git.keep(pull.number, pull.head)
        self.git.move(pull.base, pull.merge_commit)
        pull.merged_at = pull.closed_at = self.clock()
        if self.deletes_merged_branches and pull.head_repository == self.name:
            self.git.delete(pull.branch)
        return pull.merge_commit

    def close(self, pull: Pull) -> None:
        """Close without a merge; closing twice changes nothing."""
        if pull.closed_at is None:
            self.git.keep(pull.number, pull.head)
            pull.closed_at = self.clock()

    def _look_at(self, pull: Pull) -> None:
        tip, base = self.git.tip(pull.branch), self.git.tip(pull.base)
        if tip is None or base is None:  # a pull request does not outlive its branch
            self.close(pull)
            return
        has_moved, pull.head = tip != pull.head, tip
        self.git.keep(pull.number, tip)
        if self.git.contains(base, tip):
            self.close(pull)
            if not has_moved:  # somebody merged it on their own machine and pushed
                pull.merged_at, pull.merge_commit = pull.closed_at, base

    def _merge_message(self, pull: Pull) -> str:
        return f"Merge pull request #{pull.number} from {self.owner}/{pull.branch}\n\n{pull.title}"

    def _squash_message(self, pull: Pull, base: str) -> str:
        """By default of the default: the commit's own message where there is one commit, else title and a list."""
        commits = [self.git.message(commit) for commit in self.git.commits(base, pull.head)]
        is_named_by_commit = self.squash_title == "COMMIT_OR_PR_TITLE" and len(commits) == 1
        title = commits[0].partition("\n")[0] if is_named_by_commit else pull.title
        rest = {
            "BLANK": "",
            "PR_BODY": pull.body,
            "COMMIT_MESSAGES": commits[0].partition("\n")[2].strip("\n")
            if len(commits) == 1
            else "\n\n".join(f"* {message}" for message in commits),
        }[self.squash_message]
        return "\n\n".join(part for part in (f"{title} (#{pull.number})", rest.strip("\n")) if part) + self.co_authors
