"""What a decision was made on, kept so that it can be made again: `neuropilot replay` needs no network for 90 days.

    ai_ops/state/snapshots/web-20261120T06Z.columns

A snapshot holds the minutes of the service, already rounded (`domain.quantised`), and whatever else the policy looked
at, as JSON. Its digest stands in the ledger with the episode. It covers the content, not the file, so a hold, which
keeps no snapshot, has a digest as well: whoever fetches the same numbers once more gets the same one.

Fourteen days of nine metrics take 95 kB for the embedded service, and 125 to 180 kB for those of `ai_ops.simulator`.
What enters in any 30 days is bounded, whatever is proposed how often: a snapshot beyond that is not kept, and its
episode is replayed from the source, as a hold is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.domain.cycle import begin_of
from ai_ops.domain.errors import StateError
from ai_ops.domain.quantised import codes_of, values_of
from ai_ops.files import replace_atomically
from ai_ops.packing import NotPacked, Unpacked, packed, unpacked
from ai_ops.packing import digest as digest_of
from ai_ops.store import state_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

KIND = "snapshot"
SUFFIX = ".columns"
KEPT = timedelta(days=90)
MONTH = timedelta(days=30)
BYTES_PER_MONTH = 2_500_000
"""So that 90 days of them take 7.5 MB at most, of the 20 MB below which the state branch stays."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """What one decision was made on.

    Parameters
    ----------
    start, step
        The grid that all columns share: time of the first value, aware UTC, and the distance between two.
    columns
        By name, float64, all of one length; NaN is a gap. A canonical metric is rounded as `quantised` does it.
    extra
        What else was looked at, in a form that JSON can say.
    """

    start: datetime
    step: timedelta
    columns: Mapping[str, np.ndarray]
    extra: Mapping[str, Any]

    def digest(self) -> str:
        """Give the checksum that the ledger keeps, as 64 hexadecimal digits.

        Raises
        ------
        ValueError
            When a column is not rounded, or not as long as the others: the decision was not made on what is kept.
        """
        return digest_of(self._header(), self._codes())

    def to_bytes(self) -> bytes:
        """Return the file's content. Raises as `digest` does."""
        return packed(self._header(), self._codes())

    def _header(self) -> dict[str, Any]:
        start = self.start.astimezone(UTC).isoformat()
        return {"kind": KIND, "start": start, "step_seconds": self.step.total_seconds(), "extra": dict(self.extra)}

    def _codes(self) -> dict[str, np.ndarray]:
        if len({values.shape for values in self.columns.values()}) > 1:
            raise ValueError("the columns of a snapshot lie on one grid, and are of one length")
        codes = {name: codes_of(name, values) for name, values in self.columns.items()}
        for name, values in self.columns.items():
            if not np.array_equal(values_of(name, codes[name]), values, equal_nan=True):
                raise ValueError(f"{name} is not quantised: what was decided on is not what would be kept")
        return codes


class Snapshots:
    """The snapshots of every service.

    Parameters
    ----------
    folder
        Where the files lie; made with the first one.
    warn
        Told, in a sentence, when a snapshot is not kept.
    """

    def __init__(self, folder: Path, *, warn: Callable[[str], None]) -> None:
        self._folder = folder
        self._warn = warn

    def write(self, episode_id: str, snapshot: Snapshot) -> str:
        """Keep `snapshot`, replacing an earlier one of the episode, prune what is old, and return the digest.

        Raises
        ------
        StateError
            When the disk refuses.
        ValueError
            When the snapshot is not quantised, or `episode_id` is none.
        """
        path, now, content = self._path(episode_id), begin_of(episode_id), snapshot.to_bytes()
        self.prune(now)
        written = sum(size for name, begin, size in self._files() if begin > now - MONTH and name != path.name)
        if written + len(content) > BYTES_PER_MONTH:
            self._warn(
                f"{episode_id} is replayed from its source only: the snapshots of the last 30 days take "
                f"{written / 1e6:.1f} MB, and {BYTES_PER_MONTH / 1e6:g} MB are what the repository shall grow by"
            )
        else:
            try:
                replace_atomically(path, content)
            except OSError as error:
                raise state_file.not_written(path, error) from error
        return snapshot.digest()

    def has(self, episode_id: str) -> bool:
        """Whether a snapshot of the episode is kept, in whatever condition."""
        return self._path(episode_id).is_file()

    def read(self, episode_id: str, digest: str) -> Snapshot:
        """Read the snapshot of an episode.

        Parameters
        ----------
        digest
            As the ledger has it.

        Raises
        ------
        StateError
            When there is none, or it is not the one that the ledger means, with what to do.
        """
        path = self._path(episode_id)
        try:
            content = unpacked(path.read_bytes())
        except FileNotFoundError as error:
            raise StateError(
                f"{path}: there is no snapshot of {episode_id}. Snapshots are kept for {KEPT.days} days, of proposals "
                f"only; fetch the branch neuropilot/state, or replay while the source still has its metrics"
            ) from error
        except OSError as error:
            raise StateError(f"{path}: cannot be read ({error.strerror}): correct its permissions") from error
        except NotPacked as error:
            raise state_file.corrupt(path, str(error)) from error
        if content.digest != digest:
            raise state_file.corrupt(path, f"it is not what the ledger recorded for {episode_id}")
        return _snapshot_in(content)

    def prune(self, now: datetime) -> tuple[str, ...]:
        """Delete what is older than `KEPT`, and return the ids of its episodes. Files of other names stay.

        Raises
        ------
        StateError
            When the disk refuses.
        """
        old = [name for name, begin, _ in self._files() if begin < now - KEPT]
        for name in old:
            path = self._folder / name
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise state_file.not_written(path, error) from error
        return tuple(name.removesuffix(SUFFIX) for name in old)

    def _files(self) -> Iterator[tuple[str, datetime, int]]:
        """Name, begin of the period and bytes of every snapshot, by name."""
        if not self._folder.is_dir():
            return
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            try:
                begin = begin_of(path.name.removesuffix(SUFFIX))
            except ValueError:
                continue
            yield path.name, begin, path.lstat().st_size

    def _path(self, episode_id: str) -> Path:
        begin_of(episode_id)  # nothing but an episode's id becomes the name of a file
        return self._folder / f"{episode_id}{SUFFIX}"


def _snapshot_in(content: Unpacked) -> Snapshot:
    """Read a snapshot whose digest the ledger has: what its header says was said by `Snapshot` itself."""
    header = content.header
    columns = {name: values_of(name, codes) for name, codes in content.columns.items()}
    start = datetime.fromisoformat(header["start"])
    return Snapshot(start, timedelta(seconds=header["step_seconds"]), columns, dict(header["extra"]))
