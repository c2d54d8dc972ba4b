"""The guide says how autonomy is really earned."""

from __future__ import annotations

import re
from pathlib import Path

from ai_ops.domain.autonomy import ActionClass, Mode
from ai_ops.tune.autonomy.autonomy import Limits, autonomy, judged_needed
from ai_ops.tune.autonomy.judgements import HALF_LIFE, MOST_EACH, MOST_TOGETHER
from ai_ops.tune.learning.outcome import DEMAND_FACTOR, LEAST_MEASURED_RATIO

GUIDE = (Path(__file__).parents[2] / "docs/ai_ops/NEUROPILOT_V17_3_GUIDE.md").read_text(encoding="utf-8")
SECTION = GUIDE.split("## How far it may go\n")[1].split("\n## ")[0]


def row(first: str) -> list[str]:
    """Cells of the table row that begins so."""
    (line,) = re.findall(rf"^\| {re.escape(first)} \|(.*)\|$", SECTION, re.MULTILINE)
    return [cell.strip() for cell in line.split("|")]


def test_the_needed_predictions_are_the_real_ones():
    """A team plans its first weeks with this table (S001-137)."""
    assert [judged_needed(int(misses)) for misses in row("misses")] == [int(n) for n in row("judged predictions")]


def test_every_class_starts_where_the_table_says():
    """Nothing is earned on the first day."""
    for action, one in autonomy((), Limits(Mode.COMMIT, {})).items():
        assert row(f"`{action}`")[-1].split(":")[0] == one.allowed
    assert len(re.findall(r"^\| `\w+` \|", SECTION, re.MULTILINE)) == len(ActionClass)


def test_the_figures_in_the_text_are_the_real_ones():
    """Of what cannot be judged, and of what words cost (S001-138)."""
    assert (DEMAND_FACTOR, LEAST_MEASURED_RATIO) == (1.25, 0.9)
    assert "by more than a quarter" in SECTION
    assert "less than 90 % was measured" in SECTION
    text = " ".join(SECTION.split())
    assert f"takes up to {MOST_EACH:g} from the reward" in text
    assert f"after {HALF_LIFE.days} days, {MOST_TOGETHER:g} at most" in text
