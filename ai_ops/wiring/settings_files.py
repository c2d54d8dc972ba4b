"""The files that hold the knobs: as they stand on the branch that a change goes to, and changed as the team allows."""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from ai_ops.apply.checkout import finish_interrupted
from ai_ops.apply.git import Edit, deliver
from ai_ops.apply.knob_files import edited, read_thresholds, unified_diff
from ai_ops.apply.work_tree import work_tree_reader
from ai_ops.domain.autonomy import Mode
from ai_ops.domain.cycle import Delivery, DeliveryStatus
from ai_ops.domain.errors import ConfigError, DeliveryError, Overtaken
from ai_ops.tune.approval import Approval, Refused, may_apply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from ai_ops.domain.autonomy import ActionClass
    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.tuning import Thresholds
    from ai_ops.git_client import GitClient
    from ai_ops.settings.service import Service
    from ai_ops.tune.autonomy.autonomy import Autonomy
    from ai_ops.wiring.session import Session

    Earned = Callable[[], Mapping[ActionClass, Autonomy]]


LOOKS = 5
"""How often to look again while another push holds the branch and has not moved it yet."""

_log = logging.getLogger(__name__)


class SettingsFiles:
    """Where one service's decisions go."""

    def __init__(self, session: Session, service: Service) -> None:
        self._session = session
        self._service = service.name
        self._knobs = service.knobs
        self._base: str | None = None  # the commit whose settings were read last; None means the work tree

    def thresholds(self) -> Thresholds:
        """The settings as they stand now: in mode commit on the branch that a change goes to, else in the work tree."""
        self._base = self._tip() if self._session.settings.mode == "commit" else None
        return read_thresholds(self._read, self._knobs.values())

    def delivered(self) -> dict[str, datetime]:
        """Episodes of the service whose commit stands on the branch, by id, with the time of the commit."""
        if self._base is None:
            return {}
        ours = re.compile(rf"{re.escape(self._service)}-\d{{8}}T\d{{2}}Z(\.\d+)?")
        return {one.value: one.at for one in self._git.trailers(self._base, "Episode") if ours.fullmatch(one.value)}

    def apply(self, episode: Episode, standstill: str | None, autonomy: Earned) -> Delivery:
        """Deliver a decision as far as the team allows and outcomes have earned.

        Parameters
        ----------
        standstill
            Why nothing may move right now; None when it may.
        autonomy
            How far each class of action may go; asked when something is about to be changed.

        Raises
        ------
        Overtaken
            When somebody has changed the settings that it rests on, to something else than it wants.
        DeliveryError
            When it cannot be delivered.
        """
        if episode.decision.is_hold:
            return Delivery(DeliveryStatus.NOTHING_TO_DO, "held: nothing changes")
        based_on: str | None = None
        for _ in range(LOOKS):
            standing = self.thresholds()
            if all(standing.values.get(change.knob) == change.after for change in episode.decision.changes):
                return self._already_live()
            if standing != episode.thresholds or based_on not in {None, self._base}:
                break
            based_on = self._base
            with suppress(Overtaken):  # perhaps by a run that is about to deliver this very decision: look again
                return self._deliver(episode, standstill, autonomy)
        raise Overtaken(f"somebody else wrote first, and {episode.id} rests on what stood there before; run again")

    def _already_live(self) -> Delivery:
        reason = "the settings already say so"
        if self._session.git is not None and self._session.is_writing:
            try:
                finish_interrupted(self._session.git, _log.debug)
            except DeliveryError as error:  # live is live, whatever becomes of this checkout
                reason = f"{reason}; {error}"
        return Delivery(DeliveryStatus.ALREADY_LIVE, reason)

    def _deliver(self, episode: Episode, standstill: str | None, autonomy: Earned) -> Delivery:
        files = edited(self._read, self._knobs.values(), episode.decision.changes)
        diff = "".join(unified_diff(self._read(path), content, path) for path, content in files.items())
        if not self._session.is_writing:
            return Delivery(DeliveryStatus.SHOWN, "a dry run changes nothing; --apply acts", diff)
        settings = self._session.settings
        approval = Approval(
            settings.mode,
            frozenset(settings.approval.knobs),
            is_simulation_wanted=settings.metrics.source == "simulated",
            standstill=standstill,
            autonomy=autonomy() if settings.mode == "commit" else None,
        )
        verdict = may_apply(episode, approval, self._knobs)
        if isinstance(verdict, Refused):
            status = DeliveryStatus.RECORDED if verdict.is_as_agreed else DeliveryStatus.REFUSED
            return Delivery(status, verdict.reason, diff)
        if verdict.by is Mode.PROPOSE:
            return Delivery(DeliveryStatus.RECORDED, verdict.reason, diff)
        if self._base is None:
            raise ConfigError("mode commit reads the settings from the branch it changes, and none was read")
        return deliver(self._git, Edit(self._branch, self._base, files, diff), episode, tell=_log.debug)

    def _tip(self) -> str | None:
        """Newest commit of the branch that a change goes to; a dry run may do without, and reads the work tree."""
        try:
            return self._git.fetch(self._branch)
        except (ConfigError, DeliveryError) as error:
            if self._session.is_writing:
                raise
            self._session.place.warn(f"the settings are read from the work tree, not from the branch: {error}")
            return None

    @property
    def _git(self) -> GitClient:
        if self._session.git is None:
            raise ConfigError(f"mode commit needs a git repository, and {self._session.place.root} is none")
        return self._session.git

    @cached_property
    def _branch(self) -> str:
        """Where a change goes; asked once, because asking is a round trip to the remote."""
        return self._session.settings.repository.branch or self._git.default_branch()

    def _read(self, path: str) -> bytes:
        if self._base is not None:
            return self._git.read(self._base, path)
        return work_tree_reader(self._session.place.root)(path)
