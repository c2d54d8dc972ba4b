"""What a candidate must not be worse than: the model in use, and one of a week ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.errors import ModelRefused
from ai_ops.domain.model_version import CHAMPION_MAKING, Verdict
from ai_ops.wiring.models.champion import decisions_of, in_use, load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ai_ops.domain.model_version import ModelDecision
    from ai_ops.wiring.models.champion import Version
    from ai_ops.wiring.session import Session

AHEAD = timedelta(hours=1)
"""Two machines that set their clocks by others are never so far apart."""

OLD = timedelta(days=7)
"""So old is the version that a candidate must not be worse than either, so that many small losses cannot add up."""


@dataclass(frozen=True, slots=True)
class Rivals:
    """Those who sit the examination beside a candidate.

    Parameters
    ----------
    standing
        The decision that made the model in use; it stands also where that model cannot be read.
    champion
        The model in use. Where its files are refused, the newest one before it that is sound: what is altered must not
        free the next candidate of every comparison. None where there is none.
    reference
        An older version; None without one.
    doubt
        Why a person has to be asked before the next one is used; empty where nobody has.
    used
        Names of all versions that were ever in use.
    """

    standing: ModelDecision | None
    champion: Version | None
    reference: Version | None
    doubt: str
    used: frozenset[str] = frozenset()


def rivals_of(session: Session, service: str) -> Rivals:
    """Load those of a service.

    Raises
    ------
    StateError
        When the ledger cannot be trusted.
    ConfigError
        When the keys in the settings are none.
    """
    decisions = decisions_of(session, service)
    standing, now, former = in_use(decisions), session.place.clock(), used(decisions)
    champion = _first_sound(session, service, former)
    old = [one for one in former if now - one.at >= OLD and (champion is None or one.version != champion.name)]
    names = frozenset(one.version for one in former)
    return Rivals(standing, champion, _first_sound(session, None, old), _doubt(standing, champion), names)


def used(decisions: Sequence[ModelDecision]) -> tuple[ModelDecision, ...]:
    """Decisions that put a version in use, the newest of each version, newest first."""
    newest = {one.version: one for one in decisions if one.verdict in CHAMPION_MAKING}
    return tuple(sorted(newest.values(), key=lambda one: -decisions.index(one)))


def one_a_day(decisions: Sequence[ModelDecision]) -> tuple[ModelDecision, ...]:
    """Of those that put a version in use the last one of each UTC day, newest first."""
    by_day = {one.at.astimezone(UTC).date(): one for one in reversed(used(decisions))}
    return tuple(reversed(by_day.values()))


def ahead_of(version: Version, now: datetime) -> str:
    """Why a version knows more than there can be, in one sentence; empty where it does not."""
    known = version.card.training
    if known.end <= now + AHEAD:
        return ""
    return (
        f"{version.name} knows data until {known.end:%Y-%m-%d %H:%M} UTC, which is still to come: a clock was wrong "
        "when it was trained. `neuropilot model rollback` goes back to the version before"
    )


def _first_sound(session: Session, service: str | None, decisions: Sequence[ModelDecision]) -> Version | None:
    """The first that can be loaded and believed; of the first that cannot, people hear where the service is named."""
    for number, decision in enumerate(decisions):
        try:
            version = load(session, decision)
            problem = ahead_of(version, session.place.clock())
        except ModelRefused as error:
            version, problem = None, str(error)
        if version is not None and not problem:
            return version
        if number == 0 and service is not None:  # the others are old, and may well have been thrown away
            session.place.warn(f"the model of {service} is not gone on from: {problem}")
    return None


def _doubt(standing: ModelDecision | None, champion: Version | None) -> str:
    """Why a person has to be asked; that files were altered must not be forgotten overnight."""
    if standing is None:
        return ""
    if champion is None:
        return "the model in use cannot be read, and no sound one before it, so that there is nothing to compare with"
    if champion.name != standing.version:
        return f"the model in use, {standing.version}, was refused, and {champion.name} from before stands in for it"
    return "a person went back to the model in use" if standing.verdict is Verdict.ROLLED_BACK else ""
