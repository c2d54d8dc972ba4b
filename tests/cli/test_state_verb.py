"""`neuropilot state`: people look at the memory, and bring a checkout and the branch together."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import yaml
from agents import CONFIG, Agent, make_agent_site
from examples import an_episode
from repositories import Site, git, isolate

from ai_ops.cli.main import app, exit_code_of
from ai_ops.domain.tuning import Change, Decision
from ai_ops.git_client import GitClient
from ai_ops.store.state_branch import MOST_COMMITS

if TYPE_CHECKING:
    from pathlib import Path

    from ai_ops.domain.cycle import Episode

BRANCH, ARCHIVE = "neuropilot/state", "neuropilot/archive"
SETTINGS = "prometheus_url: http://127.0.0.1:1\nstate: {store: %(store)s}\n"
RAISE = Decision((Change("cpu_scale_in_percent", 30.0, 35.0),), ("it is cheaper",))
YEARS = 24


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)
    monkeypatch.delenv("CI", raising=False)


def a_site(folder: Path, store: str) -> Site:
    """A remote whose agent remembers in that place."""
    return make_agent_site(folder, store, settings=SETTINGS)


def decided(number: int, month: int = 11, year: int = 2026) -> Episode:
    """Make the episode of the period that began at noon of such a day."""
    at = datetime(year, month, number, 18, 5, tzinfo=UTC)
    return replace(an_episode(decision=RAISE), id=f"web-{at:%Y%m%d}T12Z", decided_at=at)


def remembers(clone: Path, *episodes: Episode) -> None:
    """Let an agent in that checkout decide."""
    with Agent(clone, {}).session() as session:
        for episode in episodes:
            session.ledger.append(episode)
        session.keep("remember")


class Answer:
    """What `neuropilot` said."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        capsys.readouterr()
        self.code = exit_code_of(app, arguments)
        self.out, self.err = capsys.readouterr()


def ids(clone: Path) -> list[str]:
    """Ids of the episodes in the folders of a checkout."""
    lines = (clone / "ai_ops/state/episodes.jsonl").read_text().splitlines()
    return [json.loads(line)["episode"]["id"] for line in lines]


# -- show --------------------------------------------------------------------------------------------------------------


def test_it_shows_a_memory_in_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A laptop that has decided twice: where, how large, what last; nothing is left behind by looking."""
    clone = a_site(tmp_path, "folders").clone("laptop")
    remembers(clone, decided(17), decided(18))
    before = sorted(clone.rglob("*"))
    shown = Answer(capsys, "state", "show", "--root", str(clone))
    assert (shown.code, shown.err) == (0, "")
    assert "the folders ai_ops/state and ai_ops/models of this checkout" in shown.out
    assert "2, the newest web-20261118T12Z of 2026-11-18 18:05 UTC" in shown.out
    assert "raise cpu_scale_in_percent from 30 to 35" in shown.out
    assert "paused     no" in shown.out
    assert "every month stands here" in shown.out
    assert sorted(clone.rglob("*")) == before


def test_it_shows_a_memory_on_the_branch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As a program reads it: tip and length are those of the remote, and the checkout stays empty."""
    site = a_site(tmp_path, "branch")
    remembers(site.clone("ci", "--depth=1"), decided(17))
    remembers(site.clone("ci-2", "--depth=1"), decided(18))
    clone = site.clone("looking", "--depth=1")
    document = json.loads(Answer(capsys, "state", "show", "--json", "--root", str(clone)).out)
    assert document["branch"] == {"name": f"origin/{BRANCH}", "tip": site.tip(BRANCH), "commits": 2}
    assert (document["episodes"], document["doubt"], document["pause"]) == (2, None, None)
    assert document["newest"] == {
        "id": "web-20261118T12Z",
        "decided_at": "2026-11-18T18:05:00Z",
        "decision": "raise cpu_scale_in_percent from 30 to 35",
    }
    sizes = [int(row.split()[3]) for row in git(site.remote, "ls-tree", "-rl", BRANCH).splitlines()]
    assert document["files"] == len(sizes) - 1, "the marker is no memory"
    assert document["size_bytes"] == sum(sizes) - len(b"1\n")
    assert 0 < document["packed_bytes"] < document["size_bytes"]
    assert not (clone / "ai_ops/state").exists()


def test_it_shows_what_stands_in_the_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pause with its reason, and a ledger that somebody edited; looking at it is no failure (H26, H32)."""
    clone = a_site(tmp_path, "folders").clone("laptop")
    remembers(clone, decided(17))
    assert exit_code_of(app, ["pause", "--because", "release day", "--root", str(clone)]) == 0
    path = clone / "ai_ops/state/episodes.jsonl"
    path.write_text(path.read_text().replace("it is cheaper", "it is nicer"))
    shown = Answer(capsys, "state", "show", "--root", str(clone))
    assert shown.code == 0
    assert "paused     release day (by " in shown.out
    assert "not to be trusted" in shown.out
    assert "neuropilot ledger verify" in shown.out


def test_it_shows_what_a_branch_of_somebody_elses_commit_does_not_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person committed there: how long the history is, nobody has noted."""
    site = a_site(tmp_path, "branch")
    clone = site.clone("ci")
    remembers(clone, decided(17))
    site.human_pushes("README.md", b"# Hello\n", BRANCH)
    assert "an unknown number of commits" in Answer(capsys, "state", "show", "--root", str(clone)).out


def test_a_young_memory_is_shown_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the command that begins it."""
    clone = a_site(tmp_path, "auto").clone("laptop")
    assert "none yet: `neuropilot run --apply`" in Answer(capsys, "state", "show", "--root", str(clone)).out


# -- the archive -------------------------------------------------------------------------------------------------------


def test_archived_months_are_shown_and_verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the older lines are, that they fit, and that an edit among them is found (S001-143, H33)."""
    site = a_site(tmp_path, "branch")
    clone = site.clone("ci")
    past = [decided(3, month, year) for year in (2025, 2026) for month in range(1, 13)][:YEARS]
    remembers(clone, *past)
    client = GitClient(clone)
    commit = client.commit(site.tip(BRANCH), {"note": b""}, f"x\n\nRun: a\nCommits: {MOST_COMMITS}\n")
    client.push(commit, BRANCH, expected=site.tip(BRANCH))
    remembers(clone, decided(4, 12, 2026))
    assert git(site.remote, "rev-list", "--count", BRANCH) == "1"

    shown = Answer(capsys, "state", "show", "--root", str(clone))
    assert f"2025-01 to 2025-10, 10 lines, on the branch {ARCHIVE}" in shown.out
    document = json.loads(Answer(capsys, "state", "show", "--json", "--root", str(clone)).out)
    assert [one["month"] for one in document["archived"]["months"]] == [f"2025-{month:02}" for month in range(1, 11)]

    told = Answer(capsys, "ledger", "verify", "--root", str(clone))
    assert told.out.startswith("the ledger is whole: 15 episodes, every hash fits\n")
    assert f"lines 1 to 10 (2025-01 to 2025-10) stand on the branch {ARCHIVE}" in told.out
    assert "they fit as well" in Answer(capsys, "ledger", "verify", "--archived", "--root", str(clone)).out

    name = f"{document['archived']['ledger']}/episodes-2025-03.jsonl"
    site.human_pushes(name, site.content(name, ARCHIVE).replace(b"it is cheaper", b"it is nicer"), ARCHIVE)
    assert Answer(capsys, "ledger", "verify", "--root", str(clone)).code == 0, "no run depends on the archive"
    found = Answer(capsys, "ledger", "verify", "--archived", "--json", "--root", str(clone))
    assert found.code == 2
    assert json.loads(found.out)["problems"] == [f"{ARCHIVE}: {name}:1: edited: its hash does not match its content"]
    explained = Answer(capsys, "explain", "web-20250303T12Z", "--root", str(clone))
    assert explained.code == 1
    assert "neuropilot ledger verify" in explained.err


# -- pull and push -----------------------------------------------------------------------------------------------------


def test_a_checkout_that_works_with_folders_takes_the_branch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """To look at what CI decided without asking the remote each time; what was taken is said."""
    site = a_site(tmp_path, "branch")
    remembers(site.clone("ci"), decided(17), decided(18))
    laptop = folders(site.clone("laptop"))
    taken = Answer(capsys, "state", "pull", "--root", str(laptop))
    assert (taken.code, taken.err) == (0, "")
    assert taken.out.splitlines()[0] == f"origin/{BRANCH} is at {site.tip(BRANCH)[:10]}"
    assert "ai_ops/state/episodes.jsonl" in taken.out
    assert ids(laptop) == ["web-20261117T12Z", "web-20261118T12Z"]
    assert "2, the newest" in Answer(capsys, "state", "show", "--root", str(laptop)).out
    assert "nothing: both were alike" in Answer(capsys, "state", "pull", "--root", str(laptop)).out


def test_what_only_a_checkout_knows_is_brought_to_the_branch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A laptop went on from what CI had decided; both know all of it afterwards."""
    site = a_site(tmp_path, "branch")
    remembers(site.clone("ci"), decided(17))
    laptop = folders(site.clone("laptop"))
    assert exit_code_of(app, ["state", "pull", "--root", str(laptop)]) == 0
    remembers(laptop, decided(18))
    brought = Answer(capsys, "state", "push", "--root", str(laptop))
    assert (brought.code, brought.err) == (0, "")
    assert "brought    ai_ops/state/episodes.jsonl, ai_ops/state/ledger_head.json" in brought.out
    other = site.clone("other")
    with Agent(other, {}).session():
        assert ids(other) == ["web-20261117T12Z", "web-20261118T12Z"]


def test_the_first_push_makes_the_branch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the folders of a trial to a memory that everybody shares; the branch has nothing to give."""
    site = a_site(tmp_path, "folders")
    laptop = site.clone("laptop")
    empty = Answer(capsys, "state", "push", "--root", str(laptop))
    assert empty.code == 2
    assert "remembers nothing yet" in empty.err
    remembers(laptop, decided(17))
    assert Answer(capsys, "state", "push", "--root", str(laptop)).code == 0
    assert git(site.remote, "rev-list", "--count", BRANCH) == "1"
    again = Answer(capsys, "state", "push", "--root", str(laptop))
    assert (again.code, "brought    nothing" in again.out) == (0, True)
    assert git(site.remote, "rev-list", "--count", BRANCH) == "1", "nothing new is no commit"


def test_without_a_branch_there_is_nothing_to_take(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and the verb that makes one."""
    laptop = a_site(tmp_path, "folders").clone("laptop")
    told = Answer(capsys, "state", "pull", "--root", str(laptop))
    assert told.code == 2
    assert f"there is no branch origin/{BRANCH}; `neuropilot state push`" in told.err


def test_a_past_that_contradicts_the_branch_is_set_aside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the same rules as in a run: nothing of either is lost, and somebody is told."""
    site = a_site(tmp_path, "branch")
    remembers(site.clone("ci"), decided(17))
    laptop = folders(site.clone("laptop"))
    remembers(laptop, decided(18))
    taken = Answer(capsys, "state", "pull", "--root", str(laptop))
    assert taken.code == 0
    assert "does not fit the one on neuropilot/state" in taken.err
    assert ids(laptop) == ["web-20261117T12Z"]
    assert len(list((laptop / "ai_ops/state").glob("set-aside-*/episodes.jsonl"))) == 1


def test_outside_of_a_repository_there_is_no_branch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1: it is asked for in the wrong place."""
    (tmp_path / "ai_ops/config").mkdir(parents=True)
    (tmp_path / CONFIG).write_text(SETTINGS % {"store": "folders"})
    told = Answer(capsys, "state", "push", "--root", str(tmp_path))
    assert (told.code, told.out) == (1, "")
    assert "is no git repository" in told.err


def test_a_remote_that_refuses_is_exit_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing was kept, and git's words say why."""
    site = a_site(tmp_path, "folders")
    laptop = site.clone("laptop")
    remembers(laptop, decided(17))
    site.refuse_pushes("GH013: Repository rule violations found")
    told = Answer(capsys, "state", "push", "--root", str(laptop))
    assert told.code == 4
    assert "GH013" in told.err


def folders(clone: Path) -> Path:
    """Let this checkout alone work with its folders."""
    settings = yaml.safe_load((clone / CONFIG).read_text())
    (clone / CONFIG).write_text(yaml.safe_dump(settings | {"state": {"store": "folders"}}))
    return clone
