"""Two checkouts that train each keep their records, and neither keeps what was never kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from repositories import Site, isolate, make_site

from ai_ops.domain.errors import DeliveryError, Overtaken
from ai_ops.domain.model_version import TrainingKind, Verdict
from ai_ops.domain.training_record import TrainingRecord
from ai_ops.git_client import GitClient
from ai_ops.learn.training_log import KEPT, TrainingLog, kept, to_bytes
from ai_ops.store.reconcile import TRAINING_LOG, reconcile
from ai_ops.store.record_list import merged
from ai_ops.store.state_branch import StateBranch

if TYPE_CHECKING:
    from pathlib import Path

NIGHT = datetime(2026, 11, 20, 3, 17, tzinfo=UTC)


def a_record(night: int, service: str = "web", **changes: object) -> TrainingRecord:
    """The training of a night."""
    fields = {
        "at": NIGHT + timedelta(days=night),
        "service": service,
        "version": f"v{night}",
        "event": "training",
        "kind": TrainingKind.WARM,
        "verdict": Verdict.PROMOTED,
        "loss": 0.03,
        "auc": 0.93,
        "auc_low": None,
        "learning": None,
        "rows": 1_500,
        "new_rows": 108,
        "components": 1,
        "note": 'it is "sound" → in use',
    }
    return TrainingRecord(**{**fields, **changes})


def read(content: bytes | None, folder: Path) -> tuple[TrainingRecord, ...]:
    """The records as whoever trains next reads them, without a word of warning."""
    (folder / "training_log.json").write_bytes(content or b"")
    return TrainingLog(folder / "training_log.json", warn=pytest.fail).read()


def test_records_of_both_stand_in_the_file_as_if_one_had_written_them_all() -> None:
    """S001-24: byte for byte what the log itself writes, oldest first, each once."""
    ours = [a_record(0), a_record(2), a_record(2, "api")]
    theirs = [a_record(0), a_record(1)]
    assert merged(to_bytes(ours), to_bytes(theirs)) == to_bytes([*ours, *theirs])
    assert merged(to_bytes(theirs), to_bytes(ours)) == to_bytes([*ours, *theirs])


def test_a_copy_that_knows_no_more_changes_nothing() -> None:
    """Nothing is written anew, and so nothing pushed, where there is nothing to add."""
    there = b" " + to_bytes([a_record(0), a_record(1)])
    assert merged(to_bytes([a_record(1)]), there) is there
    assert merged(None, there) is there
    assert merged(there, None) == there
    assert merged(None, None) is None


def test_what_is_told_in_full_here_and_in_short_there_is_one_record(tmp_path: Path) -> None:
    """An older record loses its gates as newer ones come; it is not counted as another training."""
    short = a_record(0, note="")
    assert read(merged(to_bytes([a_record(0), a_record(1)]), to_bytes([short])), tmp_path) == (short, a_record(1))


@pytest.mark.parametrize(
    "spoilt",
    [b"", b"{", b"[]", b"null", b'{"version": 1}', b'{"records": []}', b'{"version": 1, "records": {}}', b"\xff\xfe"],
)
def test_a_copy_that_cannot_be_read_adds_nothing_and_hides_nothing(spoilt: bytes) -> None:
    """H32: on either side."""
    sound = to_bytes([a_record(0)])
    assert merged(spoilt, sound) == sound
    assert merged(sound, spoilt) == sound


def test_a_copy_of_any_depth_ends_in_no_traceback() -> None:
    """H32: a pull goes on whatever somebody put into a file on which nothing is decided."""
    sound = to_bytes([a_record(0)])
    for depth in (10, *range(700, 1000), 100_000):
        deep = b'{"version": 1, "records": [' + b"[" * depth + b"]" * depth + b"]}"
        assert b'"v0"' in (merged(deep, sound) or b"")
        assert merged(sound, deep)


def test_a_record_that_is_none_stays_where_it_stood(tmp_path: Path) -> None:
    """Whoever writes next sets it aside and says so; here nothing is judged."""
    odd = json.dumps({"version": 1, "records": [7, {"at": None}, {"at": 3}]}).encode()
    for both in (merged(to_bytes([a_record(0)]), odd), merged(odd, to_bytes([a_record(0)]))):
        assert both is not None
        assert len(json.loads(both)["records"]) == 4
        (tmp_path / "training_log.json").write_bytes(both)
        assert TrainingLog(tmp_path / "training_log.json", warn=list[str]().append).read() == (a_record(0),)


def test_another_releases_file_is_left_as_the_branch_has_it() -> None:
    """H32: its form is not known, so nothing is put into it, and it is not replaced by an older form either."""
    theirs = b'{"version": 2, "records": []}'
    assert merged(to_bytes([a_record(0)]), theirs) == theirs


def test_what_is_too_old_leaves_with_the_next_record(tmp_path: Path) -> None:
    """H33: two copies together may hold more than is kept, until somebody trains."""
    ours, theirs = ([a_record(night) for night in range(start, start + KEPT)] for start in (0, 10))
    path = tmp_path / "training_log.json"
    path.write_bytes(merged(to_bytes(ours), to_bytes(theirs)) or b"")
    log = TrainingLog(path, warn=pytest.fail)
    log.append(a_record(KEPT + 10))
    assert log.read() == kept([*ours, *theirs, a_record(KEPT + 10)])


def test_the_log_of_a_ledger_that_is_set_aside_goes_with_it() -> None:
    """What its records tell of was never in use on the branch."""
    here = {TRAINING_LOG: to_bytes([a_record(1)]), "ai_ops/state/episodes.jsonl": b'{"sequence": 1, "a": 1}\n'}
    there = {TRAINING_LOG: to_bytes([a_record(0)]), "ai_ops/state/episodes.jsonl": b'{"sequence": 1, "b": 1}\n'}
    both = reconcile(here, there, known=here, is_pause_seen=True)
    assert both.files == there
    assert both.aside == here


# -- on a branch -------------------------------------------------------------------------------------------------------


class Trainer:
    """A checkout that trains."""

    def __init__(self, site: Site, name: str) -> None:
        self.root = site.clone(name)
        self.open()

    def open(self) -> None:
        """Begin a new process."""
        self.state = StateBranch(GitClient(self.root), "neuropilot/state", warn=pytest.fail, clock=lambda: NIGHT)
        self.state.pull()

    @property
    def log(self) -> TrainingLog:
        """The log of the checkout."""
        return TrainingLog(self.root / TRAINING_LOG, warn=pytest.fail)

    def write(self, record: TrainingRecord, decided: str = "") -> None:
        """Add a record, and a line to the ledger where something was decided."""
        self.log.append(record)
        ledger = self.root / "ai_ops/state/episodes.jsonl"
        ledger.parent.mkdir(parents=True, exist_ok=True)
        with ledger.open("a") as lines:
            lines.write(decided)

    @property
    def versions(self) -> list[str]:
        """Versions that the log tells of."""
        return [one.version for one in self.log.read()]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A remote on whose state branch one training stands."""
    isolate(monkeypatch)
    site = make_site(tmp_path)
    first = Trainer(site, "first")
    first.write(a_record(0), "line 1\n")
    first.state.push("train")
    return site


@pytest.mark.parametrize("decided", ["line 2\n", ""], ids=["promoted", "nothing learned"])
def test_a_record_that_could_not_be_pushed_meets_those_of_the_branch(site: Site, decided: str) -> None:
    """H17: whether our ledger is ahead or there was nothing to decide, the night is not forgotten."""
    ours, theirs = Trainer(site, "ours"), Trainer(site, "theirs")
    ours.write(a_record(2), decided)
    (site.remote / "hooks/pre-receive").write_text("#!/bin/sh\nexit 1\n")
    (site.remote / "hooks/pre-receive").chmod(0o755)
    with pytest.raises(DeliveryError):
        ours.state.push("train")
    (site.remote / "hooks/pre-receive").unlink()
    theirs.write(a_record(1, "api"))
    theirs.state.push("nothing learned")
    ours.open()
    assert ours.versions == ["v0", "v1", "v2"]
    ours.state.push("train")
    theirs.open()
    assert theirs.versions == ["v0", "v1", "v2"]


@pytest.mark.parametrize("is_ahead", [False, True])
def test_what_the_run_in_hand_has_added_is_told_only_when_it_is_kept(site: Site, *, is_ahead: bool) -> None:
    """H17: whoever is overtaken decides anew, perhaps otherwise: its record and its line are gone until then."""
    ours, theirs = Trainer(site, "ours"), Trainer(site, "theirs")
    known = ["v0"]
    if is_ahead:
        ours.write(a_record(1), "line 2\n")
        ours.open()
        known = ["v0", "v1"]
    ours.write(a_record(2), "line in hand\n")
    theirs.write(a_record(3, "api"))
    theirs.state.push("nothing learned")
    with pytest.raises(Overtaken):
        ours.state.push("train")
    ours.state.pull()
    assert ours.versions == [*known, "v3"]
    assert "in hand" not in (ours.root / "ai_ops/state/episodes.jsonl").read_text()
