"""What one command works with: the settings, the repository, and the agent's memory."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ai_ops.domain.errors import ConfigError, OpsError, Overtaken
from ai_ops.store.budgets import HourlyBudget
from ai_ops.store.ledger import Ledger
from ai_ops.store.outbox import Outbox
from ai_ops.store.pause import KillSwitch
from ai_ops.store.state_branch import StateBranch
from ai_ops.store.state_file import locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from ai_ops.git_client import GitClient
    from ai_ops.redact import Redactor
    from ai_ops.settings.model import Settings

STATE, MODELS = Path("ai_ops/state"), Path("ai_ops/models")
"""Where the agent remembers, relative to the root of the repository."""

LOCK_PATIENCE_SECONDS = 600.0
"""How long a command waits for another one in the same checkout: longer than a cycle takes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command runs, and who tells it the time.

    Parameters
    ----------
    root
        Top level of the repository.
    config
        The settings file that was asked for; None takes the repository's own.
    environment
        Usually `os.environ`.
    clock
        Gives the time, aware UTC.
    warn
        Told, in one sentence, what a person should know although the command goes on.
    is_offline
        Nothing may be asked over the network; a memory on a branch is then not looked for.
    """

    root: Path
    config: Path | None
    environment: Mapping[str, str]
    clock: Callable[[], datetime]
    warn: Callable[[str], None]
    is_offline: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """Settings, repository and memory, opened once per command.

    Parameters
    ----------
    git
        The repository, or None outside of one.
    memory
        Folder that holds `ai_ops/state` and `ai_ops/models`; a throw-away copy when nothing may be written.
    branch
        The state branch, when memory lives there.
    is_writing
        Whether this command may leave anything behind.
    """

    place: Place
    settings: Settings
    redact: Redactor
    git: GitClient | None
    memory: Path
    branch: StateBranch | None
    is_writing: bool

    @property
    def ledger(self) -> Ledger:
        """The episodes."""
        return Ledger(self.memory / STATE, warn=self.place.warn, redact=self.redact)

    @property
    def kill_switch(self) -> KillSwitch:
        """Whether the agent is paused."""
        return KillSwitch(self.memory / STATE / "paused.json")

    def pause_in_words(self) -> str | None:
        """Why, by whom and since when the agent is paused; None when it is not."""
        pause = self.kill_switch.read()
        if pause is None:
            return None
        since = f", {pause.since:%Y-%m-%d %H:%M} UTC" if pause.since else ""
        return f"{pause.reason} (by {pause.by}{since})"

    @property
    def outbox(self) -> Outbox:
        """Which messages were sent."""
        return Outbox(self.memory / STATE / "sent.json", self.place.clock)

    def budget(self, name: str, limit: int) -> HourlyBudget:
        """Hourly budget `rate_limits.<name>_per_hour`, kept across runs."""
        return HourlyBudget(self.memory / STATE / "budgets.json", name, limit, self.place.clock)

    def keep(self, message: str) -> None:
        """Push the memory to its branch, where it lives on one.

        Raises
        ------
        Overtaken
            When another run wrote first.
        """
        if self.branch is not None and self.is_writing:
            self.branch.push(message)


@contextmanager
def open_session(place: Place, *, is_writing: bool) -> Iterator[Session]:
    """Load the settings, find the memory, and hold the lock while something may be written.

    Raises
    ------
    ConfigError
        When the settings are wrong.
    StateError
        When another command holds the lock for too long, or the memory cannot be read or written.
    DeliveryError
        When the memory lives on a branch and the remote does not answer.
    """
    from ai_ops.redact import Redactor
    from ai_ops.settings import load_settings

    settings = load_settings(place.config, root=place.root, environment=place.environment)
    redact = Redactor(settings.secret_values())
    git = _repository(place.root, settings)
    on_branch = _lives_on_branch(place, settings, git)
    if is_writing:
        with locked(place.root / STATE / "cycle", patience_seconds=LOCK_PATIENCE_SECONDS):
            branch = StateBranch(git, settings.state.branch) if git and on_branch else None
            if branch is not None:
                branch.pull()
            yield Session(place, settings, redact, git, place.root, branch, is_writing=True)
        return
    if not (git and on_branch):
        yield Session(place, settings, redact, git, place.root, None, is_writing=False)
        return
    with tempfile.TemporaryDirectory(prefix="neuropilot-") as folder:
        copy = StateBranch(git, settings.state.branch, root=Path(folder))
        copy.pull()
        yield Session(place, settings, redact, git, Path(folder), copy, is_writing=False)


def finish(session: Session) -> str | None:
    """Push what was written after the decision (sent messages, budgets); say what went wrong, if anything."""
    try:
        session.keep("note what was sent")
    except Overtaken:
        return "another run wrote the state meanwhile: what this one sent is not noted on the branch"
    except OpsError as error:
        return f"what this run sent is not noted on the branch: {error}"
    return None


def _repository(root: Path, settings: Settings) -> GitClient | None:
    """The repository around `root`, or None where there is none."""
    from ai_ops.git_client import GitClient

    try:
        GitClient.top_level(root)
    except ConfigError:
        return None
    return GitClient(root, settings.repository.remote)


def _lives_on_branch(place: Place, settings: Settings, git: GitClient | None) -> bool:
    """Whether the memory lives on the state branch: `auto` means yes in CI, and wherever the branch exists."""
    store = settings.state.store
    if place.is_offline:
        return False
    if store == "branch" and git is None:
        raise ConfigError(f"state.store is `branch`, but {place.root} is no git repository; use `folders`")
    if store != "auto" or git is None:
        return store == "branch"
    return place.environment.get("CI") == "true" or git.tip(settings.state.branch) is not None
