"""The model's status: the keys of S004-05, and one word for what is worst (S004-06 to S004-11)."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.model_drift import DriftReport, FeatureDrift
from ai_ops.domain.model_status import Health, Signature
from ai_ops.learn.status import InUse, Limits, status_of, to_json

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MODEL = InUse("20261120T0310Z-3f9c1a2b", datetime(2026, 11, 20, 3, tzinfo=UTC), 0.87, 1498, 0.012, Signature.SIGNED)


def aged(hours: float, auc: float | None = 0.87) -> InUse:
    """A model whose newest data is so old."""
    return replace(MODEL, version_date=NOW - timedelta(hours=hours), auc=auc)


def drifted(score: float) -> DriftReport:
    """Recent rows that are so many sigmas away."""
    feature = FeatureDrift("cpu_percent", 1000, 120.0, score, 0.1, 0.1, 0.5, 0.1, has_drifted=False)
    return DriftReport(NOW, 1000, score, (feature,))


@pytest.mark.parametrize(
    ("model", "drift", "error", "health", "reason"),
    [
        (MODEL, None, "", Health.OK, ""),
        (MODEL, 2.9, "", Health.OK, ""),
        (None, None, "", Health.NO_MODEL, "neuropilot train --apply"),
        (None, 9.0, "", Health.NO_MODEL, "neuropilot train --apply"),
        (None, None, "scaler.json is not what it was", Health.ERROR, "scaler.json"),
        (MODEL, None, "scaler.json is not what it was", Health.ERROR, "scaler.json"),
        (aged(1, 0.5499), None, "", Health.CRITICAL_LOW_AUC, "0.550"),
        (aged(1, 0.0), None, "", Health.CRITICAL_LOW_AUC, "rollback"),
        (aged(1, 0.55), None, "", Health.WARNING_LOW_AUC, "below 0.65"),
        (aged(1, 0.6499), None, "", Health.WARNING_LOW_AUC, "below 0.65"),
        (aged(1, 0.65), None, "", Health.OK, ""),
        (aged(1, None), None, "", Health.WARNING_LOW_AUC, "could not be measured"),
        (aged(1, math.nan), None, "", Health.WARNING_LOW_AUC, "could not be measured"),
        (MODEL, 3.0, "", Health.OK, ""),
        (MODEL, 3.01, "", Health.WARNING_HIGH_DRIFT, "3.0 standard deviations"),
        (MODEL, math.inf, "", Health.WARNING_HIGH_DRIFT, "inf standard deviations"),
        (MODEL, math.nan, "", Health.OK, ""),
        (aged(48), None, "", Health.OK, ""),
        (aged(48.1), None, "", Health.WARNING_STALE, "48 hours old"),
        (aged(400), 2.0, "", Health.WARNING_STALE, "400 hours old"),
        (aged(-1), None, "", Health.OK, ""),
        # The graver one is said.
        (aged(400, 0.5), 9.0, "x", Health.ERROR, "x"),
        (aged(400, 0.5), 9.0, "", Health.CRITICAL_LOW_AUC, "chance"),
        (aged(400, 0.6), 9.0, "", Health.WARNING_LOW_AUC, "below"),
        (aged(400, 0.9), 9.0, "", Health.WARNING_HIGH_DRIFT, "9.0 standard deviations"),
    ],
)
def test_the_worst_is_said(model, drift, error, health, reason) -> None:
    """Each state at its border, and each before those that are less grave (S004-06 to S004-11)."""
    status = status_of(model, NOW, drift=None if drift is None else drifted(drift), error=error)
    assert status.health is health
    assert reason in status.reason
    assert (status.reason == "") is (health is Health.OK)
    assert status.loaded is (model is not None)


PROBLEMS = {
    "error": Health.ERROR,
    "no_model": Health.NO_MODEL,
    "critical": Health.CRITICAL_LOW_AUC,
    "low": Health.WARNING_LOW_AUC,
    "drift": Health.WARNING_HIGH_DRIFT,
    "stale": Health.WARNING_STALE,
}
"""In the order of their gravity."""


@given(
    st.sets(st.sampled_from(sorted(PROBLEMS))),
    st.floats(0.6, 0.95),
    st.floats(0.5, 10.0),
    st.floats(0.01, 1.0),
)
def test_of_several_problems_the_gravest_is_said(problems: set[str], min_auc: float, limit: float, by: float) -> None:
    """Whatever the limits of the team, and by however little they are missed."""
    auc = 0.55 * (1.0 - by) if "critical" in problems else 0.55 + (min_auc - 0.55) * (1.0 - by) * 0.99
    auc = auc if problems & {"critical", "low"} else min_auc
    model = None if "no_model" in problems else aged(48.0 + by if "stale" in problems else 48.0 * (1.0 - by), auc)
    status = status_of(
        model,
        NOW,
        drift=drifted(limit * (1.0 + by) if "drift" in problems else limit),
        limits=Limits(min_auc, limit),
        error="broken" if "error" in problems else "",
    )
    expected = next((health for problem, health in PROBLEMS.items() if problem in problems), Health.OK)
    assert status.health is expected


@given(st.none() | st.floats(), st.none() | st.floats(), st.floats(-1e5, 1e5), st.booleans(), st.text(max_size=5))
def test_the_status_is_always_json_with_the_nine_keys_first(auc, drift, hours, is_loaded, error) -> None:
    """Whatever was measured; what is unknown is null, and never NaN, which JSON does not have (S004-05)."""
    model = aged(hours, auc) if is_loaded else None
    body = to_json(status_of(model, NOW, drift=None if drift is None else drifted(drift), error=error))
    assert list(json.loads(json.dumps(body, allow_nan=False))) == [
        *("loaded", "version", "version_date", "auc", "n_train", "load_time", "age_hours", "drift_score", "health"),
        *("signature", "reason"),
    ]
    assert body["health"] in set(Health)


def test_a_model_in_use_is_told_in_full() -> None:
    """Every figure where it belongs."""
    assert to_json(status_of(MODEL, NOW, drift=drifted(1.25))) == {
        "loaded": True,
        "version": "20261120T0310Z-3f9c1a2b",
        "version_date": "2026-11-20T03:00:00Z",
        "auc": 0.87,
        "n_train": 1498,
        "load_time": 0.012,
        "age_hours": 9.0,
        "drift_score": 1.25,
        "health": "ok",
        "signature": "signed",
        "reason": "",
    }


def test_without_a_model_nothing_is_made_up() -> None:
    """Null for what there is not."""
    body = to_json(status_of(None, NOW))
    assert {key for key, value in body.items() if value is None} == {
        *("version", "version_date", "auc", "n_train", "load_time", "age_hours", "drift_score", "signature")
    }
    assert (body["loaded"], body["health"]) == (False, "no_model")


def test_an_older_model_that_still_answers_is_shown_beside_the_error() -> None:
    """The newest version was refused: which one answers is what people ask next (S004-11)."""
    body = to_json(status_of(MODEL, NOW, error="the newest was altered"))
    assert (body["loaded"], body["version"], body["health"]) == (True, MODEL.version, "error")


def test_drift_that_was_not_judged_is_unknown() -> None:
    """Too few rows are no drift, and no proof that there is none."""
    report = DriftReport(NOW, 12, 0.0, (), reason="12 rows of 50")
    assert to_json(status_of(MODEL, NOW, drift=report))["drift_score"] is None


def test_the_age_is_that_of_the_data_in_any_zone() -> None:
    """Not of the file, and not of the training (S004-10)."""
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    status = status_of(replace(MODEL, version_date=elsewhere - timedelta(hours=49)), NOW)
    assert status.age_hours == pytest.approx(49.0)
    assert to_json(status)["version_date"] == "2026-11-18T11:00:00Z"


def test_a_drift_beyond_all_measure_is_told_in_three_digits() -> None:
    """A file that was damaged makes no page of digits (H29)."""
    told = status_of(MODEL, NOW, drift=drifted(3.87391e159))
    assert told.reason == "the recent metrics are 3.87e+159 standard deviations from those of the training, above 3"
