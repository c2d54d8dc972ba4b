"""The kept metrics are a cache: whatever stands there, the model is told of, trained and asked without them."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from agents import Agent, make_agent_site
from training import champion, train

from ai_ops.domain.model_status import Health
from ai_ops.wiring.models.vitals import vitals_of
from ai_ops.wiring.observe import HISTORY
from ai_ops.wiring.session import open_session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ai_ops.domain.model_vitals import ModelVitals

NIGHT = datetime(2026, 11, 20, 3, 17, tzinfo=UTC)
MORNING = NIGHT + timedelta(hours=3)

SETTINGS = (
    "mode: observe\n"
    "metrics: {source: simulated}\n"
    "state: {store: folders}\n"
    "model: {n_components: 1}\n"
    "tuning: {policy: rules}\n"
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout whose agent has a model, and has kept what it was trained on."""
    clone = make_agent_site(tmp_path_factory.mktemp("site"), settings=SETTINGS).clone("checkout")
    assert train(Agent(clone, {}), NIGHT) == 0
    return clone


@pytest.fixture
def agent(trained: Path, tmp_path: Path) -> Agent:
    """One that may be damaged."""
    shutil.copytree(trained, tmp_path / "checkout", symlinks=True)
    return Agent(tmp_path / "checkout", {})


def of_every_series(**wrong: Any) -> Callable[[Path], None]:
    """Write the same into each series."""

    def damage(file: Path) -> None:
        document = json.loads(file.read_bytes())
        for form in document["services"]["web"].values():
            form.update(wrong)
        file.write_text(json.dumps(document))

    return damage


def of_one_series(**wrong: Any) -> Callable[[Path], None]:
    """Write it into the CPU's alone, so that it lies beside sound ones."""

    def damage(file: Path) -> None:
        document = json.loads(file.read_bytes())
        kept = document["services"]["web"]
        kept[next(key for key in kept if key.startswith("cpu_percent@"))] |= wrong
        file.write_text(json.dumps(document))

    return damage


def pipe(file: Path) -> None:
    """Nobody writes into it."""
    file.unlink()
    os.mkfifo(file)


def told(agent: Agent) -> ModelVitals:
    """What `neuropilot model status` and `model metrics` rest on."""
    with open_session(agent.place(MORNING), is_writing=False) as session:
        return vitals_of(session, session.settings.services[0])


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "damage",
    [
        pipe,
        of_every_series(step_seconds=0),
        of_every_series(step_seconds=-600),
        of_every_series(start="9999-12-31T20:00:00+00:00"),
        of_one_series(start="2100-01-01T00:00:00+00:00"),
        of_one_series(start="0001-01-01T00:00:00+00:00"),
        of_one_series(values=[1e160] * 2016),
        of_one_series(values=["9" * 5000] * 2016),
    ],
    ids=["pipe", "no step", "backwards", "year 9999", "year 2100", "year 1", "absurd", "texts"],
)
def test_the_status_goes_without_what_was_damaged(agent: Agent, damage: Callable[[Path], None]):
    """It says that the file cannot be read and what to do with it, and what is known of the model without (H32)."""
    damage(agent.clone / HISTORY)
    vitals = told(agent)
    assert (vitals.status.loaded, vitals.status.health, vitals.history) == (True, Health.OK, None)
    (said,) = set(agent.warnings)
    assert said.startswith("metrics_history.json cannot be read (")
    assert said.endswith("fetching everything anew; it is safe to delete")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("damage", [pipe, of_one_series(start="2100-01-01T00:00:00+00:00")], ids=["pipe", "year 2100"])
def test_a_run_and_a_training_fetch_anew_and_leave_a_sound_file(agent: Agent, damage: Callable[[Path], None]):
    """Neither hangs nor ends in an internal error, and the next one is not troubled any more (H32)."""
    before = champion(agent, NIGHT)
    damage(agent.clone / HISTORY)
    assert agent.run(MORNING, is_acting=False) == 0
    assert train(agent, MORNING) == 0
    after = champion(agent, MORNING)
    assert before is not None
    assert after is not None
    assert after.card.training.end > before.card.training.end
    agent.warnings.clear()
    assert told(agent).history is not None
    assert agent.warnings == []
