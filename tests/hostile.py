"""Texts that somebody may put where the agent reads them: labels, error bodies, commit messages, reasons.

`tests/data/hostile/corpus.json` names and groups them; it is plain ASCII, so that a reviewer sees what is hidden.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CORPUS = Path(__file__).parent / "data" / "hostile" / "corpus.json"


def hostile() -> dict[str, str]:
    """Every text of the corpus by "group: name"."""
    groups = json.loads(CORPUS.read_text(encoding="ascii"))
    return {f"{group}: {name}": _text(form) for group, texts in groups.items() for name, form in texts.items()}


def hostile_lines(most: int = 200) -> list[str]:
    """The texts that survive in one line of UTF-8, for places that hold no others; at most `most` characters each."""
    encodable = (text.encode("utf-8", "ignore").decode() for text in hostile().values())
    lines = dict.fromkeys(" ".join(text.replace("\0", " ").split())[:most] for text in encodable)
    return [line for line in lines if line]


def _text(form: str | Mapping[str, str | int]) -> str:
    """Long texts are written as what they repeat."""
    return form if isinstance(form, str) else str(form["repeat"]) * int(form["times"])
