"""One cycle in three jobs, each on a clone and in an environment of its own, as on three machines of a CI."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agents import NOW, Agent

from ai_ops.cli.jobs import collect_into, decide_into, deliver_documents
from ai_ops.cli.main import exit_code_of
from ai_ops.cli.services import Wish
from ai_ops.store.handover import collected_in, decided_in, read_document
from ai_ops.wiring.jobs.deliver import Digest, documents_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from repositories import Site

    from ai_ops.domain.tuning import Decision
    from ai_ops.store.handover import Collected, Decided, Purpose

LOOKING = frozenset({"PROMETHEUS_URL", "PROMETHEUS_USERNAME", "PROMETHEUS_PASSWORD"})
ACTING = frozenset({"SLACK_WEBHOOK_URL"})


@dataclass(slots=True)
class Jobs:
    """Three clones of a site, of which each job gets one, and the folder in which they hand over.

    Parameters
    ----------
    environment
        What the whole run knows; the jobs that look and act get their part of it, the one that thinks nothing.
    """

    site: Site
    folder: Path
    environment: Mapping[str, str]
    warnings: list[str] = field(default_factory=list)

    @property
    def collected(self) -> Path:
        """The first document."""
        return self.folder / "collected.json"

    @property
    def decided(self) -> Path:
        """The second document."""
        return self.folder / "decided.json"

    def looker(self) -> Agent:
        """The agent of the first job."""
        return self._agent("looks", LOOKING)

    def thinker(self) -> Agent:
        """The agent of the second job."""
        return self._agent("thinks", frozenset())

    def actor(self) -> Agent:
        """The agent of the third job."""
        return self._agent("acts", ACTING)

    def collect(self, now: datetime = NOW, purpose: Purpose = "cycle") -> int:
        """Run the first job."""
        place, wish = self.looker().place(now), Wish(manner="collecting only")
        return exit_code_of(lambda **_: collect_into(self.collected, place, wish, purpose), None)

    def decide(self, now: datetime = NOW) -> int:
        """Run the second job."""
        place = self.thinker().place(now)
        return exit_code_of(lambda **_: decide_into(self.decided, self.collected, place, Wish()), None)

    def deliver(self, now: datetime = NOW, expected: Digest | None = None, **wishes: object) -> int:
        """Run the third job."""
        place, wish = self.actor().place(now), replace(Wish(is_acting=True), **wishes)
        raw = [path.read_bytes() for path in (self.collected, self.decided)]
        return exit_code_of(
            lambda **_: deliver_documents(documents_in(*raw, expected or Digest(), place), place, wish), None
        )

    def run(self, now: datetime = NOW) -> tuple[int, int, int]:
        """Run all three and give their exit codes."""
        return self.collect(now), self.decide(now), self.deliver(now)

    def documents(self) -> tuple[Collected, Decided]:
        """What was handed over."""
        return (
            collected_in(read_document(self.collected), "collected"),
            decided_in(read_document(self.decided), "decided"),
        )

    def decision(self) -> Decision:
        """What was decided about the first service."""
        decision = self.documents()[1].services[0].decision
        assert decision is not None
        return decision

    def _agent(self, name: str, known: frozenset[str]) -> Agent:
        clone = self.site.remote.parent / f"{self.folder.name}-{name}"
        if not clone.exists():
            self.site.clone(clone.name, "--depth=1")
        return Agent(clone, {key: value for key, value in self.environment.items() if key in known}, self.warnings)
