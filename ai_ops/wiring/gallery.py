"""The charts of one service's proposals: drawn when somebody is asked, linked from the request, forgotten later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.apply.pull_request_body.markers import episode_in
from ai_ops.domain.errors import StateError
from ai_ops.wiring.code_host import file_address
from ai_ops.wiring.proposal_chart import proposal_chart

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.pull_request import PullRequest
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session


class Gallery:
    """Where a request finds its picture. It is pushed with the memory at the end of the run, seconds after the link."""

    def __init__(self, session: Session, service: Service) -> None:
        self._session, self._service = session, service

    def address_of(self, episode: Episode) -> str | None:
        """Where people see the chart of `episode`; None without one, or where the memory is on no branch."""
        if self._session.branch is None:
            return None
        charts = self._session.charts
        try:
            if not charts.has(episode.id):
                drawn = proposal_chart(self._session, self._service, episode)
                if drawn is None:
                    return None
                charts.write(episode.id, drawn)
        except StateError as error:
            self._session.place.warn(f"{episode.id} is proposed without its chart: {error}")
            return None
        return file_address(self._session, self._session.settings.state.branch, charts.path_of(episode.id))

    def tidy(self, seen: Iterable[PullRequest]) -> None:
        """Forget the charts of requests that were closed long ago; a disk that refuses is told."""
        named = {episode: one for one in seen if (episode := episode_in(one.body)) is not None}
        still_open = {episode for episode, one in named.items() if one.is_open}
        closed_at = {episode: one.closed_at for episode, one in named.items() if one.closed_at is not None}
        try:
            self._session.charts.prune(self._service.name, still_open, closed_at, self._session.place.clock())
        except StateError as error:
            self._session.place.warn(f"old charts are still here: {error}")
