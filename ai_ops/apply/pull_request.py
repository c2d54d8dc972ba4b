"""The one rolling pull request of a service: opened, kept up to date, left to people, or merged where that is agreed.

The branch `neuropilot/<service>` holds one commit of the agent on top of the base. Its newest commit says whose it is:
as soon as that is not the agent's own, people have taken the request over, and it is never touched again. A request of
the same branch into another base is somebody else's: the settings of that base were never asked.

What happened before is asked of the host and of the branch each time, and kept nowhere else: a run that dies between
two writes leaves a branch without a request, or a request whose text is old, and the next run makes up for it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.apply.commit_message import commit_message, episode_trailer
from ai_ops.apply.landed import landed_in
from ai_ops.apply.pull_request_body.markers import CLOSED_MARKER
from ai_ops.apply.rolling_branch import RollingBranch
from ai_ops.domain.cycle import Delivery, DeliveryStatus
from ai_ops.domain.errors import Overtaken
from ai_ops.domain.pull_request import STOP_LABEL, PullRequestState, branch_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ai_ops.apply.asked import Asked, Terms
    from ai_ops.domain.ports import CodeHost
    from ai_ops.domain.pull_request import PullRequest
    from ai_ops.git_client import GitClient

WEEK = timedelta(days=7)


class RollingRequest:
    """The pull request of one service.

    Parameters
    ----------
    git
        The repository.
    host
        Where people review; None where only the branch can be pushed.
    service, base
        Its name, and the branch that its settings stand on.
    now
        Aware UTC.
    tell
        Told in words before each write.
    """

    def __init__(
        self,
        git: GitClient,
        host: CodeHost | None,
        service: str,
        base: str,
        *,
        now: datetime,
        tell: Callable[[str], None],
    ) -> None:
        self._git, self._host, self._base, self._now, self._tell = git, host, base, now, tell
        self.branch = branch_of(service)
        self._branch = RollingBranch(git, self.branch)
        self._known: tuple[PullRequest, ...] | None = None

    def seen(self) -> tuple[PullRequest, ...]:
        """Every request of the branch into the base, newest first."""
        return tuple(one for one in self._all() if one.base == self._base)

    def standing(self) -> PullRequest | None:
        """The open request, if there is one."""
        return next((one for one in self.seen() if one.is_open), None)

    def stop(self) -> str | None:
        """Why people have stopped the agent on a request of the branch, into whatever base, or None."""
        stopped = [one for one in self._all() if one.is_open and _is_stopped(one)]
        where = ", ".join(f"#{one.number}" for one in stopped)
        return f"stopped by the label {STOP_LABEL} on {where}; take it off to go on" if stopped else None

    def is_ours(self) -> bool:
        """Whether nobody but the agent has written to the branch, which may not exist."""
        tip = self._branch.tip()
        return tip is None or self._branch.is_ours(tip)

    def ask(self, asked: Asked, terms: Terms) -> Delivery:
        """Bring the request to what `asked` wants.

        Raises
        ------
        Overtaken
            When another run, or a person, wrote to the branch at the same moment.
        DeliveryError
            When git or the host refuses.
        """
        tip, standing = self._branch.tip(), self.standing()
        obstacle = self._against_asking(asked, tip)
        if obstacle is None and standing is None:
            obstacle = self._against_opening(asked, terms)
        if obstacle is not None:
            url = standing.url if standing else None
            return Delivery(DeliveryStatus.RECORDED, obstacle, asked.edit.diff, url=url)
        delivery = self._updated(asked, standing, tip, terms) if standing else self._opened(asked, tip, terms)
        return self._merged(delivery) if terms.may_merge else delivery

    def close(self, request: PullRequest, text: str) -> bool:
        """Close, and say why in `text`; False where people have opened again what was closed like this before."""
        if self._host is None or self._host.has_said(request.number, CLOSED_MARKER):
            return False
        self._tell("close the pull request")
        self._host.close(request.number)
        self._tell("say why the pull request is closed")
        self._host.say(request.number, CLOSED_MARKER, text)
        self._look_again()
        return True

    def say(self, request: PullRequest, marker: str, text: str) -> None:
        """Keep one comment of ours up to date."""
        if self._host is not None:
            self._tell("comment on the pull request")
            self._host.say(request.number, marker, text)

    # -- private ------------------------------------------------------------------------------------------------------

    def _all(self) -> tuple[PullRequest, ...]:
        """Every request of the branch, asked once until something changes."""
        if self._known is None:
            self._known = self._host.pull_requests(self.branch) if self._host else ()
        return self._known

    def _look_again(self) -> None:
        self._known = None

    def _against_asking(self, asked: Asked, tip: str | None) -> str | None:
        """Why people are not asked at all, or None."""
        landed = landed_in(self._git, asked.edit.base, asked.edit.files.keys(), episode_trailer(asked.episode))
        merged = {one.head for one in self.seen() if one.state is PullRequestState.MERGED}
        is_merged = any(one.state is PullRequestState.MERGED and asked.is_this(one.body) for one in self.seen())
        if landed or is_merged:
            return "this very decision was merged already, and somebody has taken it back since"
        # What was merged is over, whoever wrote the branch last; GitHub's own button merges the base into it.
        if tip is None or self._branch.is_ours(tip) or tip in merged:
            return None
        standing = self.standing()
        where = f"#{standing.number}" if standing else f"the branch {self.branch}"
        return f"people have written to {where}, so it is theirs; merge or close it, and delete the branch"

    def _against_opening(self, asked: Asked, terms: Terms) -> str | None:
        """Why no new request is opened now, or None."""
        if terms.by_person or asked.episode.decision.is_urgent:
            return None
        recent = [one for one in self.seen() if self._now - one.opened_at < WEEK]
        if len(recent) >= terms.openings_per_week:
            return (
                f"{len(recent)} pull requests were opened in the last seven days, and "
                f"{terms.openings_per_week} are agreed (pull_requests.openings_per_week)"
            )
        return self._resting(asked, terms)

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

    def _opened(self, asked: Asked, tip: str | None, terms: Terms) -> Delivery:
        is_pushed = (
            tip is not None and self._branch.begins_at(tip, asked.edit.base) and self._branch.is_just(tip, asked.edit)
        )
        commit = tip if is_pushed and tip is not None else self._push(asked, tip)
        if self._host is None:
            return Delivery(DeliveryStatus.PROPOSED, f"the branch {self.branch} holds it", asked.edit.diff, commit)
        title, body = asked.text(self._now)
        self._tell("open the pull request")
        self._look_again()
        try:
            request = self._host.open(self.branch, self._base, title, body)
        except Overtaken:
            standing = self.standing()  # another run was faster: what it opened is brought up to date instead
            if standing is None:
                raise
            return self._updated(asked, standing, commit, terms)
        said = self._invited(request, terms)
        return Delivery(DeliveryStatus.PROPOSED, said, asked.edit.diff, commit, request.url)

    def _invited(self, request: PullRequest, terms: Terms) -> str:
        """Ask the reviewers, and say how that went; an open request stays open whoever may not be asked."""
        said = f"#{request.number} is open"
        if self._host is None or not terms.reviewers:
            return said
        self._tell("ask for a review")
        obstacle = self._host.invite(request.number, terms.reviewers)
        return (
            f"{said}, {', '.join(terms.reviewers)} shall review it" if obstacle is None else f"{said}, but {obstacle}"
        )

    def _updated(self, asked: Asked, standing: PullRequest, tip: str | None, terms: Terms) -> Delivery:
        where = f"#{standing.number}"
        said = Delivery(DeliveryStatus.PROPOSED, f"{where} proposes this already", asked.edit.diff, tip, standing.url)
        if tip is not None and asked.wants_the_same(standing.body) and self._is_current(tip, asked, terms):
            return said
        is_near = not terms.may_merge and asked.is_nearly_the_same(standing.body)
        if is_near and tip is not None and self._branch.fits(tip, asked.edit):
            return replace(said, reason=f"{where} proposes nearly the same, and is left as it is")
        # A run that died after its push has left the right commit below an old text.
        is_pushed = tip is not None and self._is_current(tip, asked, terms) and self._branch.carries(tip, asked.episode)
        commit = tip if is_pushed and tip is not None else self._push(asked, tip)
        if self._host is not None:
            title, body = asked.text(standing.opened_at)
            self._tell("write the pull request anew")
            self._host.edit(standing.number, title, body)
        return replace(said, reason=f"{where} is brought up to date", commit=commit)

    def _merged(self, delivery: Delivery) -> Delivery:
        """Merge what may be merged, unless people have stopped it or turned it elsewhere by now."""
        self._look_again()
        standing, stopped = self.standing(), self.stop()
        if self._host is None or delivery.commit is None:
            return delivery
        if stopped is not None or standing is None:
            reason = f"{delivery.reason}; it is not merged: {stopped or 'it is not open any more'}"
            return replace(delivery, reason=reason)
        self._tell("merge the pull request")
        obstacle = self._host.merge(standing.number, delivery.commit)
        if obstacle is not None:
            return replace(delivery, reason=f"{delivery.reason}; it is urgent and may merge itself, but {obstacle}")
        self._look_again()
        merged = f"#{standing.number} was urgent and safe, and is merged"
        return replace(delivery, status=DeliveryStatus.COMMITTED, reason=merged)

    def _push(self, asked: Asked, tip: str | None) -> str:
        """Put one commit on top of the base; whoever wrote since `tip` was read wins."""
        commit = self._git.commit(asked.edit.base, asked.edit.files, commit_message(asked.episode))
        self._tell("push the branch")
        self._git.push(commit, self.branch, expected=tip or "")
        return commit

    def _is_current(self, tip: str, asked: Asked, terms: Terms) -> bool:
        """Whether the branch proposes this; what may merge itself must also begin at the newest base."""
        is_begun_there = not terms.may_merge or self._branch.begins_at(tip, asked.edit.base)
        return is_begun_there and self._branch.is_just(tip, asked.edit)


def _is_stopped(request: PullRequest) -> bool:
    """Whether the label is on it; GitHub takes the names of labels in any case for the same."""
    return STOP_LABEL in {label.casefold() for label in request.labels}
