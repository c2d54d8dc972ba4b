"""Where reports are kept: `ai_ops/reports`, for as many days as the settings say, and as long as there is room."""

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

REPORTS = Path("ai_ops/reports")

MOST_BYTES = 50_000_000
"""Of all reports: they travel with every run, and those of a large fleet are large."""

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


def forget_old(folder: Path, today: date, kept_days: int, most_bytes: int = MOST_BYTES) -> None:
    """Delete the reports of days before the last `kept_days`, and the oldest that there is no room for.

    Parameters
    ----------
    folder
        Where reports are kept; what is called otherwise stays.
    today
        The day of the newest report, which stays however large it is.
    most_bytes
        Room for all of them together.
    """
    oldest, newest = f"{today - timedelta(days=kept_days - 1):%Y%m%d}", f"{today:%Y%m%d}"
    reports = [(found[1], file) for file in folder.glob("*") if (found := _NAME.fullmatch(file.name))]
    for day, file in sorted(reports, reverse=True):
        most_bytes -= file.stat().st_size
        if day < oldest or (most_bytes < 0 and day < newest):
            _forget(file)


def _forget(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise StateError(f"{file} cannot be deleted ({error.strerror}): move away what is in its place") from error
