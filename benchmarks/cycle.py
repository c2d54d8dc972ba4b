"""What one cycle costs: CPU, time and memory, by step and by import, beside the plainest script that fetches as much.

A real Prometheus holds 15 days of a made-up service, a real git remote its settings, and a webhook takes the card.
What `neuropilot run --apply` does runs as a process of its own: as a first run that fetches 14 days, and as the run six
hours later that takes them from its cache. CPU seconds include those of git. By the agent's clock it is always the same
moment, so that the same is decided whenever this is run.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Figures = Mapping[str, float]

HELP_TARGET_SECONDS, RUN_TARGET_CPU_SECONDS = 0.3, 2.0
ONE_RUN = (sys.executable, str(Path(__file__).with_name("one_cycle.py")))
NEUROPILOT = str(Path(sys.executable).with_name("neuropilot"))
IMPORT_TIMES = (sys.executable, "-X", "importtime")
IMPORTS_SHOWN = 12
AT, PERIOD = datetime(2026, 11, 2, 0, 3, tzinfo=UTC), timedelta(hours=6)

BARE_IMPORTS = "import numpy, pandas, requests"
PLAIN_FETCH = """
import json, sys
import pandas, requests
url, start, end, step, *expressions = json.loads(sys.argv[1])
columns = {}
for expression in expressions:
    form = {"query": expression, "start": start, "end": end, "step": step}
    answer = requests.post(url + "/api/v1/query_range", data=form, timeout=60).json()
    for series in answer["data"]["result"]:
        columns[expression] = {time: float(value) for time, value in series["values"]}
print(pandas.DataFrame(columns).describe())
"""
"""The peers: what the imports alone cost, and the same series fetched without any of our care."""

WATCH = """
import json, os, sys, time
began = time.perf_counter()
_, status, used = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)
figures = {"cpu_seconds": used.ru_utime + used.ru_stime, "wall_seconds": time.perf_counter() - began}
print("\\n" + json.dumps({**figures, "peak_mb": used.ru_maxrss / 1024}))
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Stands between, because Linux counts what the parent held before `exec` into a child's peak."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where and when the runs take place: a folder with remote and checkout, rebuilt from a kept state before each."""

    folder: Path
    environment: Mapping[str, str]
    now: datetime

    @property
    def checkout(self) -> Path:
        """The clone in which a run takes place."""
        return self.folder / "site" / "checkout"

    def keep(self, state: str) -> None:
        """Remember the remote and the checkout as they are now."""
        shutil.copytree(self.folder / "site", self.folder / state, symlinks=True)

    def restore(self, state: str) -> None:
        """Make remote and checkout what they were."""
        shutil.rmtree(self.folder / "site")
        shutil.copytree(self.folder / state, self.folder / "site", symlinks=True)

    def spend(self, *command: str, **variables: str) -> tuple[Figures, str]:
        """Run a command in the checkout; return what it and all that it started used, and what it said."""
        watched = [sys.executable, "-I", "-S", "-c", WATCH, *command]
        environment = {**self.environment, **variables}
        done = subprocess.run(
            watched, cwd=self.checkout, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        text, _, used = done.stdout.decode().rstrip("\n").rpartition("\n")
        if done.returncode:
            sys.exit(f"{' '.join(command)[:200]} ended with {done.returncode}:\n{text}")
        return json.loads(used), text


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="DIR", help="accepted by every benchmark; this one makes its own data")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--repeats", metavar="N", type=int, default=5, help="medians of so many (default 5)")
    parser.add_argument(
        "--at", metavar="TIME", type=moment, default=AT, help=f"the agent's clock (default {AT:%FT%RZ})"
    )
    wish = parser.parse_args()
    figures = measure(max(1, wish.repeats), wish.at)
    print("\n".join(table(figures)))
    if wish.json:
        wish.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def moment(text: str) -> datetime:
    """Read an ISO 8601 time; one without a zone is UTC."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def measure(repeats: int, now: datetime) -> dict[str, Any]:
    """Run everything `repeats` times, in turns, so that a busy machine is unfair to all alike."""
    with stage(now) as here:
        here.spend(*ONE_RUN, (now - PERIOD).isoformat())
        here.keep("lived in")
        here.spend(sys.executable, "-c", BARE_IMPORTS)  # by now everything is compiled
        figures = _medians([_round(here) for _ in range(repeats)])
    cpu = {name: used["cpu_seconds"] for name, used in figures["used"].items()}
    ratios = {
        f"{run} / {peer}": cpu[run] / cpu[peer]
        for run in ("first run", "second run")
        for peer in ("bare imports", "plain fetch")
    }
    machine = {"python": sys.version.split()[0], "cpus": os.cpu_count(), "load": round(os.getloadavg()[0], 2)}
    return {"machine": machine, "repeats": repeats, **figures, "cpu_ratios": ratios}


def _round(here: Stage) -> dict[str, dict[str, Figures]]:
    """Measure everything once."""
    here.restore("fresh")
    run_now = (*ONE_RUN, here.now.isoformat())
    not_compiled = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": os.devnull}
    used = {
        "--help": here.spend(NEUROPILOT, "--help")[0],
        "--version": here.spend(NEUROPILOT, "--version")[0],
        "bare imports": here.spend(sys.executable, "-c", BARE_IMPORTS)[0],
        "plain fetch": here.spend(sys.executable, "-c", PLAIN_FETCH, _questions(here))[0],
        "first run, nothing compiled": here.spend(*run_now, **not_compiled)[0],
    }
    imports = {"--help": _imports(here.spend(*IMPORT_TIMES, NEUROPILOT, "--help")[1])}
    steps: dict[str, Figures] = {}
    git: dict[str, Figures] = {}
    for run, state in (("first run", "fresh"), ("second run", "lived in")):
        here.restore(state)
        used[run] = here.spend(*run_now)[0]
        here.restore(state)
        steps[run] = json.loads(here.spend(*run_now, "--steps")[1].splitlines()[-1])
        here.restore(state)
        trace = here.folder / f"{state}.trace"
        imports[run] = _imports(here.spend(*IMPORT_TIMES, *run_now[1:], GIT_TRACE2_EVENT=str(trace))[1])
        git[run] = _git_commands(trace)
    return {"used": used, "steps_cpu_seconds": steps, "imports_seconds": imports, "git": git}


@contextmanager
def stage(now: datetime) -> Iterator[Stage]:
    """Start Prometheus and the webhook, and make the repository."""
    import pytest
    import running
    from agents import make_agent_site
    from backfill import openmetrics
    from fakes.slack import FakeSlack
    from services import DEAR

    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="neuropilot-benchmark-")))
        (folder / "prometheus").mkdir()
        try:
            server = running.start_prometheus(
                folder / "prometheus", openmetrics(replace(DEAR, end=now.replace(second=0, microsecond=0)))
            )
        except pytest.skip.Exception as error:
            sys.exit(str(error))
        opened.callback(server.close)
        slack = opened.enter_context(FakeSlack())
        (folder / "site").mkdir()
        make_agent_site(folder / "site").clone("checkout", "--depth=1")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),  # with GIT_CONFIG_NOSYSTEM: nobody's git configuration
            "GIT_CONFIG_NOSYSTEM": "1",
            "PROMETHEUS_URL": server.url,
            "SLACK_WEBHOOK_URL": slack.url,
        }
        here = Stage(folder, environment, now)
        here.keep("fresh")
        yield here


def _questions(here: Stage) -> str:
    """What a first run asks, for the plain fetch."""
    from ai_ops.settings import load_settings

    settings = load_settings(None, root=here.checkout, environment=here.environment)
    step = settings.metrics.step_minutes * 60
    end = here.now.timestamp() // step * step
    start = end - settings.metrics.history_days * 86_400
    expressions = [query.expression for query in settings.services[0].queries]
    return json.dumps([settings.prometheus_url, start, end - step, step, *expressions])


def _imports(said: str) -> Figures:
    """Seconds by top-level package, from what `-X importtime` says."""
    seconds: Counter[str] = Counter()
    for microseconds, name in re.findall(r"import time: +(\d+) \| +\d+ \| +(\w+)", said):
        package = "the standard library" if name in sys.stdlib_module_names else name
        seconds[package] += int(microseconds) / 1e6
    return dict(seconds)


def _git_commands(trace: Path) -> Figures:
    """How many commands were run; those that git started itself carry a slash in their session's name."""
    events = [json.loads(line) for line in trace.read_text(encoding="utf-8").splitlines()]
    trace.unlink()
    return {"commands": sum(event["event"] == "start" and "/" not in event["sid"] for event in events)}


def _medians(rounds: Sequence[Any]) -> Any:  # noqa: ANN401  # nested mappings down to numbers
    """The same shape, with the median of every number; a number that a round lacks counts as none."""
    if not isinstance(rounds[0], dict):
        return median(rounds)
    return {name: _medians([one.get(name, 0.0) for one in rounds]) for name in _names(rounds)}


def _names(mappings: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for one in mappings for name in one))


def table(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures for a reader."""
    machine, used = figures["machine"], figures["used"]
    yield f"Medians of {figures['repeats']}, Python {machine['python']}, {machine['cpus']} CPUs, load {machine['load']}"
    yield f"\n{'':<30}{'CPU s':>10}{'wall s':>10}{'peak MB':>10}"
    for name, one in used.items():
        yield f"{name:<30}{one['cpu_seconds']:>10.2f}{one['wall_seconds']:>10.2f}{one['peak_mb']:>10.0f}"
    yield f"\n--help answers in {used['--help']['wall_seconds']:.2f} s (target {HELP_TARGET_SECONDS} s)"
    yield f"a first run takes {used['first run']['cpu_seconds']:.2f} s of CPU (target {RUN_TARGET_CPU_SECONDS} s)"
    yield from (f"CPU of {ratio}: {value:.1f}" for ratio, value in figures["cpu_ratios"].items())
    yield from (f"git commands of the {run}: {git['commands']:.0f}" for run, git in figures["git"].items())
    yield from _grid("CPU ms by step", figures["steps_cpu_seconds"])
    imports = figures["imports_seconds"]
    dearest = sorted(_names(imports.values()), key=lambda name: -max(one.get(name, 0.0) for one in imports.values()))
    yield from _grid("import ms by package", imports, dearest[:IMPORTS_SHOWN])


def _grid(title: str, columns: Mapping[str, Figures], rows: Iterable[str] = ()) -> Iterator[str]:
    """Milliseconds: one column per run, one row per name."""
    yield f"\n{title:<30}" + "".join(f"{run:>12}" for run in columns)
    for name in rows or _names(columns.values()):
        yield f"{name:<30}" + "".join(f"{1000 * one.get(name, 0.0):>12.0f}" for one in columns.values())


if __name__ == "__main__":
    main()
