"""The loss of a training says how many rows it was taken over, and takes each of them once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from agents import Agent, make_agent_site
from repositories import isolate
from training import SERVICE, champion, train

from ai_ops.learn.prequential import loss_over
from ai_ops.wiring.models.keep import training_log
from ai_ops.wiring.models.vitals import vitals_of
from ai_ops.wiring.session import open_session

if TYPE_CHECKING:
    from pathlib import Path

NIGHT = datetime(2026, 11, 20, 3, 17, tzinfo=UTC)
DAY = timedelta(days=1)
NIGHT_ROWS = 144


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Agent:
    """One that looks at the simulated service, has a model, and is paused from then on."""
    isolate(monkeypatch)
    settings = "metrics: {source: simulated}\nstate: {store: folders}\nmodel: {n_components: 1}\n"
    agent = Agent(make_agent_site(tmp_path, settings=settings).clone("checkout"), {})
    assert train(agent, NIGHT) == 0
    agent.pause("an incident is under way")
    return agent


def test_nights_that_put_nothing_in_use_note_each_row_once(agent: Agent) -> None:
    """R27, H26: the model in use knows none of their rows, so every night would note all of them again."""
    before = champion(agent, NIGHT).name
    for night in (1, 2, 3):
        assert train(agent, NIGHT + night * DAY) == 0
    assert champion(agent, NIGHT + 3 * DAY).name == before
    with open_session(agent.place(NIGHT + 3 * DAY), is_writing=False) as session:
        first, *later = (one for one in training_log(session).read(SERVICE) if one.event == "training")
        vitals = vitals_of(session, session.settings.services[0])
    assert first.surprises == ()
    assert first.loss_rows == vitals.measured.rows
    assert [loss_over([one.surprises]).rows for one in later] == pytest.approx([NIGHT_ROWS] * 3, abs=24)
    assert all(one.loss_rows >= sum(one.surprises) for one in later)
    assert vitals.waiting is None
    assert vitals.refused_in_a_row == 0
    assert vitals.history.span > timedelta(days=13)
