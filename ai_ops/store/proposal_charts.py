"""Pictures of proposals, kept where a pull request can show them: on the state branch, under their own path.

    ai_ops/state/charts/web-20261120T06Z.svg

One takes 100 kB, and 21 kB as git packs it. It is kept while its proposal is open, and 30 days longer: as long as
somebody may come back to a pull request that was just closed. All together take 8 MB, 2 MB packed, at most; beyond
that the oldest give way, and their pull requests go on with the words and the table that say the same.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.cycle import PERIOD, begin_of
from ai_ops.files import replace_atomically
from ai_ops.store import state_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

FOLDER = "ai_ops/state/charts"
SUFFIX = ".svg"
KEPT = timedelta(days=30)
"""After the proposal was closed."""

MOST_BYTES = 300_000
"""Of one chart: a page that shows it must not wait."""

TOTAL_BYTES = 8_000_000


class ProposalCharts:
    """The charts of every service.

    Parameters
    ----------
    folder
        Where the files lie; made with the first one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, episode_id: str, svg: bytes) -> None:
        """Keep the chart of an episode, replacing an earlier one; where there is no room, the oldest ones give way.

        Raises
        ------
        StateError
            When the disk refuses.
        ValueError
            When `episode_id` is none, or the chart has more than `MOST_BYTES`.
        """
        path = self._path(episode_id)
        if len(svg) > MOST_BYTES:
            raise ValueError(f"a chart of {len(svg)} bytes is more than a pull request should load")
        others = {name: size for name, size in self._sizes().items() if name != episode_id}
        self._delete(_oldest(others, sum(others.values()) + len(svg) - TOTAL_BYTES))
        try:
            replace_atomically(path, svg)
        except OSError as error:
            raise state_file.not_written(path, error) from error

    def has(self, episode_id: str) -> bool:
        """Whether a chart of the episode is kept."""
        return self._path(episode_id).is_file()

    def path_of(self, episode_id: str) -> str:
        """Return where the chart of an episode stands on the state branch."""
        return f"{FOLDER}/{self._path(episode_id).name}"

    def prune(
        self, service: str, open_episodes: Collection[str], closed_at: Mapping[str, datetime], now: datetime
    ) -> tuple[str, ...]:
        """Delete what nobody comes back to, and return the ids of its episodes. Files of other names stay.

        Parameters
        ----------
        service
            Whose charts; what became of the others' proposals is not known here.
        open_episodes
            Ids whose proposals are open.
        closed_at
            When the others were merged or closed; one that is not named counts as closed when its period ended.

        Raises
        ------
        StateError
            When the disk refuses.
        """
        ours = re.compile(rf"{re.escape(service)}-\d{{8}}T.*")
        closed = {name: closed_at.get(name, begin_of(name) + PERIOD) for name in self._sizes() if ours.fullmatch(name)}
        old = tuple(name for name, at in closed.items() if name not in open_episodes and now - at > KEPT)
        self._delete(old)
        return old

    def _sizes(self) -> dict[str, int]:
        """Bytes by episode, oldest period first."""
        if not self._folder.is_dir():
            return {}
        found = {path.name.removesuffix(SUFFIX): path.lstat().st_size for path in self._folder.glob(f"*{SUFFIX}")}
        return {name: found[name] for name in sorted(filter(_is_episode, found), key=lambda one: (begin_of(one), one))}

    def _delete(self, names: Iterable[str]) -> None:
        for name in names:
            path = self._path(name)
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise state_file.not_written(path, error) from error

    def _path(self, episode_id: str) -> Path:
        begin_of(episode_id)  # nothing but an episode's id becomes the name of a file
        return self._folder / f"{episode_id}{SUFFIX}"


def _oldest(sizes: Mapping[str, int], excess: int) -> list[str]:
    """So many of the first ones that `excess` bytes become free."""
    chosen: list[str] = []
    for name, size in sizes.items():
        if excess <= 0:
            break
        chosen.append(name)
        excess -= size
    return chosen


def _is_episode(name: str) -> bool:
    try:
        begin_of(name)
    except ValueError:
        return False
    return True
