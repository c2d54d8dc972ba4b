"""The training log keeps a year of nights, stays small, and stops no training."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from model_vitals import a_record

from ai_ops.domain.errors import StateError
from ai_ops.domain.model_version import Gate, Verdict
from ai_ops.domain.training_record import Learning, TrainingRecord
from ai_ops.learn.prequential import SPAN
from ai_ops.learn.training_log import KEPT, TOLD_IN_FULL, TrainingLog, kept, to_bytes

FIRST = datetime(2026, 11, 20, 3, 17, tzinfo=UTC)
GATES = (
    Gate("min_auc", is_passed=True, reason="the lower bound 0.901 of the AUC is above 0.65"),
    Gate("no_worse", is_passed=True, reason="it is at most 0.004 worse than the version before, where 0.02 is allowed"),
    Gate("calibration", is_passed=False, reason="its loss 0.13 is above 0.10, where chance alone is 0.04"),
    Gate("false_alarms", is_passed=True, reason="0.8 false alarms a week, where 2 are allowed"),
    Gate("movement", is_passed=True, reason="no baseline moved by more than 3 sigmas since the last cold fit"),
    Gate("numbers", is_passed=True, reason="every figure is finite, and every covariance is positive"),
)
RECORD = a_record(
    at=FIRST,
    version="20261120T0310Z-3f9c1a2b",
    verdict=Verdict.REFUSED,
    loss=0.1312345678901234,
    auc=0.9341234567890123,
    auc_low=0.9012345678901234,
    learning=Learning.TRAINING,
    rows=1_498,
    components=1,
    drifted=("cpu_percent", "hour_of_day"),
    gates=GATES,
    note="its loss is too high",
    loss_rows=None,
)
UNMEASURED = TrainingRecord(
    at=FIRST,
    service="api",
    version="",
    event="training",
    kind=None,
    verdict=None,
    loss=None,
    auc=None,
    auc_low=None,
    learning=None,
    rows=0,
    new_rows=0,
    components=0,
)


def _nights(count: int, service: str = "web") -> list[TrainingRecord]:
    return [replace(RECORD, at=FIRST + timedelta(days=night), service=service) for night in range(count)]


@pytest.fixture
def log(tmp_path) -> TrainingLog:
    """A log that is not there yet; whatever it warns of fails the test."""
    return TrainingLog(tmp_path / "models" / "training_log.json", warn=pytest.fail)


def test_what_is_added_is_read_back(tmp_path, log):
    """Every field of it, and who asks for one service gets that one (S001-24, S001-42)."""
    assert log.read() == ()
    log.append(RECORD)
    log.append(replace(UNMEASURED, at=FIRST + timedelta(hours=1)))

    assert log.read("web") == (RECORD,)
    assert log.read("api") == (replace(UNMEASURED, at=FIRST + timedelta(hours=1)),)
    assert json.loads((tmp_path / "models" / "training_log.json").read_bytes())["version"] == 1


def test_what_is_added_twice_stands_there_once(log):
    """A training that was overtaken while it pushed writes its record again."""
    for record in (*_nights(TOLD_IN_FULL + 1), _nights(1)[0]):
        log.append(record)
    assert [one.at for one in log.read()] == [one.at for one in _nights(TOLD_IN_FULL + 1)]


def test_a_record_is_one_line():
    """So that git keeps a line a night, and a person can read the newest with `tail`."""
    lines = to_bytes(_nights(3)).decode().splitlines()
    assert [json.loads(line.rstrip(","))["at"][:10] for line in lines[1:-1]] == [
        "2026-11-20",
        "2026-11-21",
        "2026-11-22",
    ]


def test_a_year_of_nights_stays_small():
    """Below 200 kB a service, a good year with a refusal every night included; older records are let go."""
    content = to_bytes([*_nights(KEPT + 100), *_nights(30, "api")])
    records = json.loads(content)["records"]

    assert sum(one["service"] == "web" for one in records) == KEPT
    assert sum(one["service"] == "api" for one in records) == 30
    assert len(content) < 250_000
    assert len(to_bytes(_nights(KEPT))) < 200_000 + TOLD_IN_FULL * 700


def test_what_the_loss_rests_on_stays_for_four_weeks_however_often_a_team_trains():
    """R27, S001-125: with a training every twelve hours, and an evaluation each week, no night of them is lost."""
    often = [
        replace(RECORD, at=FIRST + timedelta(hours=12 * turn), surprises=(1,) * 100, loss_rows=100 * turn)
        for turn in range(80)
    ]
    noted = [one.at for one in kept(often) if one.surprises]
    assert noted == [one.at for one in often if often[-1].at - one.at < SPAN]
    assert len(noted) == 2 * SPAN.days


def test_a_line_of_an_older_release_is_read(tmp_path, log):
    """It does not say what its loss rests on."""
    log.append(replace(RECORD, loss_rows=504))
    file = tmp_path / "models" / "training_log.json"
    file.write_bytes(file.read_bytes().replace(b'"loss_rows":504,', b""))
    assert log.read() == (replace(RECORD, loss_rows=None),)


def test_what_an_old_candidate_failed_stays():
    """Of its gates only those that it passed are let go."""
    oldest, newest = kept(_nights(TOLD_IN_FULL + 1))[0], kept(_nights(TOLD_IN_FULL + 1))[-1]
    assert [gate.name for gate in oldest.gates] == ["calibration"]
    assert newest.gates == GATES


@pytest.mark.parametrize(
    "spoilt",
    [b"{", b"[]", b"null", b'{"version": 2, "records": []}', b'{"version": 1}', b"\xff\xfe", b"[" * 100_000],
)
def test_an_unreadable_log_is_set_aside_and_begun_anew(tmp_path, spoilt):
    """Nothing is lost, somebody is told, and the training goes on (H32)."""
    warnings: list[str] = []
    path = tmp_path / "training_log.json"
    path.write_bytes(spoilt)
    log = TrainingLog(path, warn=warnings.append)

    assert log.read() == ()
    log.append(RECORD)

    assert log.read() == (RECORD,)
    (aside,) = tmp_path.glob("*.set-aside")
    assert aside.read_bytes() == spoilt
    assert aside.name in warnings[1]
    assert len(warnings) == 2


def test_one_spoilt_record_costs_no_other(tmp_path):
    """The readable ones stay in the log; the file with the spoilt one is set aside (H32)."""
    warnings: list[str] = []
    path = tmp_path / "training_log.json"
    content = to_bytes(_nights(3))
    path.write_bytes(content.replace(b'"at":"2026-11-21T03:17:00Z"', b'"at":"yesterday"'))
    log = TrainingLog(path, warn=warnings.append)
    log.append(_nights(4)[-1])

    assert [one.at.day for one in log.read()] == [20, 22, 23]
    assert "1 of 3 records cannot be read" in warnings[0]
    assert list(tmp_path.glob("*.set-aside"))


def test_a_folder_in_its_place_is_an_error_when_written(tmp_path):
    """Reading warns, writing says what to do (H32)."""
    warnings: list[str] = []
    (tmp_path / "training_log.json").mkdir()
    log = TrainingLog(tmp_path / "training_log.json", warn=warnings.append)

    assert log.read() == ()
    assert "cannot be read" in warnings[0]
    with pytest.raises(StateError, match="cannot be read"):
        log.append(RECORD)


@pytest.mark.parametrize("stand_in", [Path.mkdir, lambda path: path.symlink_to("elsewhere")], ids=["folder", "link"])
def test_a_lock_that_is_no_plain_file_is_an_error_that_names_it(tmp_path, log, stand_in):
    """Nothing is written without the lock, through no link, and no traceback is shown (H32)."""
    folder = tmp_path / "models"
    folder.mkdir()
    stand_in(folder / "training_log.json.lock")
    with pytest.raises(StateError, match=r"training_log\.json\.lock: cannot be locked \(.+\): make it a plain file"):
        log.append(RECORD)
    assert [file.name for file in folder.iterdir()] == ["training_log.json.lock"]


def test_trainings_at_the_same_time_lose_no_record(tmp_path, log):
    """A job in CI has the log for itself, a person's machine may not."""
    with ThreadPoolExecutor(8) as crew:
        list(crew.map(log.append, _nights(24)))
    assert list(log.read()) == list(kept(_nights(24)))


def test_secrets_do_not_reach_it(tmp_path, log):
    """It stands on a branch that others read (H12)."""
    said = "asked https://ada:s3cr3t-Passw0rd@prometheus:9090\nfor ada.lovelace@example.com"
    log.append(replace(RECORD, note=said, gates=(Gate("history", is_passed=False, reason=said),)))

    content = (tmp_path / "models" / "training_log.json").read_text()
    assert "s3cr3t" not in content
    assert "lovelace" not in content


def test_figures_of_numpy_are_written_as_plain_ones(log):
    """A gate that compared two of them holds a boolean that JSON does not know."""
    gate = Gate("min_auc", is_passed=np.float64(0.9) > 0.65, reason="")
    log.append(replace(RECORD, loss=np.float64(0.03), rows=np.int64(7), gates=(gate,)))
    assert log.read()[0].gates[0].is_passed is True


@pytest.mark.parametrize("figure", [float("nan"), float("inf")])
def test_a_figure_that_is_none_is_kept_as_a_word(log, figure):
    """And the file stays JSON."""
    log.append(replace(RECORD, loss=figure))
    assert str(log.read()[0].loss) == str(figure)
