"""The whole agent in a repository of its own, with a clock and an environment of the test's choice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import repositories
import yaml
from backfill import END

from ai_ops.cli.main import exit_code_of
from ai_ops.cli.services import Wish, run_services
from ai_ops.wiring.session import TELLING_SECONDS, Place, open_session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from repositories import Site

    from ai_ops.wiring import Session

NOW = END + timedelta(minutes=3)
"""Three minutes after the newest sample of the usual backfill."""

NEXT_PERIOD = NOW + timedelta(hours=6)

CONFIG = "ai_ops/config/ops_config.yaml"

SETTINGS = """\
mode: commit
cost_budget: 20.0
tuning: {policy: rules}
state: {store: %(store)s}
services:
  - name: web
    selector: 'job="web"'
    variables: {hosts: 'job="web"'}
    cost: {source: instances, price_per_instance_hour: 0.0208}
"""
"""A team that lets the agent commit, with a budget that the made-up service exceeds."""


@dataclass(slots=True)
class Agent:
    """One clone of a repository, and the agent that runs in it.

    Parameters
    ----------
    clone
        The checkout.
    environment
        What the agent sees as its environment.
    warnings
        What it warned of, in order.
    telling_seconds
        How long each of those who watch it may take.
    """

    clone: Path
    environment: Mapping[str, str]
    warnings: list[str] = field(default_factory=list)
    telling_seconds: float = TELLING_SECONDS

    def place(self, now: datetime = NOW) -> Place:
        """Where and when a run takes place."""
        return Place(
            self.clone, None, self.environment, lambda: now, self.warnings.append, telling_seconds=self.telling_seconds
        )

    def run(self, now: datetime = NOW, *, is_acting: bool = True, **wishes: Any) -> int:
        """Run all services as the command line does, and give the exit code; failures are printed on stderr."""
        wish = Wish(is_acting=is_acting, **wishes)
        return exit_code_of(lambda **_: run_services(self.place(now), wish), None)

    def configure(self, service: Mapping[str, Any] | None = None, **settings: Any) -> None:
        """Change settings in this checkout: of the agent, and of its first service."""
        document = yaml.safe_load((self.clone / CONFIG).read_text()) | settings
        if service:
            document["services"] = [document["services"][0] | dict(service)]
        (self.clone / CONFIG).write_text(yaml.safe_dump(document, sort_keys=False))

    def session(self) -> AbstractContextManager[Session]:
        """What one command in this checkout works with."""
        return open_session(self.place(), is_writing=True)

    def pause(self, reason: str) -> None:
        """Pull the kill switch, as a person in this checkout does."""
        with self.session() as session:
            session.kill_switch.pause(reason, "ada", NOW)
            session.keep(f"pause: {reason}")

    @property
    def state(self) -> Path:
        """Folder of what the agent remembers."""
        return self.clone / "ai_ops/state"

    @property
    def ledger(self) -> list[str]:
        """Lines of the current ledger file."""
        file = self.state / "episodes.jsonl"
        return file.read_text().splitlines() if file.exists() else []


def make_agent_site(folder: Path, store: str = "folders", settings: str = SETTINGS) -> Site:
    """Make a remote whose repository lets the agent commit."""
    site = repositories.make_site(folder)
    work = site.clone("author")
    (work / ".gitignore").write_text("/ai_ops/models/\n/ai_ops/state/\n")
    repositories.git(work, "add", ".gitignore")
    text = settings % {"store": store} if "%(store)s" in settings else settings
    repositories.commit_file(work, CONFIG, text.encode())
    repositories.git(work, "push", "-q", "origin", "HEAD")
    return site


def tree_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes, git's own left out."""
    files = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.relative_to(folder).parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
