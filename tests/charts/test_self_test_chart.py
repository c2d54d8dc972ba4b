"""The picture of a self-test shows what the figures say, with how far they can be trusted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ai_ops.charts.charts import FORMATS, rendered
from ai_ops.charts.self_test import recall_and_alarms
from ai_ops.domain.self_test import Estimate, Fault, FaultFound, MetricTested, Plan, SelfTest

FOUND = (
    FaultFound(Fault.SPIKE, 9, 10, Estimate(0.9, 0.6, 0.98), delay_samples=0.0, delay_minutes=0.0),
    FaultFound(Fault.FLAT_LINE, 0, 0, None, reason="nowhere"),
)
CPU = MetricTested("cpu_percent", 1.5, 7.0, 1, Estimate(1.0, 0.03, 5.57), Estimate(0.9, 0.6, 0.98), FOUND)
TEST = SelfTest("web", "prometheus", False, Plan(), 0.92, (CPU,), (), CPU.recall, CPU.alarms_per_week)  # noqa: FBT003


def test_every_metric_has_its_recall_and_alarms_with_their_intervals():
    """A point without its whisker would claim more than ten trials can show (R26)."""
    values = recall_and_alarms(TEST).spec["datasets"]
    assert values["recall"] == [{"metric": "CPU", "label": "90%", "value": 0.9, "low": 0.6, "high": 0.98}]
    assert values["alarms"] == [{"metric": "CPU", "label": "1.0", "value": 1.0, "low": 0.03, "high": 5.57}]
    assert [row["fault"] for row in values["faults"]] == ["spike"]


def test_it_says_what_a_person_who_cannot_see_it_needs():
    """The verdict and each metric's figures, in sentences."""
    chart = recall_and_alarms(TEST)
    assert "90% of injected faults found" in chart.title
    assert "CPU: 90% found, 1.0 alarms a week." in chart.description
    assert TEST.verdict in chart.description


def test_simulated_figures_are_called_so():
    """Nobody may take them for those of a real service."""
    assert "(simulated)" in recall_and_alarms(replace(TEST, is_simulated=True)).title


@pytest.mark.parametrize("suffix", FORMATS)
def test_it_becomes_a_picture(suffix):
    """The same one every time."""
    assert rendered(recall_and_alarms(TEST), suffix) == rendered(recall_and_alarms(TEST), suffix)


def test_a_service_of_which_nothing_could_be_tested_has_a_chart_as_well():
    """Empty, with the reason in its title."""
    nothing = replace(TEST, metrics=(), recall=None, alarms_per_week=None)
    assert "nothing could be tested" in recall_and_alarms(nothing).title
    assert rendered(recall_and_alarms(nothing), ".svg")
