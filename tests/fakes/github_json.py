"""The shapes in which GitHub's REST API shows things; only fields that clients read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from fakes.github_state import Artifact, Comment, Pull, RepositoryState, Token

Json = dict[str, Any]
WEB = "https://github.com"


@dataclass(frozen=True)
class Shapes:
    """Draws what `state` holds; `api` is the address that links begin with."""

    state: RepositoryState
    api: str

    def repository(self, token: Token) -> Json:
        """The repository, as the holder of a token sees it."""
        state = self.state
        seen = self._stub(state.name) | {
            "archived": state.is_archived,
            "default_branch": state.default_branch,
            "visibility": "private" if state.is_private else "public",
            "permissions": {"admin": token.is_admin, "push": token.may("contents", "write"), "pull": True},
        }
        if token.may("contents", "write"):  # others are not told
            seen |= {
                f"allow_{how}": kind in state.allowed_merges
                for how, kind in (("merge_commit", "merge"), ("squash_merge", "squash"), ("rebase_merge", "rebase"))
            }
        return seen

    def pull(self, pull: Pull, *, is_whole: bool) -> Json:
        """A pull request; lists leave out what must be computed."""
        number, home = pull.number, f"{self.api}/repos/{self.state.name}"
        head_owner = (pull.head_repository or "ghost/gone").partition("/")[0]
        shown = {
            "id": 1000 + number,
            "number": number,
            "url": f"{home}/pulls/{number}",
            "issue_url": f"{home}/issues/{number}",
            "comments_url": f"{home}/issues/{number}/comments",
            "html_url": f"{WEB}/{self.state.name}/pull/{number}",
            "state": pull.state,
            "draft": pull.is_draft,
            "title": pull.title,
            "body": pull.body or None,
            "user": self.user(pull.author),
            "labels": [self.label(name) for name in pull.labels],
            "created_at": _time(pull.created_at),
            "updated_at": _time(pull.closed_at or pull.created_at),
            "closed_at": _time(pull.closed_at),
            "merged_at": _time(pull.merged_at),
            "merge_commit_sha": pull.merge_commit,
            "head": {
                "label": f"{head_owner}:{pull.branch}",
                "ref": pull.branch,
                "sha": pull.head,
                "repo": self._stub(pull.head_repository) if pull.head_repository else None,
            },
            "base": {
                "label": f"{self.state.owner}:{pull.base}",
                "ref": pull.base,
                "sha": self.state.git.tip(pull.base),
                "repo": self._stub(self.state.name),
            },
        }
        if is_whole:
            count = sum(one.number == number for one in self.state.comments.values())
            mergeable = None if pull.computing_looks or pull.closed_at else self._fits(pull)
            shown |= {"merged": pull.merged_at is not None, "mergeable": mergeable, "comments": count}
        return shown

    def _fits(self, pull: Pull) -> bool:
        target = self.state.git.tip(pull.base)
        return target is not None and self.state.git.fits(target, pull.head)

    def comment(self, comment: Comment) -> Json:
        """A comment."""
        home = f"{self.api}/repos/{self.state.name}/issues"
        return {
            "id": comment.id,
            "url": f"{home}/comments/{comment.id}",
            "issue_url": f"{home}/{comment.number}",
            "html_url": f"{WEB}/{self.state.name}/pull/{comment.number}#issuecomment-{comment.id}",
            "user": self.user(comment.author),
            "body": comment.body,
            "created_at": _time(comment.created_at),
            "updated_at": _time(comment.updated_at),
        }

    def artifact(self, artifact: Artifact) -> Json:
        """What a run has left."""
        home = f"{self.api}/repos/{self.state.name}/actions/artifacts"
        return {
            "id": artifact.id,
            "name": artifact.name,
            "size_in_bytes": artifact.size_bytes,
            "url": f"{home}/{artifact.id}",
            "archive_download_url": f"{home}/{artifact.id}/zip",
            "expired": False,
            "created_at": _time(artifact.created_at),
            "workflow_run": {"id": artifact.run_id},
        }

    def user(self, login: str) -> Json:
        """Somebody."""
        kind = "Bot" if login.endswith("[bot]") else "User"
        return {"login": login, "id": _number(login), "type": kind, "url": f"{self.api}/users/{login}"}

    def label(self, name: str) -> Json:
        """A label."""
        home = f"{self.api}/repos/{self.state.name}/labels"
        return {"id": _number(name), "name": name, "color": "ededed", "url": f"{home}/{name}"}

    def _stub(self, name: str) -> Json:
        return {
            "id": _number(name),
            "name": name.partition("/")[2],
            "full_name": name,
            "private": self.state.is_private,
            "owner": self.user(name.partition("/")[0]),
            "url": f"{self.api}/repos/{name}",
            "html_url": f"{WEB}/{name}",
        }


def _number(name: str) -> int:
    """Something that looks like an id, and is the same every time."""
    return int.from_bytes(name.lower().encode()[-7:], "big")


def _time(time: datetime | None) -> str | None:
    return time and f"{time:%Y-%m-%dT%H:%M:%SZ}"
