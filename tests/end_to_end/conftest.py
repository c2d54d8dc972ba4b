"""What the end-to-end tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from agents import Agent, make_agent_site
from backfill import openmetrics
from fakes.slack import FakeSlack
from repositories import isolate
from services import DEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

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
    clone = site.clone("checkout", "--depth=1")
    return Agent(clone, {"PROMETHEUS_URL": dear_service.url, "SLACK_WEBHOOK_URL": slack.url})
