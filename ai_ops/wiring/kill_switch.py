"""The kill switch as a person pulls it: in this checkout at once, and then wherever the memory lives.

It waits for no run, and no mistake elsewhere in the settings keeps it from working. A run that is under way in this
checkout sees it before it changes anything; one on another machine is overtaken when it writes, and reads it then.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ai_ops.domain.errors import ConfigError, DeliveryError, OpsError, Overtaken
from ai_ops.domain.one_line import one_line
from ai_ops.domain.pull_request import branch_of
from ai_ops.redact import Redactor
from ai_ops.settings.environment import secrets_around
from ai_ops.store.pause import KillSwitch
from ai_ops.store.reconcile import PAUSE
from ai_ops.store.state_branch import StateBranch
from ai_ops.wiring.session import lives_on_branch, repository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.git_client import GitClient
    from ai_ops.settings.fields import Section
    from ai_ops.settings.sections import RepositorySettings, StateSettings
    from ai_ops.wiring.session import Place

_Kind = TypeVar("_Kind", bound="Section")

ATTEMPTS = 10
"""How often the branch is written anew because others wrote first: they write a few times per run, not all the time."""


def pause(place: Place, reason: str, by: str) -> str:
    """Let nothing move from now on.

    Returns
    -------
    str
        The reason as it is kept: without secrets of the environment and of `.env`, and without personal data.

    Raises
    ------
    ConfigError
        When no agent can live here.
    StateError
        When the file cannot be written: then nothing is paused.
    DeliveryError
        When only this checkout is paused, because the branch could not be reached or written.
    """
    _require_repository(place.root)
    now = place.clock()
    redact = Redactor(secrets_around(place.root, place.environment))
    said = one_line(redact(reason))  # cut, not refused: nothing shall keep a person from stopping the agent
    KillSwitch(place.root / PAUSE).pause(said, by, now)
    try:
        _on_branch(place, f"pause: {said}", lambda switch: bool(switch.pause(said, by, now)))
    except (OpsError, OSError) as error:
        raise DeliveryError(f"only this checkout is paused; runs elsewhere go on: {error}") from error
    return said


def resume(place: Place) -> bool:
    """Allow changes again; False when nothing was paused.

    Raises
    ------
    ConfigError
        When no agent can live here.
    StateError
        When the file cannot be removed: the pause goes on.
    DeliveryError
        When only this checkout is resumed, because the branch could not be reached or written.
    """
    _require_repository(place.root)
    was_paused = KillSwitch(place.root / PAUSE).resume()
    try:
        return _on_branch(place, "resume", KillSwitch.resume) or was_paused
    except (OpsError, OSError) as error:
        raise DeliveryError(f"only this checkout is resumed; a pause on the branch goes on: {error}") from error


def _require_repository(root: Path) -> None:
    """Refuse a folder that no agent looks into: a pause written there would stop nobody."""
    if not (root / ".git").exists() and not (root / "ai_ops").is_dir():
        raise ConfigError(f"{root} is no repository of an agent; run this inside of it, or name it with --root")


def _on_branch(place: Place, message: str, change: Callable[[KillSwitch], bool]) -> bool:
    """Change the switch on the state branch; False where the memory lives in folders."""
    destination, state = _settings(place)
    git = repository(place.root, destination.remote)
    if not lives_on_branch(place, state, git) or git is None:
        return False
    result = _persistently(lambda: _attempt(git, state.branch, message, change))
    StateBranch(git, state.branch, root=place.root).acknowledge_pause()
    return result


def _persistently(attempt: Callable[[], bool]) -> bool:
    for _ in range(ATTEMPTS - 1):
        with suppress(Overtaken):
            return attempt()
    return attempt()


def _attempt(git: GitClient, branch: str, message: str, change: Callable[[KillSwitch], bool]) -> bool:
    """Change the switch in a throw-away copy of the branch and push that; nothing here is read or locked."""
    with tempfile.TemporaryDirectory(prefix="neuropilot-") as folder:
        copy = StateBranch(git, branch, root=Path(folder))
        copy.pull()
        result = change(KillSwitch(Path(folder) / PAUSE))
        copy.push(message)
        return result


def _settings(place: Place) -> tuple[RepositorySettings, StateSettings]:
    """Where the memory lives, as far as the settings can be read; the defaults where they are no YAML at all.

    Raises
    ------
    ConfigError
        When they say where it lives, and that is refused: a push could then end in a branch that is not the memory's.
    """
    from ai_ops.settings import DEFAULT_FILE, load_settings
    from ai_ops.settings.sections import RepositorySettings, StateSettings
    from ai_ops.settings.yaml_file import read_yaml

    try:
        settings = load_settings(place.config, root=place.root, environment=place.environment)
    except ConfigError as error:
        place.warn(f"the settings are wrong, so only where the memory lives is taken from them: {error}")
    else:
        return settings.repository, settings.state
    try:
        values = read_yaml(place.config or place.root / DEFAULT_FILE).values
    except ConfigError:
        values = {}
    state = _section(StateSettings, "state", values)
    _refuse_proposals(state.branch, values.get("services"))
    return _section(RepositorySettings, "repository", values), state


def _section(kind: type[_Kind], name: str, values: Mapping[str, Any]) -> _Kind:
    from pydantic import ValidationError

    try:
        return kind.model_validate(values.get(name, {}))
    except ValidationError as error:
        raise ConfigError(f"`{name}` of the settings is wrong, so nobody knows where the memory lives") from error


def _refuse_proposals(branch: str, services: object) -> None:
    """Refuse a branch from which a service's pull requests come."""
    named = services if isinstance(services, list) else []
    names = [str(one.get("name")) for one in named if isinstance(one, dict)]
    if branch in map(branch_of, names):
        raise ConfigError(f"`state.branch` of the settings is {branch}, where a service's pull requests come from")
