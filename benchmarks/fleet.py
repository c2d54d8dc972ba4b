"""What a scan of a fleet costs: wall time and memory of `neuropilot scan` on a real Prometheus, and where time goes.

A real Prometheus holds one gauge per service, one sample every ten minutes, with a daily rhythm and noise; some
services are three times as slow in their last 50 minutes. `neuropilot scan` runs as a process of its own. Memory is
the sum of the resident memory of that process and its workers, looked at every 50 ms; Prometheus is not part of it.
The parts are measured one after the other in one thread, with the same blocks.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ai_ops.collect.fleet import Fleet
    from ai_ops.domain.metrics import Query, Window

STEP = timedelta(minutes=10)
WALL_TARGET_SECONDS, WALL_STRETCH_SECONDS, MEMORY_TARGET_MB = 60.0, 30.0, 1024.0
FIRST_SLOW, SLOW_EVERY, SLOW_MINUTES = 7, 100, 50
ONE_BY_ONE = 100
LOOK_SECONDS = 0.05
METRIC = "latency_p95_ms"
SETTINGS = """\
scan:
  group_by: service
  workers: {workers}
  preset: none
  metrics: {{latency_p95_ms: "1000 * avg by ($group) (service_latency_seconds{{$selector}})"}}
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """A running Prometheus, and a folder with the settings for it."""

    url: str
    pid: int
    folder: Path
    services: int
    days: int

    @property
    def slow(self) -> set[str]:
        """Names of the services that are slow at the end."""
        return {name(number) for number in range(FIRST_SLOW, self.services, SLOW_EVERY)}


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="DIR", help="accepted by every benchmark; this one makes its own data")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--repeats", metavar="N", type=int, default=3, help="medians of so many (default 3)")
    parser.add_argument("--services", metavar="N", type=int, default=2000, help="series (default 2000)")
    parser.add_argument("--days", metavar="N", type=int, default=14, help="history of each (default 14)")
    parser.add_argument("--workers", metavar="N", type=int, default=2, help="processes (default 2)")
    wish = parser.parse_args()
    with stage(wish.services, wish.days, wish.workers) as here:
        figures = measure(here, max(1, wish.repeats), wish.workers)
    print("\n".join(table(figures)))
    if wish.json:
        wish.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def measure(here: Stage, repeats: int, workers: int) -> dict[str, Any]:
    """Run the scan `repeats` times after one that compiles the bytecode, then its parts."""
    scans = [scan(here) for _ in range(repeats + 1)][1:]
    return {
        "machine": {"python": sys.version.split()[0], "cpus": os.cpu_count(), "load": round(os.getloadavg()[0], 2)},
        "series": here.services,
        "days": here.days,
        "workers": workers,
        "repeats": repeats,
        "scan": {key: median(one[key] for one in scans) for key in scans[0]},
        "parts_seconds": parts(here),
    }


def scan(here: Stage) -> dict[str, float]:
    """Scan once, in a process of its own."""
    command = [sys.executable, "-m", "ai_ops", "scan", "--json", "--top", str(len(here.slow)), "--days", str(here.days)]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PROMETHEUS_URL": here.url}
    began, ours, theirs = time.perf_counter(), children_cpu_seconds(), cpu_seconds(here.pid)
    with (here.folder / "found.json").open("wb") as out:
        process = subprocess.Popen(command, cwd=here.folder, env=environment, stdout=out, stderr=subprocess.DEVNULL)
    together = largest = 0.0
    while process.poll() is None:
        each = memory_mb(process.pid)
        together, largest = max(together, sum(each)), max(largest, *each, 0.0)
        time.sleep(LOOK_SECONDS)
    seconds = time.perf_counter() - began
    document = json.loads((here.folder / "found.json").read_text())
    if process.returncode:
        sys.exit(f"the scan ended with {process.returncode}: {document['error']}")
    found = document["scan"]["found"]
    named = {one["name"] for one in found["top"]}
    return {
        "wall_seconds": seconds,
        "cpu_seconds": children_cpu_seconds() - ours,
        "prometheus_cpu_seconds": cpu_seconds(here.pid) - theirs,
        "peak_mb_together": together,
        "peak_mb_of_one": largest,
        "judged": found["judged"],
        "abnormal": found["abnormal"],
        "slow": len(here.slow),
        "slow_named": len(named & here.slow),
    }


def parts(here: Stage) -> dict[str, float]:
    """Seconds for all blocks, one part at a time: asking, reading the answers, judging; and one query per series."""
    from ai_ops.collect.fleet import NAMES, Fleet, blocks, matcher
    from ai_ops.collect.prometheus import prometheus_api
    from ai_ops.detect.judge import judge
    from ai_ops.domain.metrics import Query, Window, aligned
    from ai_ops.http_client import HttpClient

    end = aligned(datetime.now(UTC), STEP)
    window = Window(end - timedelta(days=here.days), end, STEP)
    fleet = Fleet(prometheus_api(HttpClient(allow_private=True), here.url), "service", window)
    query = Query(METRIC, f"1000 * avg by (service) (service_latency_seconds{{{NAMES}}})")
    names = fleet.names("")
    spent = dict.fromkeys(("query alone", "query and read", "judge"), 0.0)
    for block in blocks(names, window.points):
        spent["query alone"] += seconds_of(
            ask, here.url, query.expression.replace(NAMES, matcher("service", block)), window
        )
        began = time.perf_counter()
        panel, _ = fleet.panel(query, block)
        middle = time.perf_counter()
        judge(panel)
        spent["query and read"] += middle - began
        spent["judge"] += time.perf_counter() - middle
    few = names[:ONE_BY_ONE]
    spent["query and read, a query per series"] = seconds_of(one_by_one, fleet, query, few) * len(names) / len(few)
    return spent


def ask(url: str, expression: str, window: Window) -> None:
    """Take the server's answer as it comes."""
    import requests

    times = {"start": window.start.timestamp(), "end": (window.end - STEP).timestamp(), "step": STEP.total_seconds()}
    form = {"query": expression, **times}
    plain = {"Accept-Encoding": "identity"}
    requests.post(f"{url}/api/v1/query_range", data=form, headers=plain, timeout=60).raise_for_status()


def one_by_one(fleet: Fleet, query: Query, names: Sequence[str]) -> None:
    """Ask for each series by itself."""
    for one in names:
        fleet.panel(query, (one,))


def seconds_of(work: Callable[..., object], *arguments: object) -> float:
    """How long `work` takes."""
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


def children_cpu_seconds() -> float:
    """Of all processes that this one and its children have waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu_seconds(pid: int) -> float:
    """Of a process that still runs."""
    state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(state[11]) + int(state[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(root: int) -> list[float]:
    """Resident memory of the process `root` and of all that it started, MB each."""
    children: dict[int, list[int]] = {}
    pages: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):  # not a process, or one that has just ended
            pid = int(entry.name)
            state = (entry / "stat").read_text().rpartition(")")[2].split()
            children.setdefault(int(state[1]), []).append(pid)
            pages[pid] = int(state[21])
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pages.get(pid, 0) * os.sysconf("SC_PAGE_SIZE") / 1024**2)
        todo += children.get(pid, [])
    return found


@contextmanager
def stage(services: int, days: int, workers: int) -> Iterator[Stage]:
    """Start a Prometheus that holds the fleet up to now."""
    import pytest
    import running

    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="neuropilot-benchmark-")))
        (folder / "prometheus").mkdir()
        try:
            server = running.start_prometheus(folder / "prometheus", samples(services, days))
        except pytest.skip.Exception as error:
            sys.exit(str(error))
        opened.callback(server.close)
        (folder / "ai_ops" / "config").mkdir(parents=True)
        (folder / "ai_ops" / "config" / "ops_config.yaml").write_text(SETTINGS.format(workers=workers))
        yield Stage(server.url, server.process.pid, folder, services, days)


def samples(services: int, days: int) -> str:
    """The fleet as OpenMetrics text; it goes on for two hours, so that it stays fresh meanwhile."""
    from backfill import lines

    now = datetime.now(UTC).timestamp()
    end = now // STEP.total_seconds() * STEP.total_seconds()
    times = np.arange(end - days * 86_400 - 3600, end + 7200, STEP.total_seconds())
    rng = np.random.default_rng(11)
    is_slow = times >= now - SLOW_MINUTES * 60
    rows = ["# TYPE service_latency_seconds gauge\n"]
    for number in range(services):
        rhythm = 1 + 0.3 * np.sin(2 * np.pi * (times / 86_400 + number / services))
        seconds = 0.1 * rhythm * np.exp(0.1 * rng.standard_normal(times.size))
        if number % SLOW_EVERY == FIRST_SLOW:
            seconds = np.where(is_slow, 3 * seconds, seconds)
        rows += lines({f'service_latency_seconds{{service="{name(number)}"}}': seconds}, times)
    return "".join([*rows, "# EOF\n"])


def name(number: int) -> str:
    """A service."""
    return f"svc-{number:05d}"


def table(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures for a reader."""
    machine, found = figures["machine"], figures["scan"]
    yield (
        f"{figures['series']:,} series x {figures['days']} d x 10 min, {figures['workers']} workers; medians of "
        f"{figures['repeats']}, Python {machine['python']}, {machine['cpus']} CPUs, load {machine['load']}"
    )
    wall, memory = found["wall_seconds"], found["peak_mb_together"]
    yield f"wall time        {wall:8.1f} s   (wanted {WALL_TARGET_SECONDS:g}, stretch {WALL_STRETCH_SECONDS:g})"
    yield f"CPU              {found['cpu_seconds']:8.1f} s   (Prometheus: {found['prometheus_cpu_seconds']:.1f} s)"
    yield f"peak memory      {memory:8.0f} MB  (wanted {MEMORY_TARGET_MB:g}; the process and its workers together)"
    yield f"largest process  {found['peak_mb_of_one']:8.0f} MB"
    yield f"{found['judged']:.0f} judged, {found['abnormal']:.0f} abnormal"
    yield f"of {found['slow']:.0f} services that were made slow, {found['slow_named']:.0f} are the worst of the list"
    yield "\none thread, all blocks"
    yield from (f"{part:<36}{seconds:>8.2f} s" for part, seconds in figures["parts_seconds"].items())


if __name__ == "__main__":
    main()
