"""A morning's report and a full cycle, run for real from the workflow's own files."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from backfill import Service, openmetrics
from fakes.slack import FakeSlack
from leaked import assert_nothing_leaked
from repositories import git
from shops import ACTS, CANARIES, READS, REPORT, SOURCES, WRITES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from running import RunningServer
    from shops import Shop
    from whole_runs import WorkflowRun

STATE, REPORTS = "neuropilot/state", "ai_ops/reports"
REPORTED = {
    **dict.fromkeys(("collect", "report", "tidy"), "success"),
    **dict.fromkeys(("decide", "deliver", "train", "notice"), "skipped"),
}
EVERYTHING = {
    **dict.fromkeys(("collect", "decide", "deliver", "train", "report", "tidy"), "success"),
    "notice": "skipped",
}


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """A webhook that enforces Slack's limits."""
    with FakeSlack() as server:
        yield server


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_morning_and_a_full_cycle_tell_people_once(
    open_shop: Callable[..., Shop], start_prometheus: Callable[..., RunningServer], slack: FakeSlack
) -> None:
    """By a job without the key of a metric source, which leaves an artifact (S001-25, -33, -71, -72, H13, H15)."""
    soon = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=20)
    prometheus = start_prometheus(openmetrics(Service("web", days=4, end=soon)))
    shop = open_shop({})
    secrets = {"PROMETHEUS_URL": prometheus.url, "SLACK_WEBHOOK_URL": slack.url, "NOTION_API_KEY": ""}

    morning = shop.run("morning", secrets, cron=REPORT)
    assert morning.results == REPORTED, morning.output
    assert shop.site.tip() == shop.adopted
    names = git(shop.site.remote, "ls-tree", "-r", "--name-only", STATE, REPORTS).split()
    assert [name.rpartition(".")[2] for name in names] == ["json", "md"]
    said = json.loads(shop.site.content(names[0], STATE))["services"][0]
    assert said["health"]["score"] is not None
    assert "# Daily report" in morning.jobs["report"].summary
    assert [path.suffix for path in pages(shop.folder / "morning")] == [".html", ".json", ".md"]
    (card,) = slack.cards
    assert card["blocks"][0]["type"] == "header"
    assert_each_job_holds_its_own(morning, slack.url)
    assert_nothing_leaked(shop, "morning", morning)

    everything = shop.run("everything", secrets, by_hand={"mode": "full_cycle"})
    assert everything.results == EVERYTHING, everything.output
    assert len(slack.cards) == 2, "the decision; the day's report was told before"
    assert "already sent" in everything.jobs["report"].output
    lines = shop.site.content("ai_ops/state/episodes.jsonl", STATE).splitlines()
    assert len(lines) == 2, "what was decided about the settings, and about the model"


def pages(run: Path) -> list[Path]:
    """The files of the report's artifact."""
    return sorted((run / "artifacts/neuropilot-report-42").iterdir(), key=lambda path: path.suffix)


def assert_each_job_holds_its_own(run: WorkflowRun, webhook: str) -> None:
    """The sources' keys where it is looked, the webhook and the right to write where it is told (H15)."""
    known = {*CANARIES.values(), webhook, WRITES, READS, ACTS}
    held = {
        job: {value for step in one.steps for value in step.environment.values()} & known
        for job, one in run.jobs.items()
    }
    looking = {READS, *(CANARIES[name] for name in SOURCES)}
    nothing: dict[str, set[str]] = {job: set() for job in ("decide", "deliver", "train", "notice")}
    assert held == {"collect": looking, "report": {WRITES, webhook}, "tidy": {ACTS}, **nothing}
    assert [one.name for one in run.jobs["report"].steps if webhook in one.environment.values()] == ["Report"]
