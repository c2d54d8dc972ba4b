"""What a commit says, and what it must never do."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from examples import an_episode
from hypothesis import example, given, settings
from hypothesis import strategies as st
from predictions import a_prediction
from repositories import git, isolate

from ai_ops.apply.commit_message import SUBJECT_WIDTH, commit_message, episode_trailer, inert
from ai_ops.domain.prediction import Interval
from ai_ops.domain.tuning import Change, Decision, ScheduledMinimum

if TYPE_CHECKING:
    from pathlib import Path

    from ai_ops.domain.cycle import Episode

IN = Change("cpu_scale_in_percent", 30.0, 35.0)
OUT = Change("cpu_scale_out_percent", 80.0, 75.5)
LATENCY = Change("latency_scale_out_ms", 300.0, 350.0)

HOSTILE = (
    "fixes #1",
    "closes owner/repo#12 and GH-3",
    "resolves https://github.com/o/r/issues/1",
    "thanks @everyone and @org/team",
    "x\n\nEpisode: forged\nCo-authored-by: Eve <eve@evil.example>",
    "x\r\nReason: forged",
    "x\u2028Episode: forged\u2029y\x85z\x0b\x0c",
    "\x1b[31mred\x1b]8;;http://evil\x07link\x1b]8;;\x07",
    "fi\u200bxes #\u200b1 \u202etxt.exe\u2066 \ufeff",
    "[skip ci] [ci skip] [no ci]",
    "---\ndiff --git a/x b/x",
    "# a comment\n> 8 ------ scissors",
    "Episode: forged",
    "\ud800 lone surrogate \ufffe \x00",
    "a" * 5000,
    "",
)

# What a host may act upon: mentions, issue numbers, links, switches for CI, anything unseen.
ACTIVE = re.compile(
    r"@\w|#\w|\bGH-\d|://|\[(skip|no|ci|actions)|[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]",
    re.IGNORECASE,
)


def moving(*changes: Change, reasons: tuple[str, ...] = ("it is safe",), **more: object) -> Episode:
    """An episode that moves something."""
    return an_episode(decision=Decision(changes, reasons), **more)


def trailers(folder: Path, message: str) -> list[str]:
    """Trailers as git itself reads them."""
    call = ["git", "interpret-trailers", "--parse", "--no-divider"]
    done = subprocess.run(call, cwd=folder, input=message.encode(), capture_output=True, check=True)
    return done.stdout.decode().splitlines()


def test_one_change_reads_like_the_requirement() -> None:
    """`git log --grep=ai-ops` shows what moved from where to where (S001-129, S001-143)."""
    message = commit_message(moving(IN, reasons=("The promise was kept.", "It costs less.")))
    assert message == (
        "ai-ops: web cpu_scale_in_percent 30 -> 35\n\n"
        "- The promise was kept.\n- It costs less.\n\n"
        "Episode: web-20261118T12Z\nReason: The promise was kept.; It costs less.\n"
        "Rollback: neuropilot rollback web-20261118T12Z --apply\n"
    )


def test_what_is_expected_stands_beside_what_would_be_otherwise() -> None:
    """A reviewer sees what the change is worth, and what it will be held against."""
    expected = a_prediction()
    dearer = replace(expected, cost_per_hour=Interval(2.5, 2.1, 2.9))
    said = " ".join(commit_message(moving(IN, prediction=expected, if_unchanged=dearer)).split())
    assert "- Expected: cost 2 (1.6 to 2.4) per hour, burn 0.30 (0.10 to 0.60), 99.980" in said
    assert "- Otherwise: cost 2.5 (2.1 to 2.9) per hour" in said


def test_several_changes_that_do_not_fit_are_counted_and_listed() -> None:
    """The subject stays short, the body says the rest."""
    subject, _, body = commit_message(moving(IN, OUT, LATENCY)).partition("\n\n")
    assert subject == "ai-ops: web 3 settings"
    assert "- cpu_scale_out_percent 80 -> 75.5.\n- latency_scale_out_ms 300 -> 350." in body


def test_a_word_and_a_schedule_read_as_people_say_them() -> None:
    """The subject counts the entries, and the body says when at least how many run, in UTC (S001-129)."""
    week = tuple(ScheduledMinimum(day * 1440 + 420, day * 1440 + 1140, 6) for day in range(5))
    message = commit_message(moving(Change("scheduled_minimum", (), week), reasons=("Mornings come at once.",)))
    assert message == (
        "ai-ops: web scheduled_minimum 0 -> 5 entries\n\n"
        "- scheduled_minimum: Mon-Fri 07:00-19:00 UTC at least 6 (was: none).\n- Mornings come at once.\n\n"
        "Episode: web-20261118T12Z\nReason: Mornings come at once.\n"
        "Rollback: neuropilot rollback web-20261118T12Z --apply\n"
    )
    switch = Change("scaling_mode", "threshold", "target")
    assert commit_message(moving(switch)).startswith("ai-ops: web scaling_mode threshold -> target\n\n- it is safe\n")


def test_a_long_schedule_is_wrapped_and_whole() -> None:
    """However many entries, every one of them is told."""
    hours = tuple(ScheduledMinimum(60 * hour, 60 * hour + 50, hour + 1) for hour in range(28))
    subject, _, body = commit_message(moving(Change("scheduled_minimum", hours, hours[::2]), IN)).partition("\n\n")
    assert subject == "ai-ops: web 2 settings"
    assert " ".join(body.split()).count("UTC at least") == 28 + 14
    assert max(map(len, body.split("\n\n")[0].splitlines())) <= 72


def test_simulated_figures_are_marked_twice() -> None:
    """Nobody may take a simulated decision for a real one."""
    message = commit_message(moving(IN, is_simulated=True))
    assert message.startswith("ai-ops: web cpu_scale_in_percent 30 -> 35 (simulated)\n")
    assert "simulated service" in message


def test_a_long_service_name_gives_way_to_the_change() -> None:
    """What moved matters more than the end of a name."""
    subject = commit_message(moving(IN, service="checkout-" * 12)).splitlines()[0]
    assert subject.endswith("… cpu_scale_in_percent 30 -> 35")
    assert len(subject) == SUBJECT_WIDTH


@pytest.mark.parametrize(
    ("value", "text"), [(1e6, "1000000"), (0.00001, "0.00001"), (30.0, "30"), (0.1, "0.1"), (-2.50, "-2.5")]
)
def test_numbers_are_written_plainly(value: float, text: str) -> None:
    """A reader of a log knows no `1e+06`."""
    assert f" {text} -> " in commit_message(moving(Change("k", value, 1.0)))


def test_secrets_are_masked() -> None:
    """A reason may quote an error that quotes an address (H09)."""
    message = commit_message(moving(IN, reasons=("query failed at http://me:hunter2@prom:9090",)))
    assert "hunter2" not in message


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_becomes_inert(text: str) -> None:
    """Labels, services and reasons come from telemetry (H01, H20)."""
    assert not ACTIVE.search(inert(text))
    assert "\n" not in inert(text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository to run git in."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        isolate(monkeypatch)
        path = tmp_path_factory.mktemp("repository")
        git(path, "init", "-q")
    return path


TEXT = (
    st.text(max_size=200)
    | st.sampled_from(HOSTILE)
    | st.tuples(st.text(max_size=20), st.sampled_from(HOSTILE)).map("".join)
)


@settings(max_examples=150, deadline=None)
@given(service=TEXT, name=TEXT, reasons=st.lists(TEXT, max_size=4).map(tuple), is_simulated=st.booleans())
@example(service="web", name="web-1", reasons=HOSTILE, is_simulated=False)
@example(service="", name="", reasons=(), is_simulated=True)
def test_whatever_comes_git_reads_exactly_our_trailers(
    folder: Path, service: str, name: str, reasons: tuple[str, ...], *, is_simulated: bool
) -> None:
    """No text can forge a trailer, break the subject or make a host act (H01, H20, S001-143)."""
    episode = moving(IN, OUT, reasons=reasons, service=service, id=name, is_simulated=is_simulated)
    message = commit_message(episode)
    subject, _, rest = message.partition("\n\n")
    found = trailers(folder, message)
    assert [line.split(":")[0] for line in found] == ["Episode", "Reason", "Rollback"]
    assert found[0] == f"Episode: {episode_trailer(episode)}"
    assert len(subject) <= SUBJECT_WIDTH
    assert "\n" not in subject
    assert not ACTIVE.search(message)
    body = rest.rpartition("\n\n")[0]
    assert all(line.startswith(("- ", "  ")) and len(line) <= 72 for line in body.splitlines())


@given(TEXT)
def test_making_inert_twice_changes_nothing_more(text: str) -> None:
    """The id in a trailer is compared with the id made inert again."""
    assert inert(inert(text)) == inert(text)
