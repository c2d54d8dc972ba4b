"""The engines of a scan, each with real workers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fleets import DAYS, NOW, a_fleet, openmetrics

from ai_ops.domain.errors import DataUnavailable
from ai_ops.settings.model import Settings
from ai_ops.wiring.crew import Crew, local_crew
from ai_ops.wiring.dask_crew import dask_crew
from ai_ops.wiring.scan import Wish, scan_fleet
from ai_ops.wiring.scan_block import Door

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from running import RunningServer

NAPS = """
import sys, time
from ai_ops.wiring.crew import Crew, local_crew

with local_crew(2) as crew:
    for _ in crew.results(time.sleep, [0.01] * 4 + [60] * 40):
        print("one", flush=True)
"""
"""A scan whose blocks take a minute, after a few that take no time."""


@pytest.fixture(scope="module")
def server(start_prometheus: Callable[..., RunningServer]) -> RunningServer:
    """A Prometheus with a small fleet, which lets in only those who know the word."""
    return start_prometheus(openmetrics(a_fleet()), users={"me": "canary-word"})


def settings(url: str, **scan: Any) -> Settings:
    """Settings for the fleet behind `url`."""
    metrics = {"load": "avg by ($group) (load{$selector})"}
    usual = {"group_by": "service", "preset": "none", "workers": 1, "metrics": metrics}
    login = {"prometheus_username": "me", "prometheus_password": "canary-word"}
    return Settings.model_validate({"prometheus_url": url, **login, "scan": {**usual, **scan}})


def own_children() -> set[int]:
    """Processes that this one has started and that still run."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(state[1]) == os.getpid() and state[0] != "Z":
            found.add(int(entry.name))
    return found


def test_local_workers_get_the_word_and_end_with_the_scan(server: RunningServer) -> None:
    """They are processes of this machine, so the secret may reach them; and they do not stay."""
    found = scan_fleet(settings(server.url, workers=2), Wish(days=DAYS), NOW).found
    assert (found.judged, found.failed) == (13, 0)
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in own_children()]
    assert not [command for command in commands if b"popen_loky" in command]


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda kind: kind.name)
def test_no_worker_outlives_its_parent(kind: signal.Signals) -> None:
    """Whether somebody presses Ctrl-C, a CI cancels, or the system kills: no process is left behind (H24)."""
    command = [sys.executable, "-c", NAPS]
    scan = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    assert scan.stdout
    assert scan.stdout.readline() == b"one\n"
    scan.send_signal(kind)
    scan.wait(timeout=20)
    deadline = time.monotonic() + 20
    while members_of(scan.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = members_of(scan.pid)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    scan.communicate()
    assert left == []


def members_of(session: int) -> list[int]:
    """Processes of a session that still run."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(state[3]) == session and state[0] != "Z":
            found.append(int(entry.name))
    return found


@pytest.mark.parametrize("gives_one_by_one", [True, False])
def test_every_task_is_done_once_whether_results_come_singly_or_in_heaps(*, gives_one_by_one: bool) -> None:
    """Ray gives its results in heaps; no task may fall between two of them."""
    crew = Crew("threads", 2, {"backend": "threading"}, gives_one_by_one=gives_one_by_one)
    assert sorted(crew.results(abs, range(-19, 1))) == list(range(20))


def test_tasks_are_drawn_only_as_workers_get_free() -> None:
    """A fleet of any size waits outside of memory."""
    drawn: list[float] = []

    def naps() -> Iterator[float]:
        for _ in range(1000):
            drawn.append(0.02)
            yield drawn[-1]

    results = Crew("threads", 2, {"backend": "threading"}).results(time.sleep, naps())
    next(results)
    assert len(drawn) < 100
    results.close()


def test_a_killed_worker_is_a_loss_and_no_hang() -> None:
    """The scan can give out again what was lost, because it hears of it (H24)."""
    with local_crew(2) as crew, pytest.raises(crew.losses):
        list(crew.results(os._exit, [3, 3, 3]))


@pytest.fixture(scope="module")
def dask() -> Any:
    """A Dask cluster of two workers, within this process."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        yield cluster


def test_dask_finds_what_this_machine_finds(server: RunningServer, dask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers let themselves in with the word of their own environment."""
    monkeypatch.setenv("PROMETHEUS_PASSWORD", "canary-word")
    here = scan_fleet(settings(server.url), Wish(days=DAYS), NOW)
    there = scan_fleet(settings(server.url, address=dask.scheduler_address), Wish(days=DAYS, engine="dask"), NOW)
    assert there.engine == f"Dask at {dask.scheduler_address}"
    assert there.found == here.found


def test_dask_workers_get_no_secret_from_here(server: RunningServer, dask: Any) -> None:
    """What they lack they say before the scan starts, instead of being sent it (H09)."""
    mine = settings(server.url, address=dask.scheduler_address, engine="dask")
    with pytest.raises(DataUnavailable, match=r"2 of the cluster's workers cannot scan:\n.*HTTP 401") as caught:
        scan_fleet(mine, Wish(days=DAYS), NOW)
    assert "canary" not in str(caught.value)


@pytest.mark.slow
def test_a_dask_scheduler_that_is_not_there_is_said() -> None:
    """A wrong address costs ten seconds, not an evening."""
    address = "tcp://127.0.0.1:1"
    with pytest.raises(DataUnavailable, match=f"no Dask scheduler answers at {address}"), dask_crew(address, Door("")):
        pass


RAY_SCAN = """
import json, sys
from datetime import datetime
from ai_ops.settings.model import Settings
from ai_ops.wiring.scan import Wish, scan_fleet

form = json.load(sys.stdin)
settings, now = Settings.model_validate(form["settings"]), datetime.fromisoformat(form["now"])
scan = scan_fleet(settings, Wish(days=form["days"]), now)
print(scan.engine, scan.found.judged, scan.found.failed, scan.found.top[0].name)
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_ray_finds_what_this_machine_finds(server: RunningServer, tmp_path: Path) -> None:
    """Its workers, too, let themselves in; `local` makes Ray start a cluster of its own for the test."""
    metrics = {"load": "avg by ($group) (load{$selector})"}
    scan = {"engine": "ray", "address": "local", "group_by": "service", "preset": "none", "metrics": metrics}
    form = {"settings": {"prometheus_url": server.url, "scan": scan}, "days": DAYS, "now": NOW.isoformat()}
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),  # it keeps the token of its cluster there
        "RAY_USAGE_STATS_ENABLED": "0",
        "PROMETHEUS_USERNAME": "me",
        "PROMETHEUS_PASSWORD": "canary-word",
    }
    done = subprocess.run(
        [sys.executable, "-c", RAY_SCAN],
        input=json.dumps(form),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.stdout.splitlines()[-1:] == ["Ray at local 13 0 jumped"], done.stderr[-3000:]
    assert "canary" not in done.stdout + done.stderr
