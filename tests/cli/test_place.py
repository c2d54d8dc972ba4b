"""Where a verb works: a folder that no agent looks into is refused, and git's complaints are passed on."""

from __future__ import annotations

import json

import pytest
from agents import make_agent_site
from repositories import isolate

from ai_ops.cli.main import app, exit_code_of

VERBS = ("run", "doctor", "history", "explain web-1", "ledger verify", "pause", "resume")
PAUSED = "ai_ops/state/paused.json"


@pytest.fixture(autouse=True)
def no_foreign_git(monkeypatch):
    """Keep this machine's git configuration out of it."""
    isolate(monkeypatch)


@pytest.fixture
def clone(tmp_path):
    """A checkout whose agent runs on the embedded simulated service."""
    return make_agent_site(tmp_path, settings="metrics: {source: simulated}\n").clone("checkout")


def call(line: str, *more: str) -> int:
    """Run the command line in this process, and give its exit code."""
    return exit_code_of(app, [*line.split(), *more])


@pytest.mark.parametrize("verb", VERBS)
def test_a_root_that_does_not_exist_is_refused(tmp_path, capsys, verb):
    """A mistyped folder is not made: a pause in it would stop nobody."""
    typo = tmp_path / "typo"
    assert call(verb, "--root", str(typo)) == 1
    assert f"--root {typo} is no folder" in capsys.readouterr().err
    assert not typo.exists()


@pytest.mark.parametrize("verb", ["run", "doctor", "history"])
def test_a_program_hears_of_a_wrong_root_as_json(tmp_path, capsys, verb):
    """Stdout is one document, whatever went wrong."""
    assert call(verb, "--json", "--root", str(tmp_path / "typo")) == 1
    assert "is no folder" in json.loads(capsys.readouterr().out)["error"]


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_nothing_is_paused_where_no_agent_lives(tmp_path, capsys, verb):
    """Outside of a repository, and below the top level of one that --root names."""
    assert call(verb, "--root", str(tmp_path)) == 1
    told = capsys.readouterr()
    assert "is no repository of an agent" in told.err
    assert not told.out
    assert not list(tmp_path.iterdir())


def test_an_agent_without_git_can_be_paused(tmp_path):
    """Its memory lives in folders."""
    (tmp_path / "ai_ops").mkdir()
    assert call("pause", "--root", str(tmp_path)) == 0
    assert (tmp_path / PAUSED).exists()


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("name", "words"), [("GIT_TEST_ASSUME_DIFFERENT_OWNER", "safe.directory"), ("GIT_DIR", "GIT_DIR points git")]
)
def test_what_git_complains_of_is_not_taken_for_no_repository(clone, monkeypatch, capsys, verb, name, words):
    """The memory on the branch would be missed, and a pause would be written where nobody reads it."""
    folder = clone / "infrastructure"
    monkeypatch.chdir(folder)
    monkeypatch.setenv(name, "1")
    assert call(verb) == 1
    assert words in capsys.readouterr().err
    assert not (folder / "ai_ops").exists()


@pytest.mark.parametrize("verb", ["run", "doctor", "history"])
def test_naming_the_root_does_not_hide_what_git_complains_of(clone, monkeypatch, capsys, verb):
    """Git's own line that fixes it is shown."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert call(verb, "--root", str(clone)) == 1
    assert "git config --global --add safe.directory" in capsys.readouterr().err


def test_a_pause_that_git_keeps_from_the_branch_says_so(clone, monkeypatch, capsys):
    """The checkout is paused at once; that others go on is exit code 4, with git's words."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert call("pause", "--root", str(clone)) == 4
    assert "only this checkout is paused" in (told := capsys.readouterr()).err
    assert "safe.directory" in told.err
    assert (clone / PAUSED).exists()


def test_a_run_says_at_once_that_it_is_paused(clone, capsys):
    """Also where nothing would have been proposed; what the reason holds forges no line of a CI log."""
    assert call("pause", "--root", str(clone), "--because", "incident\n::error::forged\x1b[2J") == 0
    capsys.readouterr()
    assert call("run", "--root", str(clone)) == 0
    told = capsys.readouterr().out.splitlines()
    (line,) = (line for line in told if line.startswith("Paused: "))
    assert line.startswith("Paused: incident ::error::forged [2J (by ")
    assert line.endswith("; `neuropilot resume` ends it")
    assert all(line.isprintable() for line in told)
    assert call("resume", "--root", str(clone)) == 0
    call("run", "--root", str(clone))
    assert "Paused" not in capsys.readouterr().out


def test_the_past_of_an_unknown_service_is_refused(clone, capsys):
    """With the names of the known ones, as a run does; an empty list would look like an agent that never ran."""
    assert call("history --service wbe", "--root", str(clone)) == 1
    assert "there is no service 'wbe'; the settings know web" in capsys.readouterr().err
    assert call("history --service web", "--root", str(clone)) == 0
