"""A drift report in words: what, since when, and whether it matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ai_ops.domain.model_drift import DriftReport, FeatureDrift
from ai_ops.learn.drift.in_words import in_words

SINCE = datetime(2026, 11, 18, 4, 10, tzinfo=UTC)


def feature(name: str = "latency_p95_ms", **other: object) -> FeatureDrift:
    """One feature that has not drifted, unless it is said."""
    quiet = FeatureDrift(
        feature=name,
        rows=1000,
        effective_rows=250.0,
        shift_sigmas=0.0,
        psi=0.0,
        ks=0.0,
        ks_p=1.0,
        wasserstein=0.0,
        has_drifted=False,
    )
    return replace(quiet, **other)


def report(*features: FeatureDrift, **other: object) -> DriftReport:
    """A report on a thousand rows."""
    quiet = DriftReport(SINCE, 1000, 0.0, (*features, feature("score")), alarm_share=0.004, expected_alarm_share=0.004)
    return replace(quiet, **other)


def test_nothing_is_said_to_be_nothing():
    """And that detection is as it was."""
    assert in_words(report()) == (
        "Nothing has drifted in the newest 1,000 rows. "
        "Detection is not visibly affected: 0.4% of the rows are above the model's threshold, 0.4% were in training."
    )


def test_what_has_drifted_is_named_with_its_beginning_the_farthest_first():
    """A mean by its direction, a distribution by its distance."""
    moved = feature(shift_sigmas=0.62, wasserstein=0.6, has_drifted=True, since=SINCE)
    spread = feature("cpu_percent", shift_sigmas=0.02, wasserstein=1.4, has_drifted=True, since=SINCE)
    assert in_words(report(moved, spread)).startswith(
        "cpu_percent has drifted since about 2026-11-18 04:10 UTC: over 1,000 rows its mean has stayed, but its values "
        "lie 1.4 sigma away from those of the training. latency_p95_ms has drifted since about 2026-11-18 04:10 UTC: "
        "over 1,000 rows its mean lies 0.6 sigma above that of the training. Detection is not"
    )


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (0.08, 0.004, "It matters: the model calls normal rows abnormal, or the service is unwell: 8.0%"),
        (0.0, 0.1, "It matters: the model has become blind: 0.0%"),
        (0.007, 0.004, "Detection is not visibly affected: 0.7%"),
    ],
)
def test_it_is_said_whether_it_matters(now, before, said):
    """Two standard errors of the effective rows apart: too many alarms, or too few."""
    drifted = feature("score", shift_sigmas=-0.5, wasserstein=0.5, has_drifted=True)
    words = in_words(replace(report(), features=(drifted,), alarm_share=now, expected_alarm_share=before))
    assert words.startswith("The model's score has drifted: over 1,000 rows its mean lies 0.5 sigma below that of")
    assert said in words


def test_what_is_not_known_is_said():
    """Too few rows, or no score."""
    assert (
        in_words(DriftReport(SINCE, 9, 0.0, (), reason="there are 9 rows")) == "Drift is not known: there are 9 rows."
    )
    without = replace(report(), features=(feature(),))
    assert "Whether this matters to detection is not known: too few rows have a score" in in_words(without)


def test_nobody_reads_three_hundred_digits():
    """A mean that went astray by more than anything means is told in three digits (H29)."""
    astray = feature(shift_sigmas=-3.87391e159, wasserstein=2e159, has_drifted=True, since=SINCE)
    assert "its mean lies 3.87e+159 sigma below that of the training" in in_words(report(astray))
    apart = feature(shift_sigmas=0.0, wasserstein=2.5e4, has_drifted=True, since=SINCE)
    assert "its values lie 2.5e+04 sigma away" in in_words(report(apart))
