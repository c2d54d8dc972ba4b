"""What earlier runs fetched minute by minute: one small file of whole numbers a service.

Fourteen days of nine metrics take 95 kB for the embedded service, and 150 kB where its requests are drawn one by one.
It is a cache and nothing more: a missing, damaged or foreign file costs one longer fetch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ai_ops.domain.metrics import Series
from ai_ops.domain.quantised import codes_of, values_of
from ai_ops.files import read_plain, replace_atomically
from ai_ops.packing import INFLATED_MAX_BYTES, NotPacked, Unpacked, packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

KIND = "minutes"
MOST_BYTES = INFLATED_MAX_BYTES
"""What is longer cannot be ours even without being packed; cut off there, it does not fit its checksum."""

_FORMLESS = (AttributeError, KeyError, TypeError, ValueError, OverflowError)
"""What reading a header of any other shape ends in."""


@dataclass(frozen=True, slots=True)
class MinuteCache:
    """`metrics_minutes-<service>.columns`: one column per metric, tied to its query and its server.

    Parameters
    ----------
    folder
        Where the files lie.
    warn
        Told, in one sentence, when a file cannot be used.
    is_kept
        False only reads: a dry run leaves nothing behind.
    """

    folder: Path
    warn: Callable[[str], None]
    is_kept: bool = True

    def load(self, service: str) -> Mapping[str, Series]:
        """Read the cached series of `service`, by `history.key` of their query."""
        path = self.path(service)
        try:
            return _series_in(unpacked(read_plain(path, MOST_BYTES)))
        except FileNotFoundError:
            return {}
        except (OSError, NotPacked, *_FORMLESS) as error:
            self.warn(f"{path.name} cannot be used ({error}): fetching every minute anew")
            return {}

    def save(self, service: str, series: Mapping[str, Series]) -> None:
        """Replace what is kept of `service`, rounded. Where the disk refuses, the old file stays."""
        if not self.is_kept:
            return
        path = self.path(service)
        grids = {
            key: {"metric": one.metric, "start": one.start.isoformat(), "step_seconds": one.step.total_seconds()}
            for key, one in series.items()
        }
        columns = {key: codes_of(one.metric, one.values) for key, one in series.items()}
        try:
            replace_atomically(path, packed({"kind": KIND, "series": grids}, columns))
        except OSError as error:
            self.warn(f"{path.name} cannot be written ({error.strerror}): the next run asks for more")

    def path(self, service: str) -> Path:
        """Where what is kept of `service` lies."""
        return self.folder / f"metrics_minutes-{service}.columns"


def _series_in(content: Unpacked) -> dict[str, Series]:
    if content.header.get("kind") != KIND:
        raise NotPacked("it holds something else")
    return {key: _one(form, content.columns[key]) for key, form in content.header["series"].items()}


def _one(form: Mapping[str, Any], codes: Any) -> Series:  # noqa: ANN401  # an array
    start = datetime.fromisoformat(form["start"])
    if start.tzinfo is None:
        raise ValueError("a time without its zone")
    return Series(form["metric"], start, timedelta(seconds=form["step_seconds"]), values_of(str(form["metric"]), codes))
