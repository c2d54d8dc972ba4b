"""What README and the guide to operations show of a training is what a training says."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from ai_ops.cli.demo import NOW
from ai_ops.cli.training_run import Request, run_training
from ai_ops.wiring.models.lesson import Wish
from ai_ops.wiring.session import Place

ROOT = Path(__file__).parents[2]


def told(line: str) -> str:
    """The line without the digest in a version's name, which depends on the last digit of every number."""
    return re.sub(r"(?<=Z-)[0-9a-f]{8}\b", "", line.strip())


def shown(name: str) -> list[str]:
    """The lines of the one excerpt that has a verdict about a model."""
    blocks = re.findall(r"^```text\n(.*?)^```$", (ROOT / name).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (excerpt,) = [block for block in blocks if re.search(r"^ +verdict ", block, re.MULTILINE)]
    return [told(line) for line in excerpt.splitlines()]


def test_a_first_night_and_the_next_are_told_as_they_are(demo_folder: Path, capsys: pytest.CaptureFixture[str]):
    """On the service of the demo: a cold fit, then one that goes on from it (S001-15, S001-17)."""
    for night, document in enumerate(("README.md", "docs/ai_ops/PRODUCTION_OPS_GUIDE.md")):
        at = NOW + timedelta(days=night)
        capsys.readouterr()
        place = Place(demo_folder, None, {}, lambda at=at: at, pytest.fail)
        assert run_training(place, Request(Wish(), is_keeping=True)) == 0
        real = [told(line) for line in capsys.readouterr().out.splitlines()]
        assert [line for line in shown(document) if line not in real] == []
