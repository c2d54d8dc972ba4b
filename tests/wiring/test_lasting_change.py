"""A service that has changed for good: built anew when that is sure, carried nowhere meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from agents import Agent, make_agent_site
from training import SERVICE

from ai_ops.domain.model_version import TrainingKind, Verdict
from ai_ops.learn.schedule import SETTLED_DAYS
from ai_ops.wiring.models.keep import keep_training, training_log
from ai_ops.wiring.models.lesson import Wish
from ai_ops.wiring.models.rows import Rows
from ai_ops.wiring.models.train import train_service
from ai_ops.wiring.models.trained import NothingNew, Trained
from ai_ops.wiring.session import open_session

if TYPE_CHECKING:
    from pathlib import Path

NIGHT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
CHANGE = NIGHT - timedelta(hours=1)
DAY = timedelta(days=1)
STEP = timedelta(minutes=10)
METRICS = ("cpu_percent", "latency_p95_ms", "requests_per_second")
ROWS_OF_A_DAY = 144

SETTINGS = "metrics: {source: prometheus}\nstate: {store: %(store)s}\nmodel: {n_components: 1}\n"


def a_fortnight(until: datetime, *, wider: float = 1.0, higher: float = 0.0) -> Rows:
    """Two weeks of one load until then, of which the latency is another from `CHANGE` on.

    Parameters
    ----------
    wider
        By what factor the noise of the latency grows.
    higher
        By how many milliseconds it rises; its standard deviation is about 19.
    """
    start = until - 14 * DAY
    times = start.timestamp() + 600.0 * np.arange(14 * ROWS_OF_A_DAY)
    rng = np.random.default_rng(int(times[0]) // 86_400)
    noise = rng.normal(size=(times.size, 3))
    load = 200.0 + 80.0 * np.sin(2.0 * np.pi * times / 86_400.0) + 12.0 * noise[:, 0]
    is_new = times >= CHANGE.timestamp()
    latency = 80.0 + 0.3 * load + 8.0 * noise[:, 1] * np.where(is_new, wider, 1.0) + higher * is_new
    return Rows(METRICS, start, STEP, np.column_stack([10.0 + 0.15 * load + 2.0 * noise[:, 2], latency, load]))


@pytest.fixture
def agent(tmp_path: Path) -> Agent:
    """An agent whose champion is of tonight and was, says its log, built forty days ago."""
    where = {"PROMETHEUS_URL": "http://127.0.0.1:9"}
    one = Agent(make_agent_site(tmp_path, settings=SETTINGS).clone("checkout"), where)
    assert learn(one, NIGHT, a_fortnight(NIGHT)).verdict is Verdict.PROMOTED
    with open_session(one.place(NIGHT), is_writing=True) as session:
        log = training_log(session)
        first = log.read(SERVICE)[0]
        (one.clone / "ai_ops/models/training_log.json").unlink()
        log.append(replace(first, at=NIGHT - 40 * DAY))
    return one


def learn(agent: Agent, now: datetime, rows: Rows) -> Trained | NothingNew:
    """Train as a job does, and keep what comes of it."""
    with open_session(agent.place(now), is_writing=True) as session:
        trained = train_service(session, session.settings.services[0], rows, Wish())
        if isinstance(trained, Trained):
            keep_training(session, trained)
        elif trained.record is not None:
            training_log(session).append(trained.record)
        return trained


def on(agent: Agent, *nights: float, **change: float) -> list[Trained | NothingNew]:
    """What comes of trainings so many days after the change."""
    return [learn(agent, NIGHT + night * DAY, a_fortnight(NIGHT + night * DAY, **change)) for night in nights]


def test_a_lasting_change_is_learned_when_it_is_sure_and_not_on_the_first_night(agent: Agent) -> None:
    """S001-140: on the first night the champion gate would refuse it, and then nothing could follow for weeks."""
    *before, rebuilt, after = on(agent, 1, SETTLED_DAYS - 2, SETTLED_DAYS + 1, SETTLED_DAYS + 2, higher=38.0)
    assert [one.candidate.training.kind for one in before] == [TrainingKind.WARM, TrainingKind.WARM]
    assert (rebuilt.candidate.training.kind, rebuilt.verdict) == (TrainingKind.REBUILD, Verdict.PROMOTED)
    assert after.candidate.training.kind is TrainingKind.WARM


def test_what_was_not_learned_is_remembered_as_drift(agent: Agent) -> None:
    """A night in which every new row is abnormal teaches nothing, and counts as one of those in which it drifted."""
    [nothing] = on(agent, 1, higher=133.0)
    assert isinstance(nothing, NothingNew)
    assert nothing.record is not None
    assert "latency_p95_ms" in nothing.record.drifted


def test_a_change_that_is_far_is_asked_about_and_not_every_night(agent: Agent) -> None:
    """H04: by seven standard deviations; the question comes again a week later, with more to show."""
    nights = [SETTLED_DAYS + more for more in (1, 2, 7, 8)]
    trained = on(agent, 1, *nights, higher=133.0)[1:]
    asked = [isinstance(one, Trained) and one.candidate.training.kind is TrainingKind.REBUILD for one in trained]
    assert asked == [True, False, False, True]
    assert [trained[night].verdict for night in (0, 3)] == [Verdict.WAITING, Verdict.WAITING]
    assert "a person has to agree" in trained[0].reason


def test_a_spread_that_grows_without_a_mean_that_moves_is_asked_about(agent: Agent) -> None:
    """H04: what makes room for every fault may not be learned by itself."""
    *_, asked = on(agent, 2, SETTLED_DAYS + 2, wider=9.0)
    assert asked.candidate.training.kind is TrainingKind.REBUILD
    moved = next(one for one in asked.candidate.training.moved if one.metric == "latency_p95_ms")
    assert abs(moved.sigmas) < 1.0
    failed = {gate.name: gate.reason for gate in asked.gates if not gate.is_passed}
    assert f"the spread of latency_p95_ms becomes {moved.spread_ratio:.2f} times what it was" in failed["movement"]
    assert asked.verdict is not Verdict.PROMOTED


def test_a_service_may_be_trained_twice_a_day(agent: Agent) -> None:
    """S001-125: half a day of rows is learned like a whole one, and the week's evaluation is not doubled."""
    trained = on(agent, 0.5, 1, 1.5)
    assert [one.verdict for one in trained] == 3 * [Verdict.PROMOTED]
    assert all(40 < one.candidate.training.new_rows < ROWS_OF_A_DAY / 2 for one in trained)
    with open_session(agent.place(NIGHT + 2 * DAY), is_writing=False) as session:
        events = [one.event for one in training_log(session).read(SERVICE)]
    assert events.count("evaluation") == 1
