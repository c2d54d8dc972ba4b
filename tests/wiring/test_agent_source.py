"""Where a workflow takes the agent from when nobody says it."""

from __future__ import annotations

import pytest
from repositories import commit_file, git, isolate

import ai_ops
from ai_ops.domain.errors import ConfigError
from ai_ops.wiring.agent_source import agent_in_record, agent_source

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A clone of the agent's repository, with one pushed commit."""
    isolate(monkeypatch)
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    git(tmp_path, "clone", "-q", "remote.git", "clone")
    commit_file(tmp_path / "clone", "ai_ops/__init__.py", b"")
    git(tmp_path / "clone", "push", "-q", "origin", "HEAD")
    git(tmp_path / "clone", "remote", "set-url", "origin", "git@github.com:acme/neuropilot.git")
    return tmp_path / "clone"


def test_a_clone_on_github_says_it_itself(clone) -> None:
    """The commit that is checked out, and not a branch (H14)."""
    notes = []
    agent = agent_source(None, notes.append, clone)
    assert (agent.repository, agent.commit) == ("acme/neuropilot", git(clone, "rev-parse", "HEAD"))
    assert agent.version == ai_ops.__version__
    assert notes == []


def test_a_commit_that_is_not_pushed_is_pointed_out(clone) -> None:
    """GitHub could not check it out."""
    commit = commit_file(clone, "README.md", b"new\n")
    notes = []
    assert agent_source(None, notes.append, clone).commit == commit
    assert f"commit {commit[:10]} of acme/neuropilot is not pushed" in notes[0]


@pytest.mark.parametrize("address", ["https://gitlab.com/acme/neuropilot.git", "/srv/neuropilot", ""])
def test_elsewhere_than_on_github_the_person_must_say(clone, address) -> None:
    """No repository is made up; the message says what to pass."""
    git(clone, "remote", *(["set-url", "origin", address] if address else ["remove", "origin"]))
    with pytest.raises(ConfigError, match=r"--agent OWNER/REPO@COMMIT.*or --workflow none"):
        agent_source(None, pytest.fail, clone)


def test_what_the_command_line_says_wins(clone) -> None:
    """With its 40 digits."""
    agent = agent_source(f"other/agent@{COMMIT}", pytest.fail, clone)
    assert (agent.repository, agent.commit) == ("other/agent", COMMIT)


@pytest.mark.parametrize(
    "record",
    [
        "",
        "{}",
        '{"url": "file:///srv/neuropilot", "dir_info": {"editable": true}}',
        '{"url": "https://github.com/a/b"}',
    ],
)
def test_an_installation_without_a_commit_is_no_source(record) -> None:
    """From a folder, or from an index."""
    assert agent_in_record(record) is None


def test_pip_s_own_record_is_enough() -> None:
    """`pip install "neuropilot @ git+https://..."` notes repository and commit (PEP 610)."""
    record = f'{{"url": "https://github.com/acme/np", "vcs_info": {{"commit_id": "{COMMIT}", "vcs": "git"}}}}'
    agent = agent_in_record(record)
    assert agent is not None
    assert (agent.repository, agent.commit) == ("acme/np", COMMIT)
