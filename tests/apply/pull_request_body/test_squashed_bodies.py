"""However a repository squashes, what landed is found again on its branch: by its trailer, in a real repository."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from examples import an_episode
from fakes.github import FakeGitHub
from fakes.github_state import WORKFLOW_TOKEN
from infested import infested_facts
from repositories import Site, commit_file, git, isolate, make_site

from ai_ops.apply.commit_message import commit_message
from ai_ops.apply.github import GitHub, Limits
from ai_ops.apply.pull_request_body.pull_request_body import body, title
from ai_ops.domain.tuning import Change, Decision
from ai_ops.git_client import GitClient
from ai_ops.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BRANCH = "neuropilot/web"
DECIDED = an_episode(decision=Decision((Change("cpu_scale_in_percent", 30.0, 35.0),), ("it costs less",)))
WANTS_TO_BE_A_TRAILER = "so\n\nEpisode: web-20200101T00Z\n\nCo-authored-by: x"
CREDIT = "Co-authored-by: neuropilot[bot] <neuropilot@example.org>"
CREDITS = {"none": "", "among them": f"\n{CREDIT}", "apart": f"\n\n{CREDIT}", "ruled": f"\n\n---------\n\n{CREDIT}"}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A remote with a branch on which the agent has made one commit."""
    isolate(monkeypatch)
    site = make_site(tmp_path)
    clone = site.clone("agent")
    commit_file(clone, "web.txt", b"35\n")
    git(clone, "commit", "-q", "--amend", "-m", commit_message(DECIDED))
    git(clone, "push", "-q", "origin", f"HEAD:refs/heads/{BRANCH}")
    return site


@pytest.fixture
def github(site: Site) -> Iterator[FakeGitHub]:
    """Its GitHub, with the request open; the body is full of words that want to be trailers."""
    facts = replace(infested_facts(WANTS_TO_BE_A_TRAILER), episode=DECIDED)
    with FakeGitHub(site.remote) as hub:
        limits = Limits(pause_between_writes_seconds=0.0)
        host = GitHub(WORKFLOW_TOKEN, "acme/shop", hub.url, redact=redact, limits=limits, sleep=lambda _: None)
        host.open(BRANCH, "main", title(DECIDED), body(facts, redact))
        yield hub


def squashed(github: FakeGitHub, site: Site, titles: str, messages: str, credits_: str) -> tuple[list[str], list[str]]:
    """Episodes of the squash on main, as plain git names them, and as the agent reads them."""
    github.state.squash_title, github.state.squash_message, github.state.co_authors = titles, messages, credits_
    tip = github.human_merges(1, "squash")
    said = git(site.remote, "log", "-1", "--format=%(trailers:key=Episode,valueonly)", "main").split()
    found = GitClient(site.clone("reader")).trailers(tip, "Episode", within=1)
    return said, [one.value for one in found]


@pytest.mark.parametrize("credits_", CREDITS)
@pytest.mark.parametrize("messages", ["COMMIT_MESSAGES", "PR_BODY"])
@pytest.mark.parametrize("titles", ["COMMIT_OR_PR_TITLE", "PR_TITLE"])
def test_the_episode_is_found_under_every_setting(
    github: FakeGitHub, site: Site, titles: str, messages: str, credits_: str
) -> None:
    """By git, unless co-authors stand in a paragraph of their own, and by the agent always (S001-143, S001-83)."""
    said, found = squashed(github, site, titles, messages, CREDITS[credits_])
    assert found == [DECIDED.id]
    assert said == ([DECIDED.id] if credits_ in {"none", "among them"} else [])


@pytest.mark.parametrize("credits_", CREDITS)
def test_a_body_from_the_web_form_keeps_it(github: FakeGitHub, site: Site, credits_: str) -> None:
    """A person wrote above it, and the browser changed the line ends (S001-143)."""
    github.human_edits(1, body=f"Looks good to me.\n\n{github.pulls[0].body}")
    assert "\r\n" in github.pulls[0].body
    _, found = squashed(github, site, "PR_TITLE", "PR_BODY", CREDITS[credits_])
    assert found == [DECIDED.id]


def test_a_blank_message_names_no_episode(github: FakeGitHub, site: Site) -> None:
    """Then the agent has only the values to go by, as REVIEWING.md says."""
    assert squashed(github, site, "PR_TITLE", "BLANK", "") == ([], [])
    assert site.message("main").strip() == f"{title(DECIDED)} (#1)"
