"""The narrative of a run (S001-64): each step of the cycle, wrapped so that it says what it did."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ai_ops.cli.words import decision_in_words, headline_figures, promise_in_words, reward_in_words
from ai_ops.domain.label import finding_id
from ai_ops.domain.metrics import CANONICAL_METRICS

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.cycle import Cycle, Delivery, Episode
    from ai_ops.domain.finding import Finding
    from ai_ops.domain.message import Receipt
    from ai_ops.domain.metrics import Observation, Window
    from ai_ops.domain.tuning import Decision, Reward


def narrated(cycle: Cycle, say: Callable[[str], None]) -> Cycle:
    """Give back the same cycle, telling its story through `say`, one line at a time."""
    steps = _Told(cycle, say)
    return replace(
        cycle,
        recall=steps.recall,
        collect=steps.collect,
        detect=steps.detect,
        reward=steps.reward,
        tune=steps.tune,
        remember=steps.remember,
        apply=steps.apply,
        notify=steps.notify,
    )


class _Told:
    """The steps of `cycle`, each followed by its line."""

    def __init__(self, cycle: Cycle, say: Callable[[str], None]) -> None:
        self._cycle, self._say = cycle, say

    def recall(self, window: Window) -> Episode | None:
        episode = self._cycle.recall(window)
        if episode is not None:
            self._say(f"This period was already decided: episode {episode.id}, {decision_in_words(episode.decision)}")
        return episode

    def collect(self, window: Window) -> Observation:
        self._say(f"Collecting metrics from {window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} UTC")
        observation = self._cycle.collect(window)
        label = " (simulated)" if observation.is_simulated else ""
        source = "a simulated service" if observation.is_simulated else observation.source
        measured = {m: mean for m in CANONICAL_METRICS if (mean := observation.mean(m)) is not None}
        self._say(f"  {len(measured)} of {len(CANONICAL_METRICS)} metrics from {source}")
        self._say(f"  {headline_figures(measured)}{label}")
        for note in observation.notes:
            self._say(f"  {note}")
        for gap in observation.gaps:
            self._say(f"  missing: {gap.metric}: {gap.reason}")
        for warning in observation.warnings:
            self._say(f"  warning: {warning}")
        return observation

    def detect(self, observation: Observation) -> tuple[Finding, ...]:
        findings = self._cycle.detect(observation)
        self._say(f"Anomalies: {len(findings) or 'none'}")
        for finding in findings:
            name = finding_id(observation.service, finding.metric, finding.since)
            self._say(f"  {name} {finding.severity}: {finding.reason}")
        return findings

    def reward(self, observation: Observation) -> Reward:
        reward = self._cycle.reward(observation)
        self._say(f"Promise: {promise_in_words(reward)}")
        self._say(f"Reward: {reward_in_words(reward)}")
        return reward

    def tune(self, observation: Observation, findings: tuple[Finding, ...], reward: Reward) -> Decision:
        decision = self._cycle.tune(observation, findings, reward)
        self._say(f"Decision: {decision_in_words(decision)}")
        for reason in decision.reasons:
            self._say(f"  because {reason}")
        return decision

    def remember(
        self, observation: Observation, findings: tuple[Finding, ...], reward: Reward, decision: Decision
    ) -> Episode:
        episode = self._cycle.remember(observation, findings, reward, decision)
        for outcome in episode.outcomes:
            self._say(f"Outcome: {outcome.in_words}")
        if episode.prediction is not None:
            self._say(f"Expected: {episode.prediction.in_words}")
        if episode.if_unchanged is not None:
            self._say(f"Otherwise: {episode.if_unchanged.headline}")
        self._say(f"Episode: {episode.id}")
        return episode

    def apply(self, episode: Episode) -> Delivery:
        delivery = self._cycle.apply(episode)
        self._say(f"Change: {delivery.status} - {delivery.reason}{f' ({delivery.url})' if delivery.url else ''}")
        for line in delivery.diff.splitlines():
            self._say(f"  {line}")
        return delivery

    def notify(self, episode: Episode, delivery: Delivery) -> tuple[Receipt, ...]:
        receipts = self._cycle.notify(episode, delivery)
        told = ", ".join(f"{one.channel} {one.status}{f' ({one.reason})' if one.reason else ''}" for one in receipts)
        self._say(f"Notifications: {told or 'no channel is configured'}")
        return receipts
