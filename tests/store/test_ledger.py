"""The ledger remembers exactly and in order, and recovers from what a crash leaves."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from examples import a_finding, a_reward, an_episode
from ledgers import Warnings, decided_in, filled, numbered, strict
from predictions import a_prediction, an_outcome

from ai_ops.domain.errors import Overtaken, StateError
from ai_ops.domain.metrics import Gap
from ai_ops.domain.prediction import Interval, Verdict
from ai_ops.domain.tuning import Change, Decision, ScheduledMinimum, Thresholds
from ai_ops.store.ledger import Ledger
from ai_ops.store.ledger_files import LedgerFiles
from ai_ops.store.ledger_lines import GENESIS, Line, Unreadable, canonical, seal

if TYPE_CHECKING:
    from pathlib import Path


def test_an_episode_comes_back_equal(tmp_path: Path) -> None:
    """The policy is replayed from the ledger, so nothing may be lost or rounded (S001-85)."""
    episode = an_episode(
        measured={"cpu_percent": 0.1 + 0.2, "error_percent": 1e-17},
        thresholds=Thresholds({"cpu_scale_in_percent": 30.0}, frozenset({"b", "a"})),
        findings=(a_finding(reason='it said "no"\n→ \u2028 done'),),
        decision=Decision((Change("cpu_scale_in_percent", 30.0, 35.0),), ("why",), is_urgent=True),
        reward=a_reward(value=None),
        gaps=(Gap("memory_percent", "HTTP 500"),),
        warnings=("partial",),
    )
    ledger = Ledger(tmp_path, warn=strict)
    ledger.append(episode)
    assert ledger.episodes() == (episode,)


def test_a_prediction_and_its_outcome_come_back_equal(tmp_path: Path) -> None:
    """They are joined by the time of the prediction, which must not lose a microsecond."""
    made_at = a_prediction().made_at.replace(microsecond=123457)
    predicted = replace(a_prediction(), made_at=made_at, burn=Interval(0.1 + 0.2, 0.0, math.inf))
    episode = an_episode(prediction=predicted, outcomes=(an_outcome(1.0, Verdict.MISS, made_at=made_at, burn=None),))
    ledger = Ledger(tmp_path, warn=strict)
    ledger.append(episode)
    assert ledger.episodes() == (episode,)


def test_a_line_from_before_predictions_can_still_be_read(tmp_path: Path) -> None:
    """A ledger is kept for years; what an old line does not say was not predicted."""
    line = seal(an_episode(), 1, GENESIS)
    young = {"prediction", "outcomes"}
    form = {name: value for name, value in line.content.items() if name not in young}
    body = {"version": 1, "sequence": 1, "previous": GENESIS, "episode": form}
    old = Line(1, GENESIS, hashlib.sha256(canonical(body)).hexdigest(), "episode", form)
    (tmp_path / "episodes.jsonl").write_bytes(old.to_bytes())
    LedgerFiles(tmp_path).write_head(old)
    assert Ledger(tmp_path, warn=strict).episodes() == (an_episode(),)


def test_words_and_schedules_come_back_equal(tmp_path: Path) -> None:
    """A knob need hold no number, and one that is none at all stays a number (S001-85)."""
    week = (ScheduledMinimum(420, 1140, 6), ScheduledMinimum(9960, 120, 3))
    standing = {
        "scaling_mode": "threshold",
        "scheduled_minimum": (),
        "min_instances": 2.0,
        "cooldown_minutes": math.inf,
    }
    changes = (
        Change("scaling_mode", "threshold", "target"),
        Change("scheduled_minimum", (), week),
        Change("min_instances", 2.0, -math.inf),
    )
    episode = an_episode(thresholds=Thresholds(standing), decision=Decision(changes, ("why",)))
    ledger = Ledger(tmp_path, warn=strict)
    ledger.append(episode)
    assert ledger.episodes() == (episode,)


def test_a_schedule_that_cannot_be_is_not_read(tmp_path: Path) -> None:
    """A line of another release, or one that somebody made up and sealed, ends in words (H32)."""
    form = {**seal(an_episode(), 1, GENESIS).content}
    entry = {"from_minute_of_week": 0, "to_minute_of_week": 99_999, "min_instances": 1}
    for strange in ([entry], [{"from_minute_of_week": 0}], {"at": 1}, None):
        form["thresholds"] = {"values": {"scheduled_minimum": strange}, "ignored": []}
        body = {"version": 1, "sequence": 1, "previous": GENESIS, "episode": form}
        line = Line(1, GENESIS, hashlib.sha256(canonical(body)).hexdigest(), "episode", form)
        with pytest.raises(Unreadable, match=r"does not fit this release: thresholds\.values\.scheduled_minimum"):
            line.to_episode()


def test_values_that_json_cannot_say_come_back_too(tmp_path: Path) -> None:
    """An infinite score is remembered in words, not lost with the whole cycle."""
    ledger = Ledger(tmp_path, warn=strict)
    ledger.append(an_episode(findings=(a_finding(score=math.inf, expected=math.nan, reason="half \ud800"),)))
    (finding,) = ledger.episodes()[0].findings
    assert finding.score == math.inf
    assert math.isnan(finding.expected)
    assert finding.reason == "half \\ud800"


def test_no_secret_is_written(tmp_path: Path) -> None:
    """A line cannot be edited later, so a token in a warning never gets there (H09, H11)."""
    known = Ledger(tmp_path, warn=strict, redact=lambda text: text.replace("canary", "***"))
    known.append(numbered(1, warnings=("the canary sang",), measured={"canary": 1.0}))
    by_shape = Ledger(tmp_path, warn=strict)
    by_shape.append(numbered(2, gaps=(Gap("cpu_percent", "HTTP 401 for glsa_0123456789abcdef"),)))
    kept = (tmp_path / "episodes.jsonl").read_text()
    assert "canary" not in kept
    assert "glsa_" not in kept
    assert by_shape.episodes()[0].warnings == ("the *** sang",)


def test_a_line_is_readable_sorted_and_utc(tmp_path: Path) -> None:
    """A person can read the audit trail without the agent (S001-143)."""
    filled(tmp_path, 1)
    raw = (tmp_path / "episodes.jsonl").read_text()
    line = json.loads(raw)
    assert list(line) == ["episode", "hash", "previous", "sequence", "version"]
    assert (line["previous"], line["sequence"], line["version"]) == (GENESIS, 1, 1)
    assert line["episode"]["decided_at"] == "2026-11-18T12:05:00Z"
    assert raw.endswith("}\n")


def test_episodes_of_one_service_come_oldest_first(tmp_path: Path) -> None:
    """Several services share the ledger; each sees its own past."""
    ledger = filled(tmp_path, 2)
    ledger.append(numbered(3, service="api"))
    ledger.append(numbered(4))
    assert [episode.id for episode in ledger.episodes("web")] == ["web-1", "web-2", "web-4"]
    assert ledger.last("web") == numbered(4)
    assert ledger.last("nobody") is None
    assert ledger.find("web-3") == numbered(3, service="api")
    assert ledger.find("web-9") is None


def test_reading_an_unwritten_ledger_makes_nothing(tmp_path: Path) -> None:
    """A first look leaves no trace."""
    ledger = Ledger(tmp_path / "state", warn=strict)
    assert ledger.episodes() == ()
    assert ledger.verify() == ()
    assert list(tmp_path.iterdir()) == []


def test_one_window_is_remembered_once(tmp_path: Path) -> None:
    """The slower of two runs of one window learns that the other decided (H17, H18)."""
    ledger = filled(tmp_path)
    with pytest.raises(Overtaken, match="neuropilot explain web-2"):
        ledger.append(numbered(2))
    assert len(ledger.episodes()) == 3


def test_a_new_month_begins_a_new_file_that_goes_on_with_the_chain(tmp_path: Path) -> None:
    """The files stay small, and a missing one shows (H33)."""
    ledger = Ledger(tmp_path, warn=strict)
    lines = [ledger.append(decided_in(month, month)) for month in (9, 10, 11)]
    names = sorted(path.name for path in tmp_path.glob("*.jsonl"))
    assert names == ["episodes-2026-09.jsonl", "episodes-2026-10.jsonl", "episodes.jsonl"]
    first = json.loads((tmp_path / "episodes.jsonl").read_text())
    assert (first["previous"], first["sequence"]) == (lines[1].hash, 3)
    assert [episode.id for episode in ledger.episodes()] == ["web-9", "web-10", "web-11"]
    assert ledger.verify() == ()


def test_a_clock_that_goes_back_over_a_month_loses_nothing(tmp_path: Path) -> None:
    """No file is ever renamed onto another one."""
    ledger = Ledger(tmp_path, warn=strict)
    for number, month in enumerate((11, 10, 11, 12, 10, 12), start=1):
        ledger.append(decided_in(month, number))
    assert [episode.id for episode in ledger.episodes()] == [f"web-{number}" for number in range(1, 7)]
    assert [path.name for path in tmp_path.glob("episodes-*")] == ["episodes-2026-11.jsonl"]


def test_a_file_in_the_way_is_never_overwritten(tmp_path: Path) -> None:
    """A copy that somebody left stops the ledger instead of vanishing."""
    ledger = Ledger(tmp_path, warn=strict)
    ledger.append(decided_in(11, 1))
    (tmp_path / "episodes-2026-11.jsonl").write_text("")
    with pytest.raises(StateError, match=r"episodes-2026-11\.jsonl"):
        ledger.append(decided_in(12, 2))
    assert (tmp_path / "episodes-2026-11.jsonl").read_text() == ""


def test_a_torn_last_line_is_set_aside_with_a_message(tmp_path: Path) -> None:
    """A crash while writing costs that one cycle, which was never acted upon (S001-85, H24)."""
    filled(tmp_path, 2)
    path = tmp_path / "episodes.jsonl"
    path.write_bytes(path.read_bytes() + b'{"episode":{"id":"web-3')
    said = Warnings()
    ledger = Ledger(tmp_path, warn=said)
    assert [episode.id for episode in ledger.episodes()] == ["web-1", "web-2"]
    assert ledger.verify() == ()
    ledger.append(numbered(3))
    assert (tmp_path / "episodes.torn").read_bytes() == b'{"episode":{"id":"web-3\n'
    assert all("episodes.jsonl:3" in sentence for sentence in said)
    assert [episode.id for episode in Ledger(tmp_path, warn=strict).episodes()] == ["web-1", "web-2", "web-3"]


@pytest.mark.parametrize("rest", [b'{"epi', b"\0\0\0\0", b"\0\0\n", b"\n"])
def test_whatever_a_power_cut_leaves_behind_the_last_line_is_set_aside(tmp_path: Path, rest: bytes) -> None:
    """A file system may leave zeros where a line was to be; also in an empty ledger."""
    (tmp_path / "episodes.jsonl").write_bytes(rest)
    said = Warnings()
    ledger = Ledger(tmp_path, warn=said)
    assert ledger.episodes() == ()
    ledger.append(numbered(1))
    assert len(said) == 2
    assert Ledger(tmp_path, warn=strict).episodes() == (numbered(1),)


def test_a_torn_line_at_the_start_of_a_month_is_set_aside(tmp_path: Path) -> None:
    """The line before the torn one stands in the file of the month before."""
    ledger = Ledger(tmp_path, warn=Warnings())
    ledger.append(decided_in(10, 1))
    (tmp_path / "episodes.jsonl").rename(tmp_path / "episodes-2026-10.jsonl")
    (tmp_path / "episodes.jsonl").write_bytes(b'{"episode"')
    assert ledger.verify() == ()
    ledger.append(decided_in(11, 2))
    assert [episode.id for episode in Ledger(tmp_path, warn=strict).episodes()] == ["web-1", "web-2"]


def test_a_head_one_line_behind_is_moved_with_a_message(tmp_path: Path) -> None:
    """A crash between the line and the head loses nothing (H24)."""
    ledger = filled(tmp_path, 2)
    before = (tmp_path / "ledger_head.json").read_bytes()
    ledger.append(numbered(3))
    (tmp_path / "ledger_head.json").write_bytes(before)
    said = Warnings()
    recovered = Ledger(tmp_path, warn=said)
    assert len(recovered.episodes()) == 3
    recovered.append(numbered(4))
    assert len(said) == 2
    assert len(Ledger(tmp_path, warn=strict).episodes()) == 4


def test_a_head_that_was_never_written_is_made(tmp_path: Path) -> None:
    """The very first append may crash between the line and the head."""
    filled(tmp_path, 1)
    (tmp_path / "ledger_head.json").unlink()
    ledger = Ledger(tmp_path, warn=Warnings())
    ledger.append(numbered(2))
    assert len(Ledger(tmp_path, warn=strict).episodes()) == 2
