"""A report as a message: once a day, as loud as it is bad, with its figures in words and typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from reports import END, REQUEST, bad, first, quiet, report, several

from ai_ops.domain.document import Tone
from ai_ops.domain.message import Level, MessageKind, Picture
from ai_ops.domain.report_span import ReportSpan
from ai_ops.report.message.message import message_for
from ai_ops.report.pages.document import document_of

if TYPE_CHECKING:
    from ai_ops.report.service_report import Report

WEEKLY = MessageKind.WEEKLY_BRIEF


def told(one: Report):
    """The message of a report."""
    return message_for(one, document_of(one))


@pytest.mark.parametrize(
    ("end", "zone", "kind", "key"),
    [
        (END, "UTC", MessageKind.DAILY_REPORT, "daily_report-20261120"),
        (END, "UTC", WEEKLY, "weekly_brief-2026-W47"),
        (END.replace(hour=23), "Asia/Tokyo", MessageKind.DAILY_REPORT, "daily_report-20261121"),
        (datetime(2027, 1, 1, 9, tzinfo=END.tzinfo), "UTC", WEEKLY, "weekly_brief-2026-W53"),
    ],
)
def test_its_key_is_the_day_or_week_on_the_teams_clock(end, zone, kind, key: str) -> None:
    """A report that is made twice is told once, also around midnight and New Year (H18)."""
    one = replace(report(quiet(), kind=kind), span=ReportSpan(end, zone, 7 if kind is WEEKLY else 1))
    assert told(one).key == key
    assert told(replace(one, made_at=one.made_at + timedelta(minutes=9))).key == key


def test_a_report_of_other_days_takes_no_turn_of_the_usual_one() -> None:
    """Who sends one of three days by hand keeps nobody from hearing of the last one (H18)."""
    three = replace(report(quiet(), kind=MessageKind.DAILY_REPORT), span=ReportSpan(END, "UTC", 3))
    assert told(three).key == "daily_report-20261120-3d"


@pytest.mark.parametrize(
    ("tone", "level"),
    [(Tone.GOOD, Level.INFO), (Tone.PLAIN, Level.INFO), (Tone.WATCH, Level.MEDIUM), (Tone.BAD, Level.HIGH)],
)
def test_it_is_as_loud_as_its_headline(tone: Tone, level: Level) -> None:
    """Channels filter by it."""
    assert told(replace(report(quiet()), tone=tone)).level is level


@pytest.mark.parametrize("one", [report(quiet()), report(bad()), report(first()), several(5), several(50)])
def test_it_fits_on_a_card(one: Report) -> None:
    """Ten fields are all that Slack shows in one block; a label and a value each."""
    message = told(one)
    assert 5 <= len(message.facts) <= 10
    assert all(label and value for label, value in message.facts)
    assert len({label for label, _ in message.facts}) == len(message.facts)
    assert len(message.lines) <= 14
    assert message.title == one.headline
    assert message.lines[:2] == (one.why, f"To do: {one.action}")


def test_one_service_is_told_in_its_own_figures() -> None:
    """Health, promise, cost, alarms, the model and the own record (S001-26 to S001-31)."""
    message = told(report(bad()))
    facts = dict(message.facts)
    assert facts["Health"] == "31 of 100; latency costs 26 points"
    assert facts["Error budget left"] == "-11 %"
    assert facts["Alarms"] == "2, 1 going on"
    assert facts["p95 latency"] == "160 ms, ↗ +12 % in a week"
    assert facts["Cost"].startswith("38.20 EUR so far this month; 57.90 EUR (51.20 to 64.00) by its end")
    assert facts["Predictions that came true"] == "24 of 26"
    assert facts["Model"] == "v7, converging"
    assert facts["Needs a person"] == "3 things now; 4 decisions in the last 7 days"
    assert (message.service, message.review_url) == ("web", REQUEST)


def test_several_services_are_told_by_the_worst_and_the_sum() -> None:
    """A mean hides the one that burns; a sum that lacks a service says so."""
    message = told(several(5))
    facts = dict(message.facts)
    assert facts["Services"] == "5: 1 bad, 1 neither good nor bad, 3 good"
    assert facts["Poorest health"] == "31 (api)"
    assert facts["Least error budget left"] == "-11 % (api)"
    assert facts["Cost so far this month"] == "123.40 EUR (4 of 5 services)"
    assert message.service == ""
    assert any(line.startswith("Needs a person: api: The promise is being broken") for line in message.lines)


def test_money_of_two_kinds_is_not_added_up() -> None:
    """No rate is known."""
    mixed = replace(quiet("api"), cost=replace(quiet().cost, currency="USD"))
    message = told(report(quiet(), mixed))
    assert not [label for label, _ in message.facts if label.startswith("Cost")]
    assert {one.name: one.value for one in message.properties}["Cost to date"] is None


def test_its_figures_are_typed_for_a_table() -> None:
    """A number is a number, and what nobody knows is nothing at all (S001-33)."""
    message = told(report(quiet(), quiet("api")))
    columns = {one.name: one.value for one in message.properties}
    assert columns == {
        "Date": END,
        "Kind": "daily report",
        "Services": ("web", "api"),
        "Health": 66.2,
        "Error budget left %": 78.0,
        "Cost to date": 56.8,
        "Projected cost": 88.2,
        "Alarms": 0.0,
        "Needs a person": 2.0,
        "Run ID": message.key,
    }
    unknown = {one.name: one.value for one in told(report(quiet(), first("new"))).properties}
    assert (unknown["Cost to date"], unknown["Projected cost"], unknown["Health"]) == (None, None, 66.2)
    alone = {one.name: one.value for one in told(report(first(), kind=WEEKLY)).properties}
    assert (alone["Health"], alone["Error budget left %"], alone["Kind"]) == (None, None, "weekly brief")


def test_advice_is_given_for_the_services_that_are_told_and_counted_beyond() -> None:
    """Six lines; the page has the rest (S001-31)."""
    advice = quiet().recommendations * 4
    services = (replace(quiet(name), recommendations=advice) for name in ("web", "api"))
    lines = told(report(*services)).lines
    assert sum("Scale down" in line for line in lines) == 6
    assert lines[-1] == "and 2 more recommendations"


def test_it_carries_the_page_and_its_renderings() -> None:
    """Each channel takes what it can show."""
    picture = Picture("web-cost", "the cost", b"png")
    one = report(quiet())
    page = document_of(one)
    message = message_for(one, page, text="t", html="<p>", pictures=(picture,), link="https://ci.example/7")
    assert (message.text, message.html, message.pictures) == ("t", "<p>", (picture,))
    assert message.document is page
    assert message.link == "https://ci.example/7"
    assert (message.kind, message.at, message.is_simulated) == (MessageKind.DAILY_REPORT, one.made_at, False)
