"""How training goes: by the newest loss, with a trend only where there is one, and advice when it stands still."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import numpy as np
import pytest
from model_vitals import a_record

from ai_ops.domain.model_version import DataQuality
from ai_ops.domain.training_record import Learning, TrainingRecord
from ai_ops.learn.progress import TREND_RECORDS, Trend, advice, learning_of, trend_of

FIRST = datetime(2026, 11, 20, 3, 17, tzinfo=UTC)
RECORD = a_record(
    at=FIRST,
    version="20261120T0310Z-3f9c1a2b",
    loss=0.14,
    auc=0.93,
    auc_low=0.9,
    learning=Learning.TRAINING,
    rows=1_498,
    components=1,
    loss_rows=None,
)
SOUND = DataQuality(2_016, 2_016, {"cpu_percent": 1.0, "latency_p95_ms": 0.97})


def _records(*losses: float | None) -> list[TrainingRecord]:
    stages = [None if loss is None else _stage(loss) for loss in losses]
    pairs = enumerate(zip(losses, stages, strict=True))
    return [replace(RECORD, at=FIRST + timedelta(days=n), loss=loss, learning=stage) for n, (loss, stage) in pairs]


def _stage(loss: float) -> Learning:
    return Learning.CONVERGED if loss < 0.02 else Learning.CONVERGING if loss < 0.05 else Learning.TRAINING


def test_the_newest_measured_record_says_how_far_it_is():
    """One that could not be measured takes nothing away (S001-108)."""
    progress = learning_of(_records(0.08, 0.06, 0.031, None))
    assert progress.learning == Learning.CONVERGING
    assert progress.losses == (0.08, 0.06, 0.031)
    assert progress.sentence == "converging: loss 0.031, level over the last 3 records"


def test_a_loss_that_is_large_still_does_not_read_as_if_a_training_ran():
    """S001-108: its name is `training`, and it has ended all the same."""
    assert learning_of([replace(RECORD, loss=0.055, learning=Learning.TRAINING)]).sentence.startswith(
        "still learning: "
    )


@pytest.mark.parametrize(("losses", "said"), [((), "no training has been measured yet"), ((0.2,), "measured once")])
def test_little_is_said_of_few_records(losses, said):
    """None, and one."""
    assert said in learning_of(_records(*losses)).sentence


def test_only_the_last_week_makes_the_trend():
    """What fell months ago and stands still now is level (S001-19)."""
    fell = [0.9 - 0.01 * night for night in range(60)]
    assert learning_of(_records(*fell)).trend == Trend.FALLING
    assert learning_of(_records(*fell, *[0.3] * TREND_RECORDS)).trend == Trend.LEVEL
    assert learning_of(_records(*fell, *np.linspace(0.3, 0.4, TREND_RECORDS))).trend == Trend.RISING


def test_the_first_weeks_of_a_healthy_service_fall():
    """Weeks 1, 2 and 4 as the rollout has them: 0.15, below 0.05, below 0.02 (S001-118, S001-119, S001-120)."""
    progress = learning_of(_records(0.15, 0.11, 0.09, 0.06, 0.045, 0.03, 0.018))
    assert progress.sentence == "converged: loss 0.018, falling over the last 7 records"


def test_an_evaluation_of_the_model_in_use_is_no_training():
    """Its loss is that of the held-out hours, and says nothing of how training goes (S001-108)."""
    *nights, _ = records = _records(0.03, 0.02, 0.019, 0.041)
    records[-1] = replace(records[-1], event="evaluation", learning=None)
    assert learning_of(records) == learning_of(nights)


def test_a_loss_is_told_beside_what_it_rests_on():
    """A perfect model shows 0.039 on two weeks of held-out hours, and 0.014 on four weeks of rows (R27, S001-120)."""
    first, later = _records(0.041, 0.016)
    told = learning_of([replace(first, loss_rows=504), replace(later, loss_rows=4_032)])
    assert told.sentence == (
        "converged: loss 0.016 (over 4,032 rows, where a perfect model shows 0.014), level over the last 2 records"
    )
    alone = learning_of([replace(first, loss_rows=504)]).sentence
    assert "0.041 (over 504 rows, where a perfect model shows 0.039)" in alone


def test_a_loss_that_its_own_rows_explain_needs_only_patience():
    """S001-124: what chance alone reaches on as many rows as the loss rests on, whatever else there is."""
    assert "chance alone reaches 0.19" in advice(replace(RECORD, loss_rows=50), SOUND)
    assert "chance" not in advice(replace(RECORD, loss_rows=504), replace(SOUND, points=60, unique_timestamps=60))


@pytest.mark.parametrize("count", [3, 4, 5, 6])
def test_chance_is_called_a_trend_at_most_once_in_twenty(count):
    """Over every order that so many losses can have, so not by luck."""
    orders = [trend_of(order) for order in permutations(range(count))]
    named = sum(trend != Trend.LEVEL for trend in orders)
    assert named <= 0.05 * len(orders)
    assert (named > 0) == (count >= 5)


@pytest.mark.parametrize("loss", [None, 0.02, 0.10])
def test_a_model_that_improves_needs_no_advice(loss):
    """Nor does one that could not be measured: that has its own message."""
    assert advice(replace(RECORD, loss=loss), SOUND) is None


@pytest.mark.parametrize(
    ("record", "quality", "said"),
    [
        ({}, replace(SOUND, unique_timestamps=2_010), "some times were counted twice"),
        ({}, replace(SOUND, points=60, unique_timestamps=60), "wait for more history"),
        ({}, replace(SOUND, known_ratio={"cpu_percent": 0.5, "latency_p95_ms": 1.0}), "cpu_percent is often missing"),
        ({}, replace(SOUND, left_out=700), "700 rows were left out"),
        ({"drifted": ("cpu_percent",)}, SOUND, "neuropilot train --rebuild"),
        ({}, SOUND, "model.n_components"),
    ],
    ids=["twice", "few", "missing", "left out", "drifted", "sound"],
)
def test_advice_counts_the_points_and_names_the_likeliest_reason(record, quality, said):
    """Points and unique timestamps first, then what to do (S001-124)."""
    told = advice(replace(RECORD, **record), quality)
    counted = f"{quality.points:,} points with {quality.unique_timestamps:,} unique timestamps"
    assert counted in told
    assert said in told
