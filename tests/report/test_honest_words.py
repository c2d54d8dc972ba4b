"""Words and tones of a report that say no more, and nothing else, than its figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from reports import END, MERGE, PAUSED, bad, quiet

from ai_ops.domain.document import Bullets, Paragraph, Table, Tone
from ai_ops.domain.prediction import Interval
from ai_ops.domain.report_span import ReportSpan
from ai_ops.report.fleet_headline import fleet_headline
from ai_ops.report.pages.alarms import alarms_section
from ai_ops.report.pages.cost import cost_in_words
from ai_ops.report.pages.fleet import fleet_section
from ai_ops.report.pages.glance import glance_section
from ai_ops.report.pages.key_figures import alarms_of, budget_figure
from ai_ops.report.pages.promise import promise_section
from ai_ops.report.pages.scaling import scaling_section
from ai_ops.report.pages.tones import budget_tone, cost_tone
from ai_ops.report.pages.words import from_to

if TYPE_CHECKING:
    from ai_ops.report.service_report import KnobMove, Scaling

MOVE = quiet().scaling.moves[0]
SPAN = ReportSpan(END)
SHARED = replace(PAUSED, service="")


@pytest.mark.parametrize(
    ("left", "hours", "tone"),
    [(0.5, None, Tone.GOOD), (0.5, 73.0, Tone.GOOD), (0.5, 47.0, Tone.WATCH), (0.2, None, Tone.WATCH)],
)
def test_a_budget_that_is_soon_gone_is_not_good(left: float, hours: float | None, tone: Tone) -> None:
    """However much of it is left today."""
    assert budget_tone(replace(quiet().slo, budget_left_ratio=left, budget_hours_left=hours)) is tone


def test_a_promise_that_was_just_broken_does_not_read_as_kept() -> None:
    """Beside "The promise was broken" no figure says 99.950 %, and nothing that is left reads as nothing (H45)."""
    broken = replace(quiet(), slo=replace(quiet().slo, good_percent=99.9497, burn=1.004, budget_left_ratio=0.003))
    table = next(block for block in promise_section(broken, SPAN).blocks if isinstance(block, Table))
    figures = [row[1].text for row in table.rows]
    assert figures[1:3] == ["99.9497 %", "100.4 %"]
    assert "0.3 %" in figures
    assert budget_figure(broken.slo).text == "0.3 %"


def test_no_alarm_is_no_good_news_where_nothing_was_measured() -> None:
    """Silence is not taken for calm, by nobody and on no card (S001-26)."""
    (calm,) = alarms_section(quiet(), SPAN).blocks
    blind = replace(quiet(), trends=())
    (silent,) = alarms_section(blind, SPAN).blocks
    assert isinstance(calm, Paragraph)
    assert isinstance(silent, Paragraph)
    assert (calm.tone, silent.tone) == (Tone.GOOD, Tone.PLAIN)
    assert silent.text == "Nothing was measured in the last 24 hours, so nothing could be found abnormal."
    assert (alarms_of(quiet()).text, alarms_of(blind).text) == ("none", "unknown")


def test_a_cost_that_may_exceed_its_budget_is_not_good() -> None:
    """R9: the bounds count, too."""
    cost = replace(quiet().cost, budget=50.0, variance_percent=-10.0)
    assert cost_tone(replace(cost, projected=Interval(45.0, 42.0, 49.0))) is Tone.GOOD
    assert cost_tone(replace(cost, projected=Interval(45.0, 20.0, 120.0))) is Tone.PLAIN


def test_what_a_month_cost_is_doubted_where_little_of_it_was_measured() -> None:
    """Seven hours say little of three weeks."""
    cost = quiet().cost
    assert "measured" not in cost_in_words(cost)
    hardly = cost_in_words(replace(cost, hours_known=7.0))
    assert hardly.startswith("28.40 EUR so far this month, of which 7 of 465 hours were measured; ")


def test_an_alarm_over_a_turned_clock_names_both_zones() -> None:
    """From 02:30 to 02:10, forty minutes later (S001-25)."""
    span = ReportSpan(datetime(2026, 10, 25, 12, 0, tzinfo=UTC), "Europe/Berlin")
    since, until = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert from_to(span, since, until) == "Sun 25 Oct 02:30 CEST to 02:10 CET"
    assert from_to(span, until, span.end) == "Sun 25 Oct 02:10 to 13:00 CET"


def scaling_said(**changes: object) -> str:
    """What the page says of scaling."""
    service = quiet()
    scaling: Scaling = replace(service.scaling, **changes)
    section = scaling_section(replace(service, scaling=scaling), ReportSpan(END))
    return " ".join(block.text for block in section.blocks if not isinstance(block, Table))


@pytest.mark.parametrize(
    ("moves", "words"),
    [
        ((MOVE,), "the agent moved 1 setting, and"),
        ((replace(MOVE, is_live=False),), "the agent decided to move 1 setting, of which none is live, and"),
        ((MOVE, MOVE, replace(MOVE, is_live=False)), "decided to move 3 settings, of which 2 are live, and"),
        ((), "the agent moved nothing, and"),
    ],
)
def test_what_was_decided_and_not_done_is_not_called_moved(moves: tuple[KnobMove, ...], words: str) -> None:
    """S001-28."""
    assert words in scaling_said(moves=moves)


def test_instances_that_stay_are_not_said_to_rise() -> None:
    """S001-104."""
    assert scaling_said(ups=0, downs=0, lowest=3.0, highest=3.0, mean=3.0).startswith(
        "The number of instances stayed as it was: 3."
    )
    once = scaling_said(ups=1, downs=0, lowest=2.0, highest=2.6, mean=2.4)
    assert once.startswith("Instances rose once and never fell, between 2 and 2.6; 2.4 on average.")


def test_what_is_about_no_service_is_counted_with_none() -> None:
    """The figures of the table add up to what waits."""
    services = tuple(replace(quiet(name), needs=(replace(MERGE, service=name), SHARED)) for name in ("web", "api"))
    (table,) = fleet_section(services).blocks
    assert [row[-1].text for row in table.rows] == ["1", "1"]
    glance = glance_section(services[0], is_alone=False)
    told = [cell.text for block in glance.blocks if isinstance(block, Bullets) for cell in block.items]
    assert not any("paused" in text for text in told)


def test_an_action_for_all_services_bears_the_name_of_none() -> None:
    """One command ends a pause for all."""
    action = f"{SHARED.what}: {SHARED.action}"
    services = tuple(replace(quiet(name), needs=(SHARED,), action=action) for name in ("web", "api"))
    assert fleet_headline(services).action == action
    assert fleet_headline([bad("web"), *services[1:]]).action.startswith("web: ")


def test_a_service_says_what_to_do_once() -> None:
    """Not as an action and as a need again."""
    need = replace(MERGE, why="it saves 3 EUR.")
    service = replace(quiet(), needs=(need,), action=f"{need.what}: {need.action}")
    glance = glance_section(service, is_alone=False)
    items = [cell.text for block in glance.blocks if isinstance(block, Bullets) for cell in block.items]
    assert items == [f"{need.what}: it saves 3 EUR. To do: open it on github.com"]
