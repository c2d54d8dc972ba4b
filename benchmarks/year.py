"""A year of runs in mode propose: how large the agent's branch grows, what main remembers, what GitHub is asked.

Every six simulated hours a fresh depth-1 clone runs the whole agent on the embedded simulated service, against a real
bare repository and a GitHub that holds to its documented rules. People review: most requests are merged after a day or
two, some are closed, some lie around until they expire. Nothing is measured that git or the GitHub stand-in does not
say: sizes are those of a fresh bare clone of the one branch, requests are counted by the server.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

if TYPE_CHECKING:
    from fakes.github import FakeGitHub
    from repositories import Site

BEGIN = datetime(2026, 1, 5, 0, 5, tzinfo=UTC)
PERIOD = timedelta(hours=6)
RUNS_PER_YEAR = 4 * 365
STATE = "neuropilot/state"
SETTINGS = """\
mode: propose
metrics: {source: simulated}
state: {store: branch}
approval: {autonomy: granted}
"""
MERGED, CLOSED = 0.7, 0.15
"""Of the requests, how people decide; the rest waits until it expires."""


@dataclass(frozen=True, slots=True)
class Month:
    """What thirty days have left.

    Parameters
    ----------
    state_megabytes, state_commits
        Of the state branch: a fresh bare clone of it alone, packed; and how long its history is.
    requests_per_run
        Asked of the API, mean and most.
    """

    day: int
    state_megabytes: float
    state_commits: int
    requests_per_run: float
    most_requests: int
    seconds_per_run: float


@dataclass(slots=True)
class Year:
    """Everything that was counted."""

    months: list[Month] = field(default_factory=list)
    runs: int = 0
    failed: int = 0
    opened: int = 0
    merged: int = 0
    closed_by_people: int = 0
    closed_by_agent: int = 0
    commits_on_main: int = 0
    unreviewed_commits: int = 0
    archive_megabytes: float = 0.0


class Reviewers:
    """People, who look at what is open when they find the time."""

    def __init__(self, github: FakeGitHub, site: Site, seed: int) -> None:
        self._github, self._site, self._random = github, site, random.Random(seed)
        self._plans: dict[int, tuple[str, datetime]] = {}
        self.merged = self.closed = 0
        self.reviewed: set[str] = set()  # commits that came to main because a person pressed the button

    def look(self, now: datetime) -> None:
        """Decide on what was seen a day or two ago."""
        for pull in self._github.pulls:
            if pull.state != "open":
                continue
            what, when = self._plans.setdefault(pull.number, self._plan(now))
            if what == "merge" and now >= when:
                before = self._site.tip()
                after = self._github.human_merges(pull.number, self._random.choice(("merge", "squash", "rebase")))
                self.reviewed |= _commits(self._site, f"{before}..{after}")
                self.merged += 1
            elif what == "close" and now >= when:
                self._github.human_closes(pull.number)
                self.closed += 1

    def _plan(self, now: datetime) -> tuple[str, datetime]:
        chance, days = self._random.random(), self._random.uniform(0.2, 2.0)
        what = "merge" if chance < MERGED else "close" if chance < MERGED + CLOSED else "wait"
        return what, now + timedelta(days=days)


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=RUNS_PER_YEAR, help="how many; four are a day")
    parser.add_argument("--seed", type=int, default=1, help="of the reviewers")
    parser.add_argument("--json", type=Path, help="write the figures here")
    arguments = parser.parse_args()
    _prepare()
    with tempfile.TemporaryDirectory(prefix="neuropilot-year-") as folder:
        year = measure(Path(folder), arguments.runs, arguments.seed)
    print(table(year))
    if arguments.json:
        arguments.json.write_text(json.dumps(asdict(year), indent=2) + "\n")


def measure(folder: Path, runs: int, seed: int = 1) -> Year:
    """Let so many runs happen, and count."""
    from agents import make_agent_site
    from fakes.github import FakeGitHub

    site, year, now = make_agent_site(folder, settings=SETTINGS), Year(), [BEGIN]
    adopted = site.tip()
    with FakeGitHub(site.remote, clock=lambda: now[0]) as github:
        reviewers, asked, seconds = Reviewers(github, site, seed), [], []
        for number in range(1, runs + 1):
            before, began = len(github.requests), time.monotonic()
            year.failed += _run(site, github, folder / "machine", now[0]) != 0
            asked.append(len(github.requests) - before)
            seconds.append(time.monotonic() - began)
            reviewers.look(now[0])
            now[0] += PERIOD
            if number % 120 == 0 or number == runs:
                size, length = _size(site, folder / "size", STATE), len(_commits(site, STATE))
                figures = (statistics.mean(asked), max(asked), statistics.mean(seconds))
                year.months.append(Month(number // 4, size, length, *figures))
                print(f"day {number // 4}: {size:.2f} MB, {figures[2]:.2f} s a run", file=sys.stderr, flush=True)
                asked, seconds = [], []
        year.runs = runs
        year.opened, year.merged, year.closed_by_people = len(github.pulls), reviewers.merged, reviewers.closed
        still_open = sum(pull.state == "open" for pull in github.pulls)
        year.closed_by_agent = year.opened - year.merged - year.closed_by_people - still_open
    since = _commits(site, f"{adopted}..main")
    year.commits_on_main, year.unreviewed_commits = len(since), len(since - reviewers.reviewed)
    year.archive_megabytes = _size(site, folder / "size", "neuropilot/archive")
    return year


def _run(site: Site, github: FakeGitHub, machine: Path, now: datetime) -> int:
    """One run on a machine that knows nothing, as CI gives it."""
    from contextlib import redirect_stderr, redirect_stdout
    from io import StringIO

    from agents import Agent
    from proposing import environment

    shutil.rmtree(machine, ignore_errors=True)
    said = StringIO()
    agent = Agent(site.clone(str(machine), "--depth=1"), environment(github))
    with redirect_stdout(said), redirect_stderr(said):
        code = agent.run(now)
    if code:
        print(f"{now:%Y-%m-%d %H:%M}: exit code {code}\n{said.getvalue()[-2000:]}", file=sys.stderr, flush=True)
    return code


def _size(site: Site, folder: Path, branch: str) -> float:
    """Megabytes that a fresh bare clone of one branch takes; 0 where there is none."""
    if not site.tip(branch):
        return 0.0
    shutil.rmtree(folder, ignore_errors=True)
    _git(site.remote.parent, "clone", "-q", "--bare", "--single-branch", f"--branch={branch}", site.url, str(folder))
    _git(folder, "gc", "-q", "--prune=now")
    return sum(file.stat().st_size for file in (folder / "objects").rglob("*") if file.is_file()) / 1e6


def _commits(site: Site, span: str) -> set[str]:
    """Every commit of a branch or of a range."""
    return set(_git(site.remote, "rev-list", span).split())


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def _prepare() -> None:
    """Keep this machine's git configuration out of it."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]
    os.environ.update(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1")


def table(year: Year) -> str:
    """The figures for a person."""
    decided = f"{year.merged} merged, {year.closed_by_people} closed by people, {year.closed_by_agent} by the agent"
    heads = (
        f"{'day':>5} {'state branch':>13} {'commits':>8} {'API requests a run':>20} {'most':>5} {'seconds a run':>14}"
    )
    rows = [
        f"{year.runs} runs, {year.failed} failed; {year.opened} requests opened: {decided}",
        f"main: {year.commits_on_main} commits more, {year.unreviewed_commits} of them unreviewed",
        f"archive branch: {year.archive_megabytes:.2f} MB",
        "",
        f"  {heads}",
    ]
    rows += [
        f"  {one.day:>5} {one.state_megabytes:>10.2f} MB {one.state_commits:>8} {one.requests_per_run:>20.2f} "
        f"{one.most_requests:>5} {one.seconds_per_run:>14.2f}"
        for one in year.months
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    main()
