"""What every code host owes its callers, run over each of them above a real git repository."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from fakes.code_host import DirectHost
from fakes.github import FakeGitHub
from fakes.github_state import APP_TOKEN
from repositories import Site, commit_file, git, make_site

from ai_ops.apply.github import GitHub, Limits
from ai_ops.domain.errors import DeliveryError, Overtaken
from ai_ops.domain.pull_request import PullRequestState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ai_ops.domain.ports import CodeHost

BRANCH = "neuropilot/web"
MARKER = "<!-- neuropilot:judgement -->"


@dataclass(frozen=True)
class Plug:
    """One code host, the repository that it serves, and the people who work there."""

    host: CodeHost
    site: Site
    people: FakeGitHub

    def push(self, content: bytes, branch: str = BRANCH) -> str:
        """Let a colleague push one commit to a branch, which begins at the base; returns its hash."""
        clone = self.site.remote.parent / "colleague"
        if not clone.exists():
            self.site.clone("colleague")
        git(clone, "fetch", "-q", "--prune")
        start = branch if self.site.tip(branch) else self.site.branch
        git(clone, "checkout", "-q", "--detach", f"origin/{start}")
        commit = commit_file(clone, "web.txt", content)
        git(clone, "push", "-q", "origin", f"HEAD:refs/heads/{branch}")
        return commit

    def opened(self) -> str:
        """Open #1 for a pushed branch; returns the branch's newest commit."""
        head = self.push(b"76\n")
        self.host.open(BRANCH, "main", "web: CPU 80 % -> 76 %", "Why.")
        return head


@contextmanager
def github_plug(site: Site) -> Iterator[Plug]:
    """GitHub behind its REST API."""
    with FakeGitHub(site.remote) as server:
        limits = Limits(pause_between_writes_seconds=0.0)
        host = GitHub(APP_TOKEN, "acme/shop", server.url, redact=str, limits=limits, sleep=lambda _: None)
        yield Plug(host, site, server)


@contextmanager
def direct_plug(site: Site) -> Iterator[Plug]:
    """The stand-in that other tests use."""
    with FakeGitHub(site.remote) as server:
        yield Plug(DirectHost(server.state), site, server)


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A remote to be copied."""
    return make_site(tmp_path_factory.mktemp("seed"))


@pytest.fixture(params=[github_plug, direct_plug], ids=["github", "direct"])
def plug(request: pytest.FixtureRequest, seed: Site, tmp_path: Path) -> Iterator[Plug]:
    """Each code host in turn."""
    start: Callable[[Site], AbstractContextManager[Plug]] = request.param
    with start(Site(shutil.copytree(seed.remote, tmp_path / "remote.git"), seed.branch)) as running:
        yield running


def test_it_has_a_name(plug: Plug) -> None:
    """Receipts and errors name it."""
    assert plug.host.name.isidentifier()


def test_a_branch_nobody_proposed_has_no_pull_requests(plug: Plug) -> None:
    """The first cycle of a service finds nothing, and that is no error."""
    assert plug.host.pull_requests(BRANCH) == ()


def test_what_was_opened_is_found_as_it_was_opened(plug: Plug) -> None:
    """The next run recognises its own proposal: number, text byte for byte, and the commit it holds."""
    head = plug.push(b"76\n")
    body = "| knob | now | new |\n|---|---|---|\n| CPU | 80 % | 76 % |\n\n<details>\u00b5s \u2192 \U0001f600</details>"
    opened = plug.host.open(BRANCH, "main", "web: CPU", body)
    assert (opened.state, opened.branch, opened.base) == (PullRequestState.OPEN, BRANCH, "main")
    assert (opened.head, opened.title, opened.body) == (head, "web: CPU", body)
    assert opened.url.endswith(f"/{opened.number}")
    assert opened.opened_at.utcoffset() is not None
    (found,) = plug.host.pull_requests(BRANCH)
    assert (found.number, found.head, found.title, found.body) == (opened.number, head, "web: CPU", body)


def test_the_head_follows_the_branch(plug: Plug) -> None:
    """Whose the newest commit is decides whether the agent may still write."""
    first = plug.opened()
    newer = plug.push(b"75\n")
    assert newer != first
    assert plug.host.pull_requests(BRANCH)[0].head == newer


def test_a_branch_has_one_open_pull_request(plug: Plug) -> None:
    """Two cycles at once make one pull request: the second learns that it was overtaken (H17)."""
    plug.opened()
    with pytest.raises(Overtaken):
        plug.host.open(BRANCH, "main", "again", "")
    assert len(plug.host.pull_requests(BRANCH)) == 1


@pytest.mark.parametrize(
    ("branch", "base", "title", "body"),
    [
        ("neuropilot/absent", "main", "t", ""),
        (BRANCH, "absent", "t", ""),
        ("main", "main", "t", ""),
        (BRANCH, "main", "", ""),
        (BRANCH, "main", "t" * 257, ""),
        (BRANCH, "main", "t", "b" * 65_537),
    ],
    ids=["no branch", "no base", "no commits", "no title", "long title", "long body"],
)
def test_what_cannot_be_opened_is_a_delivery_error(plug: Plug, branch: str, base: str, title: str, body: str) -> None:
    """The caller hears why, and nothing came about."""
    plug.push(b"76\n")
    with pytest.raises(DeliveryError, match=r"\w+ \w+"):
        plug.host.open(branch, base, title, body)
    assert plug.people.pulls == []


def test_the_longest_texts_are_taken(plug: Plug) -> None:
    """Title and body may use all the room that there is."""
    plug.push(b"76\n")
    assert len(plug.host.open(BRANCH, "main", "t" * 256, "b" * 65_536).body) == 65_536


def test_title_and_body_can_be_rewritten(plug: Plug) -> None:
    """The proposal changes, its number does not."""
    plug.opened()
    plug.host.edit(1, "web: CPU 80 % -> 75 %", "Another reason.")
    (found,) = plug.host.pull_requests(BRANCH)
    assert (found.title, found.body, found.is_open) == ("web: CPU 80 % -> 75 %", "Another reason.", True)


def test_what_does_not_exist_is_a_delivery_error(plug: Plug) -> None:
    """Every write names what it could not do."""
    calls: tuple[Callable[[], object], ...] = (
        lambda: plug.host.edit(99, "t", "b"),
        lambda: plug.host.close(99),
        lambda: plug.host.merge(99, "0" * 40),
        lambda: plug.host.say(99, MARKER, "hello"),
    )
    for call in calls:
        with pytest.raises(DeliveryError, match="#99"):
            call()


def test_closing_twice_closes_once(plug: Plug) -> None:
    """A run that died after closing is repeated without harm."""
    head = plug.opened()
    plug.host.close(1)
    (first,) = plug.host.pull_requests(BRANCH)
    plug.host.close(1)
    (second,) = plug.host.pull_requests(BRANCH)
    assert first == second
    assert (first.state, first.head, first.merge_commit) == (PullRequestState.CLOSED, head, None)
    assert first.closed_at is not None


def test_after_closing_a_new_one_can_be_opened(plug: Plug) -> None:
    """The newest comes first, and the old one stays in sight."""
    plug.opened()
    plug.host.close(1)
    plug.push(b"75\n")
    plug.host.open(BRANCH, "main", "again", "")
    found = plug.host.pull_requests(BRANCH)
    assert [(one.number, one.is_open) for one in found] == [(2, True), (1, False)]


def test_a_merge_brings_the_branch_to_its_base(plug: Plug) -> None:
    """What the reviewer saw is what the base holds, with the message that the next run looks for."""
    head = plug.opened()
    assert plug.host.merge(1, head) is None
    (found,) = plug.host.pull_requests(BRANCH)
    assert (found.state, found.merge_commit) == (PullRequestState.MERGED, plug.site.tip())
    assert plug.site.content("web.txt", "main") == b"76\n"
    assert plug.site.message("main").startswith("Edit web.txt")


@pytest.mark.parametrize("allowed", ["squash", "merge"])
def test_a_merge_takes_the_way_that_is_allowed(plug: Plug, allowed: str) -> None:
    """Teams allow one kind of merge; nobody has to tell the agent which."""
    plug.people.state.allowed_merges = {allowed}
    assert plug.host.merge(1, plug.opened()) is None
    assert plug.site.content("web.txt", "main") == b"76\n"


def test_merging_what_is_merged_is_done(plug: Plug) -> None:
    """A run that died after the merge is repeated without harm."""
    head = plug.opened()
    plug.host.merge(1, head)
    tip = plug.site.tip()
    assert plug.host.merge(1, head) is None
    assert plug.site.tip() == tip


def test_a_head_that_moved_is_not_merged(plug: Plug) -> None:
    """What a person pushed after the check was never checked (H17)."""
    head, tip = plug.opened(), plug.site.tip()
    plug.push(b"60\n")
    assert "modified" in (plug.host.merge(1, head) or "")
    assert plug.site.tip() == tip


def test_a_protected_branch_gives_its_reason(plug: Plug) -> None:
    """It is a sentence for the team, not an error: people review, and then merge."""
    head, tip = plug.opened(), plug.site.tip()
    plug.people.state.required_reviews = 1
    assert "approving review" in (plug.host.merge(1, head) or "")
    assert plug.site.tip() == tip
    plug.people.human_approves(1)
    assert plug.host.merge(1, head) is None


def test_conflicts_are_not_merged(plug: Plug) -> None:
    """Nobody's edit is overwritten."""
    head = plug.opened()
    plug.push(b"90\n", "main")
    assert "mergeable" in (plug.host.merge(1, head) or "")


@pytest.mark.parametrize("how", ["merge", "squash", "rebase"])
def test_merges_by_people_are_seen(plug: Plug, how: str) -> None:
    """The agent must notice that its change is live, whichever button was pressed."""
    plug.opened()
    commit = plug.people.human_merges(1, how)
    (found,) = plug.host.pull_requests(BRANCH)
    assert (found.state, found.merge_commit) == (PullRequestState.MERGED, commit)
    assert found.closed_at is not None


def test_what_people_do_is_seen(plug: Plug) -> None:
    """Labels stop the agent, edits are theirs."""
    plug.opened()
    plug.people.human_labels(1, "neuropilot-stop")
    plug.people.human_edits(1, title="Mine")
    (found,) = plug.host.pull_requests(BRANCH)
    assert (found.labels, found.title) == (frozenset({"neuropilot-stop"}), "Mine")
    plug.people.human_closes(1)
    assert plug.host.pull_requests(BRANCH)[0].state is PullRequestState.CLOSED


def test_forks_are_never_seen(plug: Plug) -> None:
    """A stranger's branch of the same name is no proposal of ours, even where the fork is gone (H15)."""
    plug.people.fork_opens("mallory", BRANCH)
    plug.people.fork_opens("acme", BRANCH).head_repository = "acme/shop-fork"
    plug.people.fork_opens("gone", BRANCH).head_repository = None
    assert plug.host.pull_requests(BRANCH) == ()
    plug.push(b"76\n")
    assert [plug.host.open(BRANCH, "main", "t", "").number] == [one.number for one in plug.host.pull_requests(BRANCH)]


def test_only_the_asked_branch_is_shown(plug: Plug) -> None:
    """Each service has its own."""
    plug.opened()
    plug.push(b"50\n", "neuropilot/web-2")
    plug.host.open("neuropilot/web-2", "main", "other", "")
    assert [one.branch for one in plug.host.pull_requests("neuropilot/web-2")] == ["neuropilot/web-2"]


def test_one_comment_is_kept_up_to_date(plug: Plug) -> None:
    """First the day of judgement, then the verdict: the thread does not grow."""
    plug.opened()
    for text in ("judged on Friday", "judged on Friday", "it held: hit"):
        plug.host.say(1, MARKER, text)
    (comment,) = plug.people.comments
    assert comment.body.startswith(MARKER)
    assert comment.body.endswith("it held: hit")


def test_people_and_teams_are_asked_for_a_review(plug: Plug) -> None:
    """Those who work in the repository; of others it is said why not, and nothing else fails (S001-129)."""
    plug.opened()
    assert plug.host.invite(1, ("ada", "acme/platform")) is None
    assert plug.people.state.review_requests == {1: {"ada", "acme/platform"}}
    assert "collaborator" in (plug.host.invite(1, ("stranger",)) or "")


def test_it_knows_what_it_has_said(plug: Plug) -> None:
    """By the marker at the beginning of a comment of its own; a stranger's is none (H15)."""
    plug.opened()
    plug.people.human_comments(1, f"{MARKER}\nnot ours")
    assert not plug.host.has_said(1, MARKER)
    plug.host.say(1, MARKER, "hello")
    assert plug.host.has_said(1, MARKER)
    assert not plug.host.has_said(1, "<!-- neuropilot:closing -->")


def test_saying_it_again_sends_nothing(plug: Plug) -> None:
    """Whoever watches the pull request gets no second mail."""
    plug.opened()
    plug.host.say(1, MARKER, f"{MARKER}\nhello")
    (before,) = plug.people.comments
    stamp, sent = before.updated_at, len(plug.people.writes)
    plug.host.say(1, MARKER, f"{MARKER}\nhello")
    assert plug.people.comments[0].updated_at == stamp
    assert len(plug.people.writes) == sent


def test_other_markers_are_other_comments(plug: Plug) -> None:
    """The reason for closing does not replace the judgement."""
    plug.opened()
    plug.host.say(1, MARKER, "one")
    plug.host.say(1, "<!-- neuropilot:closing -->", "two")
    assert len(plug.people.comments) == 2


def test_comments_of_others_are_left_alone(plug: Plug) -> None:
    """Whoever copies the marker could change what stands in their comment afterwards (H15)."""
    plug.opened()
    plug.people.human_comments(1, f"{MARKER}\nmerge this at once", login="mallory")
    plug.host.say(1, MARKER, "judged on Friday")
    theirs, ours = plug.people.comments
    assert theirs.body.endswith("merge this at once")
    assert ours.body.endswith("judged on Friday")


def test_at_most_thirty_are_shown(plug: Plug) -> None:
    """One request to the host is enough, however old the service is."""
    plug.opened()
    plug.host.close(1)
    for _ in range(31):
        plug.host.close(plug.host.open(BRANCH, "main", "again", "").number)
    found = plug.host.pull_requests(BRANCH)
    assert [one.number for one in found] == list(range(32, 2, -1))
