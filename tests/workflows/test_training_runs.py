"""A night's training, run for real: a job that looks, a job that trains, and the cycle after it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from backfill import Service, openmetrics
from leaked import assert_nothing_leaked
from repositories import git
from shops import ACTS, ALL_WELL, CANARIES, READS, SOURCES, TRAINING, WRITES

from ai_ops.learn.signature import new_key_pair

if TYPE_CHECKING:
    from collections.abc import Callable

    from running import RunningServer
    from shops import Shop
    from whole_runs import WorkflowRun

STATE = "neuropilot/state"
TRAINED = {
    **dict.fromkeys(("collect", "train", "tidy"), "success"),
    **dict.fromkeys(("decide", "deliver", "report", "notice"), "skipped"),
}
SIGNED = {
    "MODEL_CARD.md",
    "anomaly_model.json",
    "incident_probability.json",
    "manifest.json",
    "model_card.json",
    "scaler.json",
    "signature.json",
    "statistics.json",
}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_night_leaves_a_signed_model_and_the_next_cycle_asks_it(
    open_shop: Callable[..., Shop], start_prometheus: Callable[..., RunningServer]
) -> None:
    """In a job that holds no metric's key, with no commit on main (S001-21, -23, -70, S004-32, H13, H15, H17)."""
    soon = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=20)
    prometheus = start_prometheus(openmetrics(Service("web", days=4, end=soon)))
    pair = new_key_pair()
    shop = open_shop({'verification_key: ""': f'verification_key: "{pair.public}"'})
    secrets = {"PROMETHEUS_URL": prometheus.url, "NEUROPILOT_SIGNING_KEY": pair.private}

    night = shop.run("night", secrets, cron=TRAINING)
    assert night.results == TRAINED, night.output
    assert shop.site.tip() == shop.adopted
    folders = git(shop.site.remote, "ls-tree", "-r", "--name-only", STATE, "ai_ops/models/web").splitlines()
    assert {path.rpartition("/")[2] for path in folders} == SIGNED
    (version,) = {path.split("/")[3] for path in folders}
    assert f"{version} is promoted" in night.output
    assert "| web |" in night.jobs["train"].summary
    assert [one.name for one in shop.github.state.artifacts.values()] == []
    assert shop.github.state.enabled_workflows == {"ai-ops-daily.yml": True}
    assert_each_job_holds_its_own(night, pair.private)
    assert_nothing_leaked(shop, "night", night, pair.private)

    cycle = shop.run("cycle", secrets)
    assert cycle.results == ALL_WELL, cycle.output
    assert "is not used" not in cycle.output
    handed_over = json.loads((shop.folder / "cycle/artifacts/neuropilot-collected-42/collected.json").read_bytes())
    assert {path for path in handed_over["memory"] if path.count("/") > 3} == set(folders)


def assert_each_job_holds_its_own(run: WorkflowRun, private: str) -> None:
    """The sources' keys where it is looked; the key that signs and the right to write where it is trained (H15)."""
    known = {*CANARIES.values(), private, WRITES, READS, ACTS}
    held = {
        job: {value for step in one.steps for value in step.environment.values()} & known
        for job, one in run.jobs.items()
    }
    looking = {READS, *(CANARIES[name] for name in SOURCES)}
    nothing: dict[str, set[str]] = {job: set() for job in ("decide", "deliver", "report", "notice")}
    assert held == {"collect": looking, "train": {WRITES, private}, "tidy": {ACTS}, **nothing}
    assert [one.name for one in run.jobs["train"].steps if private in one.environment.values()] == ["Train"]
