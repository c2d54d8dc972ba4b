"""The one rolling pull request of a service: opened, kept up to date, left to people, or merged where that is agreed.

The branch `neuropilot/<service>` holds one commit of the agent on top of the base. Its newest commit says whose it is:
as soon as that is not the agent's own, people have taken the request over, and it is never touched again.

What happened before is asked of the host and of the branch each time, and kept nowhere else: a run that dies between
two writes leaves a branch without a request, or a request whose text is old, and the next run makes up for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.apply.commit_message import commit_message, episode_trailer
from ai_ops.apply.pull_request_body.markers import CLOSED_MARKER
from ai_ops.domain.cycle import Delivery, DeliveryStatus
from ai_ops.domain.errors import Overtaken
from ai_ops.domain.pull_request import STOP_LABEL, PullRequestState, branch_of
from ai_ops.git_client import BOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ai_ops.apply.git import Edit
    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.ports import CodeHost
    from ai_ops.domain.pull_request import PullRequest
    from ai_ops.git_client import GitClient

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the team agreed to read.

    Parameters
    ----------
    openings_per_week
        At most so many new requests in any seven days.
    rest
        How long a proposal rests after people closed it.
    may_merge
        Whether this one may be merged without a review.
    by_person
        Whether a person asked for it: then it neither rests nor counts.
    """

    openings_per_week: int
    rest: timedelta
    may_merge: bool = False
    by_person: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One decision, as people shall read it.

    Parameters
    ----------
    edit
        The files on the base, and their new bytes.
    episode
        The decision.
    text
        Title and body, given when the request was, or will be, opened.
    is_worth_updating
        Whether it differs enough from what a request of that body proposes to be read again.
    wants_the_same
        Whether a request of that body proposes the same values.
    """

    edit: Edit
    episode: Episode
    text: Callable[[datetime], tuple[str, str]]
    is_worth_updating: Callable[[str], bool]
    wants_the_same: Callable[[str], bool]


class RollingRequest:
    """The pull request of one service.

    Parameters
    ----------
    git
        The repository.
    host
        Where people review; None where only the branch can be pushed.
    service
        Its name.
    now
        Aware UTC.
    tell
        Told in words before each write.
    """

    def __init__(
        self, git: GitClient, host: CodeHost | None, service: str, now: datetime, tell: Callable[[str], None]
    ) -> None:
        self._git, self._host, self._now, self._tell = git, host, now, tell
        self.branch = branch_of(service)
        self._seen: tuple[PullRequest, ...] | None = None

    def seen(self) -> tuple[PullRequest, ...]:
        """Every request of the branch, newest first; asked once."""
        if self._seen is None:
            self._seen = self._host.pull_requests(self.branch) if self._host else ()
        return self._seen

    def standing(self) -> PullRequest | None:
        """The open request, if there is one."""
        return next((one for one in self.seen() if one.is_open), None)

    def stop(self) -> str | None:
        """Why people have stopped the agent on the request, or None."""
        stopped = [f"#{one.number}" for one in self.seen() if one.is_open and STOP_LABEL in one.labels]
        return f"stopped by the label {STOP_LABEL} on {', '.join(stopped)}; take it off to go on" if stopped else None

    def is_ours(self) -> bool:
        """Whether nobody but the agent has written to the branch, which may not exist."""
        tip = self._git.tip(self.branch)
        return tip is None or self._is_ours(tip)

    def ask(self, asked: Asked, terms: Terms) -> Delivery:
        """Bring the request to what `asked` wants.

        Raises
        ------
        Overtaken
            When another run, or a person, wrote to the branch at the same moment.
        DeliveryError
            When git or the host refuses.
        """
        tip, standing = self._git.tip(self.branch), self.standing()
        if tip is not None and not self._is_ours(tip):
            return self._left_to_people(asked, standing)
        if standing is None:
            obstacle = self._against_opening(asked, terms)
            if obstacle is not None:
                return Delivery(DeliveryStatus.RECORDED, obstacle, asked.edit.diff)
            return self._merged(self._opened(asked, tip), asked, terms)
        return self._merged(self._updated(asked, standing, tip), asked, terms)

    def close(self, request: PullRequest, text: str) -> None:
        """Say `text`, then close."""
        if self._host is None:
            return
        self._tell("say why the pull request is closed")
        self._host.say(request.number, CLOSED_MARKER, text)
        self._tell("close the pull request")
        self._host.close(request.number)
        self._seen = None

    def say(self, request: PullRequest, marker: str, text: str) -> None:
        """Keep one comment of ours up to date."""
        if self._host is not None:
            self._tell("comment on the pull request")
            self._host.say(request.number, marker, text)

    # -- private ------------------------------------------------------------------------------------------------------

    def _is_ours(self, tip: str) -> bool:
        commit = self._git.fetch(self.branch, tip=tip, is_tip_enough=True)
        return self._git.committer(commit) == BOT and bool(self._git.trailers(commit, "Episode", within=1))

    def _left_to_people(self, asked: Asked, standing: PullRequest | None) -> Delivery:
        where = f"#{standing.number}" if standing else f"the branch {self.branch}"
        reason = f"people have written to {where}, so it is theirs; merge or close it, and delete the branch"
        return Delivery(DeliveryStatus.RECORDED, reason, asked.edit.diff, url=standing.url if standing else None)

    def _against_opening(self, asked: Asked, terms: Terms) -> str | None:
        """Why no new request is opened now, or None."""
        if terms.by_person:
            return None
        recent = [one for one in self.seen() if self._now - one.opened_at < WEEK]
        if len(recent) >= terms.openings_per_week:
            return (
                f"{len(recent)} pull requests were opened in the last seven days, and "
                f"{terms.openings_per_week} are agreed (pull_requests.openings_per_week)"
            )
        return None if asked.episode.decision.is_urgent else self._resting(asked, terms)

    def _resting(self, asked: Asked, terms: Terms) -> str | None:
        """Why the same proposal is not made again so soon after it was closed, or None."""
        for one in self.seen():
            closed_at = one.closed_at
            if one.state is not PullRequestState.CLOSED or closed_at is None or self._now - closed_at >= terms.rest:
                continue
            if asked.wants_the_same(one.body):
                return (
                    f"#{one.number} proposed the same and was closed on {closed_at:%Y-%m-%d}; it rests until "
                    f"{closed_at + terms.rest:%Y-%m-%d} (pull_requests.expire_days)"
                )
        return None

    def _opened(self, asked: Asked, tip: str | None) -> Delivery:
        is_pushed = tip is not None and self._holds(tip, asked.edit) and self._begins_at(tip, asked.edit.base)
        commit = tip if is_pushed and tip is not None else self._push(asked, tip)
        if self._host is None:
            return Delivery(DeliveryStatus.PROPOSED, f"the branch {self.branch} holds it", asked.edit.diff, commit)
        title, body = asked.text(self._now)
        self._tell("open the pull request")
        try:
            request = self._host.open(self.branch, asked.edit.branch, title, body)
        except Overtaken:
            self._seen = None  # another run was faster: what it opened is brought up to date instead
            standing = self.standing()
            if standing is None:
                raise
            return self._updated(asked, standing, commit)
        self._seen = (request, *self.seen())
        return Delivery(DeliveryStatus.PROPOSED, f"#{request.number} is open", asked.edit.diff, commit, request.url)

    def _updated(self, asked: Asked, standing: PullRequest, tip: str | None) -> Delivery:
        where, url = f"#{standing.number}", standing.url
        if tip is not None and self._holds(tip, asked.edit) and asked.wants_the_same(standing.body):
            return Delivery(DeliveryStatus.PROPOSED, f"{where} proposes this already", asked.edit.diff, tip, url)
        if tip is not None and not asked.is_worth_updating(standing.body) and self._fits(tip, asked.edit):
            reason = f"{where} proposes nearly the same, and is left as it is"
            return Delivery(DeliveryStatus.PROPOSED, reason, asked.edit.diff, tip, url)
        # A run that died after its push has left the right commit below an old text.
        is_pushed = tip is not None and self._holds(tip, asked.edit) and self._carries(tip, asked.episode)
        commit = tip if is_pushed and tip is not None else self._push(asked, tip)
        if self._host is not None:
            title, body = asked.text(standing.opened_at)
            self._tell("write the pull request anew")
            self._host.edit(standing.number, title, body)
        return Delivery(DeliveryStatus.PROPOSED, f"{where} is brought up to date", asked.edit.diff, commit, url)

    def _merged(self, delivery: Delivery, asked: Asked, terms: Terms) -> Delivery:
        """Merge what may be merged; where the host does not let it, people do."""
        standing = self.standing()
        if not terms.may_merge or self._host is None or standing is None or delivery.commit is None:
            return delivery
        self._tell("merge the pull request")
        obstacle = self._host.merge(standing.number, delivery.commit)
        if obstacle is not None:
            reason = f"{delivery.reason}; it is urgent and may merge itself, but {obstacle}"
            return Delivery(DeliveryStatus.PROPOSED, reason, delivery.diff, delivery.commit, delivery.url)
        self._seen = None
        reason = f"#{standing.number} was urgent and safe, and is merged"
        return Delivery(DeliveryStatus.COMMITTED, reason, asked.edit.diff, delivery.commit, delivery.url)

    def _push(self, asked: Asked, tip: str | None) -> str:
        """Put one commit on top of the base; whoever wrote since `tip` was read wins."""
        commit = self._git.commit(asked.edit.base, asked.edit.files, commit_message(asked.episode))
        self._tell("push the branch")
        self._git.push(commit, self.branch, expected=tip or "")
        return commit

    def _holds(self, tip: str, edit: Edit) -> bool:
        """Whether the branch proposes these very bytes."""
        return all(self._git.read(tip, path) == content for path, content in edit.files.items())

    def _carries(self, tip: str, episode: Episode) -> bool:
        """Whether the branch's commit is that of this very decision."""
        return [one.value for one in self._git.trailers(tip, "Episode", within=1)] == [episode_trailer(episode)]

    def _begins_at(self, tip: str, base: str) -> bool:
        """Whether the branch is one commit on top of `base`."""
        return self._git.parent(self._git.fetch(self.branch, tip=tip)) == base

    def _fits(self, tip: str, edit: Edit) -> bool:
        """Whether the branch still begins where the files stand today, so that a merge would do what was proposed."""
        base = self._git.parent(self._git.fetch(self.branch, tip=tip))
        return base is not None and all(
            self._git.read(base, path) == self._git.read(edit.base, path) for path in edit.files
        )
