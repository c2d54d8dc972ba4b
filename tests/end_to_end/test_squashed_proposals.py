"""A team that squashes as its repository is set: the agent knows what landed, and when."""

from __future__ import annotations

import pytest
from agents import Agent
from proposing import SAVE, Team

from ai_ops.wiring.settings_files import SettingsFiles


def delivered(team: Team) -> set[str]:
    """Episodes that a new run finds on the branch."""
    with Agent(team.site.clone("later"), team.agent.environment).session() as session:
        files = SettingsFiles(session, session.settings.services[0])
        files.thresholds()
        return set(files.delivered())


@pytest.mark.parametrize("message", ["COMMIT_MESSAGES", "PR_BODY"])
def test_what_landed_is_known_from_the_branch_alone(team, message):
    """Also where the body became the commit's message, with co-authors behind it (S001-143, S001-83)."""
    proposed = team.run(SAVE).episode
    team.github.state.squash_title, team.github.state.squash_message = "PR_TITLE", message
    team.github.state.co_authors = "\n\nCo-authored-by: neuropilot[bot] <neuropilot@example.org>"
    team.github.human_merges(1, "squash")
    assert delivered(team) == {proposed.id}


def test_without_any_message_the_values_tell(team):
    """No run knows the episode from the branch; the change is live all the same, and said to be (S001-83)."""
    team.run(SAVE)
    team.github.state.squash_title, team.github.state.squash_message = "PR_TITLE", "BLANK"
    team.github.human_merges(1, "squash")
    assert delivered(team) == set()
    team.run()
    assert "Live since" in team.comments(1)[0]
    with team.agent.session() as session:
        assert session.ledger.episodes("web")[-1].thresholds.values["cpu_scale_in_percent"] == SAVE.after
