"""`neuropilot train` and `neuropilot model`, as people and programs use them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from agents import Agent, make_agent_site
from repositories import isolate
from training import champion, decisions, train

import ai_ops
from ai_ops.cli.main import anomaly_trainer, app, exit_code_of
from ai_ops.domain.model_version import Verdict
from ai_ops.wiring.models.serving import serving_of
from ai_ops.wiring.session import open_session

SETTINGS = "metrics: {source: simulated}\nstate: {store: folders}\nmodel: {n_components: 1}\n"
TODAY = datetime.now(UTC).replace(minute=17)
"""The verbs have the real clock."""

STATUS_KEYS = [
    "loaded",
    "version",
    "version_date",
    "auc",
    "n_train",
    "load_time",
    "age_hours",
    "drift_score",
    "health",
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout whose model was trained yesterday and today."""
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch)
        folder = tmp_path_factory.mktemp("models")
        agent = Agent(make_agent_site(folder, settings=SETTINGS).clone("checkout"), {})
        for days_ago in (1, 0):
            assert train(agent, TODAY - timedelta(days=days_ago)) == 0
        assert [one.verdict for one in decisions(agent, TODAY)] == [Verdict.PROMOTED] * 2
    return agent.clone


@pytest.fixture
def clone(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, for one test alone."""
    isolate(monkeypatch)
    return Path(shutil.copytree(trained, tmp_path / "checkout"))


def names(clone: Path) -> list[str]:
    """The versions, oldest first."""
    return [one.version for one in decisions(Agent(clone, {}), TODAY)]


def in_use(clone: Path) -> str:
    """The version in use."""
    return champion(Agent(clone, {}), TODAY).name


def neuropilot(clone: Path, *arguments: str) -> int:
    """Run a verb in that checkout, and give its exit code."""
    return exit_code_of(app, [*arguments, "--root", str(clone)])


def test_the_list_marks_the_one_in_use(clone: Path, capsys: pytest.CaptureFixture[str]):
    """S001-24: every decision, newest last."""
    assert neuropilot(clone, "model", "list") == 0
    head, first, second = capsys.readouterr().out.splitlines()
    assert head == "web"
    assert first.startswith(f"    {names(clone)[0]}  promoted     cold")
    assert second.startswith(f"  * {names(clone)[1]}  promoted     warm")
    assert neuropilot(clone, "model", "list", "--json") == 0
    assert [one["version"] for one in json.loads(capsys.readouterr().out)["models"]["web"]] == names(clone)


def test_the_status_has_its_nine_keys(clone: Path, capsys: pytest.CaptureFixture[str]):
    """S004-05, S004-06: exactly as they were promised, and who vouches for the model beside them."""
    assert neuropilot(clone, "model", "status", "--json") == 0
    status = json.loads(capsys.readouterr().out)["models"]["web"]
    assert status.keys() == {*STATUS_KEYS, "signature", "reason"}
    assert (status["loaded"], status["health"], status["signature"]) == (True, "ok", "unsigned")
    assert status["version"] == in_use(clone)
    assert 0.65 < status["auc"] <= 1.0
    assert neuropilot(clone, "model", "status") == 0
    said = capsys.readouterr().out
    assert "health     ok" in said
    assert "unsigned" in said
    assert "Nothing has drifted" in said


def test_without_a_model_the_status_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch):
    """S004-11: no_model is a state, not an error."""
    isolate(monkeypatch)
    clone = make_agent_site(tmp_path, settings=SETTINGS).clone("checkout")
    assert neuropilot(clone, "model", "status") == 0
    assert "health     no_model: " in capsys.readouterr().out
    assert neuropilot(clone, "model", "card") == 2
    assert "`neuropilot train --apply` trains the first" in capsys.readouterr().err


def test_an_altered_model_is_an_error_in_the_status(clone: Path, capsys: pytest.CaptureFixture[str]):
    """S004-11, S004-36: and the status says which file, and what to do."""
    file = clone / "ai_ops/models/web" / in_use(clone) / "scaler.json"
    file.write_bytes(file.read_bytes() + b" ")
    assert neuropilot(clone, "model", "status", "--json") == 0
    status = json.loads(capsys.readouterr().out)["models"]["web"]
    assert (status["loaded"], status["health"]) == (False, "error")
    assert "scaler.json" in status["reason"]


def test_the_doctor_looks_at_the_model(clone: Path, capsys: pytest.CaptureFixture[str]):
    """S004-05: whether it can be loaded, and who vouches for it."""
    neuropilot(clone, "doctor", "--offline")
    said = capsys.readouterr().out
    assert "model of web" in said
    assert f"{in_use(clone)}, unsigned, ok" in said
    file = clone / "ai_ops/models/web" / in_use(clone) / "scaler.json"
    file.write_bytes(b"{}")
    neuropilot(clone, "doctor", "--offline")
    assert "so it is not used" in capsys.readouterr().out


def test_the_card_is_shown_for_people_and_programs(clone: Path, capsys: pytest.CaptureFixture[str]):
    """S004-35: of the version in use, or of any other."""
    assert neuropilot(clone, "model", "card") == 0
    assert capsys.readouterr().out.startswith(f"# Model card: `web`, `{in_use(clone)}`")
    assert neuropilot(clone, "model", "card", names(clone)[0], "--json") == 0
    assert json.loads(capsys.readouterr().out)["card"]["model_version"] == names(clone)[0]
    assert neuropilot(clone, "model", "card", "20200101T0000Z-00000000") == 1
    assert "`neuropilot model list` shows the versions" in capsys.readouterr().err


def test_a_person_goes_back_and_the_ledger_knows_who_and_why(clone: Path, capsys: pytest.CaptureFixture[str]):
    """S004-26: emergency rollback; it is measured again first, and who did it stands in the ledger."""
    first, second = names(clone)
    assert neuropilot(clone, "model", "rollback", "--because", "it pages all night") == 0
    assert f"web: {first} is in use, in place of {second}; it is worth an AUC of" in capsys.readouterr().out
    assert in_use(clone) == first
    last = decisions(Agent(clone, {}), TODAY)[-1]
    assert (last.verdict, last.reason) == (Verdict.ROLLED_BACK, "it pages all night")
    assert neuropilot(clone, "model", "rollback", first) == 1
    assert "is in use already" in capsys.readouterr().err
    assert neuropilot(clone, "model", "rollback", second) == 0
    assert in_use(clone) == second


def test_a_version_worth_too_little_is_refused_word_for_word(clone: Path, capsys: pytest.CaptureFixture[str]):
    """S004-02, S004-03: the limit can be set for one command; what was in use stays."""
    before = in_use(clone)
    assert neuropilot(clone, "model", "rollback", "--min-auc", "0.999", "--json") == 3
    body = json.loads(capsys.readouterr().out)
    assert body["ok"] is False
    assert body["error"] == "Model AUC below threshold"
    assert body["min_auc"] == 0.999
    assert body["rejected"] is True
    assert body["auc"] < 0.999
    assert in_use(clone) == before


def test_only_what_waits_can_be_promoted(clone: Path, capsys: pytest.CaptureFixture[str]):
    """H04: what was refused stays refused, and what was promoted needs no person."""
    assert neuropilot(clone, "model", "promote", names(clone)[0]) == 1
    assert "is promoted, and only what waits can be promoted" in capsys.readouterr().err
    assert neuropilot(clone, "model", "promote", "20200101T0000Z-00000000") == 1


def test_a_new_key_fits_its_other_half_and_signs_the_model_in_use(
    clone: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """S004-36: from no key to a key without a night on which no model is used."""
    assert exit_code_of(app, ["model", "key"]) == 0
    shown = capsys.readouterr()
    private, public = (
        line.split(maxsplit=0)[0].split(sep, 1)[1].strip()
        for line, sep in zip(shown.out.splitlines(), ("=", ":"), strict=True)
    )
    monkeypatch.setenv("NEUROPILOT_SIGNING_KEY", private)
    Agent(clone, {}).configure(model={"verification_key": public, "n_components": 1})
    assert neuropilot(clone, "model", "status") == 0
    assert "health     error: " in capsys.readouterr().out
    assert neuropilot(clone, "model", "sign") == 0
    capsys.readouterr()
    assert neuropilot(clone, "model", "status") == 0
    assert ", signed, knows" in capsys.readouterr().out


def test_the_metrics_are_written_for_prometheus(clone: Path, tmp_path: Path):
    """S004-15, S004-16, S004-33: as a text file that a node exporter reads."""
    assert neuropilot(clone, "model", "metrics", "--out", str(tmp_path / "model.prom")) == 0
    written = (tmp_path / "model.prom").read_text()
    assert 'ai_ops_model_loaded{service="web"} 1.0' in written
    assert written.count("# TYPE ai_ops_model_") >= 17
    assert neuropilot(clone, "model", "metrics", "--out", "/proc/none/model.prom") == 4


def test_a_training_as_json_is_one_document(clone: Path, capsys: pytest.CaptureFixture[str]):
    """Programs read stdout; nothing new is no failure."""
    assert neuropilot(clone, "train", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["trainings"][0]["verdict"] in {"nothing new", "promoted"}
    assert neuropilot(clone, "train", "--rebuild", "--json") == 0
    (training,) = json.loads(capsys.readouterr().out)["trainings"]
    assert training["card"]["training"]["kind"] == "rebuild"
    assert names(clone) == names(clone)[:2]


def test_a_summary_says_what_became_of_it(clone: Path, tmp_path: Path):
    """S001-20: the step summary of a CI run."""
    assert neuropilot(clone, "train", "--rebuild", "--summary", str(tmp_path / "summary.md")) == 0
    text = (tmp_path / "summary.md").read_text()
    assert "## Training" in text
    assert "| web |" in text


@pytest.mark.parametrize("hours", ["0", "-1", "x", "99999"])
def test_an_impossible_lookback_is_a_usage_error(clone: Path, hours: str):
    """S001-65: 1 hour to 90 days."""
    assert neuropilot(clone, "train", "--lookback-hours", hours) == 1


def test_the_script_trains_and_keeps(clone: Path):
    """S001-65, S001-16: `python ai_ops/scripts/anomaly_trainer.py --lookback-hours 168`."""
    script = Path(ai_ops.__file__).parent / "scripts/anomaly_trainer.py"
    shutil.rmtree(clone / "ai_ops/models/web")
    (clone / "ai_ops/state/episodes.jsonl").unlink()
    (clone / "ai_ops/state/ledger_head.json").unlink()
    call = [sys.executable, str(script), "--lookback-hours", "168", "--root", str(clone)]
    done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=90)
    assert done.returncode == 0, done.stderr
    assert "is promoted" in done.stdout
    assert "a first model learns all there is" in done.stdout
    assert len(names(clone)) == 1


def test_the_script_can_keep_nothing(clone: Path, capsys: pytest.CaptureFixture[str]):
    """S001-65: to try a lookback first."""
    assert (
        exit_code_of(anomaly_trainer, ["--rebuild", "--dry-run", "--lookback-hours", "168", "--root", str(clone)]) == 0
    )
    assert "were it kept" in capsys.readouterr().out
    assert len(names(clone)) == 2


def test_a_service_that_runs_answers_with_the_model_in_use_and_exchanges_it(clone: Path):
    """S004-01, S004-04, S004-30: loaded as it was promoted, reloaded by its AUC; what is refused changes nothing."""
    agent = Agent(clone, {})
    usual = {"cpu_percent": 45.0, "memory_percent": 55.0, "latency_p95_ms": 150.0, "requests_per_second": 200.0}
    with open_session(agent.place(TODAY), is_writing=False) as session:
        serving = serving_of(session, session.settings.services[0])
        serving.load()
        assert serving.predict(usual).version == in_use(clone)
        broken = usual | {"cpu_percent": 1.0, "requests_per_second": 2000.0}
        assert serving.predict(broken).score > serving.predict(usual).score
        assert 0.0 <= serving.predict(broken).probability <= 1.0
        rejected = serving.reload(min_auc=0.999).to_json()
        assert rejected["rejected"] is True
        assert serving.predict(usual).version == in_use(clone)
        assert serving.reload().to_json()["ok"] is True
