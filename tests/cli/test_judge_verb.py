"""`neuropilot judge` and `neuropilot autonomy`: what people say of decisions, and how far the agent may go."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from agents import Agent, make_agent_site
from examples import a_reward, an_episode
from predictions import SAVING, a_day, a_past
from prompt import neuropilot
from repositories import git, isolate

from ai_ops.cli.judge import in_words
from ai_ops.domain.autonomy import ActionClass, Mode
from ai_ops.domain.cycle import DeliveryStatus
from ai_ops.domain.errors import ConfigError
from ai_ops.wiring.autonomy import autonomy_of
from ai_ops.wiring.judge import penalised, record, words_on
from ai_ops.wiring.settings_files import SettingsFiles

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """\
mode: commit
tuning: {policy: rules}
prometheus_url: http://127.0.0.1:1
state: {store: %(store)s}
services:
  - name: web
    cost: {source: instances, price_per_instance_hour: 0.0208}
"""
"""A real source, which nothing here asks."""

SAVE = ActionClass.SAVE


@pytest.fixture(autouse=True)
def no_foreign_git(monkeypatch):
    """Keep this machine's git configuration out of it."""
    isolate(monkeypatch)


def an_agent(folder: Path, episodes, store="folders") -> Agent:
    """An agent that remembers these episodes."""
    agent = Agent(make_agent_site(folder, store, settings=SETTINGS).clone("checkout"), {})
    with agent.session() as session:
        for episode in episodes:
            session.ledger.append(episode)
        session.keep("remember")
    return agent


def twenty_good_savings():
    """A record that has earned committing savings."""
    return a_past(*(a_day(number, decision=SAVING) for number in range(1, 21)))


def test_a_bad_judgement_is_kept_and_shown_before_and_after(tmp_path):
    """Document, penalise: the first half of the feedback loop (S001-138)."""
    agent = an_agent(tmp_path, [an_episode(decision=SAVING)])
    done = neuropilot("judge", "web-20261118T12Z", "bad", "--because", "it bit at lunch", cwd=agent.clone)
    assert done.returncode == 0, done.stderr
    first, because, penalty, *_ = done.stdout.splitlines()
    assert first == "web-20261118T12Z: raise cpu_scale_in_percent from 30 to 35: judged bad"
    assert because == "  because    it bit at lunch"
    assert penalty.startswith("  penalty    on savings: 0.00 before, 1.00 now")
    (line,) = [json.loads(line) for line in (agent.state / "judgements.jsonl").read_text().splitlines()]
    assert (line["episode"], line["action"], line["is_good"]) == ("web-20261118T12Z", "save", False)
    explained = neuropilot("explain", "web-20261118T12Z", cwd=agent.clone).stdout
    assert "  judged     bad by " in explained
    assert "it bit at lunch" in explained


def test_with_json_there_is_one_document(tmp_path):
    """For a program that judges."""
    agent = an_agent(tmp_path, [an_episode(decision=SAVING)])
    done = neuropilot("judge", "web-20261118T12Z", "good", "--because", "calm", "--json", cwd=agent.clone)
    document = json.loads(done.stdout)
    assert document["judgement"]["is_good"] is True
    assert document["judgement"]["at"].endswith("Z")
    assert document["penalty"] == {"before": 0.0, "after": 0.0}
    assert document["autonomy"]["save"] == {"before": "commit", "after": "commit"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("web-1", "bad", "--because", "x"), "there is no episode 'web-1'"),
        (("web-20261118T12Z", "bad", "--because", " "), "--because is empty"),
        (("web-20261118T12Z", "bad"), "--because"),
        (("web-20261118T12Z", "meh", "--because", "x"), "meh"),
    ],
)
def test_what_cannot_be_judged_is_told(tmp_path, arguments, words):
    """Exit code 1, and nothing is written."""
    agent = an_agent(tmp_path, [an_episode(decision=SAVING)])
    done = neuropilot("judge", *arguments, cwd=agent.clone)
    assert done.returncode == 1
    assert words in done.stderr
    assert not (agent.state / "judgements.jsonl").exists()


def test_a_judgement_reaches_the_branch_that_ci_reads(tmp_path):
    """A person judges from any clone; the next run in CI heeds it."""
    agent = an_agent(tmp_path, [an_episode(decision=SAVING)], store="branch")
    done = neuropilot("judge", "web-20261118T12Z", "bad", "--because", "tight", cwd=agent.clone)
    assert done.returncode == 0, done.stderr
    assert "judgements.jsonl" in git(tmp_path / "remote.git", "ls-tree", "-r", "--name-only", "neuropilot/state")


def predicting(session):
    """The same session of a team whose policy predicts, so that autonomy is to be earned."""
    tuning = session.settings.tuning.model_copy(update={"policy": "model"})
    return replace(session, settings=session.settings.model_copy(update={"tuning": tuning}))


def test_it_costs_what_was_earned(tmp_path):
    """One word takes the step back, and says how far it is now (S001-138, H42)."""
    agent = an_agent(tmp_path, twenty_good_savings())
    with agent.session() as session:
        effect = record(predicting(session), "web-20261117T12Z", is_good=False, by="ada", because="tight")
        told = list(in_words(effect))
        (said,) = words_on(session, effect.decided)
        praised = list(in_words(record(predicting(session), "web-20261116T12Z", is_good=True, by="bob", because="ok")))
    assert effect.before.autonomy[SAVE].allowed is Mode.COMMIT
    assert effect.after.autonomy[SAVE].allowed is Mode.OBSERVE
    assert "\n".join(told[3:]) == (
        "  autonomy   savings: commit before, observe now; 21 of 32 judged predictions, 1 missed; "
        "11 more that come true lead to propose"
    )
    assert (said.by, said.because) == ("ada", "tight")
    assert praised[3:] == ["  autonomy   unchanged: only outcomes raise it"]


def test_the_next_reward_of_such_a_decision_is_lower(tmp_path):
    """Penalised as a term of its own, which says who and why (S001-138)."""
    agent = an_agent(tmp_path, [an_episode(decision=SAVING), an_episode(id="web-held")])
    with agent.session() as session:
        (service,) = session.settings.services
        saved, held = session.ledger.episodes()
        record(session, saved.id, is_good=False, by="ada", because="tight")
        scored = a_reward()
        lowered = penalised(session, service, scored, saved)
        assert penalised(session, service, scored, held) == scored
        assert penalised(session, service, scored, None) == scored
    assert lowered.value == pytest.approx(scored.value - 1.0)
    assert "ada found web-20261118T12Z bad: tight" in lowered.reason


def test_words_that_cannot_be_read_stop_no_run(tmp_path):
    """They take nothing, and the run says so."""
    agent = an_agent(tmp_path, [an_episode(decision=SAVING)])
    (agent.state / "judgements.jsonl").mkdir()
    with agent.session() as session:
        (service,) = session.settings.services
        assert penalised(session, service, a_reward(), session.ledger.episodes()[0]) == a_reward()
    assert any("takes nothing from the reward" in warning for warning in agent.warnings)


def test_an_episode_of_a_service_that_is_gone_is_told(tmp_path):
    """Nobody knows any more what its knobs meant."""
    agent = an_agent(tmp_path, [an_episode(service="old", id="old-1")])
    with agent.session() as session, pytest.raises(ConfigError, match="the settings know no such service"):
        record(session, "old-1", is_good=False, by="ada", because="x")


def test_what_was_simulated_says_nothing_of_the_real_service(tmp_path):
    """A demonstration must not cost, nor earn, a real service anything."""
    agent = an_agent(tmp_path, [an_episode(decision=SAVING, is_simulated=True)])
    with agent.session() as session:
        effect = record(predicting(session), "web-20261118T12Z", is_good=False, by="ada", because="x")
    assert effect.after == effect.before


def test_judgements_that_cannot_be_read_earn_nothing(tmp_path):
    """What is missing must not raise anything (H42)."""
    agent = an_agent(tmp_path, twenty_good_savings())
    (agent.state / "judgements.jsonl").mkdir()
    with agent.session() as session:
        (service,) = session.settings.services
        classes = autonomy_of(predicting(session), service, session.ledger.episodes())
    assert classes[SAVE].allowed is Mode.OBSERVE
    assert any("no autonomy is earned" in warning for warning in agent.warnings)


def test_autonomy_is_shown_per_class_with_what_is_missing(tmp_path):
    """And with the advice for the week (S001-135)."""
    agent = an_agent(tmp_path, [])
    told = neuropilot("autonomy", cwd=agent.clone).stdout.splitlines()
    assert told[0] == "web: mode commit, policy rules"
    assert told[1].split()[:4] == ["class", "allowed", "earned", "cap"]
    assert [line.split()[:4] for line in told[2:6]] == [[str(one), "commit", "not", "asked"] for one in ActionClass]
    assert told[2].endswith("the policy rules predicts nothing that could be judged")
    assert told[6].startswith("  advice for week 1 (this is day 1): watch only: keep `mode: observe`")
    (service,) = json.loads(neuropilot("autonomy", "--json", cwd=agent.clone).stdout)["services"]
    assert service["classes"]["save"]["allowed"] == "commit"
    assert service["classes"]["save"]["changes"] == {"judged": 0, "misses": 0}


def test_a_cap_holds_with_every_policy(tmp_path):
    """A person's cap is heeded whoever decides."""
    agent = an_agent(tmp_path, [])
    agent.configure(approval={"caps": {"save": "propose"}})
    told = neuropilot("autonomy", "--service", "web", cwd=agent.clone).stdout.splitlines()
    assert told[2].split()[:4] == ["save", "propose", "not", "asked"]
    assert told[2].endswith("approval.caps caps it at propose")


@pytest.mark.parametrize(
    ("approval", "words"),
    [({"caps": {"save": "always"}}, "approval.caps.save: must be"), ({"caps": {"saving": "observe"}}, "approval.caps")],
)
def test_a_cap_that_is_none_is_told(tmp_path, approval, words):
    """A typing error must not leave a class without its cap."""
    agent = an_agent(tmp_path, [])
    agent.configure(approval=approval)
    done = neuropilot("autonomy", cwd=agent.clone)
    assert done.returncode == 1
    assert words in done.stderr


def delivered(agent, decision, *, is_earned_needed=True):
    """What becomes of a decision on the settings as they stand."""
    with agent.session() as session:
        known = predicting(session) if is_earned_needed else session
        (service,) = known.settings.services
        files = SettingsFiles(known, service)
        episode = an_episode(thresholds=files.thresholds(), decision=decision)
        return files.apply(episode, None, lambda: autonomy_of(known, service, session.ledger.episodes()))


def test_the_first_saving_of_a_policy_that_predicts_is_recorded_only(tmp_path):
    """With `mode: commit` from the first day, what is not earned moves nothing (R11)."""
    agent = an_agent(tmp_path, [])
    delivery = delivered(agent, SAVING)
    assert delivery.status is DeliveryStatus.RECORDED
    assert delivery.reason.startswith("autonomy for savings is observe: 0 of 20 judged predictions")
    assert "+cpu_scale_in_percent" in delivery.diff.replace(" ", "")


@pytest.mark.parametrize("way", ["earned", "granted", "policy rules"])
def test_what_is_earned_or_granted_is_committed(tmp_path, way):
    """Three ways through the gate."""
    agent = an_agent(tmp_path, twenty_good_savings() if way == "earned" else [])
    if way == "granted":
        agent.configure(approval={"autonomy": "granted"})
    delivery = delivered(agent, SAVING, is_earned_needed=way != "policy rules")
    assert delivery.status is DeliveryStatus.COMMITTED, delivery.reason
