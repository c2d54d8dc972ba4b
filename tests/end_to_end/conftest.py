"""What the end-to-end tests share."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from agents import Agent, make_agent_site
from backfill import END, openmetrics
from fakes.github import FakeGitHub
from fakes.slack import FakeSlack
from nursery import nursery
from proposing import Team, environment, site_with
from repositories import isolate
from services import DEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nursery import Nursery
    from repositories import Site
    from running import RunningServer


@pytest.fixture(autouse=True)
def no_foreign_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this machine's git configuration out of it."""
    isolate(monkeypatch)


@pytest.fixture(scope="session")
def dear_service(start_prometheus: Callable[..., RunningServer]) -> RunningServer:
    """A real Prometheus that holds 15 days of `DEAR`."""
    return start_prometheus(openmetrics(DEAR))


@pytest.fixture(scope="session")
def later_service(start_prometheus: Callable[..., RunningServer]) -> RunningServer:
    """The same service, one period later."""
    return start_prometheus(openmetrics(replace(DEAR, end=END + timedelta(hours=6))))


@pytest.fixture(scope="session")
def runs() -> Iterator[Nursery]:
    """Starts runs in processes of their own."""
    with nursery() as opened:
        yield opened


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """A webhook that enforces Slack's limits."""
    with FakeSlack() as server:
        yield server


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A remote whose team lets the agent commit."""
    return make_agent_site(tmp_path)


@pytest.fixture
def agent(site: Site, dear_service: RunningServer, slack: FakeSlack) -> Agent:
    """The agent in a depth-1 clone, as CI makes it."""
    return an_agent(site, "checkout", dear_service, slack)


@pytest.fixture
def on_branch(tmp_path: Path) -> Site:
    """A remote whose team lets the agent commit, and keep its memory on a branch there."""
    return make_agent_site(tmp_path, store="branch")


@pytest.fixture
def two_agents(on_branch: Site, dear_service: RunningServer, slack: FakeSlack) -> tuple[Agent, Agent]:
    """The agent in two clones that share their memory through the remote, as two CI runs do."""
    return an_agent(on_branch, "first", dear_service, slack), an_agent(on_branch, "second", dear_service, slack)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    """A team whose agent proposes."""
    site = site_with(tmp_path)
    teams: list[Team] = []
    with FakeGitHub(site.remote, clock=lambda: teams[0].now) as github:
        teams.append(Team(site, Agent(site.clone("checkout", "--depth=1"), environment(github)), github))
        yield teams[0]


def an_agent(site: Site, name: str, prometheus: RunningServer, slack: FakeSlack) -> Agent:
    """The agent in a new clone."""
    clone = site.clone(name, "--depth=1")
    return Agent(clone, {"PROMETHEUS_URL": prometheus.url, "SLACK_WEBHOOK_URL": slack.url})
