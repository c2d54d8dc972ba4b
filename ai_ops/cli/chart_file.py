"""A chart that the command line asked for: refused before anybody waits, written at once or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from ai_ops.charts.charts import Chart


def check_chart_file(path: Path) -> None:
    """Refuse a file that cannot become a chart before anything is collected.

    Raises
    ------
    ConfigError
        When there is no such format or folder, a folder or a link in its place, or what draws is not installed.
    """
    from ai_ops.charts.charts import check_drawable

    check_drawable(path.suffix)
    if not path.parent.is_dir():
        raise ConfigError(f"--chart {path}: there is no folder {path.parent}")
    if path.is_dir() or path.is_symlink():
        kind = "a symbolic link, which is not written through" if path.is_symlink() else "a folder"
        raise ConfigError(f"--chart {path} is {kind}; give another name")


def write_chart(chart: Chart, path: Path) -> None:
    """Draw `chart` into `path`.

    Raises
    ------
    ConfigError
        When the file cannot be written.
    """
    from ai_ops.charts.charts import rendered
    from ai_ops.files import replace_atomically

    try:
        replace_atomically(path, rendered(chart, path.suffix))
    except OSError as error:
        raise ConfigError(f"--chart {path} cannot be written: {error.strerror}") from error
