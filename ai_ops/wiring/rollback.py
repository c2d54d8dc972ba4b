"""A person takes a decision back: the same way out, recorded like any other decision, and let through the same gate.

What keeps the agent from acting by itself (a pause, a freeze, a stop, autonomy that is not earned) does not keep a
person from undoing: who pulls the brake usually wants exactly this next. Mode, bounds and the base branch's settings
count as always.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.cycle import ROLLBACK, Delivery, DeliveryStatus, Episode, window_at
from ai_ops.domain.errors import ConfigError, GuardrailRefused
from ai_ops.domain.metrics import Observation
from ai_ops.domain.tuning import Change, Decision, Reward, value_in_words
from ai_ops.wiring.judge import service_of
from ai_ops.wiring.memory import Memory
from ai_ops.wiring.settings_files import SettingsFiles
from ai_ops.wiring.steps import Acting
from ai_ops.wiring.unknown_episode import unknown_episode

if TYPE_CHECKING:
    from ai_ops.domain.message import Receipt
    from ai_ops.domain.tuning import Thresholds
    from ai_ops.wiring.session import Session


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was taken back, the decision that does it, and what became of that.

    Parameters
    ----------
    taken
        The earlier episode.
    episode
        The new one; recorded only where something may be written.
    """

    taken: Episode
    episode: Episode
    delivery: Delivery
    receipts: tuple[Receipt, ...]


def take_back(session: Session, episode_id: str, *, by: str, because: str) -> TakenBack:
    """Put every knob that a decision moved back to where it stood before.

    Raises
    ------
    ConfigError
        When there is no such episode, it moved nothing, or the settings no longer name its service.
    GuardrailRefused
        When a knob has been moved again since, or the gate does not let it pass.
    StateError
        When the ledger cannot be trusted.
    DeliveryError
        When it could not be delivered.
    """
    taken = session.ledger.find(episode_id)
    if taken is None:
        raise unknown_episode(session.ledger, episode_id)
    if taken.decision.is_hold:
        raise ConfigError(f"{taken.id} held: it moved nothing that could be taken back")
    service = service_of(session, taken)
    memory, files = Memory(session, service.name, policy=ROLLBACK), SettingsFiles(session, service)
    standing = files.thresholds()
    decision = Decision(_way_back(taken, standing), (f"{by} takes {taken.id} back: {because}",))
    episode = memory.remember(_nothing_measured(session, taken, standing), (), _NOT_SCORED, decision)
    delivery = files.apply(episode, memory.doubt, lambda: None, by_person=True)
    if session.is_writing and delivery.status in {DeliveryStatus.REFUSED, DeliveryStatus.RECORDED}:
        raise GuardrailRefused(
            f"{taken.id} was not taken back: {delivery.reason}. `git revert` of its commit does it by hand"
        )
    receipts = Acting(session, service, memory, files).notify(episode, delivery)
    return TakenBack(taken, episode, delivery, receipts)


_NOT_SCORED = Reward(None, "", "a person decided, so nothing was scored")


def _way_back(taken: Episode, standing: Thresholds) -> tuple[Change, ...]:
    """The changes the other way round, of knobs that still stand where they were left."""
    back: list[Change] = []
    for change in taken.decision.changes:
        value = standing.values.get(change.knob)
        if value == change.before:
            continue
        if value != change.after:
            stands = "is gone" if value is None else f"stands at {value_in_words(value)}"
            raise GuardrailRefused(
                f"{taken.id} set {change.knob} to {value_in_words(change.after)}, and now it {stands}: somebody has "
                "moved it since, and what they wanted would be lost. Edit the file by hand"
            )
        back.append(Change(change.knob, change.after, change.before))
    if not back:
        raise GuardrailRefused(f"{taken.id} is not live: every knob stands where it stood before it")
    return tuple(back)


def _nothing_measured(session: Session, taken: Episode, standing: Thresholds) -> Observation:
    step = timedelta(minutes=session.settings.metrics.step_minutes)
    return Observation(
        service=taken.service,
        window=window_at(session.place.clock(), step, None),
        source="a person",
        is_simulated=taken.is_simulated,
        series={},
        thresholds=standing,
    )
