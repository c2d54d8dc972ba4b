"""Write the golden files of the report anew, then read what changed with `git diff`.

python tests/renew_golden.py
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from golden import GOLDEN, renderings
from report_days import MORNINGS

if TYPE_CHECKING:
    from pathlib import Path


def renew(folder: Path) -> None:
    """Write every rendering of every morning below `folder`."""
    for day in MORNINGS:
        (folder / day).mkdir(parents=True, exist_ok=True)
        for name, text in renderings(day).items():
            (folder / day / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    renew(GOLDEN)
