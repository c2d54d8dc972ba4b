"""The life of a model: trained on what a real Prometheus holds, measured, put in use, followed, refused, taken back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from aftermath import episodes
from agents import Agent, make_agent_site
from measured import exposed, settings_for
from modelled import make_service
from training import champion, train, verdicts, version_folders

from ai_ops.domain.model_version import TrainingKind, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    import pandas as pd
    from running import RunningServer

LATE = timedelta(minutes=3)
DAY = timedelta(days=1)


def with_a_broken_relation(history: pd.DataFrame, since: datetime) -> pd.DataFrame:
    """For an hour the latency is that of the quietest hours while the traffic is not: each alone is quite usual."""
    faulty = history.copy()
    hour = (faulty.index >= since) & (faulty.index < since + timedelta(hours=1))
    faulty.loc[hour, "cpu_percent"] = np.nanquantile(history["cpu_percent"], 0.02)
    faulty.loc[hour, "requests_per_second"] = np.nanquantile(history["requests_per_second"], 0.98)
    return faulty


@pytest.mark.slow
def test_a_model_is_trained_measured_used_and_followed(
    tmp_path: Path, start_prometheus: Callable[..., RunningServer], capsys: pytest.CaptureFixture[str]
):
    """S001-15, S001-17, S001-22, S000-55, S004-32: from two weeks of metrics to a finding, and on the next night."""
    simulated, _ = make_service("weekly", 6, days=2)
    trained_at = simulated.now
    simulated.advance(2 * 1440)
    history = with_a_broken_relation(simulated.history(16), trained_at + timedelta(hours=4))
    prometheus = start_prometheus(exposed(history))
    site = make_agent_site(tmp_path, settings=settings_for(mode="observe", state={"store": "folders"}))
    agent = Agent(site.clone("checkout"), {"PROMETHEUS_URL": prometheus.url})

    assert train(agent, trained_at + LATE) == 0
    first = champion(agent, trained_at)
    assert first is not None, capsys.readouterr().out
    assert first.card.training.kind is TrainingKind.COLD
    assert first.card.measured.auc.low > 0.65
    assert not first.card.training.is_simulated
    assert "MODEL_CARD.md" in {path.name for path in version_folders(agent)[0].iterdir()}

    assert agent.run(trained_at + timedelta(hours=6) + LATE) == 0
    found = [one for one in episodes(agent)[-1].findings if "learned model" in one.detectors]
    assert found
    assert found[0].since >= trained_at + timedelta(hours=3)

    assert train(agent, trained_at + DAY + LATE) == 0
    assert verdicts(agent, trained_at + DAY)[0] is Verdict.PROMOTED
    log = json.loads((agent.clone / "ai_ops/models/training_log.json").read_text())["records"]
    nights = [one for one in log if one["event"] == "training"]
    assert [one["kind"] for one in nights] == ["cold", "warm"]
    assert 80 <= nights[1]["new_rows"] <= 110
    capsys.readouterr()

    assert train(agent, trained_at + DAY + LATE) == 0
    assert "it is known already" in capsys.readouterr().out
