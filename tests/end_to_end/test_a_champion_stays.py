"""A model stands for as long as nobody decides otherwise, however old the line is that put it in use."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from agents import Agent, make_agent_site
from examples import an_episode
from repositories import Site, git
from training import SERVICE, champion, decisions, train, verdicts

from ai_ops.domain.model_status import Health
from ai_ops.domain.model_version import Verdict
from ai_ops.git_client import GitClient
from ai_ops.store.state_branch import LENGTH, MOST_COMMITS
from ai_ops.wiring.models.change import Asked, rollback
from ai_ops.wiring.models.vitals import vitals_of
from ai_ops.wiring.session import open_session

if TYPE_CHECKING:
    from pathlib import Path

BRANCH, ARCHIVE = "neuropilot/state", "neuropilot/archive"
LOG = "ai_ops/models/training_log.json"

SETTINGS = (
    "metrics: {source: simulated}\n"
    "state: {store: %(store)s}\n"
    "model: {n_components: 1, retrain: off}\n"
    "tuning: {policy: rules}\n"
)

NIGHT = datetime(2026, 11, 20, 3, 17, tzinfo=UTC)
DAY = timedelta(days=1)
MONTHS = 15


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A remote whose agent looks at the simulated service, and remembers on a branch."""
    return make_agent_site(tmp_path, store="branch", settings=SETTINGS)


def in_ci(site: Site, name: str) -> Agent:
    """A run in a fresh clone, as CI makes it."""
    return Agent(site.clone(name, "--depth=1"), {"CI": "true"})


def later(months: int) -> datetime:
    """The third of the month that is so many after the training."""
    years, month = divmod(NIGHT.month - 1 + months, 12)
    return datetime(NIGHT.year + years, month + 1, 3, 6, 3, tzinfo=UTC)


def decide_in(agent: Agent, months: range) -> None:
    """Let one episode be decided in each of these months."""
    with open_session(agent.place(later(months[-1])), is_writing=True) as session:
        for month in months:
            session.ledger.append(replace(an_episode(), id=f"web-{month}", decided_at=later(month)))
        session.keep("remember")


def let_history_grow(site: Site, clone: Path) -> None:
    """Let the newest commit say that the branch's history is as long as it may be."""
    client, tip = GitClient(clone), site.tip(BRANCH)
    client.fetch(BRANCH, tip=tip, is_tip_enough=True)
    commit = client.commit(tip, {"note": b""}, f"x\n\nRun: a\n{LENGTH}: {MOST_COMMITS}\n")
    client.push(commit, BRANCH, expected=tip)


@pytest.mark.slow
def test_a_champion_of_fifteen_months_ago_is_still_in_use(site: Site) -> None:
    """H33, S004-26: its month is in the archive, the branch was begun anew, and a person can still go back."""
    trainer = in_ci(site, "trainer")
    assert [train(trainer, NIGHT), train(trainer, NIGHT + DAY)] == [0, 0]
    assert verdicts(trainer, NIGHT + DAY) == [Verdict.PROMOTED, Verdict.PROMOTED]
    before, standing = decisions(trainer, NIGHT + DAY)
    decide_in(trainer, range(1, MONTHS + 1))
    let_history_grow(site, trainer.clone)
    now = later(MONTHS) + timedelta(hours=6)
    assert in_ci(site, "runner").run(now) == 0

    assert git(site.remote, "rev-list", "--count", BRANCH) == "1"
    archived = git(site.remote, "ls-tree", "-r", "--name-only", ARCHIVE)
    assert f"episodes-{NIGHT:%Y-%m}.jsonl" in archived
    fresh = in_ci(site, "fresh")
    assert decisions(fresh, now) == (before, standing)
    with open_session(fresh.place(now), is_writing=False) as session:
        assert session.ledger.verify() == ()
        assert session.archive.verify(session.ledger.archived()) == ()
        status = vitals_of(session, session.settings.services[0]).status
        assert (status.loaded, status.version, status.health) == (True, standing.version, Health.WARNING_STALE)
    with open_session(fresh.place(now), is_writing=True) as session:
        changed = rollback(session, session.settings.services[0], Asked(None, "ada", "it pages", min_auc=0.0))
    assert (changed.decision.version, changed.decision.champion) == (before.version, standing.version)
    assert champion(in_ci(site, "another"), now).name == before.version


@pytest.mark.slow
def test_a_training_that_could_not_be_pushed_is_in_the_log_of_the_next(site: Site) -> None:
    """S001-24, H17: the decision and the record of that night reach the branch together."""
    trainer = Agent(site.clone("trainer"), {"CI": "true"})
    assert train(trainer, NIGHT) == 0
    site.refuse_pushes("the disk is full")
    assert train(trainer, NIGHT + DAY) == 4
    (site.remote / "hooks/pre-receive").unlink()
    assert train(trainer, NIGHT + 2 * DAY) == 0

    records = json.loads(site.content(LOG, BRANCH))["records"]
    nights = [one["version"] for one in records if one["event"] == "training" and one["service"] == SERVICE]
    assert nights == [one.version for one in decisions(in_ci(site, "fresh"), NIGHT + 2 * DAY)]
    assert len(nights) == 3
