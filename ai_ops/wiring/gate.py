"""The gate as it stands in a repository: asked with the settings of this checkout, and with those of the base branch.

Whoever opens a pull request can change the settings in it, and a run on that branch would read them. So the stricter
answer of both counts: a pull request can tighten what the team allows, and never loosen it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ai_ops.domain.autonomy import Mode
from ai_ops.domain.errors import ConfigError, EditError
from ai_ops.settings import DEFAULT_FILE, settings_in
from ai_ops.tune.approval import Approval, Refused, may_apply, stricter
from ai_ops.wiring.autonomy import autonomy_of, recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.domain.autonomy import ActionClass
    from ai_ops.domain.cycle import Episode
    from ai_ops.settings.model import Settings
    from ai_ops.settings.service import Service
    from ai_ops.tune.approval import Verdict
    from ai_ops.tune.autonomy.autonomy import Autonomy
    from ai_ops.wiring.session import Session

    Earned = Callable[[], Mapping[ActionClass, Autonomy] | None]


class Gate:
    """Asks `may_apply` on behalf of one service."""

    def __init__(self, session: Session, service: Service) -> None:
        self._session, self._service = session, service

    def ask(self, episode: Episode, read: Callable[[str], bytes], standstill: str | None, earned: Earned) -> Verdict:
        """Say whether `episode` may be made, or proposed.

        Parameters
        ----------
        read
            Bytes of a file as it stands on the base branch; raises `EditError` without one.
        standstill
            Why nothing may move right now; None when it may.
        earned
            How far each class of action may go; None where a person asked and nothing must be earned.
        """
        settings = self._session.settings
        autonomy = None if Mode(settings.mode) is Mode.OBSERVE else earned()
        here = may_apply(episode, _approval(settings, standstill, autonomy), self._service.knobs)
        file = self._settings_file()
        if isinstance(here, Refused) or file is None:
            return here
        there = self._on_base(episode, file, read, standstill, must_be_earned=autonomy is not None)
        return stricter(here, there)

    def _on_base(
        self, episode: Episode, file: str, read: Callable[[str], bytes], standstill: str | None, *, must_be_earned: bool
    ) -> Verdict:
        """What the settings on the base branch say; whatever is wrong with them refuses."""
        place = self._session.place
        try:
            base = settings_in(read(file), file, root=place.root, environment=place.environment)
        except EditError as error:
            return Refused(f"what the team allows is read from the branch that would change, which lacks it: {error}")
        except ConfigError as error:
            return Refused(f"what the team allows cannot be read from the branch that would change: {error}")
        service = next((one for one in base.services if one.name == self._service.name), None)
        if service is None:
            return Refused(f"{file} on the branch that would change knows no service {self._service.name}")
        autonomy = self._autonomy(base) if must_be_earned else None
        verdict = may_apply(episode, _approval(base, standstill, autonomy), service.knobs)
        if isinstance(verdict, Refused):
            return Refused(f"{file} on the branch that would change: {verdict.reason}", verdict.is_as_agreed)
        return verdict

    def _settings_file(self) -> str | None:
        """Where the settings stand in the repository; None when they lie outside, where no pull request reaches."""
        root = self._session.place.root.resolve()
        file = (self._session.place.config or root / DEFAULT_FILE).resolve()
        return file.relative_to(root).as_posix() if file.is_relative_to(root) else None

    def _autonomy(self, settings: Settings) -> Mapping[ActionClass, Autonomy]:
        session = replace(self._session, settings=settings)
        return autonomy_of(session, self._service, recorded(session, self._service.name))


def _approval(settings: Settings, standstill: str | None, autonomy: Mapping[ActionClass, Autonomy] | None) -> Approval:
    return Approval(
        settings.mode,
        frozenset(settings.approval.knobs),
        is_simulation_wanted=settings.metrics.source == "simulated",
        standstill=standstill,
        autonomy=autonomy,
        is_auto_merging=settings.approval.auto_merge == "urgent",
    )
