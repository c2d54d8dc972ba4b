"""The policy `model` asks: proven on two weeks of minutes, drawn, merged by a person, judged a day later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from aftermath import episodes
from agents import Agent, make_agent_site
from fakes.github import FakeGitHub
from measured import exposed, numbers, settings_for
from modelled import make_service
from proposing import BRANCH, environment
from repositories import git

from ai_ops.domain.prediction import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from running import RunningServer

LATE = timedelta(minutes=3)
STATE = "neuropilot/state"
SETTINGS = settings_for(mode="propose", approval={"autonomy": "granted"}, state={"store": "branch"})


@pytest.mark.slow
def test_a_proven_saving_is_asked_for_merged_and_judged(
    tmp_path: Path, start_prometheus: Callable[..., RunningServer], capsys: pytest.CaptureFixture[str]
) -> None:
    """Its body carries the replay with intervals and a chart that exists; its one comment ends with the verdict."""
    site = make_agent_site(tmp_path, settings=SETTINGS)
    simulated, standing = make_service("weekly", 6, days=2, **numbers(site))
    now: list[datetime] = [simulated.now + LATE]
    with FakeGitHub(site.remote, clock=lambda: now[0]) as github:

        def on_a_fresh_machine(name: str) -> Agent:
            url = start_prometheus(exposed(simulated.history(16))).url
            return Agent(site.clone(name, "--depth=1"), {"PROMETHEUS_URL": url, **environment(github)})

        agent = on_a_fresh_machine("first")
        assert agent.run(now[0]) == 0, capsys.readouterr()
        (first,) = episodes(agent)
        (pull,) = github.pulls
        body = pull.body
        chart = f"ai_ops/state/charts/{first.id}.svg"
        assert f"/acme/shop/raw/{STATE}/{chart}" in body
        assert site.content(chart, STATE).startswith(b"<svg")
        for words in ("90 % interval", "left alone", "in a bad fortnight", "neuropilot replay", "Diff"):
            assert words.lower() in body.lower(), words
        for change in first.decision.changes:
            assert f"`{change.knob}`" in body
        assert len(body.encode()) < 20_000

        github.human_merges(1, "squash")
        simulated.apply(standing | numbers(site))
        simulated.advance(60 * 30)
        begin = now[0]
        for hours in (6, 30):
            now[0] = begin + timedelta(hours=hours)
            agent = on_a_fresh_machine(f"after-{hours}")
            assert agent.run(now[0]) == 0, capsys.readouterr()
        outcomes = [outcome for one in episodes(agent) for outcome in one.outcomes if outcome.is_live_change]
        assert [one.made_at for one in outcomes] == [first.prediction.made_at]
        (comment,) = [one.body for one in github.comments if one.number == 1]
        wanted = {Verdict.HIT: "Hit", Verdict.MISS: "Miss", Verdict.NOT_JUDGEABLE: "Not judgeable"}
        assert wanted[outcomes[0].verdict] in comment
        assert git(site.remote, "log", "--format=%s", "main").splitlines()[0].startswith("ai-ops: web ")
        assert pull.branch == BRANCH
