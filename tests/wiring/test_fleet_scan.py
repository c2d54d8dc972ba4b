"""A scan of a fleet on a real Prometheus: what is found, and what becomes of what cannot be had."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from fakes.crews import DeafCrew, ForgetfulCrew
from fakes.flaky import FlakyServer, answer_json
from fakes.relay import only_for, relay
from fleets import DAYS, NOW, POINTS, STEP, a_fleet, openmetrics, steady

from ai_ops.collect.fleet import NAMES
from ai_ops.domain.errors import ConfigError, DataUnavailable
from ai_ops.domain.metrics import Series, Window
from ai_ops.settings.model import Settings
from ai_ops.wiring.detection import judging
from ai_ops.wiring.scan import ATTEMPTS, SILENCES_MAX, Wish, gather, scan_fleet
from ai_ops.wiring.scan_block import Block, Door, Look, scan_block

if TYPE_CHECKING:
    from collections.abc import Callable

    from running import RunningServer

LOAD = "avg by ($group) (load{$selector})"
EMPTY = {"status": "success", "data": {"resultType": "matrix", "result": []}}
QUICK = Wish(days=DAYS)


@pytest.fixture(scope="module")
def server(start_prometheus: Callable[..., RunningServer]) -> RunningServer:
    """A Prometheus with a small fleet."""
    return start_prometheus(openmetrics(a_fleet()))


@pytest.fixture(scope="module")
def crowd(start_prometheus: Callable[..., RunningServer]) -> RunningServer:
    """A Prometheus with a fleet of several blocks."""
    services = {f"svc-{number:03d}": steady(number) for number in range(450)}
    return start_prometheus(openmetrics(services))


def settings(url: str, scan: dict[str, Any] | None = None, **keys: Any) -> Settings:
    """Settings for the fleet behind `url`, scanned in this process."""
    usual = {"group_by": "service", "preset": "none", "workers": 1, "metrics": {"load": LOAD}}
    return Settings.model_validate({"prometheus_url": url, **keys, "scan": {**usual, **(scan or {})}})


def some_blocks(door: Door, names: list[str]) -> list[Block]:
    """Blocks of one service each."""
    (query,) = settings(door.url).scan.queries("service", NAMES)
    look = Look(Window(NOW - timedelta(days=DAYS), NOW), recent=6, budget_per_week=1.0, most=20)
    return [Block(number, door, look, "service", (name,), query, 0) for number, name in enumerate(names)]


def test_the_most_abnormal_now_comes_first(server: RunningServer) -> None:
    """Who jumped is on top, and everybody is accounted for."""
    scan = scan_fleet(settings(server.url), QUICK, NOW)
    found = scan.found
    assert (scan.label, scan.services, scan.metrics, scan.judged_hours) == ("service", 15, ("load",), 1)
    assert (found.judged, found.warming_up, found.fell_silent, found.without_data, found.failed) == (13, 1, 1, 0, 0)
    assert scan.by_chance == pytest.approx(13 / 168)  # one alarm a week each, and one hour is looked at
    first, second, *_ = found.top
    assert (first.name, first.value in {400.0, 450.0, 500.0}, len(found.top)) == ("jumped", True, 13)
    assert first.score > 3 * max(second.score, 1)


def test_errors_and_counters_are_measured_as_what_they_are(start_prometheus: Callable[..., RunningServer]) -> None:
    """The first errors of a flawless service are news, and of a counter the table shows the increase that is."""
    requests = np.cumsum(60.0 + steady(7, level=20.0))
    requests[-3:] += [2000.0, 4000.0, 6000.0]
    errors = np.where(np.arange(POINTS) < POINTS - 3, 0.0, 2.0)
    fleet = start_prometheus(openmetrics({"failing": errors, "flooded": requests}))
    scan = scan_fleet(settings(fleet.url, {"metrics": {"error_percent": LOAD}}), QUICK, NOW)
    values = {one.name: one.value for one in scan.found.top if one.alarm}
    assert values["failing"] == 2.0
    assert values["flooded"] == pytest.approx(2080.0, abs=10.0)


def test_processes_find_what_one_process_finds(server: RunningServer) -> None:
    """The engine decides who computes, and nothing else."""
    alone = scan_fleet(settings(server.url), QUICK, NOW)
    together = scan_fleet(settings(server.url, {"workers": 2}), QUICK, NOW)
    assert together.found == alone.found


def test_the_command_line_wins_over_the_settings(server: RunningServer) -> None:
    """A look at another label or metric needs no edit."""
    metrics = {"load": LOAD, "more": "2 * " + LOAD}
    mine = settings(server.url, {"group_by": "job", "metrics": metrics})
    scan = scan_fleet(mine, Wish(group_by="service", metrics=("more",), days=3, most=3), NOW)
    assert (scan.label, scan.metrics, scan.window.hours, len(scan.found.top)) == ("service", ("more",), 72, 3)
    for wish in (Wish(group_by="a-b"), Wish(metrics=("lod",)), Wish(engine="dusk")):
        with pytest.raises(ConfigError):
            scan_fleet(mine, wish, NOW)


def test_only_harm_counts_where_harm_has_a_direction(server: RunningServer) -> None:
    """The same jump is an incident of the latency, and none of the share of good requests (S001-75)."""
    metrics = {"latency_p95_ms": LOAD, "slo_good_ratio": LOAD}
    found = scan_fleet(settings(server.url, {"metrics": metrics}), QUICK, NOW).found
    assert {one.metric for one in found.top if one.alarm and one.name == "jumped"} == {"latency_p95_ms"}


def planned(since: timedelta, until: timedelta) -> dict[str, Any]:
    """Settings with planned work between two times before now."""
    span = {"from": (NOW - since).isoformat(), "to": (NOW - until).isoformat()}
    return {"detection": {"maintenance_windows": [span]}}


def test_planned_work_is_not_judged_in_a_fleet_either(server: RunningServer) -> None:
    """A jump that was planned is nobody's incident, and the rest of the hour is judged."""
    work = planned(timedelta(minutes=30), timedelta(0))
    found = scan_fleet(settings(server.url, **work), QUICK, NOW).found
    assert "jumped" not in {one.name for one in found.top if one.alarm}
    assert (found.judged, found.fell_silent, found.in_maintenance) == (13, 1, 0)


def test_nobody_fell_silent_while_everything_was_planned(server: RunningServer) -> None:
    """Of services that were switched off on purpose, a list of the fallen would be a false alarm."""
    work = planned(timedelta(hours=2), timedelta(0))
    found = scan_fleet(settings(server.url, **work), QUICK, NOW).found
    assert (found.judged, found.fell_silent, found.in_maintenance, found.seen) == (0, 0, 15, 15)


def test_a_fleet_is_judged_as_its_services_are_in_a_run(server: RunningServer) -> None:
    """Two verbs that disagree about one service leave a person with a question (S001-75)."""
    mine = settings(server.url, {"metrics": {"latency_p95_ms": LOAD}})
    span = Window(NOW - timedelta(days=DAYS), NOW, STEP)
    for one in scan_fleet(mine, QUICK, NOW).found.top:
        series = Series("latency_p95_ms", span.start, STEP, a_fleet()[one.name])
        judged = judging(mine).judge(series, None)
        assert one.score == pytest.approx(float(np.nanmax(judged.score[-6:])), rel=1e-6)


def test_progress_is_told_block_by_block(crowd: RunningServer) -> None:
    """Whoever waits sees how far it is."""
    told: list[tuple[int, int]] = []
    scan_fleet(settings(crowd.url), QUICK, NOW, lambda done, of: told.append((done, of)))
    assert told == [(done, 5) for done in range(1, 6)]


def test_a_block_that_fails_is_a_gap_and_the_others_go_on(crowd: RunningServer) -> None:
    """One bad block in a thousand must not cost the scan (H29)."""
    broken = answer_json({"status": "error", "errorType": "timeout", "error": "out of time"}, 422)
    with FlakyServer(only_for("250", broken, relay(crowd.url))) as flaky:
        found = scan_fleet(settings(flaky.url), QUICK, NOW).found
    assert (found.judged, found.failed) == (350, 100)
    (gap,) = found.gaps
    assert gap.metric == "load"
    assert gap.reason.startswith("100 from svc-200 to svc-299: ")
    assert "out of time; correct the expression under scan.metrics" in gap.reason


def test_a_name_in_a_gap_steers_no_terminal() -> None:
    """Labels come from whoever is scraped (H10)."""
    with FlakyServer(answer_json({"error": "no"}, 422)) as flaky:
        (block,) = some_blocks(Door(flaky.url), ["evil\x1b[2J\n::error::" + "x" * 1000])
        (gap,) = scan_block(block).scan.gaps
    assert gap.reason.startswith("evil [2J ::error::xxx")
    assert gap.reason.isprintable()
    assert len(gap.reason) < 300


def test_nothing_at_all_is_no_scan(crowd: RunningServer) -> None:
    """Exit code 2 says that nobody looked, which an empty list would hide."""
    refused, empty = answer_json({"error": "no"}, 422), answer_json(EMPTY)
    for what, says in (
        (refused, "nothing could be scanned:\n  load: 100 from svc-000"),
        (empty, "no query has a value"),
    ):
        with FlakyServer(only_for("svc", what, relay(crowd.url))) as flaky, pytest.raises(DataUnavailable, match=says):
            scan_fleet(settings(flaky.url), QUICK, NOW)


def test_a_server_that_goes_away_is_not_waited_for_a_thousand_times() -> None:
    """After a few silences the rest is a gap at once."""
    names = [f"svc-{number}" for number in range(40)]
    found = gather(DeafCrew(), some_blocks(Door("http://nowhere"), names), 20, lambda _done, _of: None)
    assert found.failed == 40
    assert len(found.gaps) == SILENCES_MAX + 1
    assert found.gaps[-1].metric == "37 series"
    assert "nobody answers" in found.gaps[-1].reason


@pytest.mark.slow
def test_a_server_that_is_gone_is_told_from_one_that_complains(server: RunningServer) -> None:
    """Only the first makes every further question a waste of time."""
    (gone,) = some_blocks(Door("http://127.0.0.1:1"), ["svc-000"])
    seen = scan_block(gone)
    assert seen.is_silent
    assert seen.scan.gaps[0].reason.startswith("svc-000: POST http://127.0.0.1:1/api/v1/query_range: ")
    complaint = answer_json({"error": "no"}, 422)
    with FlakyServer(complaint) as flaky:
        (refused,) = some_blocks(Door(flaky.url), ["svc-000"])
        assert not scan_block(refused).is_silent


def test_what_is_lost_with_a_worker_is_given_out_again(server: RunningServer) -> None:
    """A worker that the system kills costs time, and no service its look (H24)."""
    names = sorted(a_fleet())
    crew = ForgetfulCrew(4, 3)
    found = gather(crew, some_blocks(Door(server.url), names), 20, lambda _done, _of: None)
    assert (found.seen, found.failed, found.gaps) == (15, 0, ())
    assert [len(given) for given in crew.given] == [15, 11, 8]


def test_a_block_that_kills_every_worker_ends_as_a_gap(server: RunningServer) -> None:
    """It is not given out for ever."""
    names = sorted(a_fleet())
    crew = ForgetfulCrew(5, 0, 0, 0, 0)
    found = gather(crew, some_blocks(Door(server.url), names), 20, lambda _done, _of: None)
    assert (found.seen, found.failed, len(crew.given)) == (5, 10, ATTEMPTS)
    assert "workers were lost, perhaps for want of memory or of a network (killed)" in found.gaps[0].reason


@pytest.mark.parametrize("keys", [{}, {"metrics": {"source": "simulated"}, "prometheus_url": "http://prometheus:9090"}])
def test_the_simulated_service_is_no_fleet(keys: dict[str, Any]) -> None:
    """Nobody mistakes made-up numbers for a scan."""
    with pytest.raises(ConfigError, match="simulated service is no fleet; set PROMETHEUS_URL"):
        scan_fleet(Settings.model_validate(keys), QUICK, NOW)


def test_grafana_is_not_scanned_through() -> None:
    """A fleet would spend the hour's queries in a second, and then the agent would be blind (R44)."""
    mine = Settings.model_validate({"grafana_url": "http://grafana", "grafana_datasource_uid": "prom"})
    with pytest.raises(ConfigError, match=r"Grafana may be asked 100 times an hour .* Set PROMETHEUS_URL"):
        scan_fleet(mine, QUICK, NOW)


@pytest.mark.parametrize(
    ("scan", "says"),
    [
        ({"metrics": {}}, "the scan has no query"),
        ({"engine": "dask"}, "the engine dask needs scan.address"),
        ({"engine": "ray"}, "the engine ray needs scan.address"),
    ],
)
def test_what_a_scan_lacks_is_said_before_it_starts(server: RunningServer, scan: dict[str, Any], says: str) -> None:
    """Nothing hangs, and nothing is half done (S001-121)."""
    with pytest.raises(ConfigError, match=says):
        scan_fleet(settings(server.url, scan), QUICK, NOW)
