"""What the doctor says of the branch that changes go to: it is green only where a run would act."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from agents import NOW, Agent, make_agent_site
from repositories import git, isolate

from ai_ops.doctor import examine
from ai_ops.domain.check import Health, Result
from ai_ops.wiring.checks import checks
from ai_ops.wiring.session import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from repositories import Site


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A remote with one branch, main."""
    isolate(monkeypatch)
    return make_agent_site(tmp_path)


@pytest.fixture
def agent(site: Site) -> Agent:
    """A checkout on the simulated service."""
    agent = Agent(site.clone("agent"), {})
    agent.configure(metrics={"source": "simulated"})
    return agent


def repository_check(agent: Agent) -> Result:
    """What the doctor finds out about where changes go."""
    with open_session(agent.place(NOW), is_writing=False) as session:
        (check,) = (one for one in checks(session, is_offline=False) if one.name == "repository")
        (result,) = examine([check])
        return result


@pytest.mark.parametrize("mode", ["propose", "commit"])
@pytest.mark.parametrize("repository", [{}, {"branch": "main"}])
def test_a_remote_without_the_branch_is_a_failure(site: Site, agent: Agent, mode: str, repository: dict) -> None:
    """A run would refuse, so the doctor may not be green."""
    agent.configure(mode=mode, repository=repository)
    assert repository_check(agent).health is Health.OK
    git(site.remote, "update-ref", "-d", "refs/heads/main")
    found = repository_check(agent)
    assert (found.health, found.exit_code) == (Health.FAILED, 1)
    assert "repository.branch" in found.words
    assert agent.run() != 0


def test_where_nothing_is_changed_a_missing_branch_is_only_a_note(site: Site, agent: Agent) -> None:
    """Mode observe reads the work tree."""
    agent.configure(mode="observe")
    git(site.remote, "update-ref", "-d", "refs/heads/main")
    assert repository_check(agent).health is Health.NOTE
