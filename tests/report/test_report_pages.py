"""A report is written as a page that says first what matters first."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from reports import END, REQUEST, bad, evidence, first, quiet, report, several

from ai_ops.domain.document import Bullets, Figure, Paragraph, Table, Tone
from ai_ops.domain.message import MessageKind
from ai_ops.domain.report_span import ReportSpan
from ai_ops.report.pages.attention import MOST_TOLD, worst_first
from ai_ops.report.pages.document import document_of
from ai_ops.report.pages.evidence import cited
from ai_ops.report.pages.fleet import HEADER
from ai_ops.report.renderings.text import text_of
from ai_ops.report.service.said import Direction

if TYPE_CHECKING:
    from ai_ops.domain.document import Document, Section
    from ai_ops.report.service_report import Report

WEEKLY = MessageKind.WEEKLY_BRIEF
REPORTS = {
    "quiet": report(quiet()),
    "bad": report(bad()),
    "first": report(first()),
    "five": several(5),
    "fifty": several(50),
    "weekly": report(bad(), quiet("api"), kind=WEEKLY),
    "weekly, first": report(first(), kind=WEEKLY),
}


def the_section(document: Document, name: str) -> Section:
    """The section of that id."""
    (found,) = (one for one in document.sections if one.id == name)
    return found


def the_table(document: Document, name: str) -> Table:
    """The first table of the section of that id."""
    return next(block for block in the_section(document, name).blocks if isinstance(block, Table))


def words_of(section: Section) -> str:
    """Everything it says."""
    said = []
    for block in section.blocks:
        match block:
            case Paragraph():
                said.append(block.text)
            case Bullets():
                said += [cell.text for cell in block.items]
            case Table():
                said += [block.caption, *block.header, *(cell.text for row in block.rows for cell in row)]
            case Figure():
                said += [block.title, block.alt]
    return "\n".join(said)


@pytest.mark.parametrize("name", REPORTS)
def test_every_page_holds_together(name: str) -> None:
    """Ids are unique, rows fit their header, and whatever is cited is there, and nothing else (H45)."""
    document = document_of(REPORTS[name])
    ids = [one.id for one in document.sections]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z0-9-]+", one) for one in ids)
    assert all(section.blocks and section.title for section in document.sections)
    tables = [block for section in document.sections for block in section.blocks if isinstance(block, Table)]
    assert all(table.caption and table.rows for table in tables)
    assert all(len(row) == len(table.header) for table in tables for row in table.rows)
    assert [one.id for one in document.evidence] == list(dict.fromkeys(cited(document.sections)))


def test_what_needs_a_person_comes_before_all_else() -> None:
    """A teammate over coffee reads the first screen alone (S001-31)."""
    document = document_of(report(bad()))
    assert document.sections[0].id == "needs"
    rows = the_table(document, "needs").rows
    assert rows[0][0].text == "The promise is being broken"
    assert [row[0].tone for row in rows] == [Tone.BAD, Tone.WATCH, Tone.WATCH]
    assert "needed 4 times: pull request 12 was opened" in words_of(document.sections[0])


def test_an_address_is_a_link_and_a_command_is_not() -> None:
    """What is done with one click is one click away; a command is copied."""
    actions = [row[2] for row in the_table(document_of(report(bad())), "needs").rows]
    assert [one.link for one in actions] == ["", REQUEST, ""]
    assert [one.text for one in actions][1:] == ["open it on github.com", "`neuropilot resume`"]


def test_an_action_that_names_an_address_leads_there() -> None:
    """The address itself is for machines."""
    asked = replace(report(bad()), action="Pull request 12 waits: https://github.com/acme/shop/pull/12")
    document = document_of(asked)
    assert (document.action, document.link) == ("Pull request 12 waits: open it on github.com", REQUEST)
    assert document_of(report(bad())).link == ""
    foreign = replace(asked, action="see https://evil.example/pull/12")
    assert document_of(foreign).link == ""


def test_nothing_to_do_is_said() -> None:
    """Silence could as well mean that nobody looked."""
    calm = replace(quiet(), needs=(), times_needed=0, needed_for=())
    said = words_of(document_of(report(calm)).sections[0])
    assert "Nothing needs a person." in said
    assert "nobody was needed" in said


def test_a_page_about_one_service_has_no_table_of_all() -> None:
    """Its title names it."""
    document = document_of(report(quiet()))
    assert "fleet" not in {one.id for one in document.sections}
    assert document.title == "Daily report: web"


def test_of_many_services_the_five_that_need_attention_are_told() -> None:
    """The others have their row in the table, and nobody is left out."""
    document = document_of(several(50))
    table = the_table(document, "fleet")
    assert (table.header, len(table.rows)) == (HEADER, 50)
    told = list(dict.fromkeys(one.subject for one in document.sections if one.subject))
    assert told == [row[0].text for row in table.rows[:MOST_TOLD]]
    assert told[:2] == ["api", "jobs"]


def test_the_worst_comes_first_whatever_the_settings_say() -> None:
    """Bad before worth a look before unknown before good; then urgency, then health."""
    poor = replace(quiet("poor"), health=replace(quiet().health, score=12.0))
    watched = replace(quiet("watched"), tone=Tone.WATCH)
    order = worst_first((quiet("one"), poor, first("new"), watched, bad("burning"), quiet("two")))
    assert [one.service for one in order] == ["burning", "watched", "new", "poor", "one", "two"]


def test_a_weekly_brief_speaks_of_no_single_day() -> None:
    """The same parts, in another order and in words of a week (S000-06)."""
    weekly, daily = document_of(report(bad(), kind=WEEKLY)), document_of(report(bad()))
    assert weekly.title == "Weekly brief: web"
    said = text_of(replace(weekly, evidence=()))
    assert "last 7 days" in said
    said = said.replace("The next 24 hours", "")  # of the forecast
    assert not re.search("24 hours|24-hour|day before|yesterday|same weekday", said)
    assert {one.id for one in weekly.sections} == {one.id for one in daily.sections}
    assert [one.id for one in weekly.sections][2] == "web-promise"


def test_a_week_is_compared_with_the_week_before_once() -> None:
    """The week ago, the days before and the usual week are one and the same then."""
    assert the_table(document_of(report(bad(), kind=WEEKLY)), "web-trends").header == ("metric", "mean", "week before")


def test_a_day_that_was_turned_says_how_long_it_was() -> None:
    """The clock of Berlin went back on 25 October 2026."""
    turned = replace(report(quiet()), span=ReportSpan(END.replace(month=10, day=25), "Europe/Berlin"))
    document = document_of(turned)
    assert document.subtitle == "the last 25 hours up to Sun 25 Oct 2026 10:10 CET"


def test_trends_stand_beside_the_same_weekday_first() -> None:
    """Icon, word and figure (S001-103, S001-27); what users feel is marked when it gets worse."""
    table = the_table(document_of(report(quiet())), "web-trends")
    assert table.header[:3] == ("metric", "mean", "same weekday")
    latency, errors, cpu, *_, cost = table.rows
    assert [cell.text for cell in latency[:3]] == ["p95 latency", "160 ms", "↗ increasing +12 %"]
    assert [cell.text for cell in latency[3:]] == ["→ stable +0.0 %", "+0.0 %"]
    assert latency[2].tone is Tone.WATCH
    assert errors[2].text == "→ stable -3.1 %"
    assert (cpu[2].tone, cost[2].text) == (Tone.PLAIN, "↘ decreasing -15 %")


def test_an_unknown_direction_has_an_icon_and_a_word_too() -> None:
    """And rests on nothing."""
    row = the_table(document_of(report(first())), "web-trends").rows[0]
    assert [cell.text for cell in row[1:]] == ["not measured", "? not known", "? not known", "not known"]
    assert not any(cell.evidence for cell in row)
    assert quiet().trends[0].direction is Direction.STABLE


def test_health_names_the_component_that_costs_most() -> None:
    """S001-26, S001-99 to S001-102, R7."""
    document = document_of(report(quiet()))
    said = words_of(the_section(document, "web-health"))
    assert "Health 66 of 100. What costs most is p95 latency: 12.0 points." in said
    rows = [[cell.text for cell in row] for row in the_table(document, "web-health").rows]
    assert rows[2] == ["CPU", "55.0 %", "45", "100"]


def test_cost_shows_both_projections_beside_the_budget() -> None:
    """S001-29, S001-105 to S001-107 to the letter, and R9 with its bounds."""
    rows = {row[0].text: row[1].text for row in the_table(document_of(report(bad())), "web-cost").rows}
    assert rows["the whole month, with the bounds of nine in ten"] == "57.90 EUR (51.20 to 64.00)"
    assert rows["a day's average times 30"] == "43.95 EUR"
    assert rows["this month so far"] == "38.20 EUR"
    assert "15.8 % above the budget of 50.00 EUR" in words_of(the_section(document_of(report(bad())), "web-cost"))


def test_what_the_agent_did_to_the_settings_is_told_in_words() -> None:
    """Moves and holds, either alone, and a span in which nothing was decided at all."""
    usual = quiet().scaling

    def told(**changes: object) -> str:
        one = replace(quiet(), scaling=replace(usual, **changes))
        return words_of(the_section(document_of(report(one)), "web-scaling"))

    assert "the agent moved 1 setting, and left all as it was 3 times." in told()
    assert "the agent moved 1 setting." in told(holds=0)
    assert "the agent moved nothing, and left all as it was once." in told(moves=(), holds=1)
    assert "the agent decided nothing." in told(moves=(), holds=0)


def test_every_day_tells_scaling_learning_and_the_own_record() -> None:
    """S001-28, S001-30, S001-31, and the roll-out of S001-118 to S001-120."""
    document = document_of(report(quiet()))
    said = {one.id.removeprefix("web-"): words_of(one) for one in document.sections}
    assert "rose 9 times and fell 8 times" in said["scaling"]
    assert "30 → 50" in said["scaling"]
    assert "converging" in said["learning"]
    assert "24 of 26 predictions" in said["record"]
    assert "saved 4.10 EUR" in said["record"]
    assert "28 of 28" in said["checklist"]
    assert "Scale down to save costs. Why: CPU was 24.0 % on average, below 30 %." in said["recommendations"]


def test_a_change_that_cost_money_is_not_called_a_saving() -> None:
    """Below nothing it is a cost."""
    dear = replace(quiet(), record=replace(quiet().record, saved=-2.5))
    assert "Its live changes cost 2.50 EUR" in words_of(the_section(document_of(report(dear)), "web-record"))


def test_what_could_not_be_measured_is_said_and_left_out_when_all_was() -> None:
    """A gap never passes for good news."""
    assert "Prometheus answered with no series" in words_of(the_section(document_of(report(bad())), "web-unknown"))
    assert "web-unknown" not in {one.id for one in document_of(report(quiet())).sections}


def test_incidents_and_runbooks_appear_when_there_are_any() -> None:
    """And leave no empty heading behind when there are none."""
    one = replace(report(quiet()), incidents=("checkout was slow for 12 min",), runbooks=("restart-workers ran",))
    titles = [section.title for section in document_of(one).sections]
    assert titles[1:3] == ["Incidents", "Runbooks"]
    assert "Incidents" not in {section.title for section in document_of(report(quiet())).sections}


def test_many_alarms_are_cut_and_counted() -> None:
    """Hundreds of rows hide the first."""
    alarm = bad().alarms[0]
    many = tuple(replace(alarm, evidence=evidence("web", f"alarm-{number}")) for number in range(30))
    section = the_section(document_of(report(replace(bad(), alarms=many))), "web-alarms")
    assert len(section.blocks[0].rows) == 12
    assert "And 18 more alarms" in words_of(section)


def test_pictures_are_named_by_service_and_only_where_there_is_something_to_draw() -> None:
    """What draws them finds them by these names."""
    names = [
        block.name
        for section in document_of(report(quiet())).sections
        for block in section.blocks
        if isinstance(block, Figure)
    ]
    assert sorted(names) == ["web-cost", "web-error-budget", "web-metrics", "web-predictions"]
    empty = document_of(report(first()))
    assert not any(isinstance(block, Figure) for section in empty.sections for block in section.blocks)


def test_a_made_up_service_is_named_as_one() -> None:
    """On the page, in its row and in its own lines (S001-17)."""
    both: Report = report(quiet(), replace(quiet("demo"), is_simulated=True))
    document = document_of(both)
    assert document.is_simulated
    assert "demo (simulated)" in words_of(the_section(document, "fleet"))
    assert "made up" in words_of(the_section(document, "demo-glance"))
    assert "made up" not in words_of(the_section(document, "web-glance"))


@pytest.mark.parametrize(
    ("score", "band", "tone"),
    [
        (66.0, 88.0, Tone.PLAIN),
        (72.0, 88.0, Tone.GOOD),
        (60.0, 69.0, Tone.WATCH),
        (31.0, 44.0, Tone.BAD),
        (None, None, Tone.PLAIN),
    ],
)
def test_health_is_good_only_where_no_advice_is_given(score: float | None, band: float | None, tone: Tone) -> None:
    """Below 70 the report advises to act (S001-109), whatever the band score of R7 says."""
    health = replace(quiet().health, score=score, band=band)
    section = the_section(document_of(report(replace(quiet(), health=health))), "web-health")
    assert section.blocks[0].tone is tone
