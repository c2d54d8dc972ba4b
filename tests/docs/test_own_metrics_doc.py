"""The guide tells every metric of the agent and of its models, in the same words as Prometheus does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ai_ops.notify.watchers.model_metrics import MODEL_METRICS
from ai_ops.notify.watchers.own_metrics import OWN_METRICS

if TYPE_CHECKING:
    from ai_ops.notify.watchers.own_metric import OwnMetric

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/ai_ops/NEUROPILOT_V17_3_GUIDE.md").read_text(encoding="utf-8")
CELLS = [[cell.strip() for cell in line.strip("|").split("|")] for line in GUIDE.splitlines() if line.startswith("| `")]
PUSHED: tuple[OwnMetric[Any], ...] = (*OWN_METRICS, *MODEL_METRICS)
PREFIXES = ("neuropilot_", "ai_ops_model_")
ROWS = {name: cells[1:] for cells in CELLS if (name := cells[0].strip("`")).startswith(PREFIXES)}
OF_THE_GROUP = {"service"}
"""Labels that all metrics have, so that no row repeats them."""


@pytest.mark.parametrize("metric", PUSHED, ids=lambda one: one.name)
def test_every_metric_is_explained(metric: OwnMetric[Any]) -> None:
    """Its labels and its meaning, as they come with the figures."""
    labels = ", ".join(f"`{label}`" for label in metric.labels if label not in OF_THE_GROUP) or "-"
    assert ROWS[metric.name] == [labels, metric.meaning]


def test_no_metric_is_made_up() -> None:
    """What the guide names is pushed, in tables and in sentences."""
    named = set(re.findall(r"\b(?:neuropilot_|ai_ops_model_)[a-z_]+", GUIDE))
    assert named == ROWS.keys() == {one.name for one in PUSHED}
