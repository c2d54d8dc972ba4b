"""What of the past a model neither learns from nor is examined on: finding by finding, as people have labelled them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from agents import NOW, Agent, make_agent_site
from examinations import METRICS, of_one_load
from examples import a_finding, an_episode
from repositories import isolate

from ai_ops.domain.held_out import is_held_out
from ai_ops.domain.label import finding_id
from ai_ops.wiring.labels import record
from ai_ops.wiring.models.flagged import past_of
from ai_ops.wiring.models.rows import Rows
from ai_ops.wiring.models.worth import set_exam

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ai_ops.domain.finding import Finding
    from ai_ops.wiring import Session

STEP = timedelta(minutes=10)
START = NOW.replace(hour=0, minute=0) - timedelta(days=14)


def held_out_hour() -> int:
    """First row of an hour of the last two days that no model is trained on."""
    is_asked = is_held_out(START.timestamp() + STEP.total_seconds() * np.arange(14 * 144))
    return next(row for row in range(12 * 144, 14 * 144, 6) if is_asked[row : row + 6].all())


ROW = held_out_hour()
ONSET = START + ROW * STEP
CPU = a_finding("cpu_percent", since=ONSET, at=ONSET + 6 * STEP)
LATENCY = a_finding("latency_p95_ms", since=ONSET + STEP, at=ONSET + STEP)


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """An agent that has recorded two findings, the shorter within the longer."""
    isolate(monkeypatch)
    site = make_agent_site(tmp_path, settings="metrics: {source: simulated}\nstate: {store: folders}\n")
    with Agent(site.clone("checkout"), {}).session() as session:
        session.ledger.append(an_episode(is_simulated=True, findings=(CPU, LATENCY)))
        yield session


def call_false(session: Session, found: Finding) -> None:
    """Say that it was none."""
    record(session, finding_id("web", found.metric, found.since), is_true=False, by="ada", note="a batch job")


def test_a_finding_that_was_false_leaves_another_on_the_same_rows_as_it_is(session: Session) -> None:
    """H42: people have said nothing of the other, so its rows are no quiet hour, and nothing is learned from them."""
    service, rows = session.settings.services[0], Rows(METRICS, START, STEP, of_one_load())
    assert rows.inside(past_of(session, service).abnormal)[ROW]

    call_false(session, CPU)
    past = past_of(session, service)
    asked = set_exam(rows, past).asked
    disturbed = np.flatnonzero(rows.inside(past.abnormal))
    assert disturbed.min() == ROW + 1
    assert rows.inside(past.false_alarms)[ROW : ROW + 3].all()
    assert ROW not in asked.hours.quiet

    call_false(session, LATENCY)
    past = past_of(session, service)
    asked = set_exam(rows, past).asked
    assert past.abnormal == ()
    assert ROW in asked.hours.quiet
    assert ROW not in asked.hours.hosts
