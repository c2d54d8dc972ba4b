"""The pull request of one service: what it is written from, and what becomes of it after every run."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from ai_ops.apply.asked import Asked, Terms
from ai_ops.apply.outdated import Proposed, wants_the_same, why_outdated
from ai_ops.apply.pull_request import RollingRequest
from ai_ops.apply.pull_request_body.comments import closing_comment
from ai_ops.apply.pull_request_body.facts import Facts, similar_to
from ai_ops.apply.pull_request_body.markers import episode_in
from ai_ops.apply.pull_request_body.pull_request_body import body, title
from ai_ops.domain.cycle import ROLLBACK, Delivery, DeliveryStatus
from ai_ops.domain.errors import DeliveryError, StateError
from ai_ops.tune.worth_a_review import is_about_the_same, too_little
from ai_ops.wiring.autonomy import recorded
from ai_ops.wiring.checks_passed import checks_passed
from ai_ops.wiring.code_host import code_host, link_for_people
from ai_ops.wiring.gallery import Gallery
from ai_ops.wiring.verdicts import follow_merged

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ai_ops.apply.git import Edit
    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.pull_request import PullRequest
    from ai_ops.domain.tuning import Thresholds
    from ai_ops.git_client import GitClient
    from ai_ops.settings.service import Service
    from ai_ops.tune.approval import Allowed
    from ai_ops.wiring.session import Session

_log = logging.getLogger(__name__)


class Proposals:
    """What people are asked for one service, whose settings stand on the branch `base`."""

    def __init__(self, session: Session, service: Service, git: GitClient, base: str) -> None:
        self._session, self._service, self._git, self._base = session, service, git, base
        self._past: tuple[Episode, ...] = ()  # read once for each thing that is asked of this class

    def stop(self) -> str | None:
        """Why people have stopped the agent by a label, or None.

        Raises
        ------
        DeliveryError
            When the host does not answer: then nobody knows, and nothing may move.
        """
        return self._request.stop()

    def standing(self) -> PullRequest | None:
        """The open request, if there is one. Raises `DeliveryError` when the host does not answer."""
        return self._request.standing()

    def propose(self, edit: Edit, episode: Episode, verdict: Allowed) -> Delivery:
        """Bring the pull request to what `episode` wants, unless that is not worth a review.

        Raises
        ------
        DeliveryError
            When git or the host refuses.
        """
        self._look_back()
        limits = self._session.settings.pull_requests
        obstacle = self._person_first(episode) or too_little(episode, limits.least_effect_percent)
        if obstacle is not None:
            return self.tend(Delivery(DeliveryStatus.RECORDED, obstacle, edit.diff), lambda: episode.thresholds)
        asked = Asked(
            edit,
            episode,
            text=lambda opened_at: self._text(episode, edit.diff, opened_at),
            is_this=lambda text: episode_in(text) == episode.id,
            wants_the_same=lambda text: self._wants_the_same(text, episode),
            is_nearly_the_same=lambda text: self._is_nearly_the_same(text, episode),
        )
        by_person = episode.policy == ROLLBACK
        reviewers = self._session.settings.approval.reviewers
        terms = Terms(limits.openings_per_week, self._patience, verdict.may_merge, by_person, reviewers)
        delivery = self._in_words(self._request.ask(asked, terms), edit, verdict)
        return self._looked_after(delivery, self._follow)

    def tend(self, delivery: Delivery, standing: Callable[[], Thresholds]) -> Delivery:
        """Close what no longer holds and follow what was merged; the delivery says so, and what could not be done."""

        def close_and_follow() -> str:
            self._look_back()
            said = self._closed(standing)
            self._follow()
            return said

        return self._looked_after(delivery, close_and_follow)

    # -- private ------------------------------------------------------------------------------------------------------

    @cached_property
    def _request(self) -> RollingRequest:
        now, host = self._session.place.clock(), code_host(self._session)
        return RollingRequest(self._git, host, self._service.name, self._base, now=now, tell=_log.debug)

    def _looked_after(self, delivery: Delivery, care: Callable[[], str]) -> Delivery:
        """Take care of what was asked before; what was delivered stays delivered, whatever becomes of that."""
        try:
            said = care()
        except (DeliveryError, StateError) as error:
            said = f"what was asked before was not looked after: {error}"
        return replace(delivery, reason=f"{delivery.reason}; {said}") if said else delivery

    @cached_property
    def _gallery(self) -> Gallery:
        return Gallery(self._session, self._service)

    def _look_back(self) -> None:
        """Read the ledger as it is now, this run's own line included."""
        self._past = recorded(self._session, self._service.name)

    @property
    def _patience(self) -> timedelta:
        return timedelta(days=self._session.settings.pull_requests.expire_days)

    def _text(self, episode: Episode, diff: str, opened_at: datetime) -> tuple[str, str]:
        """Title and body of a request that was opened then."""
        facts = Facts(
            episode=episode,
            knobs=self._service.knobs,
            diff=diff,
            similar=similar_to(episode, self._past),
            checks=checks_passed(episode),
            expires_at=opened_at + self._patience,
            chart_url=self._gallery.address_of(episode),
            ledger_hash=self._session.ledger.hash_of(episode.id),
        )
        return title(episode), body(facts, self._session.redact)

    def _proposed_in(self, text: str) -> Episode | None:
        """The decision that a request of that body carries, as the ledger knows it."""
        name = episode_in(text)
        return next((one for one in self._past if one.id == name), None)

    def _person_first(self, episode: Episode) -> str | None:
        """Why nothing takes the place of the open request, where a person asked for that one; None otherwise."""
        standing = self._request.standing()
        proposed = self._proposed_in(standing.body) if standing and episode.policy != ROLLBACK else None
        if standing is None or proposed is None or proposed.policy != ROLLBACK:
            return None
        return f"#{standing.number} takes back what a person wants back; it is merged or closed first"

    def _wants_the_same(self, text: str, episode: Episode) -> bool:
        proposed = self._proposed_in(text)
        return proposed is not None and wants_the_same(proposed, episode)

    def _is_nearly_the_same(self, text: str, episode: Episode) -> bool:
        proposed = self._proposed_in(text)
        return proposed is not None and self._repeats(episode, proposed)

    def _repeats(self, episode: Episode, proposed: Episode) -> bool:
        """Whether an episode wanted the same, or so nearly the same that nobody is asked anew."""
        least = self._session.settings.pull_requests.least_effect_percent
        return wants_the_same(episode, proposed) or is_about_the_same(proposed, episode, least)

    def _closed(self, standing: Callable[[], Thresholds]) -> str:
        """Close the open request when it no longer holds; what was done, in words."""
        request = self._request.standing()
        if request is None or self._request.stop() is not None or not self._request.is_ours():
            return ""
        episode, past = self._proposed_in(request.body), self._past
        since = [one for one in past if episode and one.decided_at >= episode.decided_at]
        repeated = tuple(one for one in since if episode and self._repeats(one, episode))
        proposed = Proposed(episode, repeated, past[-1] if past else None)
        reason = why_outdated(request, proposed, standing(), self._session.place.clock(), self._patience)
        if reason is None:
            return ""
        is_closed = self._request.close(request, closing_comment(reason, self._session.redact))
        return f"#{request.number} is closed: {reason}" if is_closed else ""

    def _follow(self) -> str:
        """Say under what was merged when it will be judged, and what became of it; forget old charts."""
        now, redact = self._session.place.clock(), self._session.redact
        follow_merged(self._request, self._past, now, self._proposed_in, redact)
        self._gallery.tidy(self._request.seen())
        return ""

    def _in_words(self, delivery: Delivery, edit: Edit, verdict: Allowed) -> Delivery:
        """Add why it is only asked for, and where a person opens the request that the agent could not open."""
        parts = [delivery.reason]
        if delivery.status is DeliveryStatus.PROPOSED and delivery.url is None:
            link = link_for_people(self._session, self._request.branch, edit.branch)
            parts.append(f"open a request for it: {link}" if link else f"open a request for it into {edit.branch}")
        if verdict.reason:
            parts.append(verdict.reason)
        return replace(delivery, reason="; ".join(parts))
