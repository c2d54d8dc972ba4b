"""Metrics as a text file, for the textfile collector of Prometheus' node exporter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.errors import NotifyError
from ai_ops.files import replace_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from prometheus_client import CollectorRegistry

SUFFIX = ".prom"
"""The collector reads files of this name alone, so that it never sees one that is half written."""


def write_text_file(path: Path, registry: CollectorRegistry) -> None:
    """Put all figures of `registry` into one file, which is replaced whole.

    Raises
    ------
    NotifyError
        When the name is not one that the collector reads, its folder is missing, or the file cannot be written.
    """
    from prometheus_client import generate_latest

    if path.suffix != SUFFIX:
        raise NotifyError(f"{path}: the node exporter reads only files whose name ends with {SUFFIX}")
    if not path.parent.is_dir():  # made here, a mistyped folder would be one that no collector ever looks into
        raise NotifyError(f"{path}: there is no folder {path.parent}; name the one that the node exporter reads")
    try:
        replace_atomically(path, generate_latest(registry))
    except OSError as err:
        raise NotifyError(f"{path}: cannot be written ({err.strerror})") from err
