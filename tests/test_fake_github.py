"""The stand-in for GitHub keeps GitHub's rules: what it lets pass must pass there, what it refuses is refused there."""

from __future__ import annotations

import http.client
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests
from fakes.github import ANSWER_LOST, FakeGitHub, Fault
from fakes.github_rules import RateLimits
from fakes.github_state import APP_TOKEN, PERSON_TOKEN, WORKFLOW_TOKEN, Token
from repositories import Site, commit_file, git, make_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BRANCH = "neuropilot/web"
ASKED = {"title": "web: CPU", "head": BRANCH, "base": "main", "body": "Why."}


@dataclass
class Caller:
    """Somebody who calls the API by hand, and pushes as people do."""

    hub: FakeGitHub
    site: Site
    clone: Path

    def call(self, method: str, path: str, sent: object = None, token: str = APP_TOKEN) -> requests.Response:
        """Send one request; a path that begins with a slash stands below the repository."""
        url = f"{self.hub.url}/repos/acme/shop{path}" if path.startswith("/") or not path else self.hub.url + "/" + path
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return requests.request(method, url, json=sent, headers=headers, timeout=20)

    def opened(self, **changes: object) -> dict[str, Any]:
        """Open a pull request."""
        reply = self.call("POST", "/pulls", ASKED | changes)
        assert reply.status_code == 201, reply.text
        return reply.json()

    def pull(self, number: int = 1) -> dict[str, Any]:
        """Look at one."""
        return self.call("GET", f"/pulls/{number}").json()

    def push(self, branch: str, content: bytes, *, start: str = "", message: str = "") -> str:
        """Push one commit on top of `start`, by default of the branch itself."""
        git(self.clone, "fetch", "-q", "--prune")
        git(self.clone, "checkout", "-q", "--detach", f"origin/{start or branch}")
        commit_file(self.clone, "web.txt", content)
        if message:
            git(self.clone, "commit", "-q", "--amend", "-m", message)
        git(self.clone, "push", "-q", "--force", "origin", f"HEAD:refs/heads/{branch}")
        return git(self.clone, "rev-parse", "HEAD")


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A remote whose branch is one commit ahead of main, to be copied."""
    folder = tmp_path_factory.mktemp("seed")
    site = make_site(folder)
    git(site.remote, "branch", BRANCH, "main")
    site.human_pushes("web.txt", b"76\n", BRANCH)
    return folder


@pytest.fixture
def caller(seed: Path, tmp_path: Path) -> Iterator[Caller]:
    """A copy of the remote, its GitHub, and a clone."""
    site = Site(shutil.copytree(seed / "remote.git", tmp_path / "remote.git"), "main")
    with FakeGitHub(site.remote) as hub:
        yield Caller(hub, site, site.clone("clone"))


def errors(reply: requests.Response) -> str:
    """Status, message and details in one line."""
    body = reply.json()
    return f"{reply.status_code} {body['message']} {body.get('errors', '')}"


# -- who may ask ------------------------------------------------------------------------------------------------------


def test_whom_it_lets_in(caller: Caller) -> None:
    """A wrong token is refused, none sees nothing, one without a view finds nothing."""
    caller.hub.tokens["blind"] = Token("eve", sees=False)
    assert errors(caller.call("GET", "", token="wrong")) == "401 Bad credentials "
    assert errors(caller.call("GET", "", token="")) == "404 Not Found "
    assert errors(caller.call("GET", "", token="blind")) == "404 Not Found "
    assert errors(caller.call("GET", "repos/acme/other")) == "404 Not Found "
    assert errors(caller.call("GET", "/pulls/7")) == "404 Not Found "
    assert caller.call("GET", "repos/Acme/SHOP").json()["full_name"] == "acme/shop"


def test_who_does_not_say_what_it_is_is_refused(caller: Caller) -> None:
    """GitHub wants a User-Agent."""
    connection = http.client.HTTPConnection(urlsplit(caller.hub.url).netloc, timeout=20)
    connection.request("GET", "/repos/acme/shop", headers={"Authorization": f"token {APP_TOKEN}"})
    reply = connection.getresponse()
    assert (reply.status, b"User-Agent" in reply.read()) == (403, True)
    connection.close()


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", "/pulls", "pull_requests=read"),
        ("POST", "/pulls", "pull_requests=write"),
        ("PATCH", "/pulls/1", "pull_requests=write"),
        ("PUT", "/pulls/1/merge", "contents=write"),
        ("GET", "/issues/1/comments", "pull_requests=read; issues=read"),
        ("POST", "/issues/1/comments", "pull_requests=write; issues=write"),
        ("POST", "/issues/1/labels", "pull_requests=write; issues=write"),
        ("PUT", "/actions/workflows/daily.yml/enable", "actions=write"),
        ("GET", "/actions/artifacts", "actions=read"),
        ("DELETE", "/actions/artifacts/1", "actions=write"),
        ("DELETE", f"/git/refs/heads/{BRANCH}", "contents=write"),
    ],
)
def test_what_each_endpoint_needs(caller: Caller, method: str, path: str, needed: str) -> None:
    """A token does what it was given for, and is told what would have done."""
    caller.opened()
    caller.hub.tokens["poor"] = Token("poor[bot]", permissions={})
    reply = caller.call(method, path, ASKED, token="poor")
    assert errors(reply) == "403 Resource not accessible by integration "
    assert reply.headers["X-Accepted-GitHub-Permissions"] == needed


def test_reading_is_not_writing(caller: Caller) -> None:
    """Read is enough to list, and no more."""
    caller.hub.tokens["reader"] = Token("reader[bot]", permissions={"pull_requests": "read"})
    assert caller.call("GET", "/pulls", token="reader").status_code == 200
    assert caller.call("POST", "/pulls", ASKED, token="reader").status_code == 403


def test_who_is_asking(caller: Caller) -> None:
    """People may ask, installations of Apps may not; settings are for administrators."""
    assert caller.call("GET", "user", token=PERSON_TOKEN).json()["login"] == "ada"
    assert caller.call("GET", "user", token=WORKFLOW_TOKEN).status_code == 403
    settings = "/actions/permissions/workflow"
    assert caller.call("GET", settings, token=PERSON_TOKEN).json()["can_approve_pull_request_reviews"] is True
    assert caller.call("GET", settings, token=WORKFLOW_TOKEN).status_code == 403


def test_the_setting_for_workflows(caller: Caller) -> None:
    """It keeps their own token from opening, and no other."""
    caller.hub.state.actions_may_open = False
    assert "not permitted to create or approve" in errors(caller.call("POST", "/pulls", ASKED, token=WORKFLOW_TOKEN))
    assert caller.call("POST", "/pulls", ASKED, token=APP_TOKEN).status_code == 201


# -- opening and rewriting --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"head": "absent"}, "'field': 'head', 'code': 'invalid'"),
        ({"base": "absent"}, "'field': 'base', 'code': 'invalid'"),
        ({"head": "main"}, "No commits between main and main"),
        ({"title": " "}, "'code': 'missing_field', 'field': 'title'"),
        ({"title": "t" * 257}, "title is too long (maximum is 256 characters)"),
        ({"body": "b" * 65_537}, "body is too long (maximum is 65536 characters)"),
    ],
)
def test_what_cannot_be_opened(caller: Caller, changes: dict[str, str], says: str) -> None:
    """Each with GitHub's words."""
    reply = caller.call("POST", "/pulls", ASKED | changes)
    assert reply.status_code == 422
    assert says in errors(reply)
    assert caller.hub.pulls == []


def test_a_branch_is_proposed_once(caller: Caller) -> None:
    """As long as it is open."""
    caller.opened()
    twin = caller.call("POST", "/pulls", ASKED | {"head": f"acme:{BRANCH}"})
    assert "A pull request already exists for acme:neuropilot/web." in errors(twin)
    caller.hub.human_closes(1)
    assert caller.opened()["number"] == 2


def test_bodies_are_kept_as_sent(caller: Caller) -> None:
    """Markdown, emoji and all; JSON that is none is refused."""
    body = "a  \n\n| b |\n<!-- c -->\t\u2192\U0001f600\n"
    assert caller.opened(body=body)["body"] == body
    assert caller.pull()["body"] == body
    headers = {"Authorization": f"token {APP_TOKEN}"}
    url = f"{caller.hub.url}/repos/acme/shop/pulls"
    assert errors(requests.post(url, data=b"{", headers=headers, timeout=20)).startswith("400 Problems parsing JSON")
    assert caller.call("PATCH", "/pulls/1", {"body": 7}).status_code == 422


def test_a_rewrite_changes_what_it_names(caller: Caller) -> None:
    """And keeps to the same limits."""
    caller.opened()
    assert caller.call("PATCH", "/pulls/1", {"title": "other"}).json()["body"] == "Why."
    assert caller.call("PATCH", "/pulls/1", {"body": "b" * 65_537}).status_code == 422
    assert caller.call("PATCH", "/pulls/1", {"state": "gone"}).status_code == 422
    assert caller.call("PATCH", "/pulls/1", {"state": "closed"}).json()["closed_at"]
    assert caller.call("PATCH", "/pulls/1", {"state": "open"}).json()["state"] == "open"


def test_what_is_merged_stays_closed(caller: Caller) -> None:
    """It cannot be opened again."""
    caller.opened()
    caller.hub.human_merges(1)
    assert caller.call("PATCH", "/pulls/1", {"state": "open"}).status_code == 422


def test_lists_are_filtered_sorted_and_paged(caller: Caller) -> None:
    """By state, by head with its owner, newest first; a head without a colon counts for nothing, as on GitHub."""
    for owner in ("mallory", "eve", "zoe"):
        caller.hub.fork_opens(owner, BRANCH)
    caller.opened()
    caller.hub.human_closes(4)

    def numbers(query: str) -> list[int]:
        return [one["number"] for one in caller.call("GET", f"/pulls{query}").json()]

    assert numbers("") == [3, 2, 1]
    assert numbers("?state=all&direction=asc") == [1, 2, 3, 4]
    assert numbers(f"?state=all&head=acme:{BRANCH}") == [4]
    assert numbers(f"?state=all&head={BRANCH}") == [4, 3, 2, 1]
    first = caller.call("GET", "/pulls?state=all&per_page=3")
    assert [one["number"] for one in first.json()] == [4, 3, 2]
    rest = requests.get(first.links["next"]["url"], headers={"Authorization": f"token {APP_TOKEN}"}, timeout=20)
    assert [one["number"] for one in rest.json()] == [1]
    assert "next" not in rest.links


# -- branches are the truth -------------------------------------------------------------------------------------------


def test_pushes_move_the_head(caller: Caller) -> None:
    """Of open pull requests; closed ones keep theirs."""
    caller.opened()
    second = caller.push(BRANCH, b"75\n")
    assert caller.pull()["head"]["sha"] == second
    caller.hub.human_closes(1)
    caller.push(BRANCH, b"74\n")
    assert caller.pull()["head"]["sha"] == second


def test_a_deleted_branch_closes(caller: Caller) -> None:
    """By whatever means it is deleted."""
    head = caller.opened()["head"]["sha"]
    assert caller.call("DELETE", f"/git/refs/heads/{BRANCH}").status_code == 204
    assert caller.site.tip(BRANCH) == ""
    seen = caller.pull()
    assert (seen["state"], seen["merged_at"], seen["head"]["sha"]) == ("closed", None, head)
    assert git(caller.site.remote, "rev-parse", "refs/pull/1/head") == head


def test_a_branch_reset_to_its_base_closes(caller: Caller) -> None:
    """There is nothing left to merge."""
    caller.opened()
    git(caller.clone, "push", "-q", "--force", "origin", f"origin/main:refs/heads/{BRANCH}")
    assert (caller.pull()["state"], caller.pull()["merged"]) == ("closed", False)


def test_a_merge_by_hand_counts(caller: Caller) -> None:
    """Somebody merged on their own machine and pushed."""
    caller.opened()
    git(caller.clone, "fetch", "-q")
    git(caller.clone, "push", "-q", "origin", f"origin/{BRANCH}:refs/heads/main")
    assert (caller.pull()["merged"], caller.pull()["merge_commit_sha"]) == (True, caller.site.tip())


def test_a_fork_has_its_own_branches(caller: Caller) -> None:
    """A pull request from one shows whose it is, and does not follow a branch of the same name here."""
    fork = caller.hub.fork_opens("mallory", BRANCH)
    seen = caller.pull(fork.number)
    assert (seen["head"]["label"], seen["head"]["repo"]["full_name"]) == (f"mallory:{BRANCH}", "mallory/shop")
    assert seen["head"]["sha"] != caller.site.tip(BRANCH)


# -- merging ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "parents", "message"),
    [
        ("merge", 2, f"Merge pull request #1 from acme/{BRANCH}\n\nweb: CPU"),
        ("squash", 1, "Lower CPU (#1)\n\nEpisode: e1"),
        ("rebase", 1, "Lower CPU\n\nEpisode: e1"),
    ],
)
@pytest.mark.parametrize("by", ["person", "program"])
def test_merges_happen_in_the_repository(caller: Caller, how: str, parents: int, message: str, by: str) -> None:
    """With the messages that GitHub gives by default; the base may have moved on."""
    head = caller.push(BRANCH, b"75\n", start="main", message="Lower CPU\n\nEpisode: e1")
    caller.opened()
    git(caller.clone, "checkout", "-q", "--detach", "origin/main")
    commit_file(caller.clone, "other.txt", b"1\n")
    git(caller.clone, "push", "-q", "origin", "HEAD:main")
    if by == "person":
        caller.hub.human_merges(1, how)
    else:
        done = caller.call("PUT", "/pulls/1/merge", {"merge_method": how, "sha": head})
        assert done.json() == {"sha": caller.site.tip(), "merged": True, "message": done.json()["message"]}
    assert len(git(caller.site.remote, "rev-list", "--parents", "-1", "main").split()) == 1 + parents
    assert caller.site.message("main").strip() == message
    assert caller.site.content("web.txt", "main") == b"75\n"
    assert caller.site.content("other.txt", "main") == b"1\n"
    assert (caller.pull()["merged"], caller.pull()["merge_commit_sha"]) == (True, caller.site.tip())
    assert caller.site.tip(BRANCH) == head


def test_merged_branches_may_be_deleted(caller: Caller) -> None:
    """Where the repository is set so."""
    caller.hub.state.deletes_merged_branches = True
    caller.opened()
    caller.hub.human_merges(1, "squash")
    assert caller.site.tip(BRANCH) == ""


def test_what_is_not_merged(caller: Caller) -> None:
    """Each with GitHub's status and words, and the base stays."""
    head, tip = caller.opened()["head"]["sha"], caller.site.tip()
    state = caller.hub.state

    def says(**sent: str) -> str:
        return errors(caller.call("PUT", "/pulls/1/merge", {"sha": head, **sent}))

    assert says(sha="0" * 40).startswith("409 Head branch was modified.")
    assert says(merge_method="octopus").startswith("422 ")
    state.required_reviews = 1
    assert says().startswith("405 At least 1 approving review is required")
    caller.hub.human_approves(1)
    state.required_checks = {"ci"}
    assert says().startswith('405 Required status check "ci" is expected.')
    state.passed_checks = {(head, "ci")}
    state.allowed_merges = {"squash"}
    assert says(merge_method="rebase").startswith("405 Rebase merges are not allowed on this repository.")
    caller.push("main", b"90\n")
    assert says(merge_method="squash").startswith("405 Pull Request is not mergeable")
    assert tip != caller.site.tip()
    caller.hub.human_closes(1)
    assert says(merge_method="squash").startswith("405 Pull Request is not mergeable")
    assert caller.site.content("web.txt", "main") == b"90\n"


def test_whether_it_can_be_merged_is_not_known_at_once(caller: Caller) -> None:
    """Each look brings the answer nearer."""
    caller.hub.state.looks_until_mergeable = 1
    assert caller.opened()["mergeable"] is None
    assert caller.call("PUT", "/pulls/1/merge").status_code == 405
    assert [caller.pull()["mergeable"] for _ in range(2)] == [None, True]
    caller.push("main", b"90\n")
    assert caller.pull()["mergeable"] is False


# -- comments, labels, workflows --------------------------------------------------------------------------------------


def test_comments_bear_their_author(caller: Caller) -> None:
    """And can be rewritten, not emptied."""
    caller.opened()
    caller.hub.human_comments(1, "hello")
    made = caller.call("POST", "/issues/1/comments", {"body": "a"}).json()
    assert [one["user"]["type"] for one in caller.call("GET", "/issues/1/comments").json()] == ["User", "Bot"]
    path = f"/issues/comments/{made['id']}"
    assert caller.call("PATCH", path, {"body": "b"}).json()["body"] == "b"
    assert caller.call("PATCH", path, {"body": " "}).status_code == 422
    assert caller.call("POST", "/issues/1/comments", {"body": "b" * 65_537}).status_code == 422
    assert caller.call("PATCH", "/issues/comments/99", {"body": "b"}).status_code == 404
    assert caller.call("POST", "/issues/9/comments", {"body": "b"}).status_code == 404


def test_labels_come_and_go(caller: Caller) -> None:
    """Whoever puts them on."""
    caller.opened()
    caller.hub.human_labels(1, "neuropilot-stop")
    caller.call("POST", "/issues/1/labels", {"labels": ["a", "a"]})
    assert [one["name"] for one in caller.pull()["labels"]] == ["neuropilot-stop", "a"]
    assert caller.call("DELETE", "/issues/1/labels/neuropilot-stop").status_code == 200
    assert caller.call("DELETE", "/issues/1/labels/neuropilot-stop").status_code == 404
    assert [one["name"] for one in caller.call("GET", "/issues/1/labels").json()] == ["a"]


def test_workflows_and_their_artifacts(caller: Caller) -> None:
    """A known workflow can be enabled; what a run left can be listed and deleted."""
    caller.hub.state.enabled_workflows["daily.yml"] = False
    assert caller.call("PUT", "/actions/workflows/daily.yml/enable").status_code == 204
    assert caller.hub.state.enabled_workflows == {"daily.yml": True}
    assert caller.call("PUT", "/actions/workflows/other.yml/enable").status_code == 404
    first, second = caller.hub.run_leaves(7, "observation"), caller.hub.run_leaves(8, "observation")
    listed = caller.call("GET", "/actions/runs/7/artifacts").json()
    assert (listed["total_count"], listed["artifacts"][0]["id"]) == (1, first.id)
    assert caller.call("GET", "/actions/artifacts?name=observation").json()["total_count"] == 2
    assert caller.call("DELETE", f"/actions/artifacts/{second.id}").status_code == 204
    assert caller.call("DELETE", f"/actions/artifacts/{second.id}").status_code == 404


# -- limits and faults ------------------------------------------------------------------------------------------------


def test_too_many_writes_a_minute(caller: Caller) -> None:
    """Reads go on; the writer is told when to come again."""
    caller.hub.limits = RateLimits(writes_per_minute=1)
    caller.opened()
    refused = caller.call("PATCH", "/pulls/1", {"body": "b"})
    assert errors(refused).startswith("403 You have exceeded a secondary rate limit.")
    assert refused.headers["Retry-After"] == "60"
    assert caller.pull()["body"] == "Why."


def test_an_hour_has_so_many_requests(caller: Caller) -> None:
    """Every answer says how many are left."""
    caller.hub.limits = RateLimits(requests_per_hour=2)
    left = [caller.call("GET", "").headers["X-RateLimit-Remaining"] for _ in range(3)]
    assert left == ["1", "0", "0"]
    assert errors(caller.call("GET", "")).startswith("403 API rate limit exceeded")


def test_moved_and_archived(caller: Caller) -> None:
    """The old name leads to the new one; an archive is read only."""
    caller.hub.state.former_names = {"acme/old"}
    answers = [
        requests.request(
            method,
            f"{caller.hub.url}/repos/acme/old/pulls",
            headers={"Authorization": f"token {APP_TOKEN}"},
            allow_redirects=False,
            timeout=20,
        )
        for method in ("GET", "POST")
    ]
    assert [one.status_code for one in answers] == [301, 307]
    assert answers[0].headers["Location"].endswith("/repos/acme/shop/pulls")
    caller.hub.state.is_archived = True
    assert "archived" in errors(caller.call("POST", "/pulls", ASKED))
    assert caller.call("GET", "/pulls").status_code == 200


def test_a_fault_spoils_the_request_it_fits(caller: Caller) -> None:
    """Once; with or without effect, and everything is on record."""
    caller.hub.inject(Fault("POST", "/pulls", status=502, acts=True), Fault("GET", status=ANSWER_LOST))
    assert caller.call("POST", "/pulls", ASKED).status_code == 502
    assert len(caller.hub.pulls) == 1
    with pytest.raises(requests.ConnectionError):
        caller.call("GET", "")
    assert caller.call("GET", "").status_code == 200
    assert caller.hub.requests == [("POST", "/repos/acme/shop/pulls"), *[("GET", "/repos/acme/shop")] * 2]
    assert caller.hub.writes == [("POST", "/repos/acme/shop/pulls")]


def test_people_edit_in_the_web_form(caller: Caller) -> None:
    """Which ends lines with CRLF, as GitHub's does."""
    caller.opened()
    caller.hub.human_edits(1, title="Mine", body="two\nlines")
    assert (caller.pull()["title"], caller.pull()["body"]) == ("Mine", "two\r\nlines")
    caller.hub.human_closes(1)
    caller.hub.human_reopens(1)
    caller.hub.human_labels(1, "a")
    caller.hub.human_unlabels(1, "a")
    assert (caller.pull()["state"], caller.pull()["labels"]) == ("open", [])
