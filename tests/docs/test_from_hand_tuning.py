"""FROM_HAND_TUNING.md promises nothing that the program does not do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from golden import GOLDEN
from typer.main import get_command

from ai_ops.cli.main import app
from ai_ops.report.agent.record import CLAIM, wilson
from ai_ops.settings.model import Settings
from ai_ops.settings.report import every_key

PAGE = (Path(__file__).parents[2] / "docs/ai_ops/FROM_HAND_TUNING.md").read_text("utf-8")
WORDS = {"eight": 8, "ten": 10, "thirty-two": 32, "forty": 40}


def test_every_verb_and_setting_that_takes_over_work_exists() -> None:
    """What does by itself what one did by hand can be typed, or set (S001-144)."""
    verbs = set(re.findall(r"neuropilot ([a-z-]+)", PAGE))
    assert len(verbs) >= 8
    assert verbs <= set(get_command(app).commands)  # type: ignore[attr-defined]  # a group of them
    keys = {key.rpartition(".")[2] for key in every_key(Settings)}
    named = {"mode", "min", "max", "max_step"}
    assert named <= keys
    assert [one for one in named if f"`{one}" not in PAGE] == []


@pytest.mark.parametrize("day", sorted(path.name for path in GOLDEN.iterdir()))
def test_every_report_counts_how_often_a_person_was_needed(day: str) -> None:
    """So that "less than five minutes a week" can be checked by who spends them (S001-02, S001-144)."""
    assert isinstance(json.loads((GOLDEN / day / "report.json").read_text("utf-8"))["times_needed"], int)
    text = " ".join((GOLDEN / day / "report.txt").read_text("utf-8").split())
    assert re.search(r"In the last 7 days (?:nobody|a person) was needed", text)


def test_what_chance_makes_of_a_few_predictions_is_said_rightly() -> None:
    """The two shares stand on either side of what the agent's own interval allows."""
    few, most = re.findall(r"[Oo]f\s+(\w+), ([\w-]+) (?:may be chance|are not)", PAGE)
    for (judged, hits), is_chance in ((few, True), (most, False)):
        share = wilson(WORDS[hits], WORDS[judged])
        assert (share.low <= CLAIM <= share.high) is is_chance
