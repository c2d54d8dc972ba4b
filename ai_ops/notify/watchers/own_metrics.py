"""The metrics that the agent pushes of itself: names, meanings, and where each figure comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.autonomy import Mode
from ai_ops.notify.watchers import own_figures as figures
from ai_ops.notify.watchers.own_metric import OwnMetric, registry_with

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from ai_ops.domain.vitals import Vitals

OF_ANY_RUN: tuple[OwnMetric[Vitals], ...] = (
    OwnMetric(
        "neuropilot_build_info", "Always 1; the version that ran.", lambda v: iter([((v.version,), 1.0)]), ("version",)
    ),
    OwnMetric(
        "neuropilot_last_run_timestamp_seconds",
        "When the last run ended, well or not.",
        lambda v: figures.one(v.at.timestamp()),
    ),
    OwnMetric(
        "neuropilot_last_success_timestamp_seconds",
        "When the last run ended that went well.",
        lambda v: figures.one(None if v.exit_code else v.at.timestamp()),
    ),
    OwnMetric(
        "neuropilot_run_duration_seconds",
        "How long the last run took, all of its services together; of three jobs the last one.",
        lambda v: figures.one(v.seconds),
    ),
    OwnMetric(
        "neuropilot_run_exit_code",
        "How the last run ended for this service: 0 is well, 2 no data, 4 not delivered.",
        lambda v: figures.one(v.exit_code),
    ),
    OwnMetric(
        "neuropilot_mode",
        "1 for what the team allows, 0 for the others.",
        lambda v: figures.chosen(Mode, v.mode),
        ("mode",),
    ),
    OwnMetric("neuropilot_paused", "1 while somebody has paused the agent.", lambda v: figures.one(v.is_paused)),
    OwnMetric(
        "neuropilot_state_size_bytes",
        "Size of what the agent remembers, all services together.",
        lambda v: figures.one(v.state_bytes),
    ),
)
"""What is known of every run, one that failed as well."""

OF_A_CYCLE: tuple[OwnMetric[Vitals], ...] = (
    OwnMetric(
        "neuropilot_simulated",
        "1 when the figures are of a made-up service.",
        lambda v: figures.one(None if v.episode is None else v.episode.is_simulated),
    ),
    OwnMetric(
        "neuropilot_window_end_timestamp_seconds",
        "Until when metrics were looked at.",
        lambda v: figures.one(None if v.episode is None else v.episode.window.end.timestamp()),
    ),
    OwnMetric(
        "neuropilot_missing_metrics",
        "How many of the metrics that were asked for could not be had.",
        lambda v: figures.one(None if v.episode is None else len(v.episode.gaps)),
    ),
    OwnMetric("neuropilot_anomalies", "Findings in the last window.", figures.anomalies, ("severity",)),
    OwnMetric(
        "neuropilot_slo_target_ratio",
        "Share of requests that shall be good.",
        lambda v: figures.one(v.slo_target_percent / 100.0),
    ),
    OwnMetric(
        "neuropilot_slo_good_ratio",
        "Share of requests that were good in the last window.",
        lambda v: figures.one(_share(v.episode.reward.slo_good_percent if v.episode else None)),
    ),
    OwnMetric(
        "neuropilot_burn_ratio",
        "Error budget that the last window spent, by what it was allowed to spend: above 1 is too fast.",
        lambda v: figures.one(v.episode.reward.burn if v.episode else None),
    ),
    OwnMetric(
        "neuropilot_error_budget_spent_ratio",
        "Error budget of the last 30 days that is spent, as far as measured: above 1 the promise is broken.",
        figures.error_budget_spent,
    ),
    OwnMetric(
        "neuropilot_hourly_cost", "What an hour cost in the last window, in your currency.", figures.cost_per_hour
    ),
    OwnMetric("neuropilot_hourly_cost_budget", "What an hour may cost, in your currency.", figures.budget_per_hour),
    OwnMetric(
        "neuropilot_reward",
        "Score of the last window, by the formula in the settings.",
        lambda v: figures.one(v.episode.reward.value if v.episode else None),
    ),
    OwnMetric(
        "neuropilot_threshold", "A knob that is a number, as it stands on the branch.", figures.thresholds, ("knob",)
    ),
    OwnMetric("neuropilot_recent_decisions", "Decisions of the last 14 days.", figures.decisions, ("outcome",)),
    OwnMetric(
        "neuropilot_delivery",
        "1 for what became of the last decision, 0 for what else could have.",
        figures.delivery,
        ("status",),
    ),
    OwnMetric(
        "neuropilot_live_changes",
        "Decisions whose commit stands among the last 200 of the branch.",
        lambda v: figures.one(v.live_changes),
    ),
    OwnMetric(
        "neuropilot_channel_degraded",
        "1 for a channel that did not take its message.",
        figures.channels,
        ("channel",),
    ),
    OwnMetric(
        "neuropilot_autonomy",
        "How far each class of action may go: 0 observe, 1 propose, 2 commit.",
        figures.autonomy,
        ("action",),
    ),
    OwnMetric(
        "neuropilot_recent_predictions",
        "Predictions that were judged in the last 14 days, by what became of them.",
        figures.predictions,
        ("verdict", "about"),
    ),
    OwnMetric(
        "neuropilot_predicted_burn_ratio",
        "Burn that the newest prediction expects, and its bounds.",
        figures.predicted_burn,
        ("bound",),
    ),
    OwnMetric(
        "neuropilot_predicted_hourly_cost",
        "Cost of an hour that the newest prediction expects, and its bounds.",
        figures.predicted_cost,
        ("bound",),
    ),
    OwnMetric(
        "neuropilot_realised_burn_ratio",
        "Burn over the time of the prediction that was judged last.",
        figures.realised_burn,
    ),
    OwnMetric(
        "neuropilot_realised_hourly_cost",
        "Cost of an hour over the time of the prediction that was judged last.",
        figures.realised_cost,
    ),
)
"""What is known once a cycle has come to its end."""

OWN_METRICS = (*OF_ANY_RUN, *OF_A_CYCLE)


def registry_of(vitals: Vitals) -> CollectorRegistry:
    """Collect all that is known after a run, and nothing of the process or the machine."""
    return registry_with(OF_ANY_RUN if vitals.result is None else OWN_METRICS, vitals)


def _share(percent: float | None) -> float | None:
    return None if percent is None else percent / 100.0
