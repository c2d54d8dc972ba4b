"""The cycle of one service: its steps, joined from the rooms that never meet each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.cycle import Cycle, window_at
from ai_ops.domain.errors import OpsError, Overtaken
from ai_ops.domain.situation import Situation
from ai_ops.notify.cycle_message import message_for
from ai_ops.notify.notify import deliver as tell
from ai_ops.tune.exploration import exploration
from ai_ops.tune.standstill import Standstill
from ai_ops.wiring.autonomy import autonomy_of
from ai_ops.wiring.channels import channels
from ai_ops.wiring.detection import detection
from ai_ops.wiring.judge import penalised
from ai_ops.wiring.labels import factors_of
from ai_ops.wiring.memory import Memory
from ai_ops.wiring.minutes import wants_minutes
from ai_ops.wiring.observe import observe
from ai_ops.wiring.reward import own_formula, scoring
from ai_ops.wiring.settings_files import SettingsFiles
from ai_ops.wiring.sources import tuner

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
    from ai_ops.wiring.session import Session


@dataclass(frozen=True, slots=True)
class Wired:
    """One service's cycle, ready to run.

    Parameters
    ----------
    cycle
        The steps.
    window
        What this run judges.
    doubt
        Says why the ledger cannot be trusted; None when it can. A doubtful past is never acted on.
    """

    cycle: Cycle
    window: Window
    doubt: Callable[[], str | None]


def wire(
    session: Session,
    service: Service,
    progress: Callable[[str], None] = lambda _metric: None,
    *,
    is_modelled: bool = False,
) -> Wired:
    """Join the steps of one service.

    Parameters
    ----------
    is_modelled
        Whether the minutes are wanted in any case; else the policy says when.
    """
    memory = Memory(session, service.name)
    freezes = tuple((one.start, one.end, one.reason) for one in session.settings.tuning.freeze_windows)
    standstill = Standstill(lambda: memory.doubt, session.pause_in_words, freezes)
    files, own_reward = SettingsFiles(session, service), own_formula(session)
    steps = _Steps(session, service, memory, files, standstill, own_reward, progress, is_modelled)
    past = memory.past()
    now, step = session.place.clock(), timedelta(minutes=session.settings.metrics.step_minutes)
    return Wired(
        cycle=Cycle(
            recall=memory.recall,
            collect=steps.collect,
            detect=detection(session.settings, service, factors_of(session, service.name)),
            reward=steps.reward,
            tune=steps.tune,
            remember=memory.remember,
            apply=steps.apply,
            notify=steps.notify,
        ),
        window=window_at(now, step, past[-1].window.end if past else None),
        doubt=lambda: memory.doubt,
    )


@dataclass(frozen=True, slots=True)
class _Steps:
    """The steps that join several rooms."""

    session: Session
    service: Service
    memory: Memory
    files: SettingsFiles
    standstill: Standstill
    own_reward: Count | None
    progress: Callable[[str], None]
    is_modelled: bool

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
            delivered=self.files.delivered(),
        )
        return tuner(self.session.settings, self.service, self.standstill).decide(situation)

    def apply(self, episode: Episode) -> Delivery:
        """Deliver the decision as far as the team allows; what is not delivered is not told yet."""
        try:
            standstill = self.standstill.reason(self.session.place.clock())
            return self.files.apply(episode, standstill, self._autonomy)
        except OpsError as error:
            self.memory.messages.give_back(f"the change was not delivered: {error}")
            if isinstance(error, Overtaken):
                self.memory.give_up(episode)
            raise

    def _live_since(self, last: Episode | None) -> datetime | None:
        """When the change of `last` reached the branch, where that is known; a time in the future tells nothing."""
        at = self.files.delivered().get(last.id) if last and last.decision.changes else None
        return None if at is None or at > self.session.place.clock() else at

    def _autonomy(self) -> Mapping[ActionClass, Autonomy]:
        """What outcomes have earned, those that this very run has judged included."""
        return autonomy_of(self.session, self.service, self.memory.past())

    def notify(self, episode: Episode, delivery: Delivery) -> tuple[Receipt, ...]:
        """Tell people, once per episode."""
        if not self.session.is_writing:
            return ()
        return tell(message_for(episode, delivery), channels(self.session), self.memory.messages)
