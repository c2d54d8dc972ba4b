"""`neuropilot train` and `neuropilot model`, as people and programs use them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from agents import Agent, make_agent_site
from repositories import isolate
from training import champion, decisions, train

import ai_ops
from ai_ops.cli.main import anomaly_trainer, app, exit_code_of
from ai_ops.domain.model_version import Verdict
from ai_ops.wiring.models.champion import registry
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


def spoil(clone: Path, version: str) -> None:
    """Alter a version, as an attacker or a merge would."""
    (clone / "ai_ops/models/web" / version / "scaler.json").write_bytes(b"{}")


def a_third(clone: Path) -> str:
    """Put a third version in use, which is the second one under another name, and give that."""
    with open_session(Agent(clone, {}).place(TODAY), is_writing=True) as session:
        newest = session.ledger.model_decisions("web")[-1]
        folder = clone / "ai_ops/models/web" / newest.version
        files = {one.name: one.read_bytes() for one in folder.iterdir() if one.name != "manifest.json"}
        name = f"{newest.version[:-8]}00000003"
        manifest = registry(session).write("web", name, files)
        session.ledger.append_model_decision(replace(newest, version=name, manifest_sha256=manifest))
    return name


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
    assert "  files kept     " in first
    assert neuropilot(clone, "model", "list", "--json") == 0
    assert [one["version"] for one in json.loads(capsys.readouterr().out)["models"]["web"]] == names(clone)


def test_the_list_says_which_version_one_could_go_back_to(clone: Path, capsys: pytest.CaptureFixture[str]):
    """S004-26: nobody shall guess in an emergency."""
    first, second = names(clone)
    shutil.rmtree(clone / "ai_ops/models/web" / first)
    spoil(clone, second)
    assert neuropilot(clone, "model", "list") == 0
    _, gone, refused = capsys.readouterr().out.splitlines()
    assert "  files gone     " in gone
    assert "  files refused  " in refused
    assert refused.endswith("(its files: scaler.json is not what it was)")
    assert neuropilot(clone, "model", "list", "--json") == 0
    models = json.loads(capsys.readouterr().out)["models"]["web"]
    assert [(one["files"], bool(one["files_problem"])) for one in models] == [("gone", False), ("refused", True)]


def test_the_status_has_its_nine_keys(clone: Path, capsys: pytest.CaptureFixture[str]):
    """S004-05, S004-06: exactly as they were promised, and who vouches for the model beside them."""
    assert neuropilot(clone, "model", "status", "--json") == 0
    status = json.loads(capsys.readouterr().out)["models"]["web"]
    assert status.keys() == {*STATUS_KEYS, "signature", "reason", "is_simulated"}
    assert (status["loaded"], status["health"], status["signature"]) == (True, "ok", "unsigned")
    assert status["version"] == in_use(clone)
    assert 0.65 < status["auc"] <= 1.0
    assert neuropilot(clone, "model", "status") == 0
    said = capsys.readouterr().out
    assert "health     ok" in said
    assert ", unsigned, of the made-up service, knows" in said
    assert status["is_simulated"] is True
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
    """S004-05: whether it can be loaded, and who vouches for it; one that is refused is no side note."""
    assert neuropilot(clone, "doctor", "--offline") == 0
    assert f"ok      model of web: {in_use(clone)}, unsigned, ok" in capsys.readouterr().out
    spoil(clone, in_use(clone))
    assert neuropilot(clone, "doctor", "--offline") == 2
    said = capsys.readouterr().out
    assert "failed  model of web: " in said
    assert "so it is not used" in said
    assert "everything a run needs" not in said


def test_the_doctor_notes_what_a_run_can_do_with(clone: Path, capsys: pytest.CaptureFixture[str]):
    """S004-07 to S004-11: no model, and one that is worth too little, are told and stop nothing."""
    Agent(clone, {}).configure(model={"min_auc": 0.999, "n_components": 1})
    assert neuropilot(clone, "doctor", "--offline") == 0
    assert f"note    model of web: {in_use(clone)}, unsigned, warning_low_auc: " in capsys.readouterr().out
    Agent(clone, {}).configure(metrics={"source": "prometheus"}, prometheus_url="http://127.0.0.1:1")
    neuropilot(clone, "doctor", "--offline")
    assert "note    model of web: no_model: no version was promoted yet" in capsys.readouterr().out


def test_the_card_is_shown_for_people_and_programs(clone: Path, capsys: pytest.CaptureFixture[str]):
    """S004-35: of the version in use, or of any other."""
    assert neuropilot(clone, "model", "card") == 0
    assert capsys.readouterr().out.startswith(f"# Model card: `web`, `{in_use(clone)}`")
    assert neuropilot(clone, "model", "card", names(clone)[0], "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["card"]["model_version"] == names(clone)[0]
    assert (document["version"], document["exit_code"], document["error"]) == (ai_ops.__version__, 0, None)
    assert document["limits"]
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


def test_going_back_passes_over_what_is_broken_and_says_so(clone: Path, capsys: pytest.CaptureFixture[str]):
    """S004-26: an emergency command that fails because of the version before is none."""
    first, second = names(clone)
    third = a_third(clone)
    spoil(clone, second)
    assert neuropilot(clone, "model", "rollback", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["model"], document["before"]) == (first, third)
    problem = "scaler.json is not what it was"
    assert document["skipped"] == [{"version": second, "files": "refused", "problem": problem}]


def test_what_is_gone_is_passed_over_and_told_in_words(clone: Path, capsys: pytest.CaptureFixture[str]):
    """S004-26: the same for a person."""
    first, second = names(clone)
    a_third(clone)
    shutil.rmtree(clone / "ai_ops/models/web" / second)
    assert neuropilot(clone, "model", "rollback") == 0
    said = capsys.readouterr().out
    assert said.startswith(f"web: {first} is in use")
    assert f"; passed over: {second} is gone" in said


def test_where_nothing_before_is_sound_another_command_is_named(clone: Path, capsys: pytest.CaptureFixture[str]):
    """S004-26: and not the one that was just typed."""
    first, second = names(clone)
    spoil(clone, first)
    assert neuropilot(clone, "model", "rollback") == 2
    said = capsys.readouterr().err
    assert f"{first} is refused: scaler.json is not what it was" in said
    assert "`neuropilot train --rebuild --apply`" in said
    assert "model rollback`" not in said
    assert in_use(clone) == second


def test_a_name_that_no_version_has_is_called_that(clone: Path, capsys: pytest.CaptureFixture[str]):
    """H32: neither a path nor a control sequence comes anywhere."""
    assert neuropilot(clone, "model", "rollback", "../../etc\x1b[31m") == 1
    assert "no version is called ../../etc [31m; `neuropilot model list`" in capsys.readouterr().err
    assert neuropilot(clone, "model", "rollback", "20200101T0000Z-00000000") == 1
    assert "nothing is known of 20200101T0000Z-00000000" in capsys.readouterr().err


def test_a_reason_is_one_visible_line(clone: Path, capsys: pytest.CaptureFixture[str]):
    """H32: it is kept for ever, and said again wherever the decision is shown."""
    assert neuropilot(clone, "model", "rollback", "--because", "x" * 301, "--json") == 1
    assert "--because has 301 characters, and 300 at most" in json.loads(capsys.readouterr().out)["error"]
    assert len(names(clone)) == 2
    assert neuropilot(clone, "model", "rollback", "--because", "it pages\n\x1b[2J all\u202e night") == 0
    assert decisions(Agent(clone, {}), TODAY)[-1].reason == "it pages [2J all night"


def test_what_older_lines_of_the_ledger_say_is_shown_as_one_line(clone: Path, capsys: pytest.CaptureFixture[str]):
    """H32: they were written before there was a limit."""
    with open_session(Agent(clone, {}).place(TODAY), is_writing=True) as session:
        newest = session.ledger.model_decisions("web")[-1]
        session.ledger.append_model_decision(replace(newest, by="eve\x1b[1m", reason="x\n  * forged" + "y" * 130_000))
    capsys.readouterr()
    assert neuropilot(clone, "model", "list") == 0
    said = capsys.readouterr().out
    assert len(said.splitlines()) == 4
    assert "\x1b" not in said
    assert len(said) < 5_000


def test_a_pause_of_many_words_stops_all_the_same_and_is_told_in_one_line(
    clone: Path, capsys: pytest.CaptureFixture[str]
):
    """H26: nobody is refused a pause; 100,000 letters would come back in each gate, log and message."""
    assert neuropilot(clone, "pause", "--because", "stop\x1b[2J\n" + "x" * 100_000) == 0
    with open_session(Agent(clone, {}).place(TODAY), is_writing=False) as session:
        told = session.pause_in_words()
    assert told is not None
    assert told.startswith("stop [2J xxx")
    assert len(told) < 500
    assert len(capsys.readouterr().out) < 500


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
    said = capsys.readouterr().out
    assert "health     error: " in said
    assert "signature.json is missing" in said
    assert "`neuropilot model sign` signs the version in use" in said
    assert "edited, cut off, exchanged" not in said
    assert neuropilot(clone, "model", "sign", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["exit_code"], document["error"], document["signed"]) == (0, None, {"web": names(clone)[-1]})
    assert neuropilot(clone, "model", "status") == 0
    assert ", signed, of the made-up service, knows" in capsys.readouterr().out


def test_the_metrics_are_written_for_prometheus(clone: Path, tmp_path: Path):
    """S004-15, S004-16, S004-33: as a text file that a node exporter reads."""
    assert neuropilot(clone, "model", "metrics", "--out", str(tmp_path / "model.prom")) == 0
    written = (tmp_path / "model.prom").read_text()
    assert 'ai_ops_model_loaded{service="web"} 1.0' in written
    assert written.count("# TYPE ai_ops_model_") >= 17
    assert neuropilot(clone, "model", "metrics", "--out", "/proc/none/model.prom") == 4


def test_a_folder_that_was_mistyped_is_not_made(clone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """No node exporter would ever read the file in it."""
    wrong = tmp_path / "colector" / "dir" / "model.prom"
    assert neuropilot(clone, "model", "metrics", "--out", str(wrong), "--json") == 4
    document = json.loads(capsys.readouterr().out)
    assert (document["exit_code"], document["file"]) == (4, None)
    assert f"there is no folder {wrong.parent}" in document["error"]
    assert not (tmp_path / "colector").exists()
    right = tmp_path / "model.prom"
    assert neuropilot(clone, "model", "metrics", "--out", str(right), "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["error"], document["file"], document["services"]) == (None, str(right), ["web"])


def test_the_ledger_counts_episodes_and_decisions_about_models(clone: Path, capsys: pytest.CaptureFixture[str]):
    """S001-24: lines of both kinds stand in it, and all of them were verified."""
    assert neuropilot(clone, "ledger", "verify") == 0
    assert "0 episodes, 2 decisions about models, every hash fits" in capsys.readouterr().out
    assert neuropilot(clone, "ledger", "verify", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["version"], document["exit_code"], document["error"]) == (ai_ops.__version__, 0, None)
    assert (document["episodes"], document["model_decisions"], document["problems"]) == (0, 2, [])
    assert neuropilot(clone, "state", "show") == 0
    assert "models     2 decisions; `neuropilot model list` shows them" in capsys.readouterr().out
    ledger = clone / "ai_ops/state/episodes.jsonl"
    ledger.write_bytes(ledger.read_bytes().replace(b"promoted", b"refused!", 1))
    assert neuropilot(clone, "ledger", "verify", "--json") == 2
    document = json.loads(capsys.readouterr().out)
    assert (document["exit_code"], len(document["problems"])) == (2, 1)
    assert "the ledger is not what the agent wrote" in document["error"]


def test_models_of_the_made_up_service_do_not_count_for_a_real_one(clone: Path, capsys: pytest.CaptureFixture[str]):
    """Whoever tried it first is told why nothing is in use."""
    Agent(clone, {}).configure(metrics={"source": "prometheus"}, prometheus_url="http://127.0.0.1:1")
    told = "`neuropilot train --apply` trains the first; 2 versions of the made-up service do not count"
    assert neuropilot(clone, "model", "status") == 0
    assert f"health     no_model: no version was promoted yet; {told}" in capsys.readouterr().out
    assert neuropilot(clone, "model", "list") == 0
    assert f"web  no model yet: {told}" in capsys.readouterr().out
    assert neuropilot(clone, "model", "card") == 2
    assert told in capsys.readouterr().err


def test_a_training_as_json_is_one_document(clone: Path, capsys: pytest.CaptureFixture[str]):
    """Programs read stdout; nothing new is no failure."""
    assert neuropilot(clone, "train", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["trainings"][0]["verdict"] in {"nothing new", "promoted"}
    assert neuropilot(clone, "train", "--rebuild", "--json") == 0
    (training,) = json.loads(capsys.readouterr().out)["trainings"]
    assert training["card"]["training"]["kind"] == "rebuild"
    assert names(clone) == names(clone)[:2]


def test_another_number_of_gaussians_is_said_to_wait_for_a_rebuild(clone: Path, capsys: pytest.CaptureFixture[str]):
    """A setting that changes nothing tonight shall not look as if it had."""
    agent, tomorrow = Agent(clone, {}), TODAY + timedelta(days=1)
    agent.configure(model={"n_components": 2})
    assert train(agent, tomorrow, is_keeping=False) == 0
    said = capsys.readouterr().out
    assert (
        "components the Gaussians are those of a fit with model.n_components 1; 2 counts from the next rebuild" in said
    )
    agent.configure(model={"n_components": 1})
    assert train(agent, tomorrow, is_keeping=False) == 0
    assert "components " not in capsys.readouterr().out


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
