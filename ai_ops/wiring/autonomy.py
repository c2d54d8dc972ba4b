"""How far the agent may go with one service: what outcomes have earned, under the team's caps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.autonomy import ActionClass, Mode
from ai_ops.domain.errors import StateError
from ai_ops.store.judgements import JudgementBook
from ai_ops.store.reconcile import JUDGEMENTS
from ai_ops.tune.autonomy.autonomy import Limits, autonomy
from ai_ops.tune.autonomy.evidence import evidence
from ai_ops.tune.autonomy.rollout import Advice, advice
from ai_ops.tune.exploration import exploration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.episode_judgement import EpisodeJudgement
    from ai_ops.settings.model import Settings
    from ai_ops.settings.service import Service
    from ai_ops.tune.autonomy.autonomy import Autonomy
    from ai_ops.wiring.session import Session

PREDICTING = frozenset({"model"})
"""Policies that say what they expect, so that outcomes can earn them something."""


@dataclass(frozen=True, slots=True)
class Leeway:
    """How far the agent may go with one service.

    Parameters
    ----------
    service, mode, policy
        Whose, and what the team has set.
    classes
        By class of action.
    day
        Of the service's life with the agent, counted from 1.
    advice
        What a careful team does now.
    """

    service: str
    mode: str
    policy: str
    classes: Mapping[ActionClass, Autonomy]
    day: int
    advice: Advice


def leeway(session: Session, service: Service) -> Leeway:
    """Everything that `neuropilot autonomy` shows of one service. Raises `StateError` as the ledger does."""
    past, settings = recorded(session, service.name), session.settings
    day = exploration(past, session.place.clock()).day
    classes = autonomy_of(session, service, past)
    return Leeway(service.name, settings.mode, settings.tuning.policy, classes, day, advice(day))


def autonomy_of(session: Session, service: Service, past: Iterable[Episode]) -> dict[ActionClass, Autonomy]:
    """What the agent may do with `service`, by class of action; a past that cannot be read earns nothing."""
    try:
        seen = evidence(past, judgements_of(session, service.name), service.knobs)
    except StateError as error:
        session.place.warn(f"what people said of decisions cannot be read, so no autonomy is earned: {error}")
        seen = ()
    return autonomy(seen, limits_of(session.settings))


def limits_of(settings: Settings) -> Limits:
    """What the team allows."""
    caps = {ActionClass(action): Mode(mode) for action, mode in settings.approval.caps.items()}
    return Limits(Mode(settings.mode), caps, _granted(settings))


def judgements_of(session: Session, service: str) -> tuple[EpisodeJudgement, ...]:
    """What people said of this service's episodes, oldest first; of simulated ones only where that is the service.

    Raises
    ------
    StateError
        When it cannot be read at all.
    """
    is_simulated = session.settings.is_simulated
    said = book_of(session).read()
    return tuple(one for one in said if one.service == service and one.is_simulated is is_simulated)


def recorded(session: Session, service: str) -> tuple[Episode, ...]:
    """The service's episodes on metrics of the kind that the settings ask for, oldest first.

    Raises
    ------
    StateError
        When the ledger cannot be trusted.
    """
    is_simulated = session.settings.is_simulated
    return tuple(one for one in session.ledger.episodes(service) if one.is_simulated is is_simulated)


def book_of(session: Session) -> JudgementBook:
    """The judgements in the session's memory."""
    return JudgementBook(session.memory / JUDGEMENTS, warn=session.place.warn, redact=session.redact)


def _granted(settings: Settings) -> str | None:
    """Why nothing has to be earned, or None."""
    if settings.approval.autonomy == "granted":
        return "granted by approval.autonomy"
    policy = settings.tuning.policy
    return None if policy in PREDICTING else f"the policy {policy} predicts nothing that could be judged"
