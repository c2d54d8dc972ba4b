"""The files that hold the knobs: as they stand on the branch that a change goes to, and changed as the team allows."""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from functools import cached_property
from os.path import lexists
from typing import TYPE_CHECKING

from ai_ops.apply.checkout import finish_interrupted
from ai_ops.apply.git import Edit, deliver
from ai_ops.apply.knob_files import edited, read_thresholds, unified_diff
from ai_ops.apply.landed import landed
from ai_ops.apply.work_tree import work_tree_reader
from ai_ops.domain.autonomy import Mode
from ai_ops.domain.cycle import Delivery, DeliveryStatus
from ai_ops.domain.errors import ConfigError, DeliveryError, Overtaken
from ai_ops.tune.approval import Refused
from ai_ops.wiring.gate import Base, Gate
from ai_ops.wiring.proposals import Proposals
from ai_ops.wiring.stop_file import stopped_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from ai_ops.domain.autonomy import ActionClass
    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.pull_request import PullRequest
    from ai_ops.domain.tuning import Thresholds
    from ai_ops.git_client import GitClient
    from ai_ops.settings.service import Service
    from ai_ops.tune.approval import Allowed
    from ai_ops.tune.autonomy.autonomy import Autonomy
    from ai_ops.wiring.session import Session

    Earned = Callable[[], Mapping[ActionClass, Autonomy] | None]


LOOKS = 5
"""How often to look again while another push holds the branch and has not moved it yet."""

_log = logging.getLogger(__name__)


class SettingsFiles:
    """Where one service's decisions go."""

    def __init__(self, session: Session, service: Service) -> None:
        self._session = session
        self._service = service
        self._knobs = service.knobs
        self._base: str | None = None  # the commit whose settings were read last; None means the work tree

    @property
    def base(self) -> str | None:
        """The commit whose settings were read last; None means the work tree."""
        return self._base

    def thresholds(self) -> Thresholds:
        """The settings as they stand: on the branch that a change goes to, and in mode observe in the work tree."""
        self._base = None if Mode(self._session.settings.mode) is Mode.OBSERVE else self._tip()
        return read_thresholds(self._read, self._knobs.values())

    def delivered(self) -> dict[str, datetime]:
        """Episodes of the service whose change stands on the branch, by id, with the time when it came there."""
        if self._base is None:
            return {}
        ours = re.compile(rf"{re.escape(self._service.name)}-\d{{8}}T\d{{2}}Z(\.\d+)?")
        files = {knob.file for knob in self._knobs.values()}
        return {one.value: one.at for one in landed(self._git, self._base, files) if ours.fullmatch(one.value)}

    def standing_request(self) -> PullRequest | None:
        """The pull request of the service that waits for people; None without one, or where no host is known.

        Raises
        ------
        ConfigError, DeliveryError
            When the host cannot be asked.
        """
        return None if self._base is None else self._proposals.standing()

    def stopped(self) -> str | None:
        """Why a file in the repository keeps everything from moving, or None."""
        in_checkout = stopped_in_words(lambda path: lexists(self._session.place.root / path), self._in_checkout)
        return in_checkout or (self._base and stopped_in_words(self._is_on_base, self._read))

    def apply(self, episode: Episode, standstill: str | None, autonomy: Earned, *, by_person: bool = False) -> Delivery:
        """Deliver a decision as far as the team allows and outcomes have earned.

        Parameters
        ----------
        standstill
            Why nothing may move right now; None when it may.
        autonomy
            How far each class of action may go; asked when something is about to be changed.
        by_person
            Whether a person asked for it: what stops the agent by a file or a label does not stop people.

        Raises
        ------
        Overtaken
            When somebody has changed the settings that it rests on, to something else than it wants.
        DeliveryError
            When it cannot be delivered.
        """
        if episode.decision.is_hold:
            return self._tended(Delivery(DeliveryStatus.NOTHING_TO_DO, "held: nothing changes"))
        based_on: str | None = None
        for _ in range(LOOKS):
            standing = self.thresholds()
            if all(standing.values.get(change.knob) == change.after for change in episode.decision.changes):
                return self._tended(self._already_live())
            if standing != episode.thresholds or based_on not in {None, self._base}:
                break
            based_on = self._base
            with suppress(Overtaken):  # perhaps by a run that is about to deliver this very decision: look again
                return self._deliver(episode, standstill, autonomy, by_person=by_person)
        raise Overtaken(f"somebody else wrote first, and {episode.id} rests on what stood there before; run again")

    def _already_live(self) -> Delivery:
        reason = "the settings already say so"
        if self._session.git is not None and self._session.is_writing:
            try:
                finish_interrupted(self._session.git, _log.debug)
            except DeliveryError as error:  # live is live, whatever becomes of this checkout
                reason = f"{reason}; {error}"
        return Delivery(DeliveryStatus.ALREADY_LIVE, reason)

    def _deliver(self, episode: Episode, standstill: str | None, autonomy: Earned, *, by_person: bool) -> Delivery:
        files = edited(self._read, self._knobs.values(), episode.decision.changes)
        diff = "".join(unified_diff(self._read(path), content, path) for path, content in files.items())
        if not self._session.is_writing:
            return Delivery(DeliveryStatus.SHOWN, "a dry run changes nothing; --apply acts", diff)
        standstill = standstill or (None if by_person else self._standstill())
        verdict = self._gate.ask(episode, Base(self._is_on_base, self._read), standstill, autonomy)
        if isinstance(verdict, Refused):
            status = DeliveryStatus.RECORDED if verdict.is_as_agreed else DeliveryStatus.REFUSED
            return self._tended(Delivery(status, verdict.reason, diff))
        if self._base is None:
            raise ConfigError("a change is made on the branch that the settings were read from, and none was read")
        return self._allowed(verdict, episode, Edit(self._branch, self._base, files, diff))

    def _allowed(self, verdict: Allowed, episode: Episode, edit: Edit) -> Delivery:
        if verdict.by is Mode.COMMIT:
            return deliver(self._git, edit, episode, tell=_log.debug)
        return self._proposals.propose(edit, episode, verdict)

    def _standstill(self) -> str | None:
        """Why people keep the agent from acting, by a file in the repository or a label on its pull request."""
        if Mode(self._session.settings.mode) is Mode.OBSERVE:
            return None
        return self.stopped() or self._proposals.stop()

    def _tended(self, delivery: Delivery) -> Delivery:
        """Look after the pull request where nothing new is proposed."""
        if (
            not self._session.is_writing
            or Mode(self._session.settings.mode) is Mode.OBSERVE
            or self._session.git is None
        ):
            return delivery
        return self._proposals.tend(delivery, self.thresholds)

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
            mode = self._session.settings.mode
            raise ConfigError(f"mode {mode} needs a git repository, and {self._session.place.root} is none")
        return self._session.git

    @cached_property
    def _branch(self) -> str:
        """Where a change goes; asked once, because asking is a round trip to the remote."""
        return self._session.settings.repository.branch or self._git.default_branch()

    @cached_property
    def _proposals(self) -> Proposals:
        return Proposals(self._session, self._service, self._git, self._branch)

    @cached_property
    def _gate(self) -> Gate:
        return Gate(self._session, self._service)

    def _read(self, path: str) -> bytes:
        return self._in_checkout(path) if self._base is None else self._git.read(self._base, path)

    def _in_checkout(self, path: str) -> bytes:
        return work_tree_reader(self._session.place.root)(path)

    def _is_on_base(self, path: str) -> bool:
        return self._base is not None and self._git.entry(self._base, path) is not None
