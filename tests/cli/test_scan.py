"""`neuropilot scan` as a person, a CI and a program see it."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from backfill import lines
from examples import a_window

from ai_ops.cli.progress import block_bar
from ai_ops.cli.scan import scan_in_words
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.metrics import Gap
from ai_ops.domain.scan import FleetScan, Scan, Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from running import RunningServer

SETTINGS = """\
scan:
  preset: none
  metrics: {load: "avg by ($group) (load{$selector})"}
"""
WORST = Standing("shop\x1b[2J", "latency_p95_ms", 3.254, Alarm.NOVELTY, a_window().start, a_window().end, 412.0, 98.5)
QUIET = Standing("api", "latency_p95_ms", 0.4, None, a_window().end, a_window().end, 100.0, None)
FOUND = FleetScan(
    label="service",
    services=1234,
    metrics=("latency_p95_ms",),
    window=a_window(),
    judged_hours=1,
    engine="this machine",
    by_chance=7.34,
    found=Scan(judged=1230, abnormal=1, warming_up=3, fell_silent=1, in_maintenance=2, top=(WORST, QUIET)),
)


@pytest.fixture(scope="module")
def server(start_prometheus: Callable[..., RunningServer]) -> RunningServer:
    """A Prometheus with some services up to now; one has just jumped, and one is called like a secret."""
    end = datetime.now(UTC).timestamp() // 600 * 600
    times = np.arange(end - timedelta(days=4).total_seconds(), end + 3600, 600)
    rng = np.random.default_rng(5)
    levels = {name: 100 + rng.standard_normal(times.size) for name in ("web", "api", "canary-word", "jumped")}
    levels["jumped"][times > end - 2000] *= 5
    series = {f'load{{job="{name}",service="{name}"}}': level for name, level in levels.items()}
    return start_prometheus("".join(["# TYPE load gauge\n", *lines(series, times), "# EOF\n"]))


@pytest.fixture
def run(tmp_path: Path, server: RunningServer) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command in a folder with settings for that server."""
    (tmp_path / "ops_config.yaml").write_text(SETTINGS)

    def neuropilot(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [Path(sys.executable).parent / "neuropilot", "scan", "--config", "ops_config.yaml", *arguments]
        clean = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PROMETHEUS_URL": server.url, **environment}
        return subprocess.run(
            command, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False, timeout=100
        )

    return neuropilot


def test_the_answer_is_a_ranking(run: Callable[..., Any]) -> None:
    """A person in an incident reads who, since when, and how far from normal."""
    done = run("--days", "4", "--top", "2")
    assert done.returncode == 0, done.stderr
    head, judged, abnormal, _, titles, *rows = done.stdout.splitlines()
    assert head.startswith("4 values of `job`, load; history from ")
    assert judged == "4 series judged"
    assert re.fullmatch(r"\d abnormal \(score above 1\); by chance alone up to about 0\.\d+ would be", abnormal)
    assert titles.split()[:4] == ["score", "alarm", "metric", "service"]
    assert len(rows) == 2
    assert rows[0].split()[3] == "jumped"
    assert done.stderr == "scanned 100 % (1 of 1 blocks)\n"


def test_a_program_gets_one_document(run: Callable[..., Any]) -> None:
    """Times in UTC, names without the secrets that they hold (H09)."""
    done = run("--days", "4", "--group-by", "service", "--metric", "load", "--json", PROMETHEUS_TOKEN="canary-word")
    document = json.loads(done.stdout)
    assert (document["exit_code"], document["error"], done.returncode) == (0, None, 0)
    scan = document["scan"]
    assert (scan["label"], scan["services"], scan["metrics"], scan["engine"]) == (
        "service",
        4,
        ["load"],
        "this machine",
    )
    first = scan["found"]["top"][0]
    assert (first["name"], first["alarm"] in {"deviation", "novelty"}) == ("jumped", True)
    assert datetime.fromisoformat(first["since"]).utcoffset() == timedelta(0)
    assert {one["name"] for one in scan["found"]["top"]} == {"jumped", "web", "api", "***"}
    assert "canary" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "says"),
    [
        (("--group-by", "moon"), {}, 2, "the label `moon` has no value"),
        ((), {"PROMETHEUS_URL": ""}, 1, "simulated service is no fleet"),
        (("--metric", "lod"), {}, 1, "the scan has no metric 'lod'; it knows load"),
        (("--engine", "dask"), {}, 1, "needs scan.address"),
    ],
)
def test_what_goes_wrong_has_its_exit_code(
    run: Callable[..., Any], arguments: tuple[str, ...], environment: dict[str, str], code: int, says: str
) -> None:
    """2: nothing could be scanned. 1: something is set wrongly. Also for a program."""
    done = run(*arguments, "--json", **environment)
    document = json.loads(done.stdout)
    assert (done.returncode, document["exit_code"], document["scan"]) == (code, code, None)
    assert says in document["error"]
    assert says in done.stderr


def test_the_words_account_for_every_series() -> None:
    """Nothing is hidden that was not judged, and no name can steer a terminal (H10)."""
    told = list(scan_in_words(FOUND))
    assert told[0].startswith(
        "1,234 values of `service`, latency_p95_ms; history from 2026-11-18 to 2026-11-18 12:00 UTC"
    )
    assert told[1] == "1,230 series judged, 3 warming up, 1 fell silent, 2 in planned maintenance"
    assert told[2] == "1 abnormal (score above 1); by chance alone up to about 7.34 would be"
    assert told[5].split() == ["3.25", "novelty", "latency_p95_ms", "shop", "[2J", "412", "98.5", "11-18", "06:00"]
    assert told[6].split() == ["0.40", "-", "latency_p95_ms", "api", "100", "-", "-"]


def test_gaps_and_warnings_are_told() -> None:
    """Partial is said to be partial."""
    gaps = tuple(Gap("load", f"reason {number}") for number in range(9))
    told = list(scan_in_words(replace(FOUND, found=Scan(judged=1, failed=9, gaps=gaps, warnings=("truncated",)))))
    assert "1 series judged, 9 failed" in told
    assert [line for line in told if line.startswith("gap: ")] == [f"gap: load: reason {n}" for n in range(5)]
    assert told[-2:] == ["and 4 gaps more; --json lists them", "warning, the data may be partial: truncated"]


def test_a_log_gets_a_line_for_every_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    """A thousand blocks are no thousand lines."""
    with block_bar() as progress:
        for done in range(1, 1001):
            progress(done, 1000)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [f"scanned {ten}0 % ({ten}00 of 1000 blocks)" for ten in range(1, 11)]


def test_a_person_sees_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits at a terminal sees how much is left."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with block_bar() as progress:
        progress(3, 20)
    assert "scanning" in terminal.getvalue()
    assert "3/20" in terminal.getvalue()


class Terminal(io.StringIO):
    """Looks like a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True
