"""The gate as it stands in a repository: asked with the settings of this checkout, and with those of the base branch.

Whoever opens a pull request can change the settings in it, and a run on that branch would read them. So the stricter
answer of both counts: a pull request can tighten what the team allows, and never loosen it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ai_ops.domain.autonomy import Mode
from ai_ops.domain.errors import ConfigError, EditError
from ai_ops.settings import DEFAULT_FILE, settings_in
from ai_ops.tune.approval import Approval, Refused, may_apply, stricter
from ai_ops.tune.standstill import Standstill
from ai_ops.wiring.autonomy import autonomy_of, recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ai_ops.domain.autonomy import ActionClass
    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.tuning import Knob
    from ai_ops.settings.model import Settings
    from ai_ops.settings.service import Service
    from ai_ops.tune.approval import Verdict
    from ai_ops.tune.autonomy.autonomy import Autonomy
    from ai_ops.wiring.session import Session

    Earned = Callable[[], Mapping[ActionClass, Autonomy] | None]


@dataclass(frozen=True, slots=True)
class Base:
    """The branch that would change.

    Parameters
    ----------
    is_there, read
        Whether it has a file at a path, and that file's bytes; `EditError` for what is no plain file.
    """

    is_there: Callable[[str], bool]
    read: Callable[[str], bytes]


class Gate:
    """Asks `may_apply` on behalf of one service."""

    def __init__(self, session: Session, service: Service) -> None:
        self._session, self._service = session, service

    def ask(self, episode: Episode, base: Base, standstill: str | None, earned: Earned) -> Verdict:
        """Say whether `episode` may be made, or proposed.

        Parameters
        ----------
        standstill
            Why nothing may move right now; None when it may.
        earned
            How far each class of action may go; None where a person asked and nothing must be earned.
        """
        settings = self._session.settings
        autonomy = None if Mode(settings.mode) is Mode.OBSERVE else earned()
        verdict = may_apply(episode, _approval(settings, standstill, autonomy), self._service.knobs)
        if isinstance(verdict, Refused):
            return verdict
        try:
            for file in self._files(base):
                verdict = stricter(verdict, self._there(episode, file, base, by_person=autonomy is None))
        except EditError as error:
            return Refused(f"what the team allows is read from the branch that would change, which lacks it: {error}")
        except ConfigError as error:
            return Refused(f"what the team allows cannot be read from the branch that would change: {error}")
        return verdict

    def _files(self, base: Base) -> tuple[str, ...]:
        """Which files of the base say what the team allows: the usual one, and the one that was asked for.

        A file outside of the repository is asked here alone: no pull request reaches it. The usual one counts beside
        it wherever the base has it.
        """
        asked = self._session.place.config
        usual = DEFAULT_FILE.as_posix()
        if asked is None:
            return (usual,)
        inside = _inside(asked, self._session.place.root)
        return tuple(dict.fromkeys([*([usual] if base.is_there(usual) else []), *([inside] if inside else [])]))

    def _there(self, episode: Episode, file: str, base: Base, *, by_person: bool) -> Verdict:
        """What one settings file of the base says."""
        place = self._session.place
        settings = settings_in(base.read(file), file, root=place.root, environment=place.environment)
        service = next((one for one in settings.services if one.name == self._service.name), None)
        where = f"{file} on the branch that would change"
        if service is None:
            return Refused(f"{where} knows no service {self._service.name}")
        if (elsewhere := _elsewhere(episode, self._service, service)) is not None:
            return Refused(f"{where} has {elsewhere} in another place than the settings here")
        frozen = None if by_person else Standstill(freeze_windows=settings.tuning.freezes).reason(place.clock())
        autonomy = None if by_person else self._autonomy(settings)
        verdict = may_apply(episode, _approval(settings, frozen, autonomy), service.knobs)
        if isinstance(verdict, Refused):
            return Refused(f"{where}: {verdict.reason}", verdict.is_as_agreed)
        return verdict

    def _autonomy(self, settings: Settings) -> Mapping[ActionClass, Autonomy]:
        session = replace(self._session, settings=settings)
        return autonomy_of(session, self._service, recorded(session, self._service.name))


def _inside(file: Path, root: Path) -> str | None:
    """The path of a file in the repository; None where it lies outside."""
    here = root.resolve()
    return file.relative_to(here).as_posix() if file.is_relative_to(here) else None


def _elsewhere(episode: Episode, here: Service, there: Service) -> str | None:
    """The first knob that would move and that two settings look for in different places, or None."""
    for change in episode.decision.changes:
        one, other = here.knobs.get(change.knob), there.knobs.get(change.knob)
        if one and other and _place_of(one) != _place_of(other):
            return change.knob
    return None


def _place_of(knob: Knob) -> tuple[object, ...]:
    return knob.file, knob.path, knob.kind, knob.written_in


def _approval(settings: Settings, standstill: str | None, autonomy: Mapping[ActionClass, Autonomy] | None) -> Approval:
    return Approval(
        settings.mode,
        frozenset(settings.approval.knobs),
        is_simulation_wanted=settings.metrics.source == "simulated",
        standstill=standstill,
        autonomy=autonomy,
        is_auto_merging=settings.approval.auto_merge == "urgent",
        is_way_back=autonomy is None,
    )
