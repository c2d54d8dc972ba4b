"""The guide tells every metric that the agent pushes of itself, in the same words as Prometheus does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ai_ops.notify.own_metrics import OWN_METRICS, OwnMetric

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/ai_ops/NEUROPILOT_V17_3_GUIDE.md").read_text(encoding="utf-8")
CELLS = [[cell.strip() for cell in line.strip("|").split("|")] for line in GUIDE.splitlines() if line.startswith("| `")]
ROWS = {cells[0].strip("`"): cells[1:] for cells in CELLS if cells[0].startswith("`neuropilot_")}


@pytest.mark.parametrize("metric", OWN_METRICS, ids=lambda one: one.name)
def test_every_metric_is_explained(metric: OwnMetric) -> None:
    """Its labels and its meaning, as they come with the figures."""
    labels = ", ".join(f"`{label}`" for label in metric.labels) or "-"
    assert ROWS[metric.name] == [labels, metric.meaning]


def test_no_metric_is_made_up() -> None:
    """What the guide names is pushed, in tables and in sentences."""
    assert set(re.findall(r"neuropilot_[a-z_]+", GUIDE)) == ROWS.keys() == {one.name for one in OWN_METRICS}
