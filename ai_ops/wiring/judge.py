"""What people say of decisions: where it stands, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.autonomy import action_class
from ai_ops.domain.episode_judgement import EpisodeJudgement
from ai_ops.domain.errors import ConfigError, StateError
from ai_ops.reward.penalty import with_penalty
from ai_ops.tune.autonomy.judgements import blame, penalty
from ai_ops.wiring.autonomy import autonomy_of, book_of, judgements_of, recorded
from ai_ops.wiring.keeping import keep
from ai_ops.wiring.unknown_episode import unknown_episode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.autonomy import ActionClass
    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.tuning import Reward
    from ai_ops.settings.service import Service
    from ai_ops.tune.autonomy.autonomy import Autonomy
    from ai_ops.wiring.session import Session


@dataclass(frozen=True, slots=True)
class Standing:
    """What words have done so far.

    Parameters
    ----------
    penalty
        What is taken from the reward of decisions of the judged class.
    autonomy
        How far the agent may go, by class.
    """

    penalty: float
    autonomy: Mapping[ActionClass, Autonomy]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a judgement changes.

    Parameters
    ----------
    judgement
        What was said.
    decided
        The episode it is about.
    before, after
        Without it, and with it.
    """

    judgement: EpisodeJudgement
    decided: Episode
    before: Standing
    after: Standing


def record(session: Session, episode: str, *, is_good: bool, by: str, because: str) -> Effect:
    """Write down what somebody says of a decision, and tell what it changes.

    Raises
    ------
    ConfigError
        When there is no such episode, no reason, or the settings no longer name its service.
    StateError
        When the ledger cannot be trusted, or the judgement cannot be written.
    DeliveryError
        When it is written here, but not where the memory lives.
    """
    if not because.strip():
        raise ConfigError("--because is empty; say why, so that it can be learned from")
    decided = session.ledger.find(episode)
    if decided is None:
        raise unknown_episode(session.ledger, episode)
    service = service_of(session, decided)
    judgement = EpisodeJudgement(
        episode=decided.id,
        service=decided.service,
        action=action_class(decided.decision.changes, service.knobs),
        is_good=is_good,
        at=session.place.clock(),
        by=by,
        because=because,
        is_simulated=decided.is_simulated,
    )
    before = _standing(session, service, judgement.action)
    book_of(session).append(judgement)
    after = _standing(session, service, judgement.action)
    keep(session, f"judge {decided.id} {'good' if is_good else 'bad'}")
    return Effect(judgement, decided, before, after)


def penalised(session: Session, service: Service, reward: Reward, last: Episode | None) -> Reward:
    """The reward of the decision of `last`, less what people's words on decisions of its class take from it.

    Words that cannot be read take nothing: no threshold rests on the reward, and the run goes on.
    """
    if last is None:
        return reward
    action, now = action_class(last.decision.changes, service.knobs), session.place.clock()
    try:
        words = judgements_of(session, service.name)
    except StateError as error:
        session.place.warn(f"what people said of decisions takes nothing from the reward: {error}")
        return reward
    taken = penalty(words, action, now)
    return with_penalty(reward, taken, blame(words, action, now)) if taken else reward


def words_on(session: Session, episode: Episode) -> tuple[EpisodeJudgement, ...]:
    """What people said of this very episode, oldest first. Raises `StateError` when it cannot be read."""
    return tuple(one for one in book_of(session).read() if one.episode == episode.id)


def _standing(session: Session, service: Service, action: ActionClass | None) -> Standing:
    taken = penalty(judgements_of(session, service.name), action, session.place.clock())
    return Standing(taken, autonomy_of(session, service, recorded(session, service.name)))


def service_of(session: Session, episode: Episode) -> Service:
    """The service that an episode is about; `ConfigError` where the settings no longer name it."""
    for service in session.settings.services:
        if service.name == episode.service:
            return service
    raise ConfigError(f"{episode.id} is of {episode.service}, and the settings know no such service")
