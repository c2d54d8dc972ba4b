"""Text that somebody can put where the agent reads changes nothing of what it decides, to the byte (H01)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import requests
from agents import Agent, make_agent_site
from backfill import END, openmetrics
from examples import a_finding, a_situation, an_episode
from fakes.canned import LEVELS, canned
from fakes.flaky import FlakyServer, answer
from fakes.relay import only_for, relay
from hostile import hostile, hostile_lines
from modelled import the_service, the_tuner
from predictions import SAVING, a_prediction, an_outcome
from repositories import git
from services import DEAR

from ai_ops.domain.metrics import Gap
from ai_ops.domain.tuning import Decision

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fakes.flaky import Behaviour
    from running import RunningServer

    from ai_ops.domain.situation import Situation

HOSTILE = hostile()
LINES = hostile_lines()
PLAIN = "nothing special"

AT_HAND = {
    "preset": "none",
    "queries": {metric: metric for metric in (*LEVELS, "memory_percent", "db_latency_ms")},
    "selector": "",
    "variables": {},
    "cost": {"source": "instances", "price_per_instance_hour": 0.5},
}
"""A service whose queries are names that the canned server knows."""

APPROVAL = {"autonomy": "granted", "knobs": ["cpu_scale_in_percent", "scheduled_minimum"]}
"""What may be committed; without the schedule there is nothing to gain for a service as steady as this."""


def decided(agent: Agent, capsys: pytest.CaptureFixture[str]) -> str:
    """What a dry run decides, expects and rests on, as canonical JSON."""
    capsys.readouterr()
    assert agent.run(is_acting=False, as_json=True) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    episode = result["episode"]
    assert episode["decision"]["changes"]
    return canonical({part: episode[part] for part in ("decision", "prediction", "rationale")})


def canonical(document: Any) -> str:
    """The same document gives the same bytes."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


# -- a real Prometheus ------------------------------------------------------------------------------------------------


def quoted(text: str) -> str:
    """A string as OpenMetrics and PromQL write it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def with_labels(samples: str, texts: list[str]) -> str:
    """The samples, and a series without any request for each text, beside those of the service."""
    begin = int(END.timestamp()) - 7_200
    silent = "".join(
        f'http_request_duration_seconds_count{{job="web",code="200",path={quoted(text)}}} 0 {begin + 60 * minute}\n'
        for text in texts
        for minute in range(0, 119, 4)
    )
    place = samples.index("# TYPE db_query_duration_seconds")
    return samples[:place] + silent + samples[place:]


def test_labels_and_selectors_full_of_it(
    agent: Agent, start_prometheus: Callable[..., RunningServer], capsys: pytest.CaptureFixture[str]
) -> None:
    """Four hundred label values beside the service's own, and as many matchers that exclude nothing."""
    undisturbed = decided(agent, capsys)
    attacked = start_prometheus(with_labels(openmetrics(DEAR), LINES))
    there = requests.get(f"{attacked.url}/api/v1/label/path/values", timeout=30).json()["data"]
    assert len(there) == len(LINES) > 350
    agent.environment = {**agent.environment, "PROMETHEUS_URL": attacked.url}
    assert decided(agent, capsys) == undisturbed
    allowed = [text for text in LINES if not re.search(r"\$\$?[A-Za-z_]", text)]  # those name a variable
    matchers = ",".join(f"x{number}!={quoted(text)}" for number, text in enumerate(allowed))
    agent.configure({"selector": f'job="web",{matchers}'})
    assert len(allowed) > 300
    assert decided(agent, capsys) == undisturbed


# -- everything at once, on the policy that models the service --------------------------------------------------------


def telling(texts: list[str], url: str) -> Behaviour:
    """Pass on what the server at `url` answers, with `texts` for labels and notes; two metrics fail in these words."""

    def speak(document: dict[str, Any]) -> None:
        document["infos"] = texts
        for series in document["data"]["result"]:
            series["metric"] = {f"label_{number}": text for number, text in enumerate(texts)}

    refused = {"status": "error", "errorType": "execution", "error": "\n".join(texts)}
    failing = answer(422, json.dumps(refused).encode())
    page = answer(404, "\n".join(texts).encode("utf-8", "replace"), content_type="text/html")
    return only_for("memory_percent", failing, only_for("db_latency_ms", page, relay(url, speak)))


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A checkout whose history holds every text as a commit message."""
    site = make_agent_site(tmp_path)
    clone = site.clone("author-2")
    tree, tip = git(clone, "rev-parse", "HEAD^{tree}"), git(clone, "rev-parse", "HEAD")
    for text in dict.fromkeys(text[:2_000].encode("utf-8", "ignore").replace(b"\0", b"") for text in HOSTILE.values()):
        tip = git(clone, "commit-tree", tree, "-p", tip, stdin=text)
    git(clone, "push", "-q", "origin", f"{tip}:refs/heads/{site.branch}")
    return site.clone("checkout")


@pytest.mark.slow
def test_everything_at_once_leaves_the_model_alone(
    tmp_path: Path, people: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Labels and notes in every answer, error bodies of two metrics, and four hundred commit messages."""
    assert int(git(people, "rev-list", "--count", "HEAD")) > 400
    (tmp_path / "calm").mkdir()
    calm, said = make_agent_site(tmp_path / "calm").clone("checkout"), []
    for clone, texts in ((calm, [PLAIN]), (people, list(HOSTILE.values()))):
        with FlakyServer(canned()) as plain, FlakyServer(telling(texts, plain.url)) as server:
            agent = Agent(clone, {"PROMETHEUS_URL": server.url})
            agent.configure(AT_HAND, tuning={"policy": "model"}, approval=APPROVAL)
            said.append(decided(agent, capsys))
    assert said[0] == said[1]
    assert '"prediction":{"burn"' in said[0]
    assert '"rationale":{"margin"' in said[0]
    assert HOSTILE["ci and git: all our trailers"].strip() in git(people, "log", "--format=%B")


# -- one after the other ----------------------------------------------------------------------------------------------


def laden(text: str) -> Situation:
    """What the agent sees, with `text` in every word that it did not choose itself."""
    plain = a_situation()
    live = an_episode(30, decision=Decision(SAVING.changes, (text,)), prediction=a_prediction(1.25), warnings=(text,))
    judged = an_episode(6, outcomes=(an_outcome(1.25, reason=text, is_live_change=True),), source=text, policy=text)
    gaps = (Gap("memory_percent", text), Gap("db_latency_ms", text))
    return replace(
        plain,
        observation=replace(plain.observation, gaps=gaps, source=text),
        findings=(a_finding("requests_per_second", reason=text, detectors=(text,)),),
        reward=replace(plain.reward, reason=text, formula=text, terms={text: -0.8}, beside={text: 0.1}),
        past=(live, judged),
    )


def warned(text: str) -> Situation:
    """The same, on metrics that the source calls partial in these words."""
    seen = laden(text)
    return replace(seen, observation=replace(seen.observation, warnings=(text,)))


@pytest.mark.parametrize("policy", ["rules", "literal"])
def test_each_of_it_in_turn_leaves_the_rules_alone(policy: str) -> None:
    """In gaps, warnings, findings, in the reward and in the past; a hold may quote it, and that is all."""
    decide = the_tuner(the_service(), tuning={"policy": policy}).decide
    for loaded in (laden, warned):
        undisturbed = decide(loaded(PLAIN))
        for name, text in HOSTILE.items():
            decision = decide(loaded(text))
            quoted = tuple(reason.replace(f"partial: {text}", f"partial: {PLAIN}") for reason in decision.reasons)
            assert (name, replace(decision, reasons=quoted)) == (name, undisturbed)
