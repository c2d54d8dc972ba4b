"""Snapshots: what a decision was made on comes back equal, or it is said why not; and they stay small together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from repositories import isolate, make_site

from ai_ops.domain.cycle import PERIOD
from ai_ops.domain.errors import StateError
from ai_ops.domain.metrics import CANONICAL_METRICS, Series
from ai_ops.domain.quantised import quantised
from ai_ops.git_client import GitClient
from ai_ops.packing import packed
from ai_ops.simulator.profiles import PROFILES, default_thresholds
from ai_ops.simulator.service import SimulatedService
from ai_ops.simulator.traffic import request_spikes
from ai_ops.store.snapshots import BYTES_PER_MONTH, Snapshot, Snapshots
from ai_ops.store.state_branch import StateBranch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ai_ops.simulator.profiles import ServiceProfile

START = datetime(2026, 11, 6, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EPISODE = "web-20261120T12Z"


def a_snapshot(columns: Mapping[str, np.ndarray] | None = None, **extra: object) -> Snapshot:
    """Three minutes, rounded."""
    raw = columns or {"cpu_percent": np.array([41.5, np.nan, 63.21]), "instances": np.array([3.0, 3.0, 4.0])}
    return Snapshot(START, MINUTE, {name: rounded(name, values) for name, values in raw.items()}, extra)


def rounded(metric: str, values: np.ndarray) -> np.ndarray:
    """What a policy makes of its inputs before it looks at them."""
    return quantised(Series(metric, START, MINUTE, values)).values


def name_of(moment: datetime) -> str:
    """The episode of "web" in the period that begins then."""
    return f"web-{moment:%Y%m%dT%H}Z"


@pytest.fixture
def warnings() -> list[str]:
    """What was complained of."""
    return []


@pytest.fixture
def snapshots(tmp_path: Path, warnings: list[str]) -> Snapshots:
    """An empty folder of them."""
    return Snapshots(tmp_path / "snapshots", warn=warnings.append)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, 12).flatmap(
        lambda length: st.dictionaries(
            st.sampled_from([*CANONICAL_METRICS, "margin"]), arrays(np.float64, length), max_size=4
        )
    ),
    st.dictionaries(st.sampled_from("abc"), st.none() | st.booleans() | st.floats(-1e9, 1e9) | st.text("äx\n\0")),
)
def test_what_was_written_is_read_equal(snapshots: Snapshots, columns, extra) -> None:
    """Any numbers, gaps among them, and what stood beside them."""
    written = a_snapshot(columns, **extra) if columns else Snapshot(START, MINUTE, {}, extra)
    back = snapshots.read(EPISODE, snapshots.write(EPISODE, written))
    assert (back.start, back.step, back.extra) == (START, MINUTE, extra)
    assert back.columns.keys() == written.columns.keys()
    for name, values in written.columns.items():
        np.testing.assert_array_equal(back.columns[name], values)
    assert back.digest() == written.digest()


def test_a_hold_has_the_digest_that_its_snapshot_would_have(snapshots: Snapshots) -> None:
    """Fetched once more, the same numbers are recognised although they were never kept."""
    assert snapshots.write(EPISODE, a_snapshot(policy="model")) == a_snapshot(policy="model").digest()
    assert not snapshots.has(name_of(START))
    for other in (a_snapshot(policy="rules"), replace(a_snapshot(policy="model"), start=START + MINUTE)):
        assert other.digest() != a_snapshot(policy="model").digest()


def test_numbers_that_nobody_rounded_are_refused(snapshots: Snapshots) -> None:
    """Who decides on 63.21 and keeps 63.21875 cannot decide the same again: that is a defect, and not kept."""
    exact = Snapshot(START, MINUTE, {"cpu_percent": np.array([63.21])}, {})
    with pytest.raises(ValueError, match="cpu_percent is not quantised"):
        snapshots.write(EPISODE, exact)
    with pytest.raises(ValueError, match="of one length"):
        Snapshot(START, MINUTE, {"cpu_percent": np.zeros(2), "instances": np.zeros(3)}, {}).digest()
    assert not snapshots.has(EPISODE)


@pytest.mark.parametrize("name", ["../outside", "web", "web-20261120T12Z/../../x", "web-20261320T12Z", ""])
def test_only_an_episode_becomes_a_file(snapshots: Snapshots, tmp_path: Path, name: str) -> None:
    """A name cannot lead out of the folder."""
    with pytest.raises(ValueError, match=r"."):
        snapshots.write(name, a_snapshot())
    assert list(tmp_path.rglob("*.columns")) == []


@pytest.mark.parametrize("again", [".2", ".unrecorded"])
def test_a_period_that_was_decided_again_has_a_snapshot_of_its_own(snapshots: Snapshots, again: str) -> None:
    """The first decision can be made again as well."""
    first, second = snapshots.write(EPISODE, a_snapshot(n=1)), snapshots.write(EPISODE + again, a_snapshot(n=2))
    assert snapshots.read(EPISODE, first).extra == {"n": 1}
    assert snapshots.read(EPISODE + again, second).extra == {"n": 2}


class TestDoubt:
    """What cannot be trusted is said to be so, with what to do (H32)."""

    def said(self, snapshots: Snapshots, digest: str) -> str:
        """What reading it says."""
        with pytest.raises(StateError) as caught:
            snapshots.read(EPISODE, digest)
        assert EPISODE in str(caught.value)
        return str(caught.value)

    def test_one_that_is_not_there(self, snapshots: Snapshots) -> None:
        """How long they are kept, and where to look."""
        text = self.said(snapshots, "0" * 64)
        assert "kept for 90 days, of proposals only" in text
        assert "fetch the branch neuropilot/state, or replay while the source still has its metrics" in text

    @pytest.mark.parametrize(
        ("spoil", "says"),
        [
            (lambda raw: raw[:-3], "cut off"),
            (lambda raw: raw[:90] + bytes([raw[90] ^ 255]) + raw[91:], ""),
            (lambda _raw: b"hello", "no file of columns"),
            (lambda _raw: packed({"kind": "minutes"}, {}), "not what the ledger recorded"),
            (lambda _raw: a_snapshot(n=7).to_bytes(), "not what the ledger recorded"),
        ],
        ids=["cut", "altered", "foreign", "another kind", "another snapshot"],
    )
    def test_one_that_was_changed(self, snapshots: Snapshots, tmp_path: Path, spoil, says: str) -> None:
        """Also where it is whole in itself: the ledger knows what was decided on."""
        digest = snapshots.write(EPISODE, a_snapshot())
        (path,) = (tmp_path / "snapshots").iterdir()
        path.write_bytes(spoil(path.read_bytes()))
        text = self.said(snapshots, digest)
        assert says in text
        assert "Restore it from the branch neuropilot/state, or from a backup" in text

    def test_one_that_cannot_be_read(self, snapshots: Snapshots, tmp_path: Path) -> None:
        """A folder in its place."""
        (tmp_path / "snapshots" / f"{EPISODE}.columns").mkdir(parents=True)
        assert "cannot be read (Is a directory)" in self.said(snapshots, "0" * 64)

    def test_a_disk_that_refuses(self, tmp_path: Path) -> None:
        """A proposal that could not be replayed is not made."""
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(StateError, match="could not be written"):
            Snapshots(tmp_path / "file", warn=pytest.fail).write(EPISODE, a_snapshot())


def test_what_is_older_than_ninety_days_goes(snapshots: Snapshots, tmp_path: Path) -> None:
    """By the time of its period, whatever a checkout made of the file's own time; other files stay (H33)."""
    now = START + timedelta(days=91)
    old, recent = name_of(START), name_of(START + timedelta(days=2))
    for name in (old, recent):
        snapshots.write(name, a_snapshot())
    (tmp_path / "snapshots" / "notes.columns").write_text("a person's")
    assert snapshots.prune(now) == (old,)
    assert (snapshots.has(old), snapshots.has(recent)) == (False, True)
    snapshots.write(name_of(now + timedelta(days=90)), a_snapshot())
    assert not snapshots.has(recent)
    assert (tmp_path / "snapshots" / "notes.columns").exists()


def noisy_fortnight(end: datetime) -> Snapshot:
    """Two weeks of nine metrics before `end`, each of them noise: harder to pack than any service."""
    rng = np.random.default_rng(round(end.timestamp()))
    demand = 250 + 150 * np.sin(np.arange(20_160) * 2 * np.pi / 1440) + rng.normal(0, 8, 20_160)
    requests, ready = rng.poisson(60 * demand), np.ceil(demand / 60)
    busy = np.clip(demand / ready + rng.normal(0, 1.5, demand.size), 0, 100)
    columns = {
        "cpu_percent": busy,
        "memory_percent": 40 + 0.3 * busy + rng.normal(0, 0.5, demand.size),
        "latency_p95_ms": 120 * np.exp(rng.normal(0, 0.1, demand.size)),
        "error_percent": 100 * rng.binomial(requests, 0.0004) / requests,
        "requests_per_second": requests / 60,
        "slo_good_ratio": 1 - rng.binomial(requests, 0.0006) / requests,
        "instances": ready,
        "instances_desired": np.roll(ready, -3),
        "cost_per_hour": ready * 0.0208,
    }
    return replace(a_snapshot(columns), start=end - timedelta(days=14))


@pytest.mark.parametrize("profile", [PROFILES["web"], PROFILES["edge"]], ids=lambda profile: profile.name)
def test_two_weeks_of_any_service_take_less_than_was_wanted(profile: ServiceProfile) -> None:
    """At most 300 kB were; of the made-up services `edge` takes most, 180 kB. Lost scrapes come back as such."""
    demand = request_spikes(profile.peak_for(20), 14, np.random.default_rng(3))
    service = SimulatedService(profile, demand, START, default_thresholds(profile, 40), 5)
    service.advance(demand.size)
    frame = service.history(14)
    snapshot = a_snapshot({str(name): frame[name].to_numpy() for name in frame})
    assert 100_000 < len(snapshot.to_bytes()) < 200_000
    for name, values in snapshot.columns.items():
        np.testing.assert_array_equal(np.isnan(values), frame[name].isna())
        size = 1.0 if name == "slo_good_ratio" else frame[name].abs()
        assert (np.abs(values - frame[name]) <= 0.00049 * size)[~np.isnan(values)].all()


def test_a_branch_grows_within_its_bounds_whatever_is_proposed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warnings: list[str]
) -> None:
    """A proposal on each day of a month: ten at least are kept, in 2.5 MB of real git objects and not in 5 (H33)."""
    isolate(monkeypatch)
    site = make_site(tmp_path)
    clone = site.clone("work")
    kept = Snapshots(clone / "ai_ops/state/snapshots", warn=warnings.append)
    branch = StateBranch(GitClient(clone), "neuropilot/state", warn=pytest.fail)
    branch.pull()
    before = bytes_of_objects(site.remote)
    days = [START + timedelta(days=number) for number in range(30)]
    for day in days:
        kept.write(name_of(day), noisy_fortnight(day))
        branch.push(f"remember {name_of(day)}")
    assert sum(kept.has(name_of(day)) for day in days) >= 10
    assert bytes_of_objects(site.remote) - before < BYTES_PER_MONTH + 100_000
    assert "is replayed from its source only: the snapshots of the last 30 days take" in warnings[0]


def bytes_of_objects(repository: Path) -> int:
    """What a host stores of a repository before anybody tidies it up."""
    return sum(file.stat().st_size for file in (repository / "objects").rglob("*") if file.is_file())


def test_what_one_run_keeps_another_one_replays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The branch carries the snapshot, byte for byte; what is pruned here is gone there, too."""
    isolate(monkeypatch)
    site = make_site(tmp_path)
    first, second = site.clone("first"), site.clone("second", "--depth=1")
    state = "ai_ops/state/snapshots"
    digest = Snapshots(first / state, warn=pytest.fail).write(EPISODE, a_snapshot(policy="model"))
    branches = [StateBranch(GitClient(clone), "neuropilot/state", warn=pytest.fail) for clone in (first, second)]
    branches[0].pull()
    branches[0].push("remember it")
    branches[1].pull()
    there = Snapshots(second / state, warn=pytest.fail)
    assert there.read(EPISODE, digest).extra == {"policy": "model"}
    there.prune(START + timedelta(days=200))
    branches[1].push("forget it")
    branches[0].pull()
    assert not Snapshots(first / state, warn=pytest.fail).has(EPISODE)


def test_after_a_month_there_is_room_again(snapshots: Snapshots, monkeypatch, tmp_path: Path, warnings) -> None:
    """What counts is what entered in the last 30 days."""
    folder = tmp_path / "snapshots"
    snapshots.write(EPISODE, a_snapshot())
    (folder / f"{EPISODE}.columns").write_bytes(bytes(BYTES_PER_MONTH))
    begin = datetime(2026, 11, 20, 12, tzinfo=UTC)
    snapshots.write(name_of(begin + PERIOD), a_snapshot())
    assert not snapshots.has(name_of(begin + PERIOD))
    assert "web-20261120T18Z is replayed from its source only" in warnings[0]
    snapshots.write(name_of(begin + timedelta(days=30)), a_snapshot())
    assert snapshots.has(name_of(begin + timedelta(days=30)))
