"""The page for operators: its example runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/ai_ops/HOW_NEUROPILOT_DECIDES.md"


def test_the_library_example_recommends(capsys):
    """Copied from the page, run, and it says what to do and why (S001-07)."""
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(example, str(PAGE), "exec"), names)  # what the page tells people to run
    assert names["advice"].thresholds != names["thresholds"]
    assert names["state"]["records"]
    assert "Interval(expected=" in capsys.readouterr().out
