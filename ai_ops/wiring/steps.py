"""The steps of the cycle that join several rooms: those that look, those that think, and those that act.

One process takes them all; CI takes each kind in a job of its own (`wiring.jobs`), and only then do they part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.errors import OpsError, Overtaken
from ai_ops.domain.situation import Situation
from ai_ops.notify.cycle.message import message_for
from ai_ops.tune.exploration import exploration
from ai_ops.tune.standstill import Standstill
from ai_ops.wiring.autonomy import autonomy_of
from ai_ops.wiring.detection import detection
from ai_ops.wiring.judge import penalised
from ai_ops.wiring.labels import factors_of
from ai_ops.wiring.minutes import wants_minutes
from ai_ops.wiring.models.in_use import learned_finder
from ai_ops.wiring.observe import observe
from ai_ops.wiring.reward import scoring
from ai_ops.wiring.sources import tuner
from ai_ops.wiring.telling.tell import tell_claimed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from ai_ops.domain.autonomy import ActionClass
    from ai_ops.domain.cycle import Delivery, Episode
    from ai_ops.domain.finding import Finding
    from ai_ops.domain.message import Receipt
    from ai_ops.domain.metrics import Observation, Window
    from ai_ops.domain.tuning import Decision, Reward
    from ai_ops.reward.reward import Count
    from ai_ops.settings.service import Service
    from ai_ops.tune.autonomy.autonomy import Autonomy
    from ai_ops.wiring.memory import Memory
    from ai_ops.wiring.session import Session
    from ai_ops.wiring.settings_files import SettingsFiles


@dataclass(frozen=True, slots=True)
class Watching:
    """What asks the service's sources.

    Parameters
    ----------
    files
        Tell the settings as they stand.
    is_modelled
        Whether the minutes are wanted in any case; else the policy says when.
    """

    session: Session
    service: Service
    memory: Memory
    files: SettingsFiles
    progress: Callable[[str], None]
    is_modelled: bool = False

    def collect(self, window: Window) -> Observation:
        """Observe, with the settings as they stand on the branch that a change would go to."""
        session = self.session
        is_due = wants_minutes(session.settings.tuning.policy, self.memory.past(), session.place.clock())
        return observe(
            session,
            self.service,
            window,
            self.files.thresholds,
            with_minutes=is_due or self.is_modelled,
            progress=self.progress,
        )


@dataclass(frozen=True, slots=True)
class Thinking:
    """What only thinks: it asks nobody, and changes nothing.

    Parameters
    ----------
    delivered
        Gives the episodes whose change stands on the branch, by id, with the time when it came there.
    own_reward
        The team's own formula; None where it is one of ours.
    """

    session: Session
    service: Service
    memory: Memory
    delivered: Callable[[], Mapping[str, datetime]]
    own_reward: Count | None

    def detect(self, observation: Observation) -> tuple[Finding, ...]:
        """Find what is abnormal, as people's labels have taught it, and the model in use."""
        session, name = self.session, self.service.name
        find = detection(session.settings, self.service, factors_of(session, name), learned_finder(session, name))
        return find(observation)

    def reward(self, observation: Observation) -> Reward:
        """Score the window for the last decision."""
        past = self.memory.past()
        last = past[-1] if past else None
        counted = scoring(self.session, self.service, self.own_reward, past)
        scored = counted.score(observation, last, self._live_since(last))
        return penalised(self.session, self.service, scored, last)

    def tune(self, observation: Observation, findings: tuple[Finding, ...], reward: Reward) -> Decision:
        """Let the policy propose and the guardrails decide."""
        past, now = self.memory.past(), self.session.place.clock()
        situation = Situation(
            now=now,
            observation=observation,
            findings=findings,
            reward=reward,
            past=past,
            knobs=self.service.knobs,
            slo=self.service.slo,
            exploration=exploration(past, now),
            delivered=self.delivered(),
        )
        standstill = standstill_of(self.session, self.memory)
        return tuner(self.session.settings, self.service, standstill).decide(situation)

    def _live_since(self, last: Episode | None) -> datetime | None:
        """When the change of `last` reached the branch, where that is known; a time in the future tells nothing."""
        at = self.delivered().get(last.id) if last and last.decision.changes else None
        return None if at is None or at > self.session.place.clock() else at


@dataclass(frozen=True, slots=True)
class Acting:
    """What changes something outside: the settings, and what people know."""

    session: Session
    service: Service
    memory: Memory
    files: SettingsFiles

    def apply(self, episode: Episode) -> Delivery:
        """Deliver the decision as far as the team allows; what is not delivered is not told yet."""
        try:
            standstill = standstill_of(self.session, self.memory).reason(self.session.place.clock())
            return self.files.apply(episode, standstill, self._autonomy)
        except OpsError as error:
            self.memory.messages.give_back()
            if isinstance(error, Overtaken):
                self.memory.give_up(episode)
            raise

    def notify(self, episode: Episode, delivery: Delivery) -> tuple[Receipt, ...]:
        """Tell people, once per episode."""
        if not self.session.is_writing:
            return ()
        currency = self.session.settings.report.currency
        message = message_for(episode, delivery, currency=currency, before=self.memory.past())
        return tell_claimed(self.session, message, self.memory.messages)

    def _autonomy(self) -> Mapping[ActionClass, Autonomy]:
        """What outcomes have earned, those that this very run has judged included."""
        return autonomy_of(self.session, self.service, self.memory.past())


def standstill_of(session: Session, memory: Memory) -> Standstill:
    """The brakes of a service."""
    return Standstill(lambda: memory.doubt, session.pause_in_words, session.settings.tuning.freezes)
