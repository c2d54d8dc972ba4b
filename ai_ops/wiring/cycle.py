"""The cycle of one service: its steps, joined from the rooms that never meet each other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.apply.checkout import finish_interrupted
from ai_ops.apply.git import Edit, deliver
from ai_ops.apply.knob_files import edited, read_thresholds, unified_diff
from ai_ops.apply.work_tree import work_tree_reader
from ai_ops.collect.collect import Collector
from ai_ops.collect.cost import cost_in_words
from ai_ops.collect.history import MetricsHistory
from ai_ops.domain.cycle import Cycle, Delivery, DeliveryStatus, Episode, episode_id, window_at
from ai_ops.domain.errors import ConfigError, Overtaken, StateError
from ai_ops.domain.metrics import CANONICAL_METRICS
from ai_ops.domain.situation import Situation
from ai_ops.notify.cycle_message import message_for
from ai_ops.notify.notify import deliver as tell
from ai_ops.reward.reward import Scoring
from ai_ops.tune.approval import Approval, Refused, may_apply
from ai_ops.tune.exploration import exploration
from ai_ops.wiring.channels import ClaimedHere, channels
from ai_ops.wiring.cost import cost_of
from ai_ops.wiring.session import MODELS
from ai_ops.wiring.sources import detection, metric_source, queries, tuner

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.finding import Finding
    from ai_ops.domain.message import Receipt
    from ai_ops.domain.metrics import Observation, Window
    from ai_ops.domain.tuning import Decision, Reward, Thresholds
    from ai_ops.git_client import GitClient
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session

RECORD_ATTEMPTS = 5
"""How often a line is appended anew because another service's run wrote the state first."""


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
        Why the ledger cannot be trusted; None when it can. A doubtful past is never acted on.
    """

    cycle: Cycle
    window: Window
    doubt: str | None


def wire(session: Session, service: Service, progress: Callable[[str], None] = lambda _metric: None) -> Wired:
    """Join the steps of one service."""
    steps = _Steps(session, service, progress)
    past = steps.past()
    now, step = session.place.clock(), timedelta(minutes=session.settings.metrics.step_minutes)
    return Wired(
        cycle=Cycle(
            recall=steps.recall,
            collect=steps.collect,
            detect=detection(session.settings).find,
            reward=steps.reward,
            tune=steps.tune,
            remember=steps.remember,
            apply=steps.apply,
            notify=steps.notify,
        ),
        window=window_at(now, step, past[-1].window.end if past else None),
        doubt=steps.doubt,
    )


@dataclass(slots=True)
class _Steps:
    """The steps that join several rooms, and what they hand to each other within one run."""

    session: Session
    service: Service
    progress: Callable[[str], None]
    doubt: str | None = None
    claims: ClaimedHere | None = None
    base: str | None = None  # the commit whose settings were read last; None means the work tree
    given_up: set[str] = field(default_factory=set)
    known_past: tuple[Episode, ...] | None = None  # read once, and again after the ledger has changed

    def past(self) -> tuple[Episode, ...]:
        """The service's episodes; none, and a doubt, when the ledger is not what the agent wrote."""
        if self.known_past is None:
            try:
                self.known_past = self.session.ledger.episodes(self.service.name)
            except StateError as error:
                self.doubt, self.known_past = str(error), ()
        return self.known_past

    def recall(self, window: Window) -> Episode | None:
        """Find what was already decided for this period, unless this very run could not deliver it."""
        if not self.session.is_writing:
            return None
        name = episode_id(self.service.name, window)
        same = [one for one in self.past() if one.id.split(".")[0] == name]
        return same[-1] if same and same[-1].id not in self.given_up else None

    def collect(self, window: Window) -> Observation:
        """Observe, with the settings as they stand on the branch that a change would go to."""
        session, settings = self.session, self.session.settings
        path = session.memory / MODELS / "metrics_history.json"
        observation = Collector(
            service=self.service.name,
            source=metric_source(session, self.thresholds),
            queries=queries(settings, self.service),
            live_queries={} if settings.metric_source == "simulated" else self.service.live_queries,
            history_days=settings.metrics.history_days,
            history=MetricsHistory(path, session.place.warn, is_kept=session.is_writing),
            thresholds=self.thresholds,
            cost=cost_of(session, self.service),
            progress=self.progress,
        ).observe(window)
        cost = self.service.cost
        if observation.is_simulated:
            return observation
        return replace(
            observation, notes=(cost_in_words(cost.source, observation.series, cost.price_per_instance_hour),)
        )

    def reward(self, observation: Observation) -> Reward:
        """Score the window for the last decision."""
        past = self.past()
        scoring = Scoring(self.session.settings.reward.formula, self.service.slo, self.service.cost_budget)
        return scoring.score(observation, past[-1] if past else None)

    def tune(self, observation: Observation, findings: tuple[Finding, ...], reward: Reward) -> Decision:
        """Let the policy propose and the guardrails decide."""
        past, now = self.past(), self.session.place.clock()
        situation = Situation(
            now=now,
            observation=observation,
            findings=findings,
            reward=reward,
            past=past,
            knobs=self.service.knobs,
            slo=self.service.slo,
            exploration=exploration(past, now),
        )
        chosen = tuner(self.session.settings, self.service, self._paused, lambda: self.doubt)
        return chosen.decide(situation)

    def remember(
        self, observation: Observation, findings: tuple[Finding, ...], reward: Reward, decision: Decision
    ) -> Episode:
        """Write the episode down before anything happens; what cannot be written down does not happen."""
        for _ in range(RECORD_ATTEMPTS):
            episode = self._episode(observation, findings, reward, decision)
            if not self.session.is_writing:
                return episode
            if self.doubt is not None:
                self.session.place.warn(f"{episode.id} is not recorded: {self.doubt}")
                return episode
            self.session.ledger.append(episode)
            self.known_past = None
            self.claims = ClaimedHere(self.session.outbox)
            self.claims.claim_all((one.notifier.name for one in channels(self.session)), episode.id)
            if self._is_kept(episode):
                return episode
        raise Overtaken(f"the state was written by others {RECORD_ATTEMPTS} times in a row; run again")

    def apply(self, episode: Episode) -> Delivery:
        """Deliver the decision as far as the team allows."""
        if episode.decision.is_hold:
            return Delivery(DeliveryStatus.NOTHING_TO_DO, "held: nothing changes")
        standing = self.thresholds()
        if all(standing.values.get(change.knob) == change.after for change in episode.decision.changes):
            if self.session.git is not None and self.session.is_writing:
                finish_interrupted(self.session.git)
            return Delivery(DeliveryStatus.ALREADY_LIVE, "the settings already say so")
        try:
            return self._deliver(episode)
        except Overtaken:
            self.given_up.add(episode.id)
            raise

    def notify(self, episode: Episode, delivery: Delivery) -> tuple[Receipt, ...]:
        """Tell people, once per episode."""
        if not self.session.is_writing:
            return ()
        sent = self.claims or ClaimedHere(self.session.outbox)
        return tell(message_for(episode, delivery), channels(self.session), sent)

    def thresholds(self) -> Thresholds:
        """The settings as they stand now, on the branch that a change would go to."""
        self.base = None
        if self._is_committing:
            self.base = self._git.fetch(self._branch)
        return read_thresholds(self._read, self.service.knobs.values())

    @property
    def _is_committing(self) -> bool:
        return self.session.is_writing and self.session.settings.mode == "commit"

    @property
    def _git(self) -> GitClient:
        if self.session.git is None:
            raise ConfigError(f"mode commit needs a git repository, and {self.session.place.root} is none")
        return self.session.git

    @property
    def _branch(self) -> str:
        return self.session.settings.repository.branch or self._git.default_branch()

    def _read(self, path: str) -> bytes:
        if self.base is not None:
            return self._git.read(self.base, path)
        return work_tree_reader(self.session.place.root)(path)

    def _paused(self) -> str | None:
        pause = self.session.kill_switch.read()
        return None if pause is None else f"{pause.reason} (by {pause.by}, {pause.since:%Y-%m-%d %H:%M} UTC)"

    def _episode(
        self, observation: Observation, findings: tuple[Finding, ...], reward: Reward, decision: Decision
    ) -> Episode:
        past, now = self.past(), self.session.place.clock()
        name = episode_id(self.service.name, observation.window)
        again = sum(one.id.split(".")[0] == name for one in past)
        return Episode(
            id=name if again == 0 else f"{name}.{again + 1}",
            service=self.service.name,
            window=observation.window,
            decided_at=now,
            source=observation.source,
            is_simulated=observation.is_simulated,
            policy=self.session.settings.tuning.policy,
            mode=self.session.settings.mode,
            thresholds=observation.thresholds,
            measured={metric: mean for metric in CANONICAL_METRICS if (mean := observation.mean(metric)) is not None},
            findings=findings,
            reward=reward,
            exploration=exploration(past, now),
            decision=decision,
            gaps=observation.gaps,
            warnings=observation.warnings,
        )

    def _is_kept(self, episode: Episode) -> bool:
        """Push the memory; when another run was faster, take over its memory and say no.

        Raises
        ------
        Overtaken
            When that other run has decided this very period.
        """
        try:
            self.session.keep(f"remember {episode.id}")
        except Overtaken:
            if self.session.branch is not None:
                self.session.branch.pull()
            self.known_past = None
            if self.recall(episode.window) is not None:
                raise
            return False
        return True

    def _deliver(self, episode: Episode) -> Delivery:
        knobs = self.service.knobs
        files = edited(self._read, knobs.values(), episode.decision.changes)
        diff = "".join(unified_diff(self._read(path), content, path) for path, content in files.items())
        if not self.session.is_writing:
            return Delivery(DeliveryStatus.SHOWN, "a dry run changes nothing; --apply acts", diff)
        settings = self.session.settings
        approval = Approval(
            settings.mode,
            frozenset(settings.approval.knobs),
            is_simulation_wanted=settings.metrics.source == "simulated",
        )
        verdict = may_apply(episode, approval, knobs)
        if isinstance(verdict, Refused):
            is_observing = settings.mode == "observe"
            return Delivery(DeliveryStatus.RECORDED if is_observing else DeliveryStatus.REFUSED, verdict.reason, diff)
        if self.base is None:
            raise ConfigError("mode commit reads the settings from the branch it changes, and none was read")
        return deliver(self._git, Edit(self._branch, self.base, files, diff), episode)
