"""A proposal brings a picture of what it would do, drawn from what it was decided on, or goes without."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from agents import NOW, Agent, make_agent_site
from repositories import isolate

from ai_ops.domain.change import in_brief
from ai_ops.domain.tuning import Decision
from ai_ops.store.proposal_charts import MOST_BYTES
from ai_ops.wiring.proposal_chart import proposal_chart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.cycle import Episode

SIMULATED = "mode: observe\nmetrics: {source: simulated}\nstate: {store: folders}\n"


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """The agent after its first proposal for the embedded service."""
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch)
        agent = Agent(make_agent_site(tmp_path_factory.mktemp("site"), settings=SIMULATED).clone("checkout"), {})
        assert agent.run(NOW) == 0
        yield agent


@pytest.fixture
def proposal(agent: Agent) -> Episode:
    """That proposal."""
    agent.warnings.clear()
    with agent.session() as session:
        episode = session.ledger.episodes()[-1]
    assert episode.decision.changes
    return episode


def drawn(agent: Agent, episode: Episode) -> bytes | None:
    """The chart of an episode."""
    with agent.session() as session:
        return proposal_chart(session, session.settings.services[0], episode)


def test_a_proposal_is_drawn_from_its_snapshot(agent: Agent, proposal: Episode) -> None:
    """What is proposed beside today's settings, small enough for a pull request, and twice the same."""
    first = drawn(agent, proposal)
    assert first is not None
    assert len(first) < MOST_BYTES
    root = ET.fromstring(first)
    texts = " ".join(text for node in root.iter("{http://www.w3.org/2000/svg}text") for text in node.itertext())
    assert "Proposed: it would cost" in texts
    assert "what is proposed" in texts
    assert all(in_brief(change) in texts for change in proposal.decision.changes), "however many they are"
    assert drawn(agent, proposal) == first
    assert agent.warnings == []


def test_the_figures_are_those_that_the_proposal_named(agent: Agent, proposal: Episode) -> None:
    """The same replay, so the picture cannot contradict the table beside it."""
    chart = drawn(agent, proposal)
    assert chart is not None
    assert proposal.rationale is not None
    today, chosen = (option for option in proposal.rationale.options[:2])
    assert f"spend {chosen.burn:.2f} of the error budget" in chart.decode()
    assert f"settings spend {today.burn:.2f} of" in chart.decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"decision": Decision.hold("nothing to do")},
        {"inputs_digest": None},
        {"policy": "rules"},
        {"id": "web-20250101T00Z"},
    ],
    ids=["a hold", "no digest", "another policy", "no snapshot"],
)
def test_without_anything_to_draw_there_is_no_chart(
    agent: Agent, proposal: Episode, changes: dict[str, object]
) -> None:
    """Nothing is missing, so nobody is warned."""
    assert drawn(agent, replace(proposal, **changes)) is None
    assert agent.warnings == []


def test_a_snapshot_that_is_not_the_episodes_is_not_drawn(agent: Agent, proposal: Episode) -> None:
    """A picture of other numbers would mislead whoever approves (H32)."""
    assert drawn(agent, replace(proposal, inputs_digest="0" * 64)) is None
    (warning,) = agent.warnings
    assert "without its chart" in warning
    assert "not what the ledger recorded" in warning


@pytest.mark.parametrize("package", ["altair", "vl_convert"])
def test_without_the_extra_it_says_so_once(
    agent: Agent, proposal: Episode, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lean installation proposes all the same; how to get the picture is in the sentence."""
    monkeypatch.setitem(sys.modules, package, None)  # what Python does with a package that must not be found
    assert drawn(agent, proposal) is None
    (warning,) = agent.warnings
    assert "extra [report]" in warning
