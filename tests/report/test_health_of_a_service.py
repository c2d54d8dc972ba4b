"""The health of a service: the formula as it is written, the band beside it, and what is missing."""

from __future__ import annotations

import numpy as np
import pytest
from gathered import END, PER_DAY, flat, gathered, levels, nothing_gathered, series_of, span, with_gap
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.tuning import Thresholds
from ai_ops.report.service.health import health_of

MEASURED = {"latency_p95_ms": 150.0, "error_percent": 0.5, "cpu_percent": 60.0, "memory_percent": 50.0}


def test_the_score_is_the_one_that_was_asked_for():
    """S001-99 to S001-102: 0.3 x 62.5 + 0.3 x 90 + 0.2 x 40 + 0.2 x 50."""
    health = health_of(gathered(series=levels(**MEASURED)), span())
    assert health.score == pytest.approx(63.75)
    assert health.components == pytest.approx({"latency": 62.5, "errors": 90.0, "cpu": 40.0, "memory": 50.0})
    assert health.measured == pytest.approx(MEASURED)


def test_what_costs_most_is_named_with_its_points():
    """R7: latency costs 11.25 points, errors 3, CPU 12, memory 10."""
    health = health_of(gathered(series=levels(**MEASURED)), span())
    assert health.costs_most == "cpu"
    assert health.points_lost == pytest.approx(12.0)


def test_the_band_asks_for_no_idle_machines():
    """R7: CPU and memory inside of their bands cost nothing: 0.3 x 62.5 + 0.3 x 90 + 20 + 20."""
    health = health_of(gathered(series=levels(**MEASURED)), span())
    assert health.band == pytest.approx(85.75)
    assert health.band_components == pytest.approx({"latency": 62.5, "errors": 90.0, "cpu": 100.0, "memory": 100.0})


def test_a_metric_that_was_not_measured_leaves_its_weight_to_the_others():
    """(18.75 + 27 + 8) / 0.8, and the evidence says so."""
    health = health_of(gathered(series=levels(**(MEASURED | {"memory_percent": None}))), span())
    assert health.score == pytest.approx(67.1875)
    assert "memory" not in health.components
    assert ("not measured", "memory: the other components share the weight") in health.evidence.inputs


def test_nothing_measured_has_no_health():
    """An unknown is no zero."""
    health = health_of(nothing_gathered(), span())
    assert (health.score, health.band, health.components, health.costs_most) == (None, None, {}, None)
    assert health.points_lost == 0.0


def test_only_the_reports_span_counts():
    """What was before it, and what a gap hides, is not in the mean."""
    cpu = np.concatenate([np.full(PER_DAY, 99.0), np.full(PER_DAY // 2, 20.0), np.full(PER_DAY // 2, 40.0)])
    series = with_gap(levels(), hours=12, metrics=("memory_percent",)) | {"cpu_percent": series_of("cpu_percent", cpu)}
    health = health_of(gathered(series=series), span())
    assert health.measured["cpu_percent"] == pytest.approx(30.0)
    values = dict(health.evidence.inputs)
    assert values["cpu_percent"] == "30 % (144 values, 100 % of the time)"
    assert values["memory_percent"] == "55 % (72 values, 50 % of the time)"


def test_a_service_without_a_fault_costs_no_points():
    """All components at 100: nothing costs most."""
    perfect = dict.fromkeys(MEASURED, 0.0)
    health = health_of(gathered(series=levels(**perfect)), span())
    assert (health.score, health.costs_most, health.points_lost) == (100.0, None, 0.0)


def test_the_evidence_is_enough_to_work_the_score_out_again():
    """H45: formula, means with units, and where they are from."""
    evidence = health_of(gathered(series=levels(**MEASURED)), span()).evidence
    assert evidence.id == "web-health"
    assert ("latency_p95_ms", "150 ms (144 values, 100 % of the time)") in evidence.inputs
    assert (
        "target band of cpu",
        "30 to 80 %, cpu_scale_in_percent as it stands, cpu_scale_out_percent as it stands",
    ) in (evidence.inputs)
    assert evidence.source.endswith("from prometheus, 2026-11-17 12:00 to 2026-11-18 12:00 UTC")


numbers = st.floats(allow_nan=True, allow_infinity=True, width=64)


@given(st.dictionaries(st.sampled_from(sorted(MEASURED)), st.lists(numbers, min_size=1, max_size=5)))
def test_no_measurement_leads_out_of_0_to_100(values):
    """Whatever a source says: every score is between 0 and 100 or unknown, never NaN."""
    series = {metric: series_of(metric, some) for metric, some in values.items()}
    health = health_of(gathered(series=series), span())
    for score in (health.score, health.band, *health.components.values(), *health.band_components.values()):
        assert score is None or 0.0 <= score <= 100.0
    assert 0.0 <= health.points_lost <= 100.0
    assert (health.score is None) == (not health.components)


def test_a_threshold_that_the_file_does_without_is_as_wide_as_its_knob():
    """R7: without scale_out in the file, the knob's upper bound of 90 % ends the band: 95 % is worth a half."""
    thresholds = Thresholds({"cpu_scale_in_percent": 30.0})
    series = levels() | {"cpu_percent": flat("cpu_percent", 95.0, end=END)}
    health = health_of(gathered(series=series, thresholds=thresholds), span())
    assert health.band_components["cpu"] == pytest.approx(50.0)
