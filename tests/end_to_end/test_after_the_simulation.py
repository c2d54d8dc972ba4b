"""A team looks at the embedded simulation first, and connects its own metrics later."""

from __future__ import annotations

import json

EPISODE_OF_THE_SIMULATION = "web-20261102T00Z"


def test_what_was_simulated_is_no_past_of_the_real_service(agent, site, slack, capsys):
    """The first real run decides at once, and neither its trust nor its name rests on made-up metrics (S001-67)."""
    connected, agent.environment = agent.environment, {}
    adopted = site.tip()
    assert agent.run() == 0
    assert site.tip() == adopted
    agent.environment = connected
    capsys.readouterr()
    assert agent.run() == 0
    assert "already decided" not in capsys.readouterr().out
    simulated, real = (json.loads(line)["episode"] for line in agent.ledger)
    assert (simulated["id"], simulated["is_simulated"]) == (EPISODE_OF_THE_SIMULATION, True)
    assert (real["id"], real["is_simulated"]) == (f"{EPISODE_OF_THE_SIMULATION}.2", False)
    assert real["exploration"]["day"] == 1
    assert site.tip() != adopted
    assert len(slack.cards) == 1
    assert agent.run() == 0
    assert "already decided" in capsys.readouterr().out
