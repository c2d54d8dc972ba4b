"""Which minutes say nothing of what a CPU means, and which say most."""

from __future__ import annotations

import numpy as np
from twins import DAY, a_week_of_work

from ai_ops.twin.abnormal import abnormal_minutes


def changed(begin, end, **values):
    """A week of work in which these minutes went otherwise; a function changes what is there."""
    plain = a_week_of_work()
    columns = {name: column.copy() for name, column in plain.columns.items()}
    for name, value in values.items():
        part = columns[name][begin:end]
        columns[name][begin:end] = value(part) if callable(value) else value
    return a_week_of_work(**columns)


def test_a_healthy_service_has_hardly_an_abnormal_minute():
    """What is usual stays in."""
    assert abnormal_minutes(a_week_of_work()).mean() < 0.002


def test_an_incident_at_a_low_cpu_is_left_out_with_its_edges():
    """Requests wait for somebody else: no setting would have helped."""
    quiet = int(0.75 * DAY)  # the sine's trough
    seen = abnormal_minutes(
        changed(quiet, quiet + 30, slo_good_ratio=0.9, latency_p95_ms=lambda usual: 4.0 * usual, cpu_percent=12.0)
    )
    assert seen[quiet - 2 : quiet + 32].all()
    assert seen.sum() <= 40


def test_an_incident_that_shows_in_nothing_but_the_latency_is_left_out():
    """Requests may be slow, and still in time."""
    seen = abnormal_minutes(changed(1000, 1020, latency_p95_ms=lambda usual: 3.0 * usual))
    assert seen[1000:1020].all()


def test_a_deploy_that_fails_requests_but_is_not_slow_is_left_out():
    """Errors are quick."""
    seen = abnormal_minutes(changed(1000, 1010, slo_good_ratio=0.97))
    assert seen[1000:1010].all()


def test_an_overload_is_kept_and_so_is_what_follows_it():
    """What load does to users is what the twin must learn, though the CPU has fallen before the queue has."""
    at = DAY  # an hour as any other
    cpu = a_week_of_work().get("cpu_percent").copy()
    cpu[at : at + 30] = 98.0
    trouble = {"slo_good_ratio": 0.6, "latency_p95_ms": lambda usual: 8.0 * usual}
    assert not abnormal_minutes(changed(at, at + 33, cpu_percent=cpu[at : at + 33], **trouble)).any()
    later = abnormal_minutes(changed(at, at + 60, cpu_percent=cpu[at : at + 60], **trouble))
    assert later[at + 40 : at + 60].all()  # by then it is something else


def test_one_slow_minute_is_chance():
    """Two as well."""
    seen = abnormal_minutes(changed(1000, 1002, slo_good_ratio=0.9, latency_p95_ms=lambda usual: 4.0 * usual))
    assert not seen.any() or not seen[998:1004].any()


def test_metrics_that_are_not_there_make_nothing_abnormal():
    """No latency, no ratio, no CPU: nothing is known, so that nothing is accused."""
    unknown = np.full(4 * DAY, np.nan)
    assert not abnormal_minutes(a_week_of_work(latency_p95_ms=unknown, slo_good_ratio=unknown)).any()
    assert not abnormal_minutes(a_week_of_work(cpu_percent=unknown)).any()


def test_gaps_are_not_abnormal():
    """A lost scrape is a gap, no incident."""
    lost = np.random.default_rng(5).random(4 * DAY) < 0.02
    plain = a_week_of_work()
    holed = {name: np.where(lost, np.nan, values) for name, values in plain.columns.items()}
    seen = abnormal_minutes(a_week_of_work(**holed))
    assert seen.mean() < 0.002
