"""A team that reviews on GitHub: a real remote, a GitHub with its rules, the whole agent, and a clock.

What the agent wants is said by the test; everything after that is the product's own: guardrails, ledger, gate, git,
pull request.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from agents import Agent, make_agent_site
from fakes.github_state import APP_TOKEN
from predictions import a_prediction

from ai_ops.cli.narrative import narrated
from ai_ops.domain.foresight import Foresight
from ai_ops.domain.tuning import Change, Decision
from ai_ops.ops_brain import run_until_it_lands
from ai_ops.wiring import open_session, wire
from ai_ops.wiring.session import finish

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fakes.github import FakeGitHub
    from repositories import Site

    from ai_ops.domain.cycle import Cycle, CycleResult
    from ai_ops.domain.prediction import Outcome

BEGIN = datetime(2026, 11, 16, 6, 5, tzinfo=UTC)
"""A Monday."""

SIX_HOURS = timedelta(hours=6)
BRANCH = "neuropilot/web"
SETTINGS = """\
mode: propose
tuning: {policy: rules}
metrics: {source: simulated}
state: {store: %(store)s}
approval: {autonomy: granted}
services: [{name: web}]
"""
SAVE = Change("cpu_scale_in_percent", 30.0, 35.0)
SAVE_MORE = Change("cpu_scale_in_percent", 30.0, 40.0)
SECURE = Change("cpu_scale_out_percent", 80.0, 75.0)


def site_with(folder: Path, store: str = "folders", settings: str = SETTINGS) -> Site:
    """Make a remote whose team wants to be asked."""
    return make_agent_site(folder, store, settings)


@dataclass(slots=True)
class Team:
    """Everybody around one repository.

    Parameters
    ----------
    now
        The time, for the agent and for GitHub.
    told
        What the last run said.
    """

    site: Site
    agent: Agent
    github: FakeGitHub
    now: datetime = BEGIN
    told: list[str] = field(default_factory=list)

    def run(
        self, *changes: Change, later: timedelta = SIX_HOURS, agent: Agent | None = None, **wish: Any
    ) -> CycleResult:
        """One period later, one cycle in which the policy wants these changes; none holds."""
        self.now += later
        self.told = []
        return run_wanting(agent or self.agent, self.now, changes, told=self.told.append, **wish)

    @property
    def pulls(self) -> list[Any]:
        """Every pull request, oldest first."""
        return self.github.pulls

    def comments(self, number: int) -> list[str]:
        """What stands below one, oldest first."""
        return [one.body for one in self.github.comments if one.number == number]


def run_wanting(  # noqa: PLR0913  # each is one thing that a test may want
    agent: Agent,
    now: datetime,
    changes: tuple[Change, ...],
    *,
    is_urgent: bool = False,
    saves: float = 0.2,
    outcomes: tuple[Outcome, ...] = (),
    told: Callable[[str], None] = lambda _: None,
    is_writing: bool = True,
    meanwhile: Callable[[Cycle], Cycle] = lambda cycle: cycle,
) -> CycleResult:
    """Run one cycle in which the policy wants these changes, and expects them to save that share of the cost.

    `meanwhile` may let something happen between the steps.
    """
    expected = replace(a_prediction(), made_at=now)
    cost = expected.cost_per_hour
    cheaper = replace(expected, cost_per_hour=replace(cost, expected=cost.expected * (1 - saves)))
    foresight = Foresight(
        at=now,
        prediction=cheaper if changes else expected,
        if_unchanged=expected if changes else None,
        outcomes=outcomes,
    )
    reasons = ("the test wants it",) if changes else ("nothing is wrong any more",)
    decision = Decision(changes, reasons, is_urgent=is_urgent, foresight=foresight)
    with open_session(agent.place(now), is_writing=is_writing) as session:
        wired = wire(session, session.settings.services[0])
        cycle = meanwhile(replace(wired.cycle, tune=lambda *_: decision))
        result = run_until_it_lands(narrated(cycle, told), wired.window)
        finish(session)
    return result


def environment(github: FakeGitHub, token: str = APP_TOKEN) -> dict[str, str]:
    """What the agent is told of GitHub."""
    return {"NEUROPILOT_GITHUB_TOKEN": token, "GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": "acme/shop"}
