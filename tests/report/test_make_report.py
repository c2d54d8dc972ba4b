"""A whole report: everything that was gathered in, everything that is said out, in its order."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from examples import a_finding
from gathered import (
    END,
    USUAL,
    bad_day,
    day_with_gaps,
    episodes,
    first_day,
    frame,
    gathered,
    levels,
    moving,
    nothing_gathered,
    quiet_day,
    series_of,
    span,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from predictions import SAVING, a_day, a_past

from ai_ops.domain.document import Evidence
from ai_ops.domain.finding import Severity
from ai_ops.domain.message import MessageKind
from ai_ops.domain.metrics import Gap
from ai_ops.domain.prediction import Verdict
from ai_ops.report.report import make_report, service_report
from ai_ops.report.service_report import ServiceReport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.report.gathered import Gathered
    from ai_ops.report.service_report import Report

DAYS = (quiet_day, bad_day, first_day, day_with_gaps, nothing_gathered, gathered)


def report(*services: Gathered, **changes: Any) -> Report:
    """The daily report of these."""
    return make_report(MessageKind.DAILY_REPORT, services, span(), frame(**changes))


def evidence_of(service: ServiceReport) -> Iterator[Evidence]:
    """Everything that any part of it rests on."""
    for field in fields(ServiceReport):
        part = getattr(service, field.name)
        for one in part if isinstance(part, tuple) else (part,):
            if isinstance(rests_on := getattr(one, "evidence", None), Evidence):
                yield rests_on


@pytest.mark.parametrize("day", DAYS)
def test_every_figure_rests_on_evidence_with_a_name_of_its_own(day: Any):
    """H45: formula, inputs and source of each, and no two by one name."""
    (service,) = report(day()).services
    found = list(evidence_of(service))
    assert len(found) >= 8
    assert len({one.id for one in found}) == len(found)
    for one in found:
        assert one.id.startswith("web-")
        assert set(one.id) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert one.says
        assert one.formula
        assert one.inputs
        assert one.source


@pytest.mark.parametrize("day", DAYS)
def test_the_same_morning_is_told_in_the_same_words(day: Any):
    """No clock and no chance in it."""
    assert repr(report(day())) == repr(report(day()))


def test_what_could_not_be_measured_is_named_with_its_reason():
    """Gaps, hours that are missing, warnings: five of 24 hours are 79 % of the time."""
    (service,) = report(day_with_gaps()).services
    assert service.unknown[:2] == ("memory_percent: no data", "db_latency_ms: no query is configured")
    assert service.unknown[2].endswith("cost_per_hour: 79 % of the time was measured")
    assert service.unknown[3] == "PromQL warning: the result is partial"
    (nothing,) = report(nothing_gathered(gaps=(), doubt="line 4 was altered")).services
    assert nothing.unknown == (
        "what was decided before: line 4 was altered",
        "every metric: nothing was measured, and nothing is kept",
    )
    assert report(gathered()).services[0].unknown == ()


def test_services_keep_their_order_and_share_what_needs_a_person():
    """Three needs are told, the others counted; what is about no service once."""
    names = ("web", "api", "jobs", "mail")
    services = [replace(bad_day(), service=name) for name in names]
    told = report(*services)
    assert [one.service for one in told.services] == list(names)
    assert [(need.urgency, need.service) for need in told.needs] == [(90, name) for name in names[:3]]
    # each has a request and a spent budget, and all share a channel that is silent
    assert told.more_needs == 4 * 2 + 1 - 3


def test_a_pause_is_counted_once_for_all_services():
    """One person ends it with one command."""
    paused = [replace(gathered(), service=name, pause="release day") for name in ("web", "api", "jobs")]
    told = report(*paused)
    assert [one.times_needed for one in told.services] == [1, 1, 1]
    assert told.times_needed == 1


def test_incidents_and_runbooks_are_passed_on():
    """S000-06: the weekly brief has them when there are any."""
    told = make_report(
        MessageKind.WEEKLY_BRIEF, [gathered()], span(days=7), frame(incidents=("3 h down",), runbooks=("restart",))
    )
    assert (told.kind, told.incidents, told.runbooks) == (MessageKind.WEEKLY_BRIEF, ("3 h down",), ("restart",))
    assert told.made_at == END + timedelta(minutes=7)


def test_a_simulated_service_makes_a_simulated_report():
    """Nobody takes made-up figures for real ones."""
    assert not report(gathered()).is_simulated
    assert report(gathered(), replace(gathered(), service="demo", is_simulated=True)).is_simulated


FIGURES = st.one_of(st.none(), st.floats(-10, 1e4), st.just(float("nan")), st.just(float("inf")))


@st.composite
def odd_services(draw: st.DrawFn) -> Gathered:
    """Anything at all may be missing, empty, or no number."""
    wanted = draw(st.dictionaries(st.sampled_from(sorted(USUAL)), FIGURES, max_size=6))
    held = {metric: value for metric, value in wanted.items() if value is not None}
    series = (
        {}
        if draw(st.booleans())
        else levels(days=2, **dict.fromkeys(wanted))
        | {metric: series_of(metric, np.full(draw(st.integers(0, 300)), value)) for metric, value in held.items()}
    )
    some = draw(st.sampled_from(((), episodes(1), episodes(30), (moving(),), episodes(2, 30), episodes(1, -48))))
    judged = a_past(
        a_day(1.5, decision=SAVING), a_day(3, Verdict.MISS), a_day(4, Verdict.NOT_JUDGEABLE, cost_per_hour=None)
    )
    findings = tuple(
        a_finding(metric, since=END - timedelta(hours=begun), at=END - timedelta(hours=begun / 2), severity=severity)
        for metric, begun, severity in draw(
            st.lists(
                st.tuples(st.sampled_from(sorted(USUAL)), st.floats(-3, 60), st.sampled_from(Severity)), max_size=4
            )
        )
    )
    return gathered(
        series=series,
        gaps=tuple(Gap(metric, "") for metric, value in wanted.items() if value is None),
        episodes=draw(st.sampled_from((some, (*some, *judged)))),
        newest_findings=findings,
        thresholds=draw(st.sampled_from((None, gathered().thresholds))),
        monthly_budget=draw(st.sampled_from((0.0, 70.0))),
        mode=draw(st.sampled_from(("observe", "propose", "commit"))),
        pause=draw(st.sampled_from((None, "", "release day"))),
        doubt=draw(st.sampled_from((None, "line 4 was altered"))),
    )


@given(odd_services(), st.sampled_from((1, 7)), st.sampled_from(("UTC", "Europe/Berlin")))
@settings(max_examples=40)
def test_a_report_is_always_made(one: Gathered, days: int, zone: str):
    """Nothing that is missing, empty or odd keeps it from being written, and it says one thing first."""
    told = service_report(one, span(zone=zone, days=days), frame())
    assert all((told.headline.endswith("."), told.why, told.action))
    assert len(told.checklist.items) == 20
