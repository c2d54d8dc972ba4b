"""The past of one service, and the one way in which a new episode enters it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ai_ops.domain.clocks import clocks_in_words
from ai_ops.domain.cycle import ROLLBACK, Delivery, DeliveryStatus, Episode, episode_id
from ai_ops.domain.errors import OpsError, Overtaken, StateError
from ai_ops.domain.foresight import Foresight
from ai_ops.domain.metrics import CANONICAL_METRICS
from ai_ops.notify.cycle.message import message_for
from ai_ops.tune.exploration import exploration
from ai_ops.wiring.inputs import inputs_of
from ai_ops.wiring.minutes import POLICIES_ON_MINUTES
from ai_ops.wiring.telling.claimed import ClaimedHere
from ai_ops.wiring.telling.tell import claim_ahead

if TYPE_CHECKING:
    from ai_ops.domain.finding import Finding
    from ai_ops.domain.metrics import Observation, Window
    from ai_ops.domain.tuning import Decision, Reward
    from ai_ops.store.snapshots import Snapshot
    from ai_ops.wiring.session import Session

RECORD_ATTEMPTS = 5
"""How often a line is appended anew because another service's run wrote the state first."""


_NOT_YET = Delivery(DeliveryStatus.PROPOSED, "")
"""What becomes of a decision that was just made, as loud as it may get: who claims too much gives it back."""


class Memory:
    """What the ledger knows of one service, and what this run adds to it.

    Parameters
    ----------
    policy
        Who decides; the policy of the settings when None.

    Attributes
    ----------
    doubt
        Why the ledger cannot be trusted; None when it can, or was not read yet. A doubtful past is never acted on.
    messages
        Which messages were sent, or are about to be by this run.
    """

    def __init__(self, session: Session, service: str, policy: str | None = None) -> None:
        self.doubt: str | None = None
        self.messages = ClaimedHere(session.outbox)
        self._session = session
        self._service = service
        self._policy = policy or session.settings.tuning.policy
        self._given_up: set[str] = set()
        self._has_warned = False
        self._known: tuple[Episode, ...] | None = None  # read once, and again after the ledger has changed

    def past(self) -> tuple[Episode, ...]:
        """What was decided on metrics of this kind; what was simulated is no past of the real service."""
        is_simulated = self._session.settings.is_simulated
        return tuple(one for one in self._recorded() if one.is_simulated is is_simulated)

    def recall(self, window: Window) -> Episode | None:
        """Find what was already decided for this period, unless this very run could not deliver it.

        Raises
        ------
        DeliveryError
            When it stands only here and cannot be kept where the memory lives: it must not be acted on then.
        """
        if not self._session.is_writing:
            return None
        name = episode_id(self._service, window)
        # What a person took back within the period is no decision of the agent on it.
        same = [one for one in self.past() if one.id.split(".")[0] == name and one.policy != ROLLBACK]
        if not same or same[-1].id in self._given_up or same[-1].mode != self._session.settings.mode:
            return None  # what was decided to be watched is not what shall be committed now
        # A run that could append but not push leaves it here alone, and its messages may be free again; where
        # nothing changed, nothing is pushed.
        self._claim_messages(same[-1])
        return same[-1] if self._is_kept(f"remember {same[-1].id}") else self.recall(window)

    def give_up(self, episode: Episode) -> None:
        """Decide the period anew when it comes up again: `episode` rests on settings that somebody has changed."""
        self._given_up.add(episode.id)

    def remember(
        self, observation: Observation, findings: tuple[Finding, ...], reward: Reward, decision: Decision
    ) -> Episode:
        """Write the episode down before anything happens; what cannot be written down does not happen."""
        looked_at = self._looked_at(observation)
        for _ in range(RECORD_ATTEMPTS):
            episode = self._episode(observation, findings, reward, decision)
            if looked_at is not None:
                episode = replace(episode, inputs_digest=looked_at.digest())
            if not self._session.is_writing:
                return episode
            if self.doubt is not None:
                self._session.place.warn(f"{episode.id} is not recorded: {self.doubt}")
                return episode
            if looked_at is not None and not episode.decision.is_hold:
                self._session.snapshots.write(episode.id, looked_at)
            self._session.ledger.append(episode)
            self._known = None
            self._claim_messages(episode)
            if self._is_kept(f"remember {episode.id}"):
                return episode
            if self.recall(episode.window) is not None or self.doubt is not None:
                raise Overtaken("another run wrote the state meanwhile, and what it wrote decides; run again")
        raise Overtaken(f"the state was written by others {RECORD_ATTEMPTS} times in a row; run again")

    def _looked_at(self, observation: Observation) -> Snapshot | None:
        """What the decision was made on, where it was made on minutes."""
        settings = self._session.settings
        if settings.tuning.policy not in POLICIES_ON_MINUTES or not observation.minutes:
            return None
        service = next(one for one in settings.services if one.name == self._service)
        return inputs_of(settings, service, observation).snapshot(self._session.redact)

    def _recorded(self) -> tuple[Episode, ...]:
        """Every episode of the service; none, and a doubt, when the ledger is not what the agent wrote."""
        if self._known is None:
            try:
                self._known = self._session.ledger.episodes(self._service)
            except StateError as error:
                self.doubt, self._known = str(error), ()
            self._warn_of_clocks(self._known)
        return self._known

    def _warn_of_clocks(self, known: tuple[Episode, ...]) -> None:
        """Say once that an episode is of the future: it is left out of much, and a person has to set a clock."""
        said = None if self._has_warned else clocks_in_words(known, self._session.place.clock())
        if said is not None:
            self._session.place.warn(said)
            self._has_warned = True

    def _claim_messages(self, episode: Episode) -> None:
        """Where runs on other machines read the decision, they must find its messages taken as well."""
        if self._session.branch is not None:
            claim_ahead(self._session, self.messages, message_for(episode, _NOT_YET, before=self.past()))

    def _is_kept(self, message: str) -> bool:
        """Push the memory; when another run was faster, take over its memory and say no."""
        try:
            self._session.keep(message)
        except Overtaken:
            if self._session.branch is not None:
                self._session.branch.pull()
            self._known = None
            self.messages = ClaimedHere(self._session.outbox)
            return False
        except OpsError:
            self.messages.give_back()
            raise
        return True

    def _episode(
        self, observation: Observation, findings: tuple[Finding, ...], reward: Reward, decision: Decision
    ) -> Episode:
        past, settings = self.past(), self._session.settings
        foresight = decision.foresight or Foresight(self._session.place.clock())
        return Episode(
            id=self._new_id(observation.window),
            service=self._service,
            window=observation.window,
            decided_at=foresight.at,
            source=observation.source,
            is_simulated=observation.is_simulated,
            policy=self._policy,
            mode=settings.mode,
            thresholds=observation.thresholds,
            measured={metric: mean for metric in CANONICAL_METRICS if (mean := observation.mean(metric)) is not None},
            findings=findings,
            reward=reward,
            exploration=exploration(past, foresight.at),
            decision=replace(decision, foresight=None),
            gaps=observation.gaps,
            warnings=(*observation.warnings, *([f"not recorded: {self.doubt}"] if self.doubt else ())),
            prediction=foresight.prediction,
            if_unchanged=foresight.if_unchanged,
            outcomes=foresight.outcomes,
            looked=foresight.looked,
            rationale=foresight.rationale,
        )

    def _new_id(self, window: Window) -> str:
        """The period's name; with `.2`, `.3` when it is decided again, and a word for what is not written down."""
        name = episode_id(self._service, window)
        if self.doubt is not None:
            return f"{name}.unrecorded"
        again = sum(one.id.split(".")[0] == name for one in self._recorded())
        return name if again == 0 else f"{name}.{again + 1}"
