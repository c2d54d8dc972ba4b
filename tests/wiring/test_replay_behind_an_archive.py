"""Behind an archive: nothing is derived from half of a past, and nobody is told that what was archived never was."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from agents import Agent, make_agent_site
from examples import an_episode
from repositories import isolate

from ai_ops.cli.past import explain
from ai_ops.domain.errors import ConfigError, DataUnavailable
from ai_ops.store.archived import NAME, Archived, ArchivedMonth
from ai_ops.wiring.judge import record
from ai_ops.wiring.replay import Basis, rederive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ai_ops.domain.cycle import Episode
    from ai_ops.wiring import Session

SETTINGS = "prometheus_url: http://127.0.0.1:1\nstate: {store: folders}\n"


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Agent:
    """An agent that decided once a month from June to December, without any metrics to look at."""
    isolate(monkeypatch)
    agent = Agent(make_agent_site(tmp_path, settings=SETTINGS).clone("checkout"), {})
    with agent.session() as session:
        for month in range(6, 13):
            session.ledger.append(decided(month))
    return agent


def decided(month: int) -> Episode:
    """Make the episode of a month in which the minutes could not be had."""
    return replace(
        an_episode(), id=f"web-2026{month:02}03T06Z", policy="model", decided_at=datetime(2026, month, 3, 6, tzinfo=UTC)
    )


def archive(agent: Agent) -> None:
    """Take June out of the checkout, as an archive does."""
    with agent.session() as session:
        june = session.ledger.append(replace(decided(12), id="web-20261203T12Z")).sequence
    assert june == 8
    first = agent.state / "episodes-2026-06.jsonl"
    digest = first.read_text().split('"hash":"')[1][:64]
    months = (ArchivedMonth("2026-06", 1, digest),)
    (agent.state / NAME).write_bytes(Archived("neuropilot/archive", digest[:16], months).to_bytes())
    first.unlink()


def test_within_sixty_days_of_the_archive_it_is_refused(agent: Agent) -> None:
    """What was learned in June is missing: an honest no, instead of a difference that is none (S001-143)."""
    archive(agent)
    with agent.session() as session, pytest.raises(DataUnavailable, match="are archived in part"):
        rederive(session, decided(8).id)


def test_sixty_days_behind_the_archive_it_is_derived(agent: Agent) -> None:
    """The tuner remembers no further back."""
    archive(agent)
    with agent.session() as session:
        assert rederive(session, decided(12).id).basis is Basis.LEDGER


@pytest.mark.parametrize(
    "ask",
    [
        lambda session: rederive(session, "web-20260603T06Z"),
        lambda session: record(session, "web-20260603T06Z", is_good=False, by="ada", because="it bit"),
        lambda session: explain("web-20260603T06Z", None, session.place.root),
    ],
    ids=["replay", "judge", "explain"],
)
def test_an_episode_that_was_archived_is_not_simply_unknown(agent: Agent, ask: Callable[[Session], object]) -> None:
    """Whoever asks for it is told where it stands; before the archive it was found (S001-143)."""
    with agent.session() as session:
        assert session.ledger.find("web-20260603T06Z") is not None
    archive(agent)
    where = "what was decided up to 2026-06 stands on the branch neuropilot/archive, see `neuropilot ledger verify`"
    with agent.session() as session, pytest.raises(ConfigError, match=re.escape(where)):
        ask(session)


def test_without_an_archive_nothing_is_said_of_one(agent: Agent) -> None:
    """A wrong id is a wrong id."""
    with agent.session() as session, pytest.raises(ConfigError, match=r"`neuropilot history` lists them$"):
        rederive(session, "web-20250603T06Z")


def test_without_an_archive_the_first_episode_has_its_whole_past(agent: Agent) -> None:
    """A young ledger is no archived one."""
    with agent.session() as session:
        assert rederive(session, decided(6).id).basis is Basis.LEDGER
