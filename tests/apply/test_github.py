"""How the GitHub plug behaves when GitHub, the network or a setting does not play along."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from fakes.github import ANSWER_LOST, FakeGitHub, Fault
from fakes.github_rules import RateLimits
from fakes.github_state import APP_TOKEN, PERSON_TOKEN, WORKFLOW_TOKEN, Token
from repositories import Site, git, make_site

from ai_ops.apply.github import GitHub, Limits
from ai_ops.apply.github_words import AnswerLost
from ai_ops.domain.errors import DeliveryError, Overtaken
from ai_ops.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BRANCH = "neuropilot/web"
MARKER = "<!-- neuropilot:judgement -->"


@dataclass
class Scene:
    """A repository with a pushed branch, its GitHub, and how long the plug slept."""

    site: Site
    hub: FakeGitHub
    slept: list[float] = field(default_factory=list)

    def host(self, token: str = WORKFLOW_TOKEN, repository: str = "acme/shop", **limits: float) -> GitHub:
        """Connect with one of the tokens."""
        patience = Limits(**{"pause_between_writes_seconds": 0.0, **limits})
        redact = Redactor([token])
        return GitHub(token, repository, self.hub.url, redact=redact, limits=patience, sleep=self.slept.append)

    def opened(self, token: str = WORKFLOW_TOKEN) -> GitHub:
        """Open #1."""
        host = self.host(token)
        host.open(BRANCH, "main", "web: CPU", "Why.")
        self.hub.requests.clear()
        return host

    def spoil(self, token: str, **changes: object) -> None:
        """Change what a token may do."""
        known = self.hub.tokens[token]
        values = {name: getattr(known, name) for name in ("login", "permissions", "is_workflow", "is_admin", "sees")}
        self.hub.tokens[token] = Token(**(values | changes))


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A remote whose branch is one commit ahead of main, to be copied."""
    site = make_site(tmp_path_factory.mktemp("seed"))
    git(site.remote, "branch", BRANCH, "main")
    site.human_pushes("web.txt", b"76\n", BRANCH)
    return site


@pytest.fixture
def scene(seed: Site, tmp_path: Path) -> Iterator[Scene]:
    """A copy of the remote, and its GitHub."""
    site = Site(shutil.copytree(seed.remote, tmp_path / "remote.git"), seed.branch)
    with FakeGitHub(site.remote) as hub:
        yield Scene(site, hub)


# -- refusals, and the next step --------------------------------------------------------------------------------------


def refused(call: Callable[[], object]) -> str:
    """What a refused call says."""
    with pytest.raises(DeliveryError) as caught:
        call()
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_the_setting_of_actions_is_named(scene: Scene) -> None:
    """The commonest refusal: a new repository does not let workflows open pull requests (S001-67)."""
    scene.hub.state.actions_may_open = False
    says = refused(lambda: scene.host().open(BRANCH, "main", "t", "b"))
    assert "GitHub Actions is not permitted to create or approve pull requests" in says
    assert "Settings > Actions > General" in says
    assert scene.host(APP_TOKEN).open(BRANCH, "main", "t", "b").number == 1


def test_a_missing_permission_is_named(scene: Scene) -> None:
    """A workflow lists its permissions; GitHub says which one would have done."""
    scene.spoil(WORKFLOW_TOKEN, permissions={"contents": "write", "pull_requests": "read"})
    says = refused(lambda: scene.host().open(BRANCH, "main", "t", "b"))
    assert "Resource not accessible by integration" in says
    assert "`pull-requests: write`" in says
    scene.spoil(WORKFLOW_TOKEN, permissions={})
    assert "`pull-requests: read`" in refused(lambda: scene.host().pull_requests(BRANCH))


def test_merging_needs_another_permission(scene: Scene) -> None:
    """It is a write to the repository, and is said so."""
    scene.opened()
    scene.spoil(WORKFLOW_TOKEN, permissions={"pull_requests": "write"})
    assert "`contents: write`" in refused(lambda: scene.host().merge(1, scene.site.tip(BRANCH)))


def test_a_bad_token_is_named(scene: Scene) -> None:
    """Tokens expire."""
    says = refused(lambda: scene.host("ghp_expiredexpiredexpiredexpired").pull_requests(BRANCH))
    assert "Bad credentials" in says
    assert "NEUROPILOT_GITHUB_TOKEN" in says


@pytest.mark.parametrize("repository", ["acme/typo", "acme/shop"])
def test_an_unseen_repository_is_named(scene: Scene, repository: str) -> None:
    """GitHub does not tell a wrong name from a missing right, so both are said."""
    scene.spoil(WORKFLOW_TOKEN, sees=repository != "acme/shop")
    says = refused(lambda: scene.host(repository=repository).pull_requests(BRANCH))
    assert "Not Found (HTTP 404)" in says
    assert "`github_repository`" in says


def test_a_name_in_other_letters_is_the_same_repository(scene: Scene) -> None:
    """People write names from memory."""
    scene.opened()
    assert scene.host(repository="Acme/Shop").pull_requests(BRANCH)[0].number == 1


def test_a_renamed_repository_is_not_followed(scene: Scene) -> None:
    """A write to the old name would be lost; the new one belongs into the settings."""
    scene.hub.state.former_names = {"acme/old"}
    host = scene.host(repository="acme/old")
    assert "moved" in refused(lambda: host.pull_requests(BRANCH))
    assert "`github_repository`" in refused(lambda: host.open(BRANCH, "main", "t", "b"))
    assert scene.hub.pulls == []


def test_an_archived_repository_is_named(scene: Scene) -> None:
    """Nothing will ever be written there."""
    scene.hub.state.is_archived = True
    assert "archived" in refused(lambda: scene.host().open(BRANCH, "main", "t", "b"))


@pytest.mark.parametrize(
    ("branch", "base", "hint"),
    [("neuropilot/absent", "main", "push the branch"), (BRANCH, "trunk", "`repository.branch`")],
)
def test_a_missing_branch_is_named(scene: Scene, branch: str, base: str, hint: str) -> None:
    """GitHub only says `head invalid`."""
    assert hint in refused(lambda: scene.host().open(branch, base, "t", "b"))


def test_what_github_quotes_is_redacted(scene: Scene) -> None:
    """No answer can make an error print the token, in several lines or at length (H09)."""
    echo = json.dumps({"message": f"bad\n\x1b[31m token {WORKFLOW_TOKEN}" + "x" * 9000}).encode()
    scene.hub.inject(Fault(status=400, body=echo))
    says = refused(lambda: scene.host().pull_requests(BRANCH))
    assert WORKFLOW_TOKEN not in says
    assert "***" in says
    assert says.isprintable()
    assert len(says) < 700


def test_nothing_is_logged_that_is_secret(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """At the level DEBUG PyGithub logs every request (H09)."""
    with caplog.at_level(logging.DEBUG):
        scene.opened()
    assert WORKFLOW_TOKEN not in caplog.text


# -- rate limits ------------------------------------------------------------------------------------------------------


def test_a_short_limit_is_waited_for(scene: Scene) -> None:
    """GitHub has done nothing yet, so that even a write is sent again, once, after the pause it asks for."""
    body = b'{"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}'
    scene.hub.inject(Fault("POST", status=403, body=body, headers={"Retry-After": "7"}))
    assert scene.host().open(BRANCH, "main", "t", "b").number == 1
    assert scene.slept == [7.0]


@pytest.mark.parametrize("status", [403, 429])
def test_a_long_limit_is_reported_with_its_end(scene: Scene, status: int) -> None:
    """A cycle never waits longer than its patience."""
    body = b'{"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}'
    scene.hub.inject(Fault("POST", status=status, body=body, headers={"Retry-After": "600"}))
    assert "ends in 600 s" in refused(lambda: scene.host().open(BRANCH, "main", "t", "b"))
    assert scene.slept == []
    assert len(scene.hub.requests) == 1


def test_a_secondary_limit_ends_by_itself(scene: Scene) -> None:
    """With the fake's own rule: too many writes a minute, then a pause that it names."""
    scene.hub.limits = RateLimits(writes_per_minute=1, retry_after_seconds=1)
    host = scene.host()
    host._sleep = time.sleep  # the server counts real seconds
    host.open(BRANCH, "main", "t", "b")
    host.edit(1, "t", "c")
    assert scene.hub.pulls[0].body == "c"


def test_a_spent_hour_is_reported_with_its_end(scene: Scene) -> None:
    """The token of a workflow has a thousand requests an hour, and other jobs spend them too."""
    scene.hub.limits = RateLimits(requests_per_hour=0)
    says = refused(lambda: scene.host().pull_requests(BRANCH))
    assert "API rate limit exceeded" in says
    assert "the limit ends at 20" in says


def test_a_limit_that_ends_beyond_every_number_is_reported(scene: Scene) -> None:
    """PyGithub makes a number of the header, whatever stands there."""
    scene.hub.limits = RateLimits(_reset=10**399)
    assert "the answer is not GitHub's" in refused(lambda: scene.host().pull_requests(BRANCH))


# -- lost answers -----------------------------------------------------------------------------------------------------

LOST = [Fault("POST|PUT", status=ANSWER_LOST, acts=True), Fault("POST|PUT", status=502, acts=True)]
NEVER_DONE = [Fault("POST|PUT", status=ANSWER_LOST), Fault("POST|PUT", status=500)]
IDS = ["hung up", "gateway"]


@pytest.mark.parametrize("fault", LOST, ids=IDS)
def test_a_lost_opening_is_found(scene: Scene, fault: Fault) -> None:
    """It is looked for before anything else is sent, and one pull request is there (H17)."""
    scene.hub.inject(fault)
    assert scene.host().open(BRANCH, "main", "t", "b\r\n").number == 1
    assert len(scene.hub.pulls) == 1
    assert [method for method, _ in scene.hub.requests] == ["POST", "GET"]


@pytest.mark.parametrize("fault", NEVER_DONE, ids=IDS)
def test_an_opening_that_never_happened_is_made_up_for(scene: Scene, fault: Fault) -> None:
    """Nothing was found, so that it is sent a second time."""
    scene.hub.inject(fault)
    assert scene.host().open(BRANCH, "main", "t", "b").number == 1
    assert [method for method, _ in scene.hub.requests] == ["POST", "GET", "POST"]


def test_somebody_elses_is_not_taken_for_ours(scene: Scene) -> None:
    """While the answer was lost another run opened one with another text."""
    scene.host(APP_TOKEN).open(BRANCH, "main", "other", "text")
    scene.hub.inject(NEVER_DONE[0])
    with pytest.raises(Overtaken, match="#1"):
        scene.host().open(BRANCH, "main", "t", "b")


def test_two_lost_openings_are_an_error(scene: Scene) -> None:
    """Enough is enough; the next run will find out."""
    scene.hub.inject(*NEVER_DONE)
    with pytest.raises(AnswerLost):
        scene.host().open(BRANCH, "main", "t", "b")
    assert scene.hub.pulls == []


@pytest.mark.parametrize("fault", LOST, ids=IDS)
def test_a_lost_merge_is_found(scene: Scene, fault: Fault) -> None:
    """It is merged, so that is the answer."""
    host = scene.opened()
    scene.hub.inject(fault)
    assert host.merge(1, scene.site.tip(BRANCH)) is None
    assert [method for method, _ in scene.hub.requests] == ["PUT", "GET"]


@pytest.mark.parametrize("fault", NEVER_DONE, ids=IDS)
def test_a_merge_that_never_happened_is_an_error(scene: Scene, fault: Fault) -> None:
    """A merge is not tried again on a guess."""
    host, tip = scene.opened(), scene.site.tip()
    scene.hub.inject(fault)
    with pytest.raises(AnswerLost):
        host.merge(1, scene.site.tip(BRANCH))
    assert scene.site.tip() == tip


@pytest.mark.parametrize("fault", LOST, ids=IDS)
def test_a_lost_comment_is_not_said_twice(scene: Scene, fault: Fault) -> None:
    """The run fails, and the next one finds the comment that is there."""
    host = scene.opened()
    scene.hub.inject(fault)
    with pytest.raises(AnswerLost):
        host.say(1, MARKER, "hello")
    scene.host().say(1, MARKER, "hello")
    assert len(scene.hub.comments) == 1


def test_a_fresh_pull_request_is_waited_for(scene: Scene) -> None:
    """For a moment GitHub does not know whether it can be merged, and says no: urgent changes cannot wait."""
    scene.hub.state.looks_until_mergeable = 2
    host, head = scene.opened(), scene.site.tip(BRANCH)
    assert host.merge(1, head) is None
    assert scene.slept == [2.0, 4.0]
    assert scene.hub.pulls[0].merged_at


def test_a_base_that_moved_meanwhile_is_tried_again(scene: Scene) -> None:
    """GitHub itself asks for it."""
    host = scene.opened()
    words = b'{"message": "Base branch was modified. Review and try the merge again."}'
    scene.hub.inject(Fault("PUT", status=405, body=words))
    assert host.merge(1, scene.site.tip(BRANCH)) is None
    assert scene.slept == [2.0]


def test_what_will_never_be_mergeable_is_not_waited_for(scene: Scene) -> None:
    """Nor is what takes too long."""
    scene.hub.state.looks_until_mergeable = 9
    host, head = scene.opened(), scene.site.tip(BRANCH)
    assert "not mergeable" in (host.merge(1, head) or "")
    assert scene.slept == [2.0, 4.0]
    host.close(1)
    assert "not mergeable" in (host.merge(1, head) or "")
    assert len(scene.slept) == 2


def test_reading_and_rewriting_are_tried_again(scene: Scene) -> None:
    """Both leave the same behind however often they are sent."""
    host = scene.opened()
    faults = [Fault(status=502), Fault(status=ANSWER_LOST)]
    scene.hub.inject(*faults)
    assert len(host.pull_requests(BRANCH)) == 1
    scene.hub.inject(Fault("PATCH", status=ANSWER_LOST, acts=True))
    host.edit(1, "t2", "b2")
    assert scene.hub.pulls[0].title == "t2"
    assert scene.slept == [1.0, 2.0, 1.0]


def test_three_attempts_are_all(scene: Scene) -> None:
    """A GitHub that is down is reported with where to look."""
    scene.hub.inject(*[Fault(status=503)] * 4)
    assert "githubstatus.com" in refused(lambda: scene.host().pull_requests(BRANCH))
    assert len(scene.hub.requests) == 3


# -- time -------------------------------------------------------------------------------------------------------------


def test_a_silent_server_is_left_in_time(scene: Scene) -> None:
    """No cycle hangs: the patience is for all requests of the run together."""
    scene.hub.inject(*[Fault(status=200, wait_seconds=30.0)] * 9)
    host = scene.host(attempt_seconds=0.4, patience_seconds=4.0)
    begin = time.monotonic()
    refused(lambda: host.pull_requests(BRANCH))
    refused(lambda: host.pull_requests(BRANCH))
    assert "4 s for GitHub are used up" in refused(lambda: host.pull_requests(BRANCH))
    assert time.monotonic() - begin < 4.0


def test_a_dripping_server_is_cut_off(scene: Scene) -> None:
    """One byte now and then resets every other clock."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_drip, args=(listener,), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        limits = Limits(attempt_seconds=0.5, patience_seconds=2.0)
        begin = time.monotonic()
        host = GitHub(WORKFLOW_TOKEN, "acme/shop", url, redact=str, limits=limits, sleep=lambda _: None)
        with pytest.raises(DeliveryError):
            host.pull_requests(BRANCH)
        assert time.monotonic() - begin < 4.0


def _drip(listener: socket.socket) -> None:
    """Send the head of an answer, byte by byte, to whoever comes."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            try:
                for byte in b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Long: " + b"x" * 200:
                    connection.send(bytes([byte]))
                    time.sleep(0.05)
            except OSError:
                continue


def test_nobody_there_is_an_error_that_says_so(scene: Scene) -> None:
    """A refused connection never left this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    host = GitHub(WORKFLOW_TOKEN, "acme/shop", f"http://127.0.0.1:{port}", redact=str, sleep=lambda _: None)
    assert "cannot be reached" in refused(lambda: host.open(BRANCH, "main", "t", "b"))


def test_writes_keep_their_distance(scene: Scene) -> None:
    """GitHub asks for a second between two writes."""
    host = scene.host(pause_between_writes_seconds=0.3)
    host.open(BRANCH, "main", "t", "b")
    begin = time.monotonic()
    host.edit(1, "t", "c")
    host.close(1)
    assert time.monotonic() - begin > 0.5


# -- answers that are none --------------------------------------------------------------------------------------------

NONSENSE = [
    b"<html>Please log in</html>",
    b"",
    b"null",
    b"[1]",
    b'{"a":',
    b"{}",
    b'[{"number": "one"}]',
    b'[{"number": 1, "head": null}]',
    b"[" * 100_000,
    b"\xff\xfe",
]


@pytest.mark.parametrize("body", NONSENSE)
def test_an_answer_that_is_not_githubs_is_an_error(scene: Scene, body: bytes) -> None:
    """A proxy or a login page stands in between; the run says so and does not crash."""
    for status in (200, 404):
        scene.hub.inject(Fault(status=status, body=body))
        with pytest.raises(DeliveryError):
            scene.host().pull_requests(BRANCH)
        scene.hub.inject(Fault("POST", status=status, body=body), Fault("GET", status=status, body=body))
        with pytest.raises(DeliveryError):
            scene.host().open(BRANCH, "main", "t", "b")


def test_addresses_in_answers_are_not_followed(scene: Scene) -> None:
    """The token goes to the configured host and to no other."""
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0.2)
        link = f'<http://127.0.0.1:{elsewhere.getsockname()[1]}/repos/acme/shop/issues/1/comments?page=2>; rel="next"'
        host = scene.opened()
        page = json.dumps([{"id": 1, "body": "hello"}]).encode()
        scene.hub.inject(Fault("GET", "comments", status=200, body=page, headers={"Link": link}))
        with pytest.raises(DeliveryError):
            host.say(1, MARKER, "hello")
        with pytest.raises(TimeoutError):
            elsewhere.accept()


def test_a_metadata_address_is_refused() -> None:
    """Whatever the settings say, no token goes to where clouds hand out credentials (H33)."""
    host = GitHub(WORKFLOW_TOKEN, "acme/shop", "http://169.254.169.254/api/v3", redact=str, sleep=lambda _: None)
    assert "metadata" in refused(lambda: host.pull_requests(BRANCH))


# -- comments, and how often GitHub is asked --------------------------------------------------------------------------


def test_the_tokens_owner_is_asked_once(scene: Scene) -> None:
    """A person's token may tell whose it is; then another person's comment is not taken for ours."""
    host = scene.opened(PERSON_TOKEN)
    scene.hub.human_comments(1, f"{MARKER}\nfirst", login="helpful[bot]")
    for text in ("a", "b", "b", "c"):
        host.say(1, MARKER, text)
    assert [comment.author for comment in scene.hub.comments] == ["helpful[bot]", "ada"]
    assert [path for _, path in scene.hub.requests].count("/user") == 1


def test_a_bots_token_is_not_asked_who_it_is(scene: Scene) -> None:
    """It would be refused; that a bot wrote the comment must do."""
    host = scene.opened()
    host.say(1, MARKER, "a")
    host.say(1, MARKER, "b")
    assert all(path != "/user" for _, path in scene.hub.requests)
    assert [comment.body for comment in scene.hub.comments] == [f"{MARKER}\nb"]


def test_our_comment_is_found_in_a_long_thread(scene: Scene) -> None:
    """On whichever page it is, and no page is asked for beyond it."""
    host = scene.opened()
    for number in range(40):
        scene.hub.human_comments(1, f"comment {number}")
    host.say(1, MARKER, "a")
    for number in range(40):
        scene.hub.human_comments(1, f"later {number}")
    scene.hub.requests.clear()
    host.say(1, MARKER, "b")
    assert len(scene.hub.comments) == 81
    assert [method for method, _ in scene.hub.requests] == ["GET", "GET", "PATCH"]


def test_web_line_ends_are_no_change(scene: Scene) -> None:
    """Somebody saved our comment in the web form, which ends lines otherwise."""
    host = scene.opened()
    host.say(1, MARKER, "two\nlines")
    scene.hub.comments[0].body = scene.hub.comments[0].body.replace("\n", "\r\n") + "\r\n"
    scene.hub.requests.clear()
    host.say(1, MARKER, "two\nlines")
    assert scene.hub.writes == []


def test_each_call_asks_as_little_as_it_can(scene: Scene) -> None:
    """The table at the top of the plug, counted."""
    host, asked = scene.host(), []
    for call in (
        lambda: host.pull_requests(BRANCH),
        lambda: host.open(BRANCH, "main", "t", "b"),
        lambda: host.edit(1, "t", "c"),
        lambda: host.say(1, MARKER, "a"),
        lambda: host.look(BRANCH),
        lambda: host.merge(1, scene.site.tip(BRANCH)),
        lambda: host.close(1),
    ):
        scene.hub.requests.clear()
        call()
        asked.append(len(scene.hub.requests))
    assert asked == [1, 1, 1, 2, 3, 1, 1]


# -- for the doctor ---------------------------------------------------------------------------------------------------


def test_an_administrators_token_sees_the_setting(scene: Scene) -> None:
    """The doctor can say what is missing before the first proposal fails."""
    scene.hub.state.actions_may_open = False
    standing = scene.host(PERSON_TOKEN).look(BRANCH)
    assert (standing.name, standing.is_public, standing.actions_may_open) == ("acme/shop", False, False)
    assert scene.host().look(BRANCH).actions_may_open is None


def test_a_public_repository_is_seen_as_one(scene: Scene) -> None:
    """Everybody reads along there."""
    scene.hub.state.is_private = False
    assert scene.host().look(BRANCH).is_public


def test_looking_tries_the_pull_requests_too(scene: Scene) -> None:
    """To see the repository is not enough."""
    scene.spoil(WORKFLOW_TOKEN, permissions={"contents": "write"})
    assert "`pull-requests: read`" in refused(lambda: scene.host().look(BRANCH))
