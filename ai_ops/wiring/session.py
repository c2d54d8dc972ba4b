"""What one command works with: the settings, the repository, and the agent's memory."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ai_ops.domain.errors import ConfigError, DeliveryError, OpsError, Overtaken
from ai_ops.files import replace_atomically
from ai_ops.store.budgets import HourlyBudget
from ai_ops.store.held_messages import HeldMessages
from ai_ops.store.ledger import Ledger
from ai_ops.store.message_budget import MessageBudget
from ai_ops.store.outbox import Outbox
from ai_ops.store.pause import KillSwitch
from ai_ops.store.reconcile import BUDGETS, PAUSE, SENT, UNDELIVERED
from ai_ops.store.state_branch import StateBranch
from ai_ops.store.state_file import locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from ai_ops.git_client import GitClient
    from ai_ops.redact import Redactor
    from ai_ops.settings.model import Settings
    from ai_ops.settings.sections import StateSettings
    from ai_ops.store.ledger_archive import LedgerArchive
    from ai_ops.store.proposal_charts import ProposalCharts
    from ai_ops.store.snapshots import Snapshots

STATE, MODELS = Path("ai_ops/state"), Path("ai_ops/models")
"""Where the agent remembers, relative to the root of the repository."""

LOCK_PATIENCE_SECONDS = 600.0
"""How long a command waits for another one in the same checkout: longer than a cycle takes."""

TELLING_SECONDS = 10.0
"""For everything that one listener is told after a run. Nobody waits for it, so that a run ends in time without it."""


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
    telling_seconds
        How long each of those who watch the agent may take to be told.
    """

    root: Path
    config: Path | None
    environment: Mapping[str, str]
    clock: Callable[[], datetime]
    warn: Callable[[str], None]
    is_offline: bool = False
    telling_seconds: float = TELLING_SECONDS


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
        The state branch, when memory lives there and may be written.
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
    def archive(self) -> LedgerArchive | None:
        """The branch for months that are too old for the ledger; None outside of a repository."""
        from ai_ops.store.ledger_archive import LedgerArchive, archive_of

        if self.git is None:
            return None
        return LedgerArchive(self.git, archive_of(self.settings.state.branch), warn=self.place.warn)

    @property
    def snapshots(self) -> Snapshots:
        """What proposing episodes were decided on."""
        from ai_ops.store.snapshots import Snapshots

        return Snapshots(self.memory / STATE / "snapshots", warn=self.place.warn)

    @property
    def charts(self) -> ProposalCharts:
        """Pictures of proposals, for those who review them."""
        from ai_ops.store.proposal_charts import ProposalCharts

        return ProposalCharts(self.memory / STATE / "charts")

    @property
    def kill_switch(self) -> KillSwitch:
        """Whether the agent is paused."""
        return KillSwitch(self.memory / PAUSE, self.redact)

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
        return Outbox(self.memory / SENT, self.place.clock)

    @property
    def held(self) -> HeldMessages:
        """Which messages wait."""
        return HeldMessages(self.memory / UNDELIVERED, self.place.clock, self.redact)

    def budget(self, name: str, limit: int) -> HourlyBudget:
        """Hourly budget `rate_limits.<name>_per_hour`, kept across runs.

        It stands in the checkout itself: what a dry run asks is asked for real, so this alone is written by it.
        """
        return HourlyBudget(self.place.root / BUDGETS, name, limit, self.place.clock)

    def message_budget(self, channel: str, limit: int, service_limit: int) -> MessageBudget:
        """Hourly budget of a channel, and of each service on it; kept as `budget` is."""
        return MessageBudget(self.place.root / BUDGETS, channel, limit, service_limit, self.place.clock)

    def keep(self, message: str) -> None:
        """Push the memory to its branch, where it lives on one.

        Raises
        ------
        Overtaken
            When another run wrote first.
        """
        if self.branch is not None and self.is_writing:
            self.branch.push(message, self.archive)


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
        When the memory lives on a branch and the remote does not answer, unless `auto` chose it and nothing is written.
    """
    from ai_ops.redact import Redactor
    from ai_ops.settings import load_settings

    settings = load_settings(place.config, root=place.root, environment=place.environment)
    redact = Redactor(settings.secret_values())
    git = repository(place.root, settings.repository.remote)
    if not is_writing:
        with _memory_to_read(place, settings.state, git) as memory:
            yield Session(place, settings, redact, git, memory, None, is_writing=False)
        return
    on_branch = lives_on_branch(place, settings.state, git)
    with locked(place.root / STATE / "cycle", patience_seconds=LOCK_PATIENCE_SECONDS):
        branch = None
        if git and on_branch:
            branch = StateBranch(git, settings.state.branch, warn=place.warn, clock=place.clock)
            branch.pull()
        yield Session(place, settings, redact, git, place.root, branch, is_writing=True)


def finish(session: Session) -> str | None:
    """Push what was written after the decision (messages that were sent or wait, budgets); say what went wrong."""
    from ai_ops.wiring.keeping import keep

    try:
        keep(session, "note what was sent")
    except Overtaken:
        return "others wrote the state all the time: what this run sent is not noted on the branch"
    except OpsError as error:
        return f"what this run sent is not noted on the branch: {error}"
    return None


def repository(root: Path, remote: str) -> GitClient | None:
    """The repository at `root`, or None where there is none around it.

    Raises
    ------
    ConfigError
        When there is one that git does not open, with git's words: a memory on its branch would be missed.
    """
    from ai_ops.git_client import GitClient

    return GitClient(root, remote) if is_in_repository(root) else None


def is_in_repository(folder: Path) -> bool:
    """Whether a repository lies at or above `folder`, even one that git refuses to open."""
    folder = folder.resolve()
    return any((one / ".git").exists() for one in (folder, *folder.parents))


def lives_on_branch(place: Place, state: StateSettings, git: GitClient | None) -> bool:
    """Whether the memory lives on the state branch: `auto` means yes in CI, and wherever the branch exists."""
    if place.is_offline:
        return False
    if state.store == "branch" and git is None:
        raise ConfigError(f"state.store is `branch`, but {place.root} is no git repository; use `folders`")
    if state.store != "auto" or git is None:
        return state.store == "branch"
    return place.environment.get("CI") == "true" or git.tip(state.branch) is not None


@contextmanager
def _memory_to_read(place: Place, state: StateSettings, git: GitClient | None) -> Iterator[Path]:
    """Give a throw-away copy of the branch, or the checkout where there is no branch (yet)."""
    with ExitStack() as until_read:
        try:
            copy = _copy(place, state, git, until_read)
        except DeliveryError as error:
            if state.store != "auto":
                raise
            place.warn(f"what this checkout remembers is shown, which may be old: {error}")
            copy = None
        yield copy or place.root


def _copy(place: Place, state: StateSettings, git: GitClient | None, until_read: ExitStack) -> Path | None:
    """Fill a folder from the branch, with the pause of this checkout if the branch never had it; None without one."""
    if git is None or not lives_on_branch(place, state, git):
        return None
    folder = Path(until_read.enter_context(tempfile.TemporaryDirectory(prefix="neuropilot-")))
    if StateBranch(git, state.branch, root=folder).pull() is None:
        return None
    if (pause := StateBranch(git, state.branch).unseen_pause()) is not None:
        replace_atomically(folder / PAUSE, pause)
    return folder
