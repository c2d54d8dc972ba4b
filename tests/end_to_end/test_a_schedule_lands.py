"""A new schedule and another scaling mode, from the decision to the remote, the ledger and the card."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from agents import Agent, make_agent_site
from examples import a_situation, healthy_series
from repositories import TFVARS, git
from terraform import needs_terraform, terraform

from ai_ops.cli.narrative import narrated
from ai_ops.cli.past import explain
from ai_ops.domain.cycle import DeliveryStatus
from ai_ops.domain.tuning import Change, Proposal, ScheduledMinimum
from ai_ops.ops_brain import run_until_it_lands
from ai_ops.tune.standstill import Standstill
from ai_ops.tune.tune import Tuner
from ai_ops.wiring import open_session, wire
from ai_ops.wiring.session import finish
from ai_ops.wiring.sources import tuner

NOW = datetime(2026, 11, 19, 18, 5, tzinfo=UTC)
SETTINGS = """\
mode: commit
tuning: {policy: rules}
metrics: {source: simulated}
state: {store: folders}
approval: {knobs: [scheduled_minimum, scaling_mode, min_instances], autonomy: granted}
services: [{name: web}]
"""
OFFICE = tuple(ScheduledMinimum(day * 1440 + 420, day * 1440 + 1140, 6) for day in range(5))
ROWS = "".join(
    f"  {{ from_minute_of_week = {one.from_minute_of_week}, to_minute_of_week = {one.to_minute_of_week}, "
    f"min_instances = 6 }},\n"
    for one in OFFICE
)
WEEK = Change("scheduled_minimum", (), OFFICE[::-1])
SWITCH = Change("scaling_mode", "threshold", "target")


class Wanting:
    """A policy that wants the same whatever it sees."""

    name = "rules"

    def __init__(self, *changes: Change) -> None:
        self.changes = changes

    def propose(self, situation) -> Proposal:
        """Want it."""
        return Proposal(self.changes, ("the mornings come at once",))


@pytest.fixture
def site(tmp_path):
    """A remote whose team lets the agent lay out a week."""
    return make_agent_site(tmp_path, settings=SETTINGS)


def run(agent: Agent, *changes: Change, now: datetime = NOW, is_writing: bool = True):
    """One cycle behind the real guardrails, in which the policy wants these changes."""
    told: list[str] = []
    with open_session(agent.place(now), is_writing=is_writing) as session:
        service = session.settings.services[0]
        wired, behind = wire(session, service), tuner(session.settings, service, Standstill())

        def tune(observation, findings, reward):
            situation = a_situation(
                now=now,
                observation=replace(observation, series=observation.series | healthy_series(end=now)),
                knobs=service.knobs,
                past=session.ledger.episodes("web"),
            )
            return Tuner(Wanting(*changes), behind.guardrails).decide(situation)

        result = run_until_it_lands(narrated(replace(wired.cycle, tune=tune), told.append), wired.window)
        finish(session)
    return result, told


def test_a_schedule_lands_in_the_remote_with_every_other_byte_as_it_was(site, slack, capsys):
    """One commit of one list, said in words wherever a person reads it (S001-82, S001-129, S001-143)."""
    agent, before = Agent(site.clone("checkout"), {"SLACK_WEBHOOK_URL": slack.url}), site.content()

    result, told = run(agent, WEEK)

    assert result.delivery.status is DeliveryStatus.COMMITTED, result.delivery.reason
    assert site.content() == before.replace(b"scheduled_minimum = []", f"scheduled_minimum = [\n{ROWS}]".encode())
    assert (agent.clone / TFVARS).read_bytes() == site.content()
    assert git(site.remote, "diff-tree", "-r", "--name-only", "--no-commit-id", "main") == TFVARS
    assert site.message().splitlines()[0].startswith("ai-ops: web scheduled_minimum 0 -> 5 entries")
    assert "- scheduled_minimum: Mon-Fri 07:00-19:00 UTC at least 6 (was: none)." in site.message()
    decided = "set scheduled_minimum to Mon-Fri 07:00-19:00 UTC at least 6 (was: none)"
    assert f"Decision: {decided}" in told
    assert "+  { from_minute_of_week = 420, to_minute_of_week = 1140, min_instances = 6 }," in " ".join(told)
    card = json.dumps(slack.cards[0], ensure_ascii=False)
    assert "scheduled_minimum 0 → 5 entries" in card
    assert "scheduled_minimum: Mon-Fri 07:00-19:00 UTC at least 6 (was: none)" in card
    explain(result.episode.id, root=agent.clone)
    assert f"decision   {decided}" in capsys.readouterr().out


def test_the_next_run_knows_what_it_did_and_rests(site, capsys):
    """Read back, the schedule is the one that was decided: credited, and nobody else's doing (S001-96, H42)."""
    agent = Agent(site.clone("checkout"), {})
    run(agent, WEEK)
    tip = site.tip()

    result, told = run(agent, SWITCH, now=NOW + timedelta(hours=6))

    assert site.tip() == tip
    assert result.episode.thresholds.scheduled_minimum == OFFICE
    assert "24 h must pass between two changes" in result.episode.decision.reasons[-1]
    assert "a person moved" not in " ".join(told)
    assert "earned by the change of" in result.episode.reward.reason


def test_a_switch_and_a_schedule_land_together(site):
    """Two values of one file in one commit; taken back a day later, the file is what it was."""
    agent, before = Agent(site.clone("checkout"), {}), site.content()
    run(agent, SWITCH, WEEK)
    assert b'scaling_mode = "target"\n' in site.content()
    assert ROWS.encode() in site.content()
    subject = site.message().splitlines()[0].removesuffix(" (simulated)")
    assert subject in {
        "ai-ops: web scaling_mode threshold -> target, scheduled_minimum 0 -> 5 entries",
        "ai-ops: web 2 settings",
    }

    back = (Change("scaling_mode", "target", "threshold"), Change("scheduled_minimum", OFFICE, ()))
    result, _ = run(agent, *back, now=NOW + timedelta(hours=30))

    assert result.delivery.status is DeliveryStatus.COMMITTED, result.delivery.reason
    assert site.content() == before


def test_a_schedule_that_nobody_approved_waits_for_a_person(site):
    """`approval.knobs` names the kinds of knobs alike (R11)."""
    agent, before = Agent(site.clone("checkout"), {}), site.tip()
    agent.configure(approval={"knobs": ["cpu_scale_in_percent"], "autonomy": "granted"})

    result, _ = run(agent, WEEK)

    assert site.tip() == before
    words = "scheduled_minimum is not listed under approval.knobs, so a person must move it"
    assert result.delivery.reason.endswith(words)
    assert ROWS.encode() in site.content(branch="neuropilot/web")  # for that person to merge
    assert ROWS.splitlines()[0] in result.delivery.diff


def test_a_schedule_above_the_maximum_is_never_delivered(site):
    """The file says 12 at most, so Terraform would refuse 13 (H41)."""
    agent, before = Agent(site.clone("checkout"), {}), site.tip()

    result, _ = run(agent, replace(WEEK, after=(ScheduledMinimum(0, 60, 13),)))

    assert site.tip() == before
    assert result.episode.decision.reasons[-1] == "scheduled_minimum would ask for 13, above max_instances (12)"


def test_a_file_without_the_two_lines_keeps_working(site, capsys):
    """What is not defined cannot be moved; doctor says in one line how to add it."""
    lines = site.content().splitlines(keepends=True)
    old = b"".join(line for line in lines if not line.startswith((b"scaling_mode", b"scheduled_minimum")))
    site.human_pushes(TFVARS, old)
    agent = Agent(site.clone("checkout"), {})

    result, _ = run(agent, Change("min_instances", 2.0, 3.0))
    assert site.content() == old.replace(b"min_instances    = 2", b"min_instances    = 3")
    assert result.episode.thresholds.values.keys().isdisjoint({"scaling_mode", "scheduled_minimum"})
    held, _ = run(agent, WEEK, now=NOW + timedelta(hours=30))
    assert held.episode.decision.reasons[-1].startswith("scheduled_minimum: the file does without it; `neuropilot doc")

    from ai_ops.wiring.checks import checks

    with open_session(agent.place(), is_writing=False) as session:
        (knobs,) = (check for check in checks(session, is_offline=True) if check.name == "knobs of web")
        said = knobs.attempt()
    assert said.endswith(
        f'cooldown_minutes 5; more could move: add the line `scaling_mode = "threshold"` to {TFVARS}; '
        f"the line `scheduled_minimum = []` to {TFVARS}"
    )


def test_comments_inside_of_a_persons_schedule_survive(site):
    """The list is read, and the decision to change it is held with the reason (H19)."""
    theirs = site.content().replace(b"= []", b"= [\n  # the sale\n" + ROWS.encode() + b"]")
    site.human_pushes(TFVARS, theirs)
    agent = Agent(site.clone("checkout"), {})

    result, _ = run(agent, Change("scheduled_minimum", OFFICE, ()))

    assert site.content() == theirs
    assert result.episode.thresholds.scheduled_minimum == OFFICE
    assert "holds a comment inside of the value" in result.episode.decision.reasons[-1]


def test_a_dry_run_shows_the_list(site):
    """The diff that a person would review, and nothing written (S001-61)."""
    agent, before = Agent(site.clone("checkout"), {}), site.tip()
    result, _ = run(agent, WEEK, is_writing=False)
    assert (site.tip(), agent.ledger) == (before, [])
    assert result.delivery.diff.count("\n+  { from_minute_of_week") == 5


@needs_terraform
def test_terraform_plans_what_was_delivered(site):
    """The module in the same commit takes it, and finds nothing to format."""
    agent = Agent(site.clone("checkout"), {})
    run(agent, SWITCH, WEEK)
    module = (agent.clone / TFVARS).parent
    terraform(module, "init")
    assert terraform(module, "plan", "-input=false").returncode == 0
    assert terraform(module, "fmt", "-check", "-recursive").returncode == 0
