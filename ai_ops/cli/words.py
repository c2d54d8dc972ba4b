"""Figures and decisions in words, the same in the narrative, in `explain` and in the step summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.cli.rationale import rationale_in_words
from ai_ops.domain.label import finding_id
from ai_ops.domain.tuning import value_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.tuning import Change, Decision, Reward


def headline_figures(measured: Mapping[str, float]) -> str:
    """CPU, latency and errors in one line; what was not measured says so."""
    return ", ".join(
        f"{label} {_figure(measured.get(metric), unit)}"
        for label, metric, unit in (
            ("CPU", "cpu_percent", " %"),
            ("Latency p95", "latency_p95_ms", " ms"),
            ("Errors", "error_percent", " %"),
        )
    )


def reward_in_words(reward: Reward) -> str:
    """Value, terms and whose merit it is."""
    if reward.value is None:
        return reward.reason
    terms = ", ".join(f"{name} {value:+.2f}" for name, value in reward.terms.items())
    beside = ", ".join(f"{name} {value:+.2f}" for name, value in reward.beside.items())
    credited = "credited: " if reward.is_credited else ""
    return f"{reward.value:+.2f} by {reward.formula} ({terms}); {credited}{reward.reason}; beside it: {beside}"


def promise_in_words(reward: Reward) -> str:
    """How the SLO and the budget did."""
    slo = (
        "SLI not measured" if reward.burn is None else (f"{reward.slo_good_percent:.3f} % good, burn {reward.burn:.2f}")
    )
    if reward.cost is None or reward.budget is None:
        return f"{slo}; cost not measured"
    return f"{slo}; cost {reward.cost:.2f} in this window, where the budget allows {reward.budget:.2f}"


def change_in_words(change: Change) -> str:
    """One change in one phrase."""
    before, after = value_in_words(change.before), value_in_words(change.after)
    if isinstance(change.after, tuple):
        return f"set {change.knob} to {after} (was: {before})"
    if isinstance(change.before, int | float) and isinstance(change.after, int | float):
        verb = "raise" if change.after > change.before else "lower"
        return f"{verb} {change.knob} from {before} to {after}"
    return f"switch {change.knob} from {before} to {after}"


def decision_in_words(decision: Decision) -> str:
    """What shall happen, in one line."""
    if decision.is_hold:
        return "hold"
    return "; ".join(change_in_words(change) for change in decision.changes) + (
        " (urgent)" if decision.is_urgent else ""
    )


def episode_in_words(episode: Episode) -> Iterator[str]:
    """Everything an episode knows, line by line, for `neuropilot explain`."""
    label = "  (simulated)" if episode.is_simulated else ""
    yield f"Episode {episode.id}{label}"
    yield f"  decided    {_time(episode.decided_at)} by the policy {episode.policy} in mode {episode.mode}"
    yield f"  window     {_time(episode.window.start)} to {_time(episode.window.end)}, from {episode.source}"
    yield f"  measured   {headline_figures(episode.measured)}"
    yield f"  promise    {promise_in_words(episode.reward)}"
    yield f"  reward     {reward_in_words(episode.reward)}"
    yield (
        f"  trust      day {episode.exploration.day}, exploration {episode.exploration.phase}: "
        f"a saving needs a burn below {episode.exploration.burn_margin:.2f}"
    )
    standing = sorted(episode.thresholds.values.items())
    yield f"  settings   {', '.join(f'{name} {value_in_words(value)}' for name, value in standing)}"
    for gap in episode.gaps:
        yield f"  gap        {gap.metric}: {gap.reason}"
    for warning in episode.warnings:
        yield f"  warning    {warning}"
    for finding in episode.findings:
        name = finding_id(episode.service, finding.metric, finding.since)
        yield f"  finding    {name} {finding.severity}: {finding.reason} ({', '.join(finding.detectors)})"
    yield f"  decision   {decision_in_words(episode.decision)}"
    for reason in episode.decision.reasons:
        yield f"  because    {reason}"
    if episode.prediction is not None:
        yield f"  expected   {episode.prediction.in_words}"
    if episode.if_unchanged is not None:
        yield f"  otherwise  {episode.if_unchanged.headline}"
    for outcome in episode.outcomes:
        yield f"  outcome    {outcome.in_words}"
    if episode.rationale is not None:
        yield from rationale_in_words(episode.rationale)


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _figure(value: float | None, unit: str) -> str:
    return "not measured" if value is None else f"{value:.3g}{unit}"
