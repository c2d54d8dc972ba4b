"""One cycle in three jobs does what it does in one process, and believes nothing that it cannot check."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aftermath import commits, told
from agents import CONFIG, NEXT_PERIOD, NOW, Agent, make_agent_site
from canaries import PASSWORD, leaks
from fakes.flaky import FlakyServer, answer
from fakes.relay import only_for, relay
from jobs import Jobs
from predictions import an_outcome
from repositories import TFVARS, git

from ai_ops.cli.jobs import decide_into
from ai_ops.cli.services import Wish
from ai_ops.domain.cycle import PERIOD
from ai_ops.domain.foresight import Foresight
from ai_ops.domain.tuning import Change, Decision
from ai_ops.store.handover import collected_to_bytes, decided_to_bytes, digest_of
from ai_ops.wiring.jobs.deliver import Digest

if TYPE_CHECKING:
    from pathlib import Path

STATE = "neuropilot/state"
LEDGER, HISTORY = "ai_ops/state/episodes.jsonl", "ai_ops/models/metrics_history.json"
EPISODE = "web-20261102T00Z"

MODELLED = """\
mode: commit
metrics: {source: simulated}
approval: {autonomy: granted, knobs: [cpu_scale_out_percent, cpu_scale_in_percent, min_instances]}
state: {store: branch}
"""
"""The policy `model`, which looks at minutes, on a service that is only simulated."""


def jobs_on(site, folder: Path, prometheus, **environment: str) -> Jobs:
    """Three fresh machines."""
    folder.mkdir()
    return Jobs(site, folder, {"PROMETHEUS_URL": prometheus.url, **environment})


@pytest.fixture
def jobs(on_branch, tmp_path, dear_service, slack) -> Jobs:
    """Three jobs of a team that lets the agent commit."""
    return jobs_on(on_branch, tmp_path / "run", dear_service, SLACK_WEBHOOK_URL=slack.url)


@pytest.fixture
def others(on_branch, tmp_path, dear_service, slack) -> Jobs:
    """The three jobs of another run that begins at the same time."""
    return jobs_on(on_branch, tmp_path / "other", dear_service, SLACK_WEBHOOK_URL=slack.url)


def left_by(site) -> dict[str, object]:
    """What a run leaves for good, but for hashes and times of commits."""
    return {
        "ledger": site.content(LEDGER, STATE),
        "history": site.content(HISTORY, STATE),
        "kept": git(site.remote, "ls-tree", "-r", "--name-only", STATE),
        "settings": site.content(),
        "message": site.message(),
    }


def test_they_leave_what_one_process_leaves_byte_for_byte(on_branch, tmp_path, dear_service, later_service):
    """Same clock, same metrics: same ledger, same history, same commit; and so in the next period (S001-67, H18)."""
    (tmp_path / "alone").mkdir()
    alone = make_agent_site(tmp_path / "alone", store="branch")
    for name, now, prometheus in (("now", NOW, dear_service), ("next", NEXT_PERIOD, later_service)):
        one = Agent(alone.clone(f"once-{name}", "--depth=1"), {"PROMETHEUS_URL": prometheus.url})
        three = jobs_on(on_branch, tmp_path / name, prometheus)
        assert one.run(now) == 0
        assert three.run(now) == (0, 0, 0)
        assert left_by(on_branch) == left_by(alone)
    assert len(on_branch.content(LEDGER, STATE).splitlines()) == 2


def test_they_decide_on_minutes_as_one_process_does(tmp_path):
    """Arrays travel to the bit: the digest of all that the policy looked at is the same (S001-67)."""
    for name in ("one", "three"):
        (tmp_path / name).mkdir()
    alone = make_agent_site(tmp_path / "one", settings=MODELLED)
    apart = make_agent_site(tmp_path / "three", settings=MODELLED)
    jobs = Jobs(apart, tmp_path, {})
    assert Agent(alone.clone("checkout", "--depth=1"), {}).run(NOW) == 0
    assert jobs.run(NOW) == (0, 0, 0)
    assert left_by(apart) == left_by(alone)
    (line,) = apart.content(LEDGER, STATE).splitlines()
    assert json.loads(line)["episode"]["inputs_digest"]


def test_the_middle_knows_neither_the_address_nor_the_repository(jobs, monkeypatch):
    """What thinks is handed all that it needs; without git on its path it decides the same (S001-67)."""
    assert jobs.collect() == 0
    place = replace(jobs.thinker().place(NOW + timedelta(minutes=1)), environment={})
    monkeypatch.setenv("PATH", "/nowhere")
    assert decide_into(jobs.decided, jobs.collected, place, Wish()) == 0
    assert [change.knob for change in jobs.decision().changes] == ["cpu_scale_in_percent"]


def spots(raw: bytes) -> list[int]:
    """Places all over a document, both ends included."""
    return [*range(0, len(raw), max(1, len(raw) // 150)), len(raw) - 1]


def changed(raw: bytes, spot: int) -> bytes:
    """Change one bit there: a digit stays a digit, a letter a letter, as a careful forger would have it."""
    return raw[:spot] + bytes([raw[spot] ^ 1]) + raw[spot + 1 :]


@pytest.fixture
def handed_over(jobs, on_branch) -> tuple[Jobs, Digest, dict[str, object]]:
    """Three jobs of which two are done, what the documents' SHA-256 are, and how the remote looks."""
    assert (jobs.collect(), jobs.decide()) == (0, 0)
    digest = Digest(*(digest_of(path.read_bytes()) for path in (jobs.collected, jobs.decided)))
    return jobs, digest, refs_of(on_branch)


def refs_of(site) -> str:
    """Every branch of the remote and its commit."""
    return git(site.remote, "for-each-ref")


def refuses(jobs, site, before, digest, words: str, capsys, now=NOW) -> None:  # noqa: PLR0913, PLR0917  # a check
    """Check that the last job changes nothing, and says what is wrong and what to do."""
    capsys.readouterr()
    assert jobs.deliver(now, digest) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "Begin a new run: `neuropilot run --apply`" in said
    assert refs_of(site) == before


@pytest.mark.parametrize("name", ["collected", "decided"])
def test_one_bit_changed_anywhere_is_refused(handed_over, on_branch, name, capsys):
    """By the SHA-256 that the job before has told beside the document (H15)."""
    jobs, digest, before = handed_over
    path = getattr(jobs, name)
    raw = path.read_bytes()
    for spot in spots(raw):
        path.write_bytes(changed(raw, spot))
        refuses(jobs, on_branch, before, digest, f"the {name} document is refused", capsys)
    for cut in (b"", raw[:-1], raw[: len(raw) // 2], raw + b"\n", raw + raw):
        path.write_bytes(cut)
        refuses(jobs, on_branch, before, digest, f"the {name} document is refused", capsys)


def test_a_decision_holds_for_the_document_that_it_rests_on(handed_over, on_branch, capsys):
    """Also where nobody tells a SHA-256, no observation can be put under a decision (H15)."""
    jobs, _, before = handed_over
    raw = jobs.collected.read_bytes()
    for spot in spots(raw):
        jobs.collected.write_bytes(changed(raw, spot))
        refuses(jobs, on_branch, before, None, "is refused", capsys)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ({"extra": 1}, "extra: Extra inputs are not permitted"),
        ({"version": 2}, "version: Input should be 1"),
        ({"kind": "decided"}, "kind: Input should be 'collected'"),
        ({"agent": "17.2.0"}, "release 17.2.0 of the agent wrote it"),
        ({"settings": "0" * 64}, "under other settings"),
        ({"repository": "acme/other"}, "it is about another repository"),
        ({"source": "simulated"}, "the settings mean"),
        ({"at": "2026-11-02T00:03:00"}, "at: Input should have timezone info"),
        ({"memory": {"ai_ops/state/../../.git/config": ""}}, "should match pattern"),
        ({"memory": {"ai_ops/state/episodes.jsonl": "not base64!"}}, "no base64"),
        ({"services": []}, "it decides about other services than were looked at"),
    ],
)
def test_a_document_of_another_form_or_place_is_refused(handed_over, on_branch, edit, words, capsys):
    """Even with SHA-256s that fit: whoever can write them may still not ask for anything else (H15, H19)."""
    jobs, _, before = handed_over
    document = json.loads(jobs.collected.read_bytes()) | edit
    raw = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    jobs.collected.write_bytes(raw)
    decided = json.loads(jobs.decided.read_bytes()) | {"collected": digest_of(raw)}
    jobs.decided.write_bytes(json.dumps(decided, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())
    refuses(jobs, on_branch, before, None, words, capsys)


def test_an_observation_of_another_service_or_window_is_refused(handed_over, on_branch, capsys):
    """What stands there for a service was seen of it, in the span that is judged (H15)."""
    jobs, _, before = handed_over
    collected, decided = jobs.documents()
    (seen,) = collected.services
    window = replace(seen.window, start=seen.window.start - PERIOD)
    for forged in (replace(seen, window=window), replace(seen, observation=replace(seen.observation, service="api"))):
        raw = collected_to_bytes(replace(collected, services=(forged,)))
        jobs.collected.write_bytes(raw)
        jobs.decided.write_bytes(decided_to_bytes(replace(decided, collected=digest_of(raw)), str))
        refuses(jobs, on_branch, before, None, "is of another service or window", capsys)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"after": 60.0}, "step"),
        ({"before": 29.0}, "does not stand where it would be moved from"),
        ({"knob": "nothing_of_ours"}, "does not stand where it would be moved from"),
    ],
)
def test_what_the_guardrails_would_not_let_pass_is_refused(handed_over, on_branch, changes, words, capsys):
    """Whoever takes over the job that thinks, with all its SHA-256s, cannot leave the rails (H15, S001-83)."""
    jobs, _, before = handed_over
    _, decided = jobs.documents()
    (thought,) = decided.services
    change = replace(thought.decision.changes[0], **changes)
    forged = replace(thought, decision=replace(thought.decision, changes=(change,)))
    jobs.decided.write_bytes(decided_to_bytes(replace(decided, services=(forged,)), str))
    refuses(jobs, on_branch, before, None, words, capsys)


def rewritten(jobs, change) -> None:
    """Let whoever took over the job that thinks write something else about the one service."""
    _, decided = jobs.documents()
    (thought,) = decided.services
    jobs.decided.write_bytes(decided_to_bytes(replace(decided, services=(change(thought),)), str))


def test_a_hold_brings_no_outcomes_that_were_never_judged(handed_over, on_branch, capsys):
    """Thirty hits of changes that nobody made would earn autonomy; not one of them is recorded (H42, H15)."""
    jobs, _, before = handed_over
    hits = tuple(an_outcome(days, is_live_change=True) for days in range(1, 31))
    forged = Decision.hold("calm", foresight=Foresight(NOW, outcomes=hits))
    rewritten(jobs, lambda thought: replace(thought, decision=forged))
    refuses(jobs, on_branch, before, None, "it does not say of the future what its policy says", capsys)


def test_a_look_at_minutes_is_judged_again(tmp_path, capsys):
    """Under the policy `model` as well: what the minutes do not show is not believed (H42)."""
    site = make_agent_site(tmp_path, settings=MODELLED)
    (tmp_path / "run").mkdir()
    jobs = Jobs(site, tmp_path / "run", {})
    assert (jobs.collect(), jobs.decide()) == (0, 0)
    before = refs_of(site)

    def with_a_hit(thought):
        foresight = replace(thought.decision.foresight, outcomes=(an_outcome(1.0, is_live_change=True),))
        return replace(thought, decision=replace(thought.decision, foresight=foresight))

    rewritten(jobs, with_a_hit)
    refuses(jobs, site, before, None, "it judges earlier predictions otherwise than the metrics do", capsys)


def test_saying_that_it_is_urgent_lifts_no_step(handed_over, on_branch, capsys):
    """Nothing urgent is seen there: a document that says so, and forges the burn as well, moves nothing (H15)."""
    jobs, _, before = handed_over

    def rushed(thought):
        wide = Change("min_instances", 2.0, 20.0)
        decision = replace(thought.decision, changes=(wide,), is_urgent=True)
        return replace(thought, decision=decision, reward=replace(thought.reward, burn=5.0))

    rewritten(jobs, rushed)
    refuses(jobs, on_branch, before, None, "it calls urgent what its policy does not", capsys)


@pytest.mark.parametrize("hours", [-48, 48])
def test_a_decision_of_another_time_is_refused(handed_over, on_branch, hours, capsys):
    """It was made between looking and acting: no cooldown, horizon or freeze window can be stepped around (H18)."""
    jobs, _, before = handed_over
    then = NOW + timedelta(hours=hours)
    rewritten(jobs, lambda thought: replace(thought, at=then))
    refuses(jobs, on_branch, before, None, "it was not between looking and acting", capsys)
    rewritten(jobs, lambda thought: replace(thought, at=NOW, decision=Decision.hold("x", foresight=Foresight(then))))
    refuses(jobs, on_branch, before, None, "it was not between looking and acting", capsys)


def test_an_old_job_run_again_does_nothing(handed_over, on_branch, capsys):
    """A document is good for one period, and none from the future is believed (H18)."""
    jobs, digest, before = handed_over
    refuses(jobs, on_branch, before, digest, "more than 6 hours ago", capsys, NOW + PERIOD + timedelta(minutes=1))
    refuses(jobs, on_branch, before, digest, "still to come", capsys, NOW - timedelta(minutes=6))


def test_a_period_is_not_finished_after_the_next_was_decided(jobs, on_branch, tmp_path, later_service, capsys):
    """A job that waited too long comes second to the run after it (H18)."""
    late = NOW + timedelta(hours=5, minutes=50)
    assert (jobs.collect(late), jobs.decide(late)) == (0, 0)
    following = jobs_on(on_branch, tmp_path / "following", later_service)
    assert following.run(NEXT_PERIOD) == (0, 0, 0)
    before = refs_of(on_branch)
    refuses(jobs, on_branch, before, None, "a later run has decided about web since", capsys, NEXT_PERIOD)


def test_run_again_they_finish_and_change_nothing_more(jobs, on_branch, slack, capsys):
    """Delivering twice is delivering once; so is a whole second run in the same period (H18)."""
    assert jobs.run() == (0, 0, 0)
    after = refs_of(on_branch)
    assert jobs.deliver(NOW + timedelta(minutes=5)) == 0
    assert jobs.run(NOW + timedelta(minutes=20)) == (0, 0, 0)
    assert "This period was already decided" in capsys.readouterr().out
    assert refs_of(on_branch) == after
    assert commits(on_branch) == told(slack) == {EPISODE: 1}


def test_of_two_runs_at_once_one_wins(jobs, others, on_branch, slack, capsys):
    """Both looked and thought before either acted: the second finishes the first one's decision (H17)."""
    for each in (jobs, others):
        assert (each.collect(), each.decide()) == (0, 0)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda each: each.deliver(), (jobs, others))) == [0, 0], capsys.readouterr()
    assert commits(on_branch) == told(slack) == {EPISODE: 1}
    assert len(on_branch.content(LEDGER, STATE).splitlines()) == 1


def test_settings_that_changed_meanwhile_win_and_the_next_run_decides_anew(jobs, others, on_branch, slack, capsys):
    """Somebody's push counts; the same documents never pass, a new look in the same period does (H17, S001-83)."""
    assert (jobs.collect(), jobs.decide()) == (0, 0)
    theirs = on_branch.content().replace(b"cpu_scale_in_percent     = 30", b"cpu_scale_in_percent     = 32")
    pushed = on_branch.human_pushes(TFVARS, theirs)
    for _ in range(2):
        assert jobs.deliver() == 4
        assert "somebody else wrote first" in capsys.readouterr().err
        assert (on_branch.tip(), told(slack)) == (pushed, {})
    assert others.run(NOW + timedelta(minutes=20)) == (0, 0, 0)
    first, second = (json.loads(line)["episode"] for line in on_branch.content(LEDGER, STATE).splitlines())
    assert (first["id"], second["id"]) == (EPISODE, f"{EPISODE}.2")
    assert second["thresholds"]["values"]["cpu_scale_in_percent"] == 32


def test_a_past_that_changed_meanwhile_is_not_decided_on(jobs, others, on_branch, capsys):
    """A colleague's run in observe wrote an episode of this service: cooldowns may hold now (H17)."""
    assert (jobs.collect(), jobs.decide()) == (0, 0)
    colleague = Agent(on_branch.clone("colleague"), dict(others.environment))
    colleague.configure(mode="observe")
    assert colleague.run(NOW) == 0
    before = on_branch.tip()
    assert jobs.deliver() == 4
    assert "the ledger of web has changed since" in capsys.readouterr().err
    assert on_branch.tip() == before


def test_a_pause_after_the_decision_still_stops_it(jobs, others, on_branch, capsys):
    """The brakes are asked again before anything moves (S001-83)."""
    assert (jobs.collect(), jobs.decide()) == (0, 0)
    others.actor().pause("release day")
    before = on_branch.tip()
    assert jobs.deliver() == 0
    assert "paused: release day" in capsys.readouterr().out
    assert on_branch.tip() == before


def test_missed_runs_are_caught_up(jobs, on_branch, tmp_path, later_service):
    """The window reaches back to where the last one ended, as the memory says (S001-44, R29, H18)."""
    earlier = NOW - timedelta(hours=18)
    assert jobs.run(earlier) == (0, 0, 0)
    then = jobs.documents()[0].services[0].window.end
    following = jobs_on(on_branch, tmp_path / "following", later_service)
    assert following.run(NEXT_PERIOD) == (0, 0, 0)
    window = following.documents()[0].services[0].window
    assert (window.start, window.hours) == (then, 24.0)


def test_what_fails_in_one_job_fails_in_the_last_and_stops_nobody_else(jobs, on_branch, capsys):
    """One of two services has no settings to read: the other is decided, and the run still ends red (S001-123)."""
    settings = (jobs.looker().clone / CONFIG).read_text() + "  - {name: api, tfvars: {under: api}}\n"
    on_branch.human_pushes(CONFIG, settings.encode())
    fresh = Jobs(on_branch, jobs.folder.parent / "two", jobs.environment)
    fresh.folder.mkdir()
    assert (fresh.collect(), fresh.decide()) == (0, 0)
    capsys.readouterr()
    assert fresh.deliver() == 4
    assert "error: api: infrastructure/terraform/terraform.tfvars" in capsys.readouterr().err
    assert commits(on_branch) == {EPISODE: 1}


def test_nothing_to_go_on_with_ends_the_first_job(jobs, capsys):
    """No metrics at all: exit code 2, as in one process; there is nothing to decide."""
    jobs.environment = {"PROMETHEUS_URL": "http://127.0.0.1:1"}
    assert jobs.collect() == 2
    assert "No metrics history found" in capsys.readouterr().err


def test_a_memory_that_cannot_be_read_stops_the_first_job(jobs, on_branch, capsys):
    """Without its past a decision could break every cooldown (fail closed)."""
    looker = jobs.looker()
    git(looker.clone, "remote", "set-url", "origin", f"file://{on_branch.remote}-gone")
    assert jobs.collect() == 4
    assert not jobs.collected.exists()


def test_no_secret_travels(jobs, dear_service, capsys):
    """A server repeats the password in what it refuses; neither document, nor any log, holds it (H09, H10)."""
    words = json.dumps({"status": "error", "errorType": "execution", "error": f"ada:{PASSWORD} may not ask this"})
    echoing = only_for("node_memory", answer(422, words.encode()), relay(dear_service.url, lambda document: document))
    with FlakyServer(echoing) as server:
        jobs.environment |= {
            "PROMETHEUS_URL": server.url,
            "PROMETHEUS_USERNAME": "ada",
            "PROMETHEUS_PASSWORD": PASSWORD,
        }
        assert jobs.run() == (0, 0, 0)
    collected, decided = jobs.documents()
    (gap,) = [one for one in collected.services[0].observation.gaps if one.metric == "memory_percent"]
    assert "may not ask this" in gap.reason
    heard = capsys.readouterr()
    places = {path: content.decode() for path, content in collected.memory.items()}
    places |= {path.name: path.read_text() for path in (jobs.collected, jobs.decided)}
    places |= {"collected": str(collected), "decided": str(decided), "stdout": heard.out, "stderr": heard.err}
    assert leaks(places, [PASSWORD]) == []
