"""A checkout and the state branch, brought together by a person: also where runs work with the folders alone."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.errors import ConfigError, DataUnavailable, Overtaken
from ai_ops.store.ledger_archive import LedgerArchive, archive_of
from ai_ops.store.state_branch import StateBranch, full_name
from ai_ops.store.state_file import locked
from ai_ops.store.state_files import contents
from ai_ops.wiring.keeping import KEEP_ATTEMPTS
from ai_ops.wiring.session import LOCK_PATIENCE_SECONDS, STATE, repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ai_ops.wiring.session import Place


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What went which way.

    Parameters
    ----------
    branch
        Such as "origin/neuropilot/state".
    tip
        Its newest commit now.
    taken, dropped
        Paths of state files that are new or different here now, and that are gone from here.
    brought
        Paths that are new, different or gone on the branch now.
    """

    branch: str
    tip: str
    taken: tuple[str, ...]
    dropped: tuple[str, ...]
    brought: tuple[str, ...] = ()


def pull(place: Place) -> Exchanged:
    """Take the branch's memory into the folders of this checkout; what only this checkout knows stays.

    Raises
    ------
    ConfigError
        When there is no repository.
    DataUnavailable
        When there is no such branch.
    StateError
        When something on either side cannot be read, written or trusted.
    DeliveryError
        When the remote does not answer.
    """
    before = contents(place.root)
    with _state_branch(place) as (state, _, name):
        tip = state.pull()
    if tip is None:
        raise DataUnavailable(f"there is no branch {name}; `neuropilot state push` makes it from this checkout")
    return Exchanged(name, tip, *_differences(before, contents(place.root)))


def push(place: Place) -> Exchanged:
    """Bring what only this checkout knows to the branch, after taking what only the branch knows.

    Raises
    ------
    DataUnavailable
        When neither knows anything.
    Overtaken
        When runs were faster every time.
    DeliveryError
        When the remote does not answer, or refuses. For the others see `pull`.
    """
    before = contents(place.root)
    with _state_branch(place) as (state, archive, name):
        for _ in range(KEEP_ATTEMPTS - 1):
            with suppress(Overtaken):
                tip, brought = _push(state, archive)
                break
        else:
            tip, brought = _push(state, archive)
    if tip is None:
        raise DataUnavailable(f"this checkout remembers nothing yet that could be kept on {name}")
    return Exchanged(name, tip, *_differences(before, contents(place.root)), brought)


def _push(state: StateBranch, archive: LedgerArchive) -> tuple[str | None, tuple[str, ...]]:
    tip, brought = state.pull(), state.unpushed()
    return state.push("bring what a checkout remembers", archive) or tip, brought


@contextmanager
def _state_branch(place: Place) -> Iterator[tuple[StateBranch, LedgerArchive, str]]:
    """The branch, its archive, and how people call it, while no run works in this checkout."""
    from ai_ops.settings import load_settings

    settings = load_settings(place.config, root=place.root, environment=place.environment)
    git, name = repository(place.root, settings.repository.remote), settings.state.branch
    if git is None:
        raise ConfigError(
            f"{place.root} is no git repository, so there is no state branch: the folders are all there is"
        )
    with locked(place.root / STATE / "cycle", patience_seconds=LOCK_PATIENCE_SECONDS):
        archive = LedgerArchive(git, archive_of(name), warn=place.warn)
        yield StateBranch(git, name, warn=place.warn, clock=place.clock), archive, full_name(git, name)


def _differences(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    taken = tuple(path for path, content in after.items() if content != before.get(path))
    return taken, tuple(path for path in before if path not in after)
