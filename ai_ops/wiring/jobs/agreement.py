"""What the jobs of one run must agree on before one acts on another's word."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, NoReturn

from ai_ops import __version__
from ai_ops.domain.clocks import AHEAD, not_ahead
from ai_ops.domain.cycle import PERIOD
from ai_ops.domain.errors import ConfigError
from ai_ops.domain.metrics import aligned
from ai_ops.files import read_plain
from ai_ops.settings import DEFAULT_FILE
from ai_ops.settings.environment import VARIABLES
from ai_ops.store.handover import COLLECTED, DECIDED, refused
from ai_ops.store.ledger_lines import GENESIS, canonical, seal
from ai_ops.wiring.code_host import remote_address

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.settings.model import Settings
    from ai_ops.store.handover import Collected, Decided, Purpose
    from ai_ops.wiring.session import Place, Session

PLACEHOLDER = "https://handed-over.invalid"
"""Stands for the source's address where nobody may know it; no name that ends so is anybody's (RFC 2606)."""


def repository_of(session: Session) -> str:
    """Which repository a session works for: as GitHub calls it, else the address of its remote, else nothing."""
    return session.settings.github_repository or session.redact(remote_address(session) or "")


def settings_digest(place: Place) -> str:
    """SHA-256 of the settings file; of nothing where there is none. Raises `ConfigError` where it cannot be read."""
    file = place.config or place.root / DEFAULT_FILE
    try:
        content = read_plain(file)
    except FileNotFoundError:
        content = b""
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}. Check its path and its permissions.") from error
    return sha256(content).hexdigest()


def past_digest(past: Sequence[Episode]) -> str:
    """SHA-256 of a service's episodes."""
    return sha256(canonical([seal(one, 1, GENESIS, str).content for one in past])).hexdigest()


def at_source(place: Place, source: str) -> Place:
    """Let the settings mean the source that was asked, in a job that does not know its address."""
    names = VARIABLES.get(f"{source}_url", ())
    if not names or any(place.environment.get(name, "").strip() for name in names):
        return place
    return replace(place, environment={**place.environment, names[0]: PLACEHOLDER})


def check_digest(name: str, found: str, expected: str | None) -> None:
    """Refuse a document whose SHA-256 is another than `expected`; None where nobody says, as in a run by hand."""
    if expected is not None and found != expected:
        _refuse(name, f"its SHA-256 is {found}, and the job that made it says {expected[:64] or 'nothing'}")


def check_purpose(collected: Collected, purpose: Purpose) -> None:
    """Refuse what was collected for something else: but a training and a report look at the same.

    Their look has no minutes, and asks not what was decided, so that no decision can rest on it.
    """
    if (collected.purpose == "cycle") is not (purpose == "cycle"):
        _refuse(COLLECTED, f"it was collected for a {collected.purpose}, and this is a {purpose}")


def check_agent(agent: str, name: str) -> None:
    """Refuse a document of another release of the agent."""
    if agent != __version__:
        _refuse(name, f"release {agent[:50]} of the agent wrote it, and this is {__version__}")


def check_settings(collected: Collected, place: Place) -> None:
    """Refuse what was collected under other settings than those of this checkout."""
    if collected.settings != settings_digest(place):
        _refuse(COLLECTED, "it was made under other settings than those of this checkout")


def check_source(collected: Collected, settings: Settings) -> None:
    """Refuse metrics of another source than the settings mean."""
    sources = {one.observation.source for one in collected.services if one.observation} | {settings.metric_source}
    if sources != {collected.source}:
        _refuse(COLLECTED, f"its metrics come from {collected.source}, and the settings mean {settings.metric_source}")


def check_shape(collected: Collected, settings: Settings, now: datetime) -> None:
    """Refuse observations of no service of ours, of another service or window than they stand for, or of the future."""
    names = [one.service for one in collected.services]
    strangers = set(names) - {one.name for one in settings.services}
    if strangers or len(set(names)) != len(names):
        _refuse(COLLECTED, "the settings do not know its services, or one stands there twice")
    for seen in collected.services:
        observed = seen.observation
        if observed is not None and (observed.service, observed.window) != (seen.service, seen.window):
            _refuse(COLLECTED, f"what stands there for {seen.service} is of another service or window")
        if seen.window is not None and seen.window.end > now + AHEAD:
            _refuse(
                COLLECTED, f"its window of {seen.service} ends at {seen.window.end:%Y-%m-%d %H:%M} UTC, still to come"
            )


def check_age(at: datetime, now: datetime, name: str) -> None:
    """Refuse what is older than one period, so that running an old job once more does nothing."""
    if now - at > PERIOD:
        _refuse(name, f"it was made at {at:%Y-%m-%d %H:%M} UTC, more than {PERIOD.total_seconds() / 3600:g} hours ago")
    if at - now > AHEAD:
        _refuse(name, f"it was made at {at:%Y-%m-%d %H:%M} UTC, which is still to come")


def check_chain(decided: Decided, collected: Collected, digest: str) -> None:
    """Refuse a decision that rests on another document than this one."""
    if decided.collected != digest:
        _refuse(DECIDED, "it rests on another collected document than this one")
    if [one.service for one in decided.services] != [one.service for one in collected.services]:
        _refuse(DECIDED, "it decides about other services than were looked at")
    for seen, thought in zip(collected.services, decided.services, strict=True):
        has_decision = thought.decision is not None and thought.reward is not None
        if has_decision is not (seen.observation is not None and thought.failure is None):
            _refuse(DECIDED, f"it does not say what shall become of {seen.service}")


def check_moments(decided: Decided, collected: Collected) -> None:
    """Refuse what was not decided between the one document and the other."""
    for thought in decided.services:
        foresight = thought.decision.foresight if thought.decision else None
        decided_at = foresight.at if foresight else thought.at
        if not collected.at - AHEAD <= decided_at <= thought.at <= decided.at:
            _refuse(DECIDED, f"it was not between looking and acting that it decided about {thought.service}")


def check_repository(collected: Collected, session: Session) -> None:
    """Refuse what was seen of another repository."""
    if collected.repository != repository_of(session):
        _refuse(COLLECTED, "it is about another repository")


def check_period(window_end: datetime, past: Sequence[Episode], service: str, now: datetime) -> None:
    """Refuse to finish a period after a later one was decided.

    An episode of the future comes second to nothing: it was a wrong clock, and a new run could not change it.
    """
    if any(aligned(one.window.end, PERIOD) > aligned(window_end, PERIOD) for one in not_ahead(past, now)):
        _refuse(COLLECTED, f"a later run has decided about {service} since")


def _refuse(name: str, what: str) -> NoReturn:
    raise refused(name, what)
