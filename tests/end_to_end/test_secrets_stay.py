"""Canaries: made-up secrets everywhere they can come from, and none of them anywhere they can be read (H09, H10)."""

from __future__ import annotations

import json
import os

import pytest
from agents import CONFIG
from backfill import openmetrics
from canaries import IN_DOTENV, PASSWORD, SHAPED, leaks, left_in, left_on
from fakes.flaky import FlakyServer, answer
from fakes.relay import only_for, relay
from fakes.slack import PATH
from repositories import git
from services import DEAR

from ai_ops.cli.main import exit_code_of

WEBHOOK = PATH.rsplit("/", maxsplit=1)[-1]
KNOWN = [PASSWORD, IN_DOTENV, WEBHOOK]


@pytest.fixture(scope="module")
def locked_service(start_prometheus):
    """A real Prometheus that asks for the password."""
    return start_prometheus(openmetrics(DEAR), users={"ada": PASSWORD})


@pytest.fixture
def laden(agent):
    """The agent with a secret in every place that may hold one."""
    (agent.clone / ".env").write_text(f"NOTION_API_KEY={IN_DOTENV}\nGRAFANA_API_KEY='{IN_DOTENV}'\n")
    secrets = {"PROMETHEUS_USERNAME": "ada", "PROMETHEUS_PASSWORD": PASSWORD, "RAILWAY_TOKEN": IN_DOTENV}
    agent.environment = {**agent.environment, **secrets}
    agent.configure(log={"file": str(agent.state / "ops_brain.log"), "level": "debug"})
    return agent


@pytest.fixture
def readable(agent, site, slack, capsys, tmp_path):
    """Collects everything that a run has left where somebody may read it, by place."""

    def collect() -> dict[str, str]:
        heard = capsys.readouterr()
        summary = tmp_path / "summary.md"
        said = {"stdout": heard.out, "stderr": heard.err, "warned": str(agent.warnings)}
        cards = {"cards as sent": json.dumps(slack.cards), "cards as read": str(slack.cards)}
        told = {"summary": summary.read_text()} if summary.exists() else {}
        return {**said, **cards, **told, **left_in(agent.clone, ".env"), **left_on(site)}

    return collect


@pytest.mark.parametrize("store", ["folders", "branch"])
def test_a_run_that_works(laden, readable, tmp_path, locked_service, store):
    """The password is used, and nothing tells it: not the log at level debug, not --debug, not --json."""
    laden.environment = {**laden.environment, "PROMETHEUS_URL": locked_service.url}
    laden.configure(state={"store": store})
    assert laden.run(summary=tmp_path / "summary.md", is_debugging=True, as_json=True) == 0
    places = readable()
    assert json.loads(places["stdout"])["results"][0]["delivery"]["status"] == "committed"
    assert "POST /api/v1/query_range" in places["stderr"]
    assert "cards as sent" in places
    assert leaks(places, KNOWN) == []


def echoing(password: str):
    """Refuse, and repeat in many ways what was sent, as proxies do."""
    basic = f'Authorization: "Basic {password}"'
    words = f"ada:{password} was refused; {basic}; http://ada:{password}@prom:9090/?token={SHAPED}; ``` {password}"
    return answer(422, json.dumps({"status": "error", "errorType": "execution", "error": words}).encode())


def labelled(document):
    """Answer with two series, one of which has a secret for a label."""
    if series := document["data"]["result"]:
        more = {"metric": {"job": "web", "token": SHAPED, "who": PASSWORD}, "values": series[0]["values"]}
        document["data"]["result"] = [*series, more]


@pytest.mark.parametrize("as_json", [False, True])
def test_secrets_that_come_back_with_the_data(laden, readable, tmp_path, as_json):
    """In an error's text, in a warning, in a metric's label: they become gaps without them."""
    real = laden.environment["PROMETHEUS_URL"]
    warned = relay(real, lambda document: document.update(warnings=[f"{PASSWORD} and {SHAPED} did not answer"]))
    usual = only_for("node_memory", relay(real, labelled), warned)
    with FlakyServer(only_for("node_cpu", echoing(PASSWORD), usual)) as flaky:
        laden.environment = {**laden.environment, "PROMETHEUS_URL": flaky.url}
        assert laden.run(summary=tmp_path / "summary.md", is_debugging=True, as_json=as_json) == 0
    places = readable()
    if as_json:
        gaps = [gap["metric"] for gap in json.loads(places["stdout"])["results"][0]["episode"]["gaps"]]
        assert {"cpu_percent", "memory_percent"} <= set(gaps)
    for place, words in (("stdout", "several series"), ("cards as read", "did not answer"), ("summary", "partial")):
        assert words in places[place]
    assert leaks(places, [*KNOWN, SHAPED]) == []


def test_secrets_in_the_words_of_a_failure(laden, readable, tmp_path):
    """Nothing could be collected, and every reason repeats the password."""
    with FlakyServer(echoing(PASSWORD)) as flaky:
        laden.environment = {**laden.environment, "PROMETHEUS_URL": flaky.url}
        assert laden.run(summary=tmp_path / "summary.md", is_debugging=True, as_json=True) == 2
    places = readable()
    assert "was refused" in json.loads(places["stdout"])["failures"][0]["error"]
    assert "was refused" in places["summary"]
    assert places["summary"].count("````") == 2  # what was answered holds a fence of three
    assert leaks(places, [*KNOWN, SHAPED]) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("prometheus_password", IN_DOTENV),
        ("prometheus_url", f"http://ada:{IN_DOTENV}@prometheus:9090"),
        ("prometheus_url", f"http://prometheus:9090/?token={IN_DOTENV}"),
        ("slack_webhook_url", f"https://hooks.slack.com/services/T1/B1/{IN_DOTENV}"),
        ("grafana_api_key", f"{SHAPED} "),
    ],
)
def test_secrets_in_the_settings(agent, readable, key, value):
    """Refused with a message that does not repeat them (S001-127, R12)."""
    agent.environment = {}
    agent.configure(**{key: value})
    assert agent.run() == 1
    places = readable()
    places.pop(f"file {CONFIG}")
    assert key in places["stderr"]
    assert leaks(places, [IN_DOTENV, SHAPED]) == []


@pytest.mark.parametrize("variable", ["PROMETHEUS_URL", "SLACK_WEBHOOK_URL", "PROMETHEUS_PASSWORD"])
def test_secrets_in_malformed_variables(agent, readable, variable):
    """What cannot be used is refused without being shown."""
    agent.environment = {**agent.environment, variable: f"ftp://ada:{IN_DOTENV}@nowhere/\n{IN_DOTENV}"}
    assert agent.run() == 1
    places = readable()
    assert variable in places["stderr"]
    assert leaks(places, [IN_DOTENV]) == []


def test_a_password_in_the_address_of_the_remote(laden, readable):
    """Git repeats the address of what it cannot reach."""
    git(laden.clone, "remote", "set-url", "origin", f"http://bot:{IN_DOTENV}@127.0.0.1:1/team/web.git")
    assert laden.run(is_debugging=True) == 4
    places = readable()
    assert "origin cannot be read" in places["stderr"]
    assert leaks(places, KNOWN) == []


def test_a_defect_does_not_tell_secrets_either(monkeypatch, capsys):
    """Exit code 5 shows where it happened and what it said, without what must not be said."""
    monkeypatch.setenv("PROMETHEUS_PASSWORD", PASSWORD)

    def defective(**_: object) -> None:
        raise RuntimeError(f"no {os.environ['PROMETHEUS_PASSWORD']} for {SHAPED}")

    assert exit_code_of(defective, None) == 5
    said = capsys.readouterr().err
    assert "internal error: RuntimeError: no *** for ***" in said
    assert leaks({"stderr": said}, [PASSWORD, SHAPED]) == []
