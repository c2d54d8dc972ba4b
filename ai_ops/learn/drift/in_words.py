"""A drift report for a person: what has drifted, since when, and whether it matters."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from ai_ops.domain.figure import figure
from ai_ops.learn.drift.features import HOUR_OF_DAY, KNOWN_COLUMNS, SCORE

if TYPE_CHECKING:
    from ai_ops.domain.model_drift import DriftReport, FeatureDrift

NAMES = {
    SCORE: "The model's score",
    KNOWN_COLUMNS: "The number of metrics that are measured",
    HOUR_OF_DAY: "The time of day of the rows",
}

SURE = 2.0
"""Standard errors of a share beyond which it is not the same share."""

NOTEWORTHY = 0.1
"""In sigmas: a mean that moved by less has stayed, and it is the distribution that has changed."""


def in_words(report: DriftReport) -> str:
    """Say what has drifted, since when, and what it does to detection, in a few sentences."""
    if report.reason:
        return f"Drift is not known: {report.reason}."
    if not report.drifted:
        return f"Nothing has drifted in the newest {report.rows:,} rows. {effect_in_words(report)}"
    return " ".join([*(f"{_feature_in_words(one)}." for one in report.drifted), effect_in_words(report)])


def effect_in_words(report: DriftReport) -> str:
    """What has become of the share of rows above the model's threshold.

    A share counts as changed where it differs from that of the training by two standard errors of the effective rows,
    and by at least one of them.
    """
    now, before = report.alarm_share, report.expected_alarm_share
    shares = f"{now:.1%} of the rows are above the model's threshold, {before:.1%} were in training"
    worth = next((one.effective_rows for one in report.features if one.feature == SCORE), 0.0)
    if not worth:
        return f"Whether this matters to detection is not known: too few rows have a score ({shares})."
    middle = (now + before) / 2.0
    if abs(now - before) <= max(SURE * sqrt(middle * (1.0 - middle) / worth), 1.0 / worth):
        return f"Detection is not visibly affected: {shares}."
    if now > before:
        return f"It matters: the model calls normal rows abnormal, or the service is unwell: {shares}."
    return f"It matters: the model has become blind: {shares}."


def _feature_in_words(one: FeatureDrift) -> str:
    since = f" since about {one.since:%Y-%m-%d %H:%M} UTC" if one.since else ""
    return f"{NAMES.get(one.feature, one.feature)} has drifted{since}: over {one.rows:,} rows {_change_in_words(one)}"


def _change_in_words(one: FeatureDrift) -> str:
    if abs(one.shift_sigmas) < NOTEWORTHY:
        return (
            f"its mean has stayed, but its values lie {figure(one.wasserstein)} sigma away from those of the training"
        )
    side = "above" if one.shift_sigmas > 0.0 else "below"
    return f"its mean lies {figure(abs(one.shift_sigmas))} sigma {side} that of the training"
