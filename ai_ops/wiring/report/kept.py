"""Where reports are kept: `ai_ops/reports`, for as many days as the settings say."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ai_ops.domain.errors import StateError
from ai_ops.files import replace_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ai_ops.wiring.report.made import Made
    from ai_ops.wiring.session import Session

REPORTS = Path("ai_ops/reports")

_NAME = re.compile(r"(?:daily_report|weekly_brief)_(\d{8})(?:-\d+d)?\.(?:json|md|html)")


def files_of(made: Made) -> Mapping[str, bytes]:
    """Every file of a report, by name: the figures, the page and the text."""
    return {
        f"{made.name}.json": made.form.encode(),
        f"{made.name}.md": made.markdown.encode(),
        f"{made.name}.html": made.page.encode(),
    }


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put `files` into `folder`, each of them whole or not at all.

    Raises
    ------
    StateError
        When one cannot be written.
    """
    for name, content in files.items():
        try:
            replace_atomically(folder / name, content)
        except OSError as error:
            raise StateError(
                f"{folder / name} cannot be written ({error.strerror}): free space, allow it, "
                "or move away what is in its place"
            ) from error


def forget_old(session: Session, today: date) -> None:
    """Delete what is older than `report.kept_days`."""
    oldest = today - timedelta(days=session.settings.report.kept_days - 1)
    for file in sorted((session.memory / REPORTS).glob("*")):
        found = _NAME.fullmatch(file.name)
        if found is not None and found[1] < f"{oldest:%Y%m%d}":
            file.unlink(missing_ok=True)
