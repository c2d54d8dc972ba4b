"""What becomes of a candidate: in use only when it is no worse, and never more than was promoted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from agents import Agent, make_agent_site
from training import SERVICE, champion, decisions, train, verdicts, version_folders

from ai_ops.domain.errors import TooFewSamples
from ai_ops.domain.held_out import is_held_out
from ai_ops.domain.model_status import Health, Signature
from ai_ops.domain.model_version import TrainingKind, Verdict
from ai_ops.learn.schedule import SETTLED_DAYS
from ai_ops.learn.signature import new_key_pair
from ai_ops.wiring.models.change import Asked, promote, rollback
from ai_ops.wiring.models.keep import keep, keep_training, training_log
from ai_ops.wiring.models.lesson import Wish
from ai_ops.wiring.models.rivals import rivals_of
from ai_ops.wiring.models.rows import kept_rows
from ai_ops.wiring.models.train import train_service
from ai_ops.wiring.models.trained import NothingNew, Trained
from ai_ops.wiring.models.vitals import vitals_of
from ai_ops.wiring.session import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from repositories import Site

    from ai_ops.wiring.models.rows import Rows

NIGHT = datetime(2026, 11, 20, 3, 17, tzinfo=UTC)
DAY = timedelta(days=1)

SETTINGS = (
    "metrics: {source: simulated}\n"
    "state: {store: %(store)s}\n"
    "model: {n_components: 1}\n"
    "tuning: {policy: rules}\n"  # the model of the service is another one, and dearer
)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A remote whose agent looks at the simulated service."""
    return make_agent_site(tmp_path, settings=SETTINGS)


@pytest.fixture
def agent(site: Site) -> Agent:
    """Its agent, with a champion."""
    one = Agent(site.clone("checkout"), {})
    assert train(one, NIGHT) == 0
    assert verdicts(one, NIGHT) == [Verdict.PROMOTED]
    return one


def learn_from(agent: Agent, now: datetime, change, wish: Wish | None = None, *, is_kept: bool = True) -> Trained:
    """Train on the kept history after `change` has been done to it."""
    with open_session(agent.place(now), is_writing=True) as session:
        service = session.settings.services[0]
        rows = kept_rows(session, service)
        assert rows is not None
        trained = train_service(session, service, change(rows), wish or Wish())
        assert isinstance(trained, Trained)
        if is_kept:
            keep_training(session, trained)
        return trained


def kept_history(agent: Agent) -> Rows:
    """What earlier runs have kept, without its newest day, so that it is not what the champion was fitted on."""
    with open_session(agent.place(NIGHT), is_writing=False) as session:
        rows = kept_rows(session, session.settings.services[0])
    assert rows is not None
    return replace(rows, values=rows.values[:-144])


def spoil(file: Path) -> None:
    """Flip one bit in the middle."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))


def noise(rows: Rows) -> Rows:
    """Nonsense wherever a model may learn, and the service as it is where a model is asked."""
    rng = np.random.default_rng(0)
    wrong = rng.permuted(rows.values, axis=0) * np.exp(2.0 * rng.standard_normal(rows.values.shape))
    return replace(rows, values=np.where(is_held_out(rows.times())[:, None], rows.values, wrong))


def test_a_model_of_noise_is_refused_and_leaves_a_record(agent: Agent) -> None:
    """S004-01: what is worse than the model in use never takes its place."""
    before = champion(agent, NIGHT)
    trained = learn_from(agent, NIGHT, noise, Wish(is_rebuild=True))
    assert trained.verdict is Verdict.REFUSED
    assert "champion" in {gate.name for gate in trained.gates if not gate.is_passed}
    assert champion(agent, NIGHT).name == before.name
    assert verdicts(agent, NIGHT) == [Verdict.PROMOTED, Verdict.REFUSED]
    assert len(version_folders(agent)) == 1
    with open_session(agent.place(NIGHT), is_writing=False) as session:
        last = training_log(session).read(SERVICE)[-1]
    assert last.verdict is Verdict.REFUSED
    assert last.note


def test_a_rebuild_that_moves_far_waits_for_a_person(agent: Agent) -> None:
    """H04: an automatic rebuild cannot call a new world normal by itself; a person who asks for one can."""

    def moved(rows: Rows) -> Rows:
        return replace(rows, values=rows.values * np.where(np.arange(rows.values.shape[1]) == 1, 8.0, 1.0))

    with open_session(agent.place(NIGHT), is_writing=True) as session:
        log = training_log(session)
        first = log.read(SERVICE)[0]
        (agent.clone / "ai_ops/models/training_log.json").unlink()
        log.append(replace(first, at=NIGHT - 40 * DAY))
        for days in range(SETTLED_DAYS + 2):
            log.append(replace(first, at=NIGHT - days * DAY, kind=TrainingKind.WARM, drifted=("memory_percent",)))
    by_itself = learn_from(agent, NIGHT + DAY, moved, is_kept=False)
    assert by_itself.candidate.training.kind is TrainingKind.REBUILD
    failed = {gate.name for gate in by_itself.gates if not gate.is_passed}
    assert "movement" in failed
    asked = learn_from(agent, NIGHT + DAY, moved, Wish(is_rebuild=True), is_kept=False)
    assert "movement" not in {gate.name for gate in asked.gates if not gate.is_passed}


@pytest.mark.parametrize("name", ["anomaly_model.json", "MODEL_CARD.md"])
def test_a_tampered_model_is_not_used_and_stops_no_run(agent: Agent, name: str) -> None:
    """S004-36, H32: detection goes on without it, a run says why, and a person decides about the next one."""
    spoil(version_folders(agent)[0] / name)
    assert agent.run(NIGHT, is_acting=False) == 0
    assert "is not used" in agent.warnings[0], agent.warnings
    assert train(agent, NIGHT + DAY) == 0
    waiting = decisions(agent, NIGHT + DAY)[-1]
    assert waiting.verdict is Verdict.WAITING
    assert "the model in use cannot be read" in waiting.reason
    with open_session(agent.place(NIGHT + DAY), is_writing=True) as session:
        promote(session, session.settings.services[0], Asked(waiting.version, "ada", "I looked at its card"))
    assert champion(agent, NIGHT + DAY).name == waiting.version


def test_what_is_altered_frees_nobody_of_a_comparison(agent: Agent) -> None:
    """H04, H32: the sound version before stands in, and what was altered is not forgotten overnight."""
    assert train(agent, NIGHT + DAY) == 0
    first = decisions(agent, NIGHT + DAY)[0].version
    spoil(agent.clone / "ai_ops/models" / SERVICE / decisions(agent, NIGHT + DAY)[1].version / "scaler.json")
    poisoned = learn_from(agent, NIGHT + 2 * DAY, noise, Wish(is_rebuild=True), is_kept=False)
    assert poisoned.previous.version == first
    assert poisoned.verdict is Verdict.REFUSED
    assert train(agent, NIGHT + 2 * DAY) == 0
    waiting = decisions(agent, NIGHT + 2 * DAY)[-1]
    assert (waiting.verdict, waiting.kind) == (Verdict.WAITING, TrainingKind.WARM)
    assert f"was refused, and {first} from before stands in for it" in waiting.reason


def test_where_only_signed_models_are_used_nothing_is_trained_without_the_key(
    agent: Agent, capsys: pytest.CaptureFixture[str]
) -> None:
    """S004-36: on a laptop, else a model that nobody can load would take the place of a sound one."""
    agent.configure(model={"verification_key": new_key_pair().public, "n_components": 1})
    assert train(agent, NIGHT + DAY) == 1
    assert "NEUROPILOT_SIGNING_KEY is not set here, so nothing was trained" in capsys.readouterr().err
    assert train(agent, NIGHT + DAY, is_keeping=False) == 0
    assert len(decisions(agent, NIGHT + DAY)) == 1


def test_a_log_that_cannot_be_written_does_not_undo_what_the_ledger_says(agent: Agent) -> None:
    """H32: it is for people; the training itself goes on, with a warning."""
    log = agent.clone / "ai_ops/models/training_log.json"
    log.unlink()
    log.mkdir()
    assert train(agent, NIGHT + DAY) == 0
    assert verdicts(agent, NIGHT + DAY) == [Verdict.PROMOTED] * 2
    assert any("missing in the training log" in warning for warning in agent.warnings)


def test_a_model_of_a_wrong_clock_is_told_and_gone_back_from(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """H29: trained once by a clock a year ahead, it does not stand in the way of all that come after."""
    agent = Agent(site.clone("checkout"), {})
    assert train(agent, NIGHT) == 0
    assert train(agent, NIGHT + 365 * DAY) == 0
    first = decisions(agent, NIGHT)[0].version
    with open_session(agent.place(NIGHT + DAY), is_writing=False) as session:
        status = vitals_of(session, session.settings.services[0]).status
    assert status.health is Health.ERROR
    assert "still to come: a clock was wrong" in status.reason
    capsys.readouterr()
    assert train(agent, NIGHT + DAY) == 0
    assert decisions(agent, NIGHT + DAY)[-1].verdict is Verdict.WAITING
    assert f"{first} from before stands in for it" in capsys.readouterr().out


def test_the_same_history_gives_the_same_model_whenever_it_is_trained(agent: Agent) -> None:
    """S001-24: a second rebuild on the same rows is no second candidate."""
    history = kept_history(agent)
    first = learn_from(agent, NIGHT, lambda _: history, Wish(is_rebuild=True))
    with open_session(agent.place(NIGHT + DAY / 24), is_writing=True) as session:
        again = train_service(session, session.settings.services[0], history, Wish(is_rebuild=True))
    assert isinstance(again, NothingNew)
    assert first.candidate.name in again.reason


def test_a_metric_that_falls_silent_is_a_question_to_a_person(agent: Agent) -> None:
    """H04: who hides a metric could bring it back at any level."""

    def silent(rows: Rows) -> Rows:
        return rows.of(tuple(metric for metric in rows.metrics if metric != "latency_p95_ms"))

    trained = learn_from(agent, NIGHT + DAY, silent, is_kept=False)
    assert trained.candidate.training.kind is TrainingKind.REBUILD
    assert trained.verdict is Verdict.WAITING
    assert "latency_p95_ms came or went" in trained.reason


def test_a_night_of_nothing_but_alarms_is_told_and_logged(agent: Agent) -> None:
    """S001-24, S001-124: not "nothing new": the way out stands in the log."""

    def another_day(rows: Rows) -> Rows:
        more = np.concatenate([rows.values, 5.0 * rows.values[-144:]])[144:]
        return replace(rows, start=rows.start + DAY, values=more)

    with open_session(agent.place(NIGHT + DAY), is_writing=True) as session:
        service = session.settings.services[0]
        nothing = train_service(session, service, another_day(kept_rows(session, service)), Wish())
        assert isinstance(nothing, NothingNew)
        keep(session, nothing)
        last = training_log(session).read(SERVICE)[-1]
    assert "new rows are abnormal" in last.note
    assert last.verdict is Verdict.REFUSED
    assert sum(last.surprises) > 0


def test_a_look_at_the_made_up_service_costs_the_real_one_no_model(agent: Agent) -> None:
    """H33: versions are thrown away by their own kind's needs."""
    real = replace(decisions(agent, NIGHT)[0], is_simulated=False)
    with open_session(agent.place(NIGHT), is_writing=True) as session:
        session.ledger.append_model_decision(real)
    for night in range(1, 13):
        assert train(agent, NIGHT + night * DAY) == 0
    assert real.version in {folder.name for folder in version_folders(agent)}


def test_the_version_of_a_week_ago_is_kept_and_compared_with(agent: Agent) -> None:
    """S004-01: twice a day for a week and a half, the reference is still there, so small losses cannot add up."""
    for half_day in range(1, 22):
        assert train(agent, NIGHT + half_day * DAY / 2) == 0
    with open_session(agent.place(NIGHT + 10.5 * DAY), is_writing=False) as session:
        reference = rivals_of(session, SERVICE).reference
    assert reference is not None
    assert timedelta(days=7) <= NIGHT + 10.5 * DAY - reference.card.training.at <= timedelta(days=8)


def test_a_paused_agent_learns_and_puts_nothing_in_use(agent: Agent) -> None:
    """H26: the kill switch holds for models as well."""
    agent.pause("an incident is under way")
    before = champion(agent, NIGHT).name
    assert train(agent, NIGHT + DAY) == 0
    waiting = decisions(agent, NIGHT + DAY)[-1]
    assert waiting.verdict is Verdict.WAITING
    assert "an incident is under way" in waiting.reason
    assert champion(agent, NIGHT + DAY).name == before


def test_after_a_person_went_back_the_next_model_waits_for_a_person(agent: Agent) -> None:
    """H42, S004-26: else the night after would put in use what was taken out of it."""
    assert train(agent, NIGHT + DAY) == 0
    first = decisions(agent, NIGHT)[0].version
    with open_session(agent.place(NIGHT + DAY), is_writing=True) as session:
        rollback(session, session.settings.services[0], Asked(None, "ada", "it pages all night"))
    assert champion(agent, NIGHT + DAY).name == first
    assert train(agent, NIGHT + 2 * DAY) == 0
    waiting = decisions(agent, NIGHT + 2 * DAY)[-1]
    assert waiting.verdict is Verdict.WAITING
    assert "a person went back to the model in use" in waiting.reason
    assert champion(agent, NIGHT + 2 * DAY).name == first
    with open_session(agent.place(NIGHT + 2 * DAY), is_writing=True) as session:
        promote(session, session.settings.services[0], Asked(waiting.version, "ada", "the cause is mended"))
    assert champion(agent, NIGHT + 2 * DAY).name == waiting.version
    assert train(agent, NIGHT + 3 * DAY) == 0
    assert verdicts(agent, NIGHT + 3 * DAY)[-1] is Verdict.PROMOTED


def test_too_little_history_says_when_there_will_be_enough(site: Site) -> None:
    """S001-122: 48 samples, and what is missing until then."""
    agent = Agent(site.clone("checkout"), {})
    assert agent.run(NIGHT) == 0

    def four_hours(rows: Rows) -> Rows:
        return replace(rows, start=rows.end - 24 * rows.step, values=rows.values[-24:])

    with pytest.raises(TooFewSamples, match=r"Insufficient samples for training: 24 of 48 .* 2026-11-20 07:10 UTC"):
        learn_from(agent, NIGHT, four_hours)


def test_nothing_is_kept_without_apply(site: Site) -> None:
    """A dry run shows what would become of it, and leaves nothing behind."""
    agent = Agent(site.clone("checkout"), {})
    assert train(agent, NIGHT, is_keeping=False) == 0
    assert decisions(agent, NIGHT) == ()
    assert not (agent.clone / "ai_ops/models").exists()


def test_the_nightly_training_can_be_switched_off(agent: Agent, capsys: pytest.CaptureFixture[str]) -> None:
    """S004-27: by configuration; a training by hand works all the same."""
    agent.configure(model={"retrain": "off", "n_components": 1})
    assert train(agent, NIGHT + DAY, is_scheduled=True) == 0
    assert "switched off by model.retrain" in capsys.readouterr().out
    assert len(decisions(agent, NIGHT + DAY)) == 1
    assert train(agent, NIGHT + DAY) == 0
    assert len(decisions(agent, NIGHT + DAY)) == 2


def test_with_a_key_only_a_signed_model_is_used(agent: Agent) -> None:
    """S004-36: a model from before there was a key is not used until one is trained and signed."""
    keys = new_key_pair()
    agent.environment = {"NEUROPILOT_SIGNING_KEY": keys.private}
    assert agent.run(NIGHT, is_acting=False) == 0
    assert any("signature.json is missing" in warning for warning in agent.warnings)
    assert train(agent, NIGHT + DAY, Wish(is_rebuild=True)) == 0
    assert any(f"set model.verification_key to {keys.public}" in warning for warning in agent.warnings)
    agent.environment = {}
    agent.configure(model={"verification_key": keys.public, "n_components": 1})
    assert champion(agent, NIGHT + DAY).signature is Signature.SIGNED
    agent.configure(model={"verification_key": new_key_pair().public, "n_components": 1})
    agent.warnings.clear()
    assert agent.run(NIGHT + DAY, is_acting=False) == 0
    assert any("another key" in warning for warning in agent.warnings)


def test_two_trainings_at_once_promote_one(tmp_path: Path) -> None:
    """H17: whoever is overtaken went on from an old champion, and does not put its own over the other's."""
    from ai_ops.domain.errors import Overtaken

    site = make_agent_site(tmp_path, store="branch", settings=SETTINGS)
    first, second = (Agent(site.clone(name), {"CI": "true"}) for name in ("first", "second"))
    assert train(first, NIGHT) == 0
    with open_session(second.place(NIGHT + DAY), is_writing=True) as session:
        service = session.settings.services[0]
        rows = kept_rows(session, service)
        trained = train_service(session, service, rows, Wish(is_rebuild=True, lookback=10 * DAY))
        assert train(first, NIGHT + DAY) == 0
        assert verdicts(first, NIGHT + DAY) == [Verdict.PROMOTED, Verdict.PROMOTED]
        with pytest.raises(Overtaken, match="train again"):
            keep_training(session, trained)
    assert len(decisions(second, NIGHT + DAY)) == 2


def test_a_training_and_a_cycle_at_once_both_stand(tmp_path: Path) -> None:
    """S001-23, H17: what another run wrote meanwhile is kept beside the model."""
    site = make_agent_site(tmp_path, store="branch", settings=SETTINGS)
    trainer, runner = (Agent(site.clone(name), {"CI": "true"}) for name in ("trainer", "runner"))
    assert runner.run(NIGHT) == 0
    with open_session(trainer.place(NIGHT), is_writing=True) as session:
        service = session.settings.services[0]
        trained = train_service(session, service, kept_rows(session, service), Wish())
        assert runner.run(NIGHT + timedelta(hours=6)) == 0
        keep_training(session, trained)
        assert len(session.ledger.episodes()) == 2
    assert champion(runner, NIGHT).name == trained.candidate.name
