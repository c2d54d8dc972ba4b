"""Which code host the settings mean, and what the doctor says of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from agents import NOW, Agent, make_agent_site
from fakes.github import FakeGitHub
from fakes.github_state import PERSON_TOKEN, WORKFLOW_TOKEN
from repositories import git, isolate

from ai_ops.doctor import examine
from ai_ops.domain.check import Health, Result
from ai_ops.domain.errors import ConfigError
from ai_ops.wiring.code_host import code_host, link_for_people
from ai_ops.wiring.host_checks import host_checks
from ai_ops.wiring.session import open_session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Clinic:
    """A checkout that proposes, its GitHub, and the environment it runs in."""

    agent: Agent
    hub: FakeGitHub
    environment: dict[str, str] = field(default_factory=dict)

    def results(self) -> dict[str, Result]:
        """What the doctor finds out, by the name of the check."""
        with open_session(self.agent.place(NOW), is_writing=False) as session:
            return {result.name: result for result in examine(host_checks(session))}

    def host(self) -> str | None:
        """The repository of the code host that the settings mean."""
        with open_session(self.agent.place(NOW), is_writing=False) as session:
            host = code_host(session)
            return host and host.repository

    def set_remote(self, url: str) -> None:
        """Let the checkout's remote lie elsewhere."""
        git(self.agent.clone, "remote", "set-url", "origin", url)


@pytest.fixture
def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clinic]:
    """A checkout in mode propose, with a workflow's token."""
    isolate(monkeypatch)
    site = make_agent_site(tmp_path)
    with FakeGitHub(site.remote) as hub:
        environment = {
            "NEUROPILOT_GITHUB_TOKEN": WORKFLOW_TOKEN,
            "GITHUB_API_URL": hub.url,
            "GITHUB_REPOSITORY": "acme/shop",
        }
        agent = Agent(site.clone("agent"), environment)
        agent.configure(mode="propose")
        yield Clinic(agent, hub, environment)


def test_all_is_well(clinic: Clinic) -> None:
    """It names the repository, and asks GitHub three times."""
    found = clinic.results()
    assert {result.health for result in found.values()} == {Health.OK}
    assert found["pull requests"].words.startswith("acme/shop at 127.0.0.1 is seen")
    assert len(clinic.hub.requests) == 3
    assert clinic.hub.writes == []


def test_observing_asks_nobody(clinic: Clinic) -> None:
    """A team that only watches needs no GitHub."""
    clinic.agent.configure(mode="observe")
    assert clinic.results() == {}
    assert clinic.hub.requests == []


def test_a_token_that_does_not_work_fails(clinic: Clinic) -> None:
    """It would fail at the first proposal, at night."""
    clinic.hub.tokens.clear()
    result = clinic.results()["pull requests"]
    assert (result.health, result.exit_code) == (Health.FAILED, 4)
    assert "Bad credentials" in result.words
    assert WORKFLOW_TOKEN not in result.words


def test_in_mode_commit_it_is_a_note(clinic: Clinic) -> None:
    """Commits are pushed without GitHub's API."""
    clinic.agent.configure(mode="commit")
    clinic.hub.tokens.clear()
    assert clinic.results()["pull requests"].health is Health.NOTE


def test_a_wrong_name_fails(clinic: Clinic) -> None:
    """The sentence says which setting."""
    clinic.environment["GITHUB_REPOSITORY"] = "acme/typo"
    assert "`github_repository`" in clinic.results()["pull requests"].words


def test_an_archive_and_a_reader_are_found_out(clinic: Clinic) -> None:
    """Neither can be written to."""
    clinic.hub.state.is_archived = True
    assert "archived" in clinic.results()["pull requests"].words


def test_what_an_administrator_can_see_is_said_ahead(clinic: Clinic) -> None:
    """The setting that keeps workflows from opening is named before it does."""
    clinic.hub.state.actions_may_open = False
    assert clinic.results()["workflows may propose"].health is Health.OK
    clinic.environment["NEUROPILOT_GITHUB_TOKEN"] = PERSON_TOKEN
    note = clinic.results()["workflows may propose"]
    assert note.health is Health.NOTE
    assert "Settings > Actions > General" in note.words


def test_a_public_repository_is_warned_about(clinic: Clinic) -> None:
    """State and raw measurements are read by anybody there."""
    assert clinic.results()["who reads along"].health is Health.OK
    clinic.hub.state.is_private = False
    note = clinic.results()["who reads along"]
    assert note.health is Health.NOTE
    assert "acme/shop is public" in note.words


def test_without_a_token_it_says_what_will_happen(clinic: Clinic) -> None:
    """A branch is pushed all the same, so that it is a note."""
    del clinic.environment["NEUROPILOT_GITHUB_TOKEN"]
    note = clinic.results()["pull requests"]
    assert note.health is Health.NOTE
    assert "NEUROPILOT_GITHUB_TOKEN" in note.words
    assert clinic.host() is None


def test_another_host_gets_a_branch_and_a_link(clinic: Clinic) -> None:
    """GitLab needs no token of ours, and the password in the remote's address stays there (H10)."""
    clinic.environment.clear()
    clinic.set_remote("https://oauth2:canary-7Q2mZ@gitlab.com/acme/shop.git")
    found = clinic.results()["pull requests"]
    assert found.health is Health.OK
    assert "https://gitlab.com/acme/shop/-/merge_requests/new?" in found.words
    assert "canary" not in found.words


@pytest.mark.parametrize(
    ("remote", "environment", "expected"),
    [
        ("git@github.com:acme/web.git", {"GITHUB_TOKEN": "t" * 20}, "acme/web"),
        ("git@gitlab.com:acme/web.git", {"GITHUB_TOKEN": "t" * 20}, None),
        ("git@gitlab.com:acme/web.git", {"GITHUB_TOKEN": "t" * 20, "GITHUB_REPOSITORY": "acme/mirror"}, "acme/mirror"),
        ("git@github.com:acme/web.git", {}, None),
    ],
)
def test_auto_means_github_where_all_is_known(
    clinic: Clinic, remote: str, environment: dict[str, str], expected: str | None
) -> None:
    """A token and a name; the name may come from the remote."""
    clinic.environment.clear()
    clinic.environment.update(environment)
    clinic.set_remote(remote)
    assert clinic.host() == expected


def test_none_means_none(clinic: Clinic) -> None:
    """Whatever else is set."""
    clinic.agent.configure(mode="propose", pull_requests={"host": "none"})
    assert clinic.host() is None
    assert "a proposal will be a pushed branch" in clinic.results()["pull requests"].words


def test_github_without_a_name_is_a_mistake(clinic: Clinic) -> None:
    """It was asked for, so that it is not silently left out."""
    del clinic.environment["GITHUB_REPOSITORY"]
    clinic.agent.configure(mode="propose", pull_requests={"host": "github"})
    with pytest.raises(ConfigError, match="github_repository"):
        clinic.host()


def test_a_repository_without_a_remote_has_no_link(clinic: Clinic) -> None:
    """There is nowhere to open anything."""
    git(clinic.agent.clone, "remote", "remove", "origin")
    with open_session(clinic.agent.place(NOW), is_writing=False) as session:
        assert link_for_people(session, "neuropilot/web", "main") is None
