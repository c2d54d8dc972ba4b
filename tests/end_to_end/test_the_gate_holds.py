"""Ways around what a team allows: through another branch, another file, another moment, another person's request."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from agents import CONFIG, Agent
from fakes.github import FakeGitHub, Fault
from fakes.github_state import Pull
from proposing import BRANCH, SAVE, SECURE, SETTINGS, SIX_HOURS, Team, environment, run_wanting, site_with
from repositories import TFVARS, commit_file, git

from ai_ops.domain.cycle import DeliveryStatus
from ai_ops.domain.errors import ConfigError
from ai_ops.domain.pull_request import STOP_LABEL
from ai_ops.git_client import BOT
from ai_ops.wiring import open_session
from ai_ops.wiring.rollback import take_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

COMMITTING = SETTINGS.replace("mode: propose", "mode: commit")
MERGING = SETTINGS.replace("{autonomy: granted}", "{autonomy: granted, auto_merge: urgent}")


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Callable[..., Team]]:
    """Founds a team: `found(settings)` has these on its main."""
    teams: list[Team] = []
    servers: list[FakeGitHub] = []

    def founded(settings: str = SETTINGS) -> Team:
        site = site_with(tmp_path, settings=settings)
        github = FakeGitHub(site.remote, clock=lambda: teams[0].now)
        servers.append(github.__enter__())
        teams.append(Team(site, Agent(site.clone("checkout"), environment(github)), github))
        return teams[0]

    yield founded
    for server in servers:
        server.__exit__(None, None, None)


def opened_by(team: Team, who: str, base: str, title: str = "By hand") -> Pull:
    """Let somebody open a request of the agent's branch into a base of their choice."""
    state = team.github.state
    number, tip = state.next_number(), team.site.tip(BRANCH)
    state.pulls[number] = Pull(number, state.name, BRANCH, tip, base, title, "their words", who, team.now)
    return state.pulls[number]


def settings_with(**changes: Any) -> bytes:
    """The team's settings, changed."""
    document = yaml.safe_load(SETTINGS % {"store": "folders"}) | changes
    return yaml.safe_dump(document, sort_keys=False).encode()


class TestAnotherBase:
    """The settings of one branch say nothing about another."""

    def test_a_request_into_another_branch_is_somebody_elses(self, found):
        """It is not rewritten, not merged, not closed, and does not count; ours is opened beside it (R11)."""
        team = found(MERGING)
        team.run(SAVE)
        team.github.human_closes(1)
        git(team.site.remote, "branch", "release", "main")
        theirs = opened_by(team, "mallory", "release")
        release = team.site.tip("release")

        result = team.run(SECURE, is_urgent=True)

        assert result.delivery.status is DeliveryStatus.COMMITTED
        assert (theirs.state, theirs.title, theirs.body) == ("open", "By hand", "their words")
        assert team.site.tip("release") == release

    def test_a_request_that_people_turned_elsewhere_is_theirs(self, found):
        """Edit, base: release. What the team allows on main was never asked of release."""
        team = found(MERGING)
        git(team.site.remote, "branch", "release", "main")
        team.run(SAVE)
        team.github.state.pulls[1].base = "release"
        release = team.site.tip("release")
        team.run(SECURE, is_urgent=True)
        assert team.site.tip("release") == release
        assert team.pulls[0].state == "open"

    def test_the_settings_cannot_name_a_branch_with_looser_ones(self, found):
        """A checkout that points to a branch of its own merges nothing into main."""
        team = found()
        loose = settings_with(approval={"autonomy": "granted", "auto_merge": "urgent"})
        git(team.site.remote, "branch", "feature", "main")
        team.site.human_pushes(CONFIG, loose, "feature")
        team.run(SECURE)
        main = team.site.tip()
        team.agent.configure(repository={"branch": "feature"}, approval={"autonomy": "granted", "auto_merge": "urgent"})
        team.run(SECURE, is_urgent=True)
        assert team.site.tip() == main
        assert [pull.state for pull in team.pulls if pull.base == "main"] == ["open"]


class TestAnotherFile:
    """What main says is read from main's own file."""

    @pytest.mark.parametrize("inside", [True, False], ids=["inside", "outside"])
    def test_a_symbolic_link_leads_nowhere(self, found, tmp_path, inside):
        """Neither to a loose file that main happens to hold, nor out of the repository."""
        team = found()
        loose = settings_with(mode="commit")
        team.site.human_pushes("docs/example.yaml", loose)
        (tmp_path / "loose.yaml").write_bytes(loose)
        git(team.agent.clone, "pull", "-q")
        file = team.agent.clone / CONFIG
        file.unlink()
        file.symlink_to(team.agent.clone / "docs/example.yaml" if inside else tmp_path / "loose.yaml")
        main = team.site.tip()
        assert team.run(SAVE).delivery.status is DeliveryStatus.PROPOSED
        assert team.site.tip() == main

    def test_a_settings_file_elsewhere_counts_beside_the_one_of_main(self, found, tmp_path):
        """`--config` can tighten what main says, and not replace it."""
        team = found()
        own = tmp_path / "own.yaml"
        own.write_bytes(settings_with(mode="commit"))

        class AskedElsewhere(Agent):
            def place(self, now):
                return replace(Agent.place(self, now), config=own)

        agent, main = AskedElsewhere(team.agent.clone, team.agent.environment), team.site.tip()
        assert team.run(SAVE, agent=agent).delivery.status is DeliveryStatus.PROPOSED
        assert team.site.tip() == main

    def test_a_knob_is_moved_only_where_main_has_it(self, found):
        """A checkout that looks for it in another file would change what nobody has approved."""
        team = found(COMMITTING)
        team.site.human_pushes("infrastructure/terraform/prod.tfvars", team.site.content(TFVARS))
        main = team.site.tip()
        team.agent.configure(service={"tfvars": {"file": "infrastructure/terraform/prod.tfvars"}})
        result = team.run(SAVE)
        assert result.delivery.status is DeliveryStatus.REFUSED
        assert "cpu_scale_in_percent in another place" in result.delivery.reason
        assert team.site.tip() == main

    def test_a_token_goes_nowhere_that_only_a_file_names(self, found):
        """The settings may come with anybody's branch (H10)."""
        team = found()
        team.agent.environment = {"NEUROPILOT_GITHUB_TOKEN": "t" * 20, "GITHUB_REPOSITORY": "acme/shop"}
        team.agent.configure(github_api_url="https://api.evil.example")
        with pytest.raises(ConfigError, match=r"evil\.example is not where this repository lies"):
            team.run(SAVE)


class TestForgedCommits:
    """Anybody may commit in the agent's name, and write what it writes."""

    @staticmethod
    def push_forged(team: Team, wanted: bytes, *, on: str) -> None:
        """Let somebody put a commit on the branch that looks like the agent's, with one more file in it."""
        clone = team.site.clone(f"mallory-{team.site.tip(on)[:8]}", f"--branch={on}")
        (clone / TFVARS).write_bytes(wanted)
        (clone / "evil").write_text("curl | sh\n")
        git(clone, "add", "--all")
        message = "ai-ops: web cpu_scale_out_percent 80 -> 75\n\nEpisode: web-20261116T12Z\nReason: why\n"
        who = ("-c", f"user.name={BOT[0]}", "-c", f"user.email={BOT[1]}")
        git(clone, *who, "commit", "-q", "-m", message)
        git(clone, "push", "-q", "origin", f"HEAD:{BRANCH}")

    @pytest.mark.parametrize("settings", [SETTINGS, MERGING], ids=["reviewed", "merging"])
    @pytest.mark.parametrize("on", ["main", BRANCH])
    def test_nothing_but_the_edit_is_proposed_or_merged(self, found, settings, on):
        """What a commit holds counts, not who has made it: the branch is put right before anything else (H17)."""
        team = found(settings)
        wanted = team.site.content().replace(b"cpu_scale_out_percent    = 80", b"cpu_scale_out_percent    = 75")
        if on == BRANCH:
            team.run(SECURE)
        self.push_forged(team, wanted, on=on)
        team.run(SECURE, is_urgent=True)
        assert "evil" not in git(team.site.remote, "ls-tree", "-r", "--name-only", "main").split()
        assert "evil" not in git(team.site.remote, "ls-tree", "-r", "--name-only", BRANCH).split()

    @pytest.mark.parametrize("seconds", ["9999999999999", "100000000000000000"])
    def test_a_commit_from_no_time_at_all_stops_nothing(self, found, monkeypatch, seconds):
        """Git takes any number for a date."""
        team = found(COMMITTING)
        clone = team.site.clone("colleague")
        tree = git(clone, "rev-parse", "HEAD^{tree}")
        head = git(clone, "rev-parse", "HEAD")
        raw = (
            f"tree {tree}\nparent {head}\nauthor Ada <a@b> {seconds} +0000\ncommitter Ada <a@b> {seconds} +0000\n\nx\n"
        )
        commit = git(clone, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=raw.encode())
        git(clone, "push", "-q", "origin", f"{commit}:refs/heads/main")
        assert team.run(SAVE).delivery.status is DeliveryStatus.COMMITTED

    @pytest.mark.parametrize("settings", [SETTINGS, COMMITTING], ids=["propose", "commit"])
    def test_what_is_still_to_come_has_not_landed(self, found, settings):
        """A commit that lists the episodes of the next days would silence the agent."""
        team = found(settings)
        clone = team.site.clone("colleague")
        names = [f"web-202611{day}T{hour:02}Z" for day in (16, 17) for hour in (0, 6, 12, 18)]
        trailers = "\n".join(f"Episode: {name}" for name in names)
        git(clone, "commit", "-q", "--allow-empty", "-m", f"Fix typo\n\n{trailers}")
        git(clone, "push", "-q", "origin", "HEAD:main")
        status = team.run(SAVE).delivery.status
        assert status is (DeliveryStatus.PROPOSED if settings is SETTINGS else DeliveryStatus.COMMITTED)


class TestAnotherMoment:
    """What holds when it is done, not when it was thought of."""

    def test_a_freeze_on_main_holds_in_every_checkout(self, found):
        """Who, what, when: the when is main's as well."""
        frozen = {"from": "2026-11-01T00:00Z", "to": "2026-12-01T00:00Z", "reason": "release"}
        tuning = {"policy": "rules", "freeze_windows": [frozen]}
        team = found()
        team.site.human_pushes(CONFIG, settings_with(tuning=tuning, mode="commit"))
        result = team.run(SAVE)
        assert result.delivery.status is DeliveryStatus.REFUSED
        assert "frozen until 2026-12-01 00:00 UTC: release" in result.delivery.reason

    def test_a_label_that_comes_at_the_last_moment_stops_the_merge(self, found):
        """It is asked for once more right before the merge (H26)."""
        team = found(MERGING)
        posted = team.github.judge

        def labelled(method, target, headers, body):
            answer = posted(method, target, headers, body)
            if method == "POST" and target.endswith("/pulls"):
                team.github.human_labels(1, STOP_LABEL.title())
            return answer

        team.github.judge = labelled
        result = team.run(SECURE, is_urgent=True)
        assert team.pulls[0].state == "open"
        assert f"it is not merged: stopped by the label {STOP_LABEL}" in result.delivery.reason

    def test_what_merges_itself_is_what_was_judged(self, found):
        """Not an older proposal that is nearly the same: main may have tightened its bounds since."""
        team = found(MERGING)
        team.github.state.required_reviews = 1
        team.run(replace(SECURE, after=70.0), is_urgent=True)
        team.github.state.required_reviews = 0
        assert team.run(replace(SECURE, after=75.0), is_urgent=True).delivery.status is DeliveryStatus.COMMITTED
        assert b"cpu_scale_out_percent    = 75" in team.site.content()


class TestAfterwards:
    """What people did with a request decides what happens next."""

    def test_an_urgent_change_needs_no_free_opening(self, found):
        """A week of proposals does not stand between a service and its safety."""
        team = found()
        for number, value in enumerate((31.0, 32.0, 33.0), start=1):
            team.run(replace(SAVE, after=value))
            team.github.human_closes(number)
        assert team.run(SECURE).delivery.status is DeliveryStatus.RECORDED
        assert team.run(SECURE, is_urgent=True).delivery.status is DeliveryStatus.PROPOSED

    def test_nearly_the_same_confirms_what_is_open(self, found):
        """It was said to be left as it is, so it is not closed as if nobody wanted it."""
        team = found()
        team.run(SAVE)
        for _ in range(9):
            team.run(replace(SAVE, after=36.0), saves=0.205)
        team.run()
        assert [pull.state for pull in team.pulls] == ["open"]

    def test_a_branch_that_people_updated_and_merged_is_over(self, found):
        """GitHub's own button merges main into it; after the merge the agent goes on."""
        team = found()
        team.run(SAVE)
        clone = team.site.clone("colleague", f"--branch={BRANCH}")
        team.site.human_pushes("docs/news.md", b"news\n")
        git(clone, "fetch", "-q", "origin")
        git(clone, "merge", "-q", "--no-edit", "origin/main")
        git(clone, "push", "-q", "origin", f"HEAD:{BRANCH}")
        team.github.human_merges(1, "squash")
        assert team.run(SECURE).delivery.status is DeliveryStatus.PROPOSED
        assert [pull.state for pull in team.pulls] == ["closed", "open"]

    def test_a_comment_that_is_refused_costs_no_delivery(self, found):
        """What was asked stays asked; the run says what it could not do beside it."""
        team = found()
        team.run(SAVE)
        team.github.human_merges(1)
        team.github.inject(*[Fault(path="/issues/1/comments", status=403, body=b'{"message": "no"}')] * 3)
        result = team.run(SECURE)
        assert result.delivery.status is DeliveryStatus.PROPOSED
        assert "what was asked before was not looked after" in result.delivery.reason

    def test_a_file_that_moved_is_no_obstacle(self, found):
        """The old branch does not know its new place."""
        team = found()
        team.run(SAVE)
        team.github.human_closes(1)
        moved, clone = "infrastructure/prod.tfvars", team.site.clone("colleague")
        git(clone, "mv", TFVARS, moved)
        commit_file(clone, CONFIG, settings_with(services=[{"name": "web", "tfvars": {"file": moved}}]))
        git(clone, "push", "-q", "origin", "HEAD:main")
        git(team.agent.clone, "pull", "-q")
        assert team.run(SECURE).delivery.status is DeliveryStatus.PROPOSED

    def test_what_was_merged_and_taken_back_is_not_asked_again_by_a_repeat(self, found):
        """The second run of a period finishes the first, and here people have finished it (H18)."""
        team = found()
        team.run(SAVE)
        before = git(team.site.remote, "rev-parse", "main")
        team.github.human_merges(1)
        clone = team.site.clone("colleague")
        git(clone, "checkout", "-q", before, "--", ".")
        git(clone, "commit", "-q", "-m", "Take it back")
        git(clone, "push", "-q", "origin", "HEAD:main")
        result = team.run(SAVE, later=timedelta(minutes=30))
        assert result.is_repeat
        assert result.delivery.status is DeliveryStatus.RECORDED
        assert [pull.state for pull in team.pulls] == ["closed"]

    def test_what_people_open_again_is_not_closed_again(self, found):
        """Their word is the later one."""
        team = found()
        team.run(SAVE)
        team.run(later=timedelta(days=3))
        assert team.pulls[0].state == "closed"
        team.github.human_reopens(1)
        team.run(later=timedelta(days=3))
        assert team.pulls[0].state == "open"

    def test_a_rollback_hides_no_missed_window(self, found):
        """Nothing was measured when a person took something back (R29)."""
        team = found(COMMITTING)
        taken = team.run(SAVE)
        now = team.now + timedelta(hours=18)
        with open_session(team.agent.place(now), is_writing=True) as session:
            take_back(session, taken.episode.id, by="ada", because="no")
        after = run_wanting(team.agent, now + SIX_HOURS, ())
        assert after.episode.window.start == taken.episode.window.end

    def test_a_big_step_for_safety_can_be_taken_back(self, found):
        """Its body promised one line; the bounds count, the step was allowed on the way there."""
        team = found(COMMITTING)
        taken = team.run(replace(SECURE, after=58.0), is_urgent=True)
        assert b"cpu_scale_out_percent    = 58" in team.site.content()
        with open_session(team.agent.place(team.now + SIX_HOURS), is_writing=True) as session:
            take_back(session, taken.episode.id, by="ada", because="no")
        assert b"cpu_scale_out_percent    = 80" in team.site.content()
