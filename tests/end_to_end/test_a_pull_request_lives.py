"""The life of a pull request: a real bare remote, a GitHub that enforces its rules, the agent run by run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from aftermath import episodes
from agents import Agent
from fakes.github import FakeGitHub, Fault
from predictions import an_outcome
from proposing import (
    BEGIN,
    BRANCH,
    SAVE,
    SAVE_MORE,
    SECURE,
    SETTINGS,
    SIX_HOURS,
    Team,
    environment,
    run_wanting,
    site_with,
)
from repositories import TFVARS, commit_file, git

from ai_ops.apply.pull_request_body.markers import episode_in
from ai_ops.domain.cycle import DeliveryStatus
from ai_ops.domain.errors import DeliveryError
from ai_ops.domain.prediction import Verdict
from ai_ops.domain.pull_request import STOP_LABEL


def hit(team: Team, verdict: Verdict = Verdict.HIT, **changes: object):
    """What became of the newest prediction of a change, judged now."""
    made_at = max(one.prediction.made_at for one in episodes(team.agent) if one.decision.changes)
    judged_at = team.now + SIX_HOURS
    return an_outcome(0, verdict, made_at=made_at, judged_at=judged_at, is_live_change=True, **changes)


def test_a_saving_becomes_one_small_pull_request(team):
    """One branch, one commit, one file, one request that carries its own proof; main is not touched (S001-14, R11)."""
    main = team.site.tip()

    result = team.run(SAVE)

    assert result.delivery.status is DeliveryStatus.PROPOSED, result.delivery.reason
    (pull,) = team.pulls
    assert (pull.branch, pull.base, pull.state) == (BRANCH, "main", "open")
    assert team.site.tip() == main
    assert pull.title.startswith("ai-ops: web cpu_scale_in_percent 30 -> 35")
    assert episode_in(pull.body) == result.episode.id
    assert f"neuropilot rollback {result.episode.id} --apply" in pull.body
    assert git(team.site.remote, "diff", "--name-only", f"main..{BRANCH}") == TFVARS
    assert git(team.site.remote, "rev-list", "--count", f"main..{BRANCH}") == "1"
    assert f"Episode: {result.episode.id}" in team.site.message(BRANCH)
    assert any(f"proposed - #{pull.number} is open" in line for line in team.told)
    assert result.delivery.url in " ".join(team.told)


def test_those_who_shall_review_it_are_asked(team):
    """Once, when it is opened; who may not be asked keeps nothing from being open (S001-129)."""
    team.agent.configure(approval={"autonomy": "granted", "reviewers": ["ada"]})
    result = team.run(SAVE)
    assert team.github.state.review_requests == {1: {"ada"}}
    assert "#1 is open, ada shall review it" in result.delivery.reason
    team.github.human_closes(1)
    team.agent.configure(approval={"autonomy": "granted", "reviewers": ["stranger"]})
    result = team.run(SAVE_MORE, saves=0.3)
    assert result.delivery.status is DeliveryStatus.PROPOSED
    assert "#2 is open, but nobody was asked to review pull request #2" in result.delivery.reason


def test_the_same_proposal_is_not_made_twice(team):
    """Each run confirms it; nobody is told again, nothing is pushed, nothing is written to GitHub (H18)."""
    team.run(SAVE)
    tip, body, writes = team.site.tip(BRANCH), team.pulls[0].body, len(team.github.writes)

    result = team.run(SAVE)

    assert result.delivery.status is DeliveryStatus.PROPOSED
    assert "proposes this already" in result.delivery.reason
    assert (team.site.tip(BRANCH), team.pulls[0].body, len(team.github.writes)) == (tip, body, writes)


def test_a_proposal_that_changes_is_brought_up_to_date(team):
    """The branch is replaced, the text written anew; it stays the one request of the service."""
    team.run(SAVE)

    result = team.run(SAVE_MORE, saves=0.3)

    (pull,) = team.pulls
    assert "brought up to date" in result.delivery.reason
    assert b"cpu_scale_in_percent     = 40" in team.site.content(branch=BRANCH)
    assert git(team.site.remote, "rev-list", "--count", f"main..{BRANCH}") == "1"
    assert episode_in(pull.body) == result.episode.id
    assert "40" in pull.title


def test_nearly_the_same_is_left_as_it_is(team):
    """Whoever has begun to read shall not begin again for a percent."""
    team.run(SAVE)
    tip = team.site.tip(BRANCH)
    result = team.run(SAVE_MORE, saves=0.21)
    assert "nearly the same" in result.delivery.reason
    assert team.site.tip(BRANCH) == tip


def test_what_changes_next_to_nothing_is_not_proposed(team):
    """A percent is not worth a person's minute; what is urgent always is."""
    result = team.run(SAVE, saves=0.01)
    assert result.delivery.status is DeliveryStatus.RECORDED
    assert "not worth a review" in result.delivery.reason
    assert team.pulls == []
    assert team.run(SECURE, saves=0.01, is_urgent=True).delivery.status is DeliveryStatus.PROPOSED


def test_once_people_have_pushed_it_is_theirs(team):
    """Not updated, not closed, not replaced, whatever the agent wants (R11)."""
    team.run(SAVE)
    theirs = team.site.human_pushes("docs/why.md", b"because\n", BRANCH)
    body = team.pulls[0].body

    for changes in ((SAVE_MORE,), ()):
        result = team.run(*changes, later=timedelta(days=9))
        (pull,) = team.pulls
        assert (pull.state, pull.body, team.site.tip(BRANCH)) == ("open", body, theirs)
        assert not changes or "theirs" in result.delivery.reason
    assert team.comments(1) == []


def test_what_no_run_wants_any_more_is_closed_with_the_reason(team):
    """Two days without a word for it: the reader is told why, in the agent's own newest words."""
    team.run(SAVE)
    assert team.run(later=timedelta(hours=30)).delivery.status is DeliveryStatus.NOTHING_TO_DO
    assert team.pulls[0].state == "open"

    result = team.run(later=timedelta(hours=20))

    assert team.pulls[0].state == "closed"
    assert "#1 is closed: no run since" in result.delivery.reason
    (comment,) = team.comments(1)
    assert "nothing is wrong any more" in comment


def test_what_nobody_decides_on_expires_and_then_rests(team):
    """An old request is worse than none; the same one does not come back the next day."""
    team.run(SAVE)
    for _ in range(13):
        team.run(SAVE, later=timedelta(days=1))
    assert team.pulls[0].state == "open"

    team.run(later=timedelta(days=1, hours=6))
    assert team.pulls[0].state == "closed"
    assert "nobody has decided on it within 14 days" in team.comments(1)[0]

    again = team.run(SAVE)
    assert again.delivery.status is DeliveryStatus.RECORDED
    assert "#1 proposed the same and was closed" in again.delivery.reason
    assert team.run(SAVE_MORE, saves=0.3).delivery.status is DeliveryStatus.PROPOSED


def test_people_who_close_it_are_not_asked_again_so_soon(team):
    """A no is an answer; something urgent may still be asked for."""
    team.run(SECURE)
    team.github.human_closes(1)
    assert "closed" in team.run(SECURE).delivery.reason
    assert [pull.state for pull in team.pulls] == ["closed"]
    assert team.run(SECURE, is_urgent=True).delivery.status is DeliveryStatus.PROPOSED
    assert [pull.state for pull in team.pulls] == ["closed", "open"]


def test_there_are_at_most_three_openings_a_week(team):
    """A team that is asked every day stops reading."""
    for number, value in enumerate((31.0, 32.0, 33.0), start=1):
        assert team.run(replace(SAVE, after=value)).delivery.status is DeliveryStatus.PROPOSED
        team.github.human_closes(number)
    fourth = team.run(replace(SAVE, after=34.0))
    assert fourth.delivery.status is DeliveryStatus.RECORDED
    assert "3 pull requests were opened in the last seven days" in fourth.delivery.reason
    assert team.run(replace(SAVE, after=34.0), later=timedelta(days=7)).delivery.status is DeliveryStatus.PROPOSED


@pytest.mark.parametrize("how", ["merge", "squash", "rebase"])
def test_after_the_merge_one_comment_says_when_and_then_what_became_of_it(team, how):
    """Live, to be judged then; a day later the same comment says predicted, realised, hit (S001-138)."""
    merged = team.run(SAVE).episode
    team.github.human_merges(1, how)
    assert b"cpu_scale_in_percent     = 35" in team.site.content()

    team.run()
    (live,) = team.comments(1)
    assert "Live since 2026-11-16 12:05 UTC; it will be judged at 2026-11-17 12:05 UTC" in live
    team.run()
    assert team.comments(1) == [live]

    team.run(later=timedelta(hours=24), outcomes=(hit(team),))
    (judged,) = team.comments(1)
    assert "Hit" in judged
    assert judged.splitlines()[0] == live.splitlines()[0]
    assert merged.id in judged
    team.run(later=timedelta(days=5))
    assert team.comments(1) == [judged]


def test_a_miss_beyond_tolerance_opens_the_way_back(team):
    """The comment says so, and the next proposal undoes it in a request of its own."""
    team.run(SAVE)
    team.github.human_merges(1)
    team.run()
    harm = hit(team, Verdict.MISS, burn=2.0)
    back = replace(SAVE, before=SAVE.after, after=SAVE.before)

    result = team.run(back, is_urgent=True, outcomes=(harm,), later=timedelta(hours=24))

    (comment,) = team.comments(1)
    assert "Miss" in comment
    assert "beyond tolerance: the agent proposes to take it back" in comment
    first, second = team.pulls
    assert (first.state, second.state) == ("closed", "open")
    assert result.delivery.status is DeliveryStatus.PROPOSED
    assert b"cpu_scale_in_percent     = 30" in team.site.content(branch=BRANCH)
    team.github.human_merges(2)
    assert b"cpu_scale_in_percent     = 30" in team.site.content()


def test_a_merge_by_people_of_other_values_is_closed_as_outdated(team):
    """Somebody moved the knob by hand: the request rests on what stood there before (H17)."""
    team.run(SAVE)
    text = team.site.content().replace(b"cpu_scale_in_percent     = 30", b"cpu_scale_in_percent     = 33")
    team.site.human_pushes(TFVARS, text)
    result = team.run()
    assert team.pulls[0].state == "closed"
    assert "cpu_scale_in_percent was moved to 33 on main" in result.delivery.reason


def test_a_label_stops_the_agent_until_it_is_taken_off(team):
    """The nearest brake is on the page that the reviewer has open (H26)."""
    team.run(SAVE)
    team.github.human_labels(1, STOP_LABEL)
    tip = team.site.tip(BRANCH)
    result = team.run(SAVE_MORE, saves=0.5)
    assert result.delivery.status is DeliveryStatus.REFUSED
    assert f"stopped by the label {STOP_LABEL} on #1" in result.delivery.reason
    assert team.site.tip(BRANCH) == tip
    team.github.human_unlabels(1, STOP_LABEL)
    assert team.run(SAVE_MORE, saves=0.5).delivery.status is DeliveryStatus.PROPOSED


def test_the_label_is_not_lost_with_its_request(team):
    """The agent does not close what carries the brake, however long it holds (H26)."""
    team.run(SAVE)
    team.github.human_labels(1, STOP_LABEL)
    for _ in range(3):
        team.run(later=timedelta(days=9))
    assert team.pulls[0].state == "open"
    assert "stopped by the label" in team.run(SAVE_MORE, saves=0.5).delivery.reason


def test_a_file_in_the_repository_stops_the_agent(team):
    """A commit is enough, from any machine; its first line is the reason (H26)."""
    team.site.human_pushes("ai_ops/STOP", b"release week\n")
    result = team.run(SAVE)
    assert result.delivery.status is DeliveryStatus.REFUSED
    assert "stopped by the file ai_ops/STOP: release week" in result.delivery.reason
    assert team.pulls == []


def test_a_pull_request_cannot_loosen_what_the_team_allows(team):
    """The settings of the checkout say commit; those of main say propose, and main counts (R11)."""
    main = team.site.tip()
    team.agent.configure(mode="commit")
    assert team.run(SAVE).delivery.status is DeliveryStatus.PROPOSED
    assert team.site.tip() == main


def test_a_pull_request_can_tighten_it(team):
    """A checkout that only watches proposes nothing, whatever main allows."""
    team.agent.configure(mode="observe")
    assert team.run(SAVE).delivery.status is DeliveryStatus.RECORDED
    assert team.pulls == []


def test_wrong_settings_on_the_base_branch_refuse(team):
    """An error in the gate is no way through it."""
    team.site.human_pushes("ai_ops/config/ops_config.yaml", b"mode: proposee\n")
    result = team.run(SAVE)
    assert result.delivery.status is DeliveryStatus.REFUSED
    assert "cannot be read from the branch that would change" in result.delivery.reason
    assert team.pulls == []


@pytest.mark.parametrize(
    ("changes", "is_urgent", "merges"), [((SECURE,), True, True), ((SECURE,), False, False), ((SAVE,), True, False)]
)
def test_the_lane_that_merges_itself_is_for_what_is_urgent_and_safe(tmp_path, changes, is_urgent, merges):
    """Off by default; on, a slow reviewer costs the promise nothing, and savings wait all the same (S001-136)."""
    site = site_with(tmp_path, settings=_merging())
    teams: list[Team] = []
    with FakeGitHub(site.remote, clock=lambda: teams[0].now) as github:
        team = Team(site, Agent(site.clone("checkout"), environment(github)), github)
        teams.append(team)
        result = team.run(*changes, is_urgent=is_urgent)
        assert [pull.state for pull in team.pulls] == ["closed" if merges else "open"]
        assert (result.delivery.status is DeliveryStatus.COMMITTED) is merges
        assert (b"cpu_scale_out_percent    = 75" in site.content()) is merges


def test_branch_protection_holds_in_that_lane_as_well(tmp_path):
    """A base that wants a review gets one: the request stays open, and the run says why."""
    site = site_with(tmp_path, settings=_merging())
    teams: list[Team] = []
    with FakeGitHub(site.remote, clock=lambda: teams[0].now) as github:
        github.state.required_reviews = 1
        team = Team(site, Agent(site.clone("checkout"), environment(github)), github)
        teams.append(team)
        result = team.run(SECURE, is_urgent=True)
        assert result.delivery.status is DeliveryStatus.PROPOSED
        assert "urgent and may merge itself, but" in result.delivery.reason
        assert team.pulls[0].state == "open"


def _merging() -> str:
    return SETTINGS.replace("{autonomy: granted}", "{autonomy: granted, auto_merge: urgent}")


def test_a_run_that_died_between_branch_and_request_is_made_up_for(team):
    """The branch is there, nobody was asked: the next run asks, with the same commit."""
    forbidden = b'{"message": "Resource not accessible by integration"}'
    team.github.inject(Fault(method="POST", path="/pulls$", status=403, body=forbidden))
    with pytest.raises(DeliveryError, match="give the token `pull-requests: write`"):
        team.run(SAVE)
    assert team.pulls == []
    tip = team.site.tip(BRANCH)
    assert tip
    result = team.run(SAVE)
    assert result.delivery.status is DeliveryStatus.PROPOSED
    assert [pull.head for pull in team.pulls] == [team.site.tip(BRANCH)]


def test_a_branch_of_people_with_that_name_is_left_alone(team):
    """`neuropilot/web` may be somebody's own."""
    clone = team.site.clone("colleague")
    theirs = commit_file(clone, "README.md", b"# theirs\n")
    git(clone, "push", "-q", "origin", f"HEAD:{BRANCH}")
    result = team.run(SAVE)
    assert result.delivery.status is DeliveryStatus.RECORDED
    assert "people have written to the branch neuropilot/web" in result.delivery.reason
    assert team.site.tip(BRANCH) == theirs


def test_a_request_from_a_fork_is_nobody_of_ours(team):
    """A stranger's branch may have any name, and any text (H15)."""
    team.github.fork_opens("mallory", BRANCH)
    assert team.run(SAVE).delivery.status is DeliveryStatus.PROPOSED
    ours = [pull for pull in team.pulls if pull.head_repository == "acme/shop"]
    assert [pull.state for pull in ours] == ["open"]


def test_a_dry_run_asks_nobody(team):
    """Without --apply nothing is pushed, opened or written."""
    result = team.run(SAVE, is_writing=False)
    assert result.delivery.status is DeliveryStatus.SHOWN
    assert team.github.writes == []
    assert team.site.tip(BRANCH) == ""


def test_another_host_gets_the_branch_and_a_word_to_people(tmp_path):
    """Where no API is known, git is enough, and a person opens the request."""
    site = site_with(tmp_path)
    agent = Agent(site.clone("checkout"), {})
    result = run_wanting(agent, BEGIN, (SAVE,))
    tip = site.tip(BRANCH)
    assert result.delivery.status is DeliveryStatus.PROPOSED
    assert tip
    assert "the branch neuropilot/web holds it; open a request for it into main" in result.delivery.reason
    assert run_wanting(agent, BEGIN + SIX_HOURS, (SAVE,)).delivery.status is DeliveryStatus.PROPOSED
    assert site.tip(BRANCH) == tip
