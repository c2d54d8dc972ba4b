"""What is kept of a training: readable, small, and refused if it is anything else."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
from drifting import DAY, METRICS, TRAINING, day_shape, noise, rows_of, times

from ai_ops.learn.drift.drift import ROWS, drift_of
from ai_ops.learn.drift.reference import reference_of
from ai_ops.learn.drift.reference_json import reference_from_json, reference_to_json


@pytest.fixture(scope="module")
def reference():
    """Of two weeks with a daily season."""
    return reference_of(rows_of(noise(TRAINING, 3, phi=0.6) + day_shape(times(TRAINING))[:, None]))


@pytest.fixture
def form(reference):
    """As it is written."""
    return json.loads(json.dumps(reference_to_json(reference)))


def test_mean_and_standard_deviation_of_every_feature_are_kept(reference, form):
    """Of the metrics, the score, how many were measured, and the hour of day (S004-12)."""
    kept = {one["name"]: one for one in form["features"]}
    assert [*kept] == [*METRICS, "score", "known_columns", "hour_of_day"]
    hours = times(TRAINING) % 86_400 / 3600
    assert kept["hour_of_day"]["mean"] == pytest.approx(hours.mean())
    assert kept["hour_of_day"]["std"] == pytest.approx(hours.std())
    assert (kept["known_columns"]["mean"], kept["known_columns"]["std"]) == (3.0, 0.0)


def test_what_is_written_is_read_again(reference, form):
    """Nothing is lost, so that two machines say the same of the same rows."""
    assert reference_from_json(form) == reference
    recent = rows_of(noise(ROWS, 3, seed=9))
    assert drift_of(reference_from_json(form), recent) == drift_of(reference, recent)


def test_it_is_a_few_kilobytes(form):
    """About two for each feature."""
    assert len(json.dumps(form)) < 2048 * len(form["features"])


def test_the_shape_of_the_day_is_taken_out(reference):
    """What is left of a metric with a season has the spread of its noise, and no hour lies high."""
    rows = rows_of(noise(TRAINING, 3, phi=0.6) + day_shape(times(TRAINING))[:, None])
    one = reference.features[0]
    residual = one.residual(rows.times, rows.values[:, 0]) * one.sigma
    assert rows.values[:, 0].std() > 1.15
    assert 0.85 < residual.std() < 1.1
    by_hour = residual.reshape(14, 24, 6).mean(axis=(0, 2))
    np.testing.assert_allclose(by_hour, 0.0, atol=0.4)


def test_a_constant_has_an_assumed_spread():
    """A tenth of its level, as the model assumes: three metrics that were always measured are 3.0, give or take 0.3."""
    known = reference_of(rows_of(noise(TRAINING, 3))).features[4]
    assert (known.name, known.std, known.sigma) == ("known_columns", 0.0, pytest.approx(0.3))


def test_an_hour_that_was_seen_once_has_no_profile_of_its_own():
    """One day and a half: what no second day confirms is the mean of everything."""
    rows = rows_of(noise(DAY + DAY // 2, 3) + np.repeat([0.0, 8.0], [DAY, DAY // 2])[:, None])
    profile = np.array(reference_of(rows).features[0].profile)
    assert (profile[12:24] == 0.0).all()
    assert (profile[:12] > 0.05).all()


def test_no_rows_are_no_reference():
    """Nothing is made up from nothing."""
    empty = reference_of(rows_of(np.empty((0, 3))))
    assert (empty.rows, empty.alarm_share, empty.features) == (0, 0.0, ())
    assert reference_from_json(json.loads(json.dumps(reference_to_json(empty)))) == empty


def _changed(path: tuple[str | int, ...], value: object):
    def change(form):
        *way, last = path
        for key in way:
            form = form[key]
        form[last] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        _changed(("schema",), 2),
        _changed(("schema",), value=True),
        _changed(("rows",), -1),
        _changed(("rows",), 1.5),
        _changed(("threshold",), "1"),
        _changed(("alarm_share",), 1.2),
        _changed(("features",), {}),
        _changed(("surplus",), 1),
        _changed(("features", 0), []),
        _changed(("features", 0, "name"), "latency_p95_ms"),
        _changed(("features", 0, "name"), ""),
        _changed(("features", 0, "mean"), float("nan")),
        _changed(("features", 0, "mean"), value=True),
        _changed(("features", 0, "std"), -1.0),
        _changed(("features", 0, "rows"), 0),
        _changed(("features", 0, "autocorrelation_rows"), 0.5),
        _changed(("features", 0, "profile"), [0.0] * 24),
        _changed(("features", 0, "profile", 3), None),
        _changed(("features", 0, "quantiles"), [0.0] * 100),
        _changed(("features", 0, "quantiles", 50), 9.0),
        _changed(("features", 0, "edges", 0), 9.0),
        _changed(("features", 0, "edges"), []),
        _changed(("features", 0, "shares", 0), -0.1),
        _changed(("features", 0, "shares"), [1.0]),
        _changed(("features", 0, "surplus"), 1),
        lambda form: form.pop("rows"),
        lambda form: form["features"][0].pop("mean"),
    ],
)
def test_anything_else_is_refused(form, change):
    """Nothing is guessed or filled in (H12)."""
    altered = copy.deepcopy(form)
    change(altered)
    with pytest.raises(ValueError, match=r"\w"):
        reference_from_json(altered)


@pytest.mark.parametrize("form", [None, [], "text", 1])
def test_what_is_no_object_is_refused(form):
    """Neither."""
    with pytest.raises(ValueError, match="must have exactly the keys"):
        reference_from_json(form)
