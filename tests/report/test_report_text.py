"""The page as plain text: narrow enough for every terminal and mail program, and nothing in it steers either."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import cycle

import pytest
from hostile import hostile
from inertness import HIDDEN
from reports import REQUEST, bad, first, infested, quiet, report, several
from rich.cells import cell_len

from ai_ops.domain.document import Paragraph, Section
from ai_ops.report.pages.document import document_of
from ai_ops.report.renderings.plain import columns, plain, wrapped
from ai_ops.report.renderings.text import text_of
from ai_ops.report.renderings.text_blocks import WIDTH, references

REPORTS = {"quiet": report(quiet()), "bad": report(bad()), "first": report(first()), "five": several(5)}
TEXTS = list(hostile().values())


@pytest.mark.parametrize("name", REPORTS)
def test_no_line_is_wider_than_a_terminal(name: str) -> None:
    """Eighty columns with two to spare for a quoted mail (S001-32)."""
    assert max(map(cell_len, text_of(document_of(REPORTS[name])).splitlines())) <= WIDTH


def test_it_begins_with_the_verdict_and_what_to_do() -> None:
    """Who reads four lines has read what matters."""
    lines = text_of(document_of(report(bad()))).splitlines()
    assert lines[0] == "Daily report: web"
    assert lines[4].startswith("✗ web broke its promise")
    assert lines[6].startswith("To do: Look at the deployment of 03:10")


def test_a_table_that_fits_stands_in_columns_and_one_that_does_not_row_by_row() -> None:
    """Both are readable without a ruler."""
    text = text_of(document_of(report(bad())))
    assert "component    mean    score  band score\np95 latency  160 ms  12     60\n" in text
    assert "- errors, p95 latency\n    when      Fri 20 Nov 03:10 to 05:10 UTC\n    severity  ✗ critical" in text


def test_addresses_of_ours_can_be_clicked() -> None:
    """A terminal and a mail program make a link of a whole address."""
    assert re.search(rf"\s{REQUEST}(\s|$)", text_of(document_of(report(bad()))))


def test_figures_lead_to_the_numbered_evidence_by_section() -> None:
    """A number behind each figure would be unreadable here (H45)."""
    text = text_of(document_of(report(bad())))
    assert "\nTrends [4, 8-13]\n" in text
    numbers = [int(one) for one in re.findall(r"^\[(\d+)\] ", text, re.MULTILINE)]
    assert numbers == list(range(1, len(document_of(report(bad())).evidence) + 1))


def test_numbers_in_a_row_are_written_as_a_range() -> None:
    """In order, whatever the order of the figures."""
    names = {name: number for number, name in enumerate("abcdef", start=1)}
    cited = Section("s", "S", tuple(Paragraph("", name) for name in "fdcbd"))
    assert references(cited, names) == " [2-4, 6]"
    assert references(Section("s", "S", (Paragraph("none"),)), names) == ""


def test_bars_are_as_long_as_their_heights() -> None:
    """The picture of the terminal."""
    text = text_of(document_of(report(quiet())))
    bars = {name: len(bar) for name, bar in re.findall(r"^(budget|so far|expected) +(█+) ", text, re.MULTILINE)}
    assert bars == {"budget": 40, "expected": 35, "so far": 23}


def test_whatever_telemetry_says_stays_text() -> None:
    """No escape sequence, hidden letter, forged line, mention, link or command of CI (H06, H20)."""
    for start in range(0, len(TEXTS), 60):
        text = text_of(document_of(infested(report(bad(), quiet("api")), cycle(TEXTS[start : start + 60]))))
        ours = text.replace(REQUEST, "")
        assert not HIDDEN.search(ours.replace("\n", ""))
        assert not re.search(r"@\w|://|\[(?:skip|ci|no) |#\d", ours)
        assert not re.search(r"^\s*::", ours, re.MULTILINE)
        assert max(map(columns, text.splitlines())) <= WIDTH


@pytest.mark.parametrize("text", ["漢字" * 60, "a" * 500, "p95 99 % " * 40, "😀 " * 80, ""])
@pytest.mark.parametrize("width", [20, 78])
def test_wrapping_keeps_every_letter_and_the_width(text: str, width: int) -> None:
    """Letters of the Far East are two columns wide; what is longer than a line is broken inside."""
    lines = list(wrapped(text, width, "- ", "  "))
    assert all(cell_len(line) <= width for line in lines)
    assert lines[0].startswith("-")
    assert "".join("".join(lines).split()) == "-" + "".join(text.split())


def test_a_percent_sign_stays_with_its_figure() -> None:
    """A line that begins with it cannot be read."""
    assert list(wrapped("where 90 % is claimed", 9)) == ["where", "90 % is", "claimed"]


def test_money_keeps_its_sign() -> None:
    """Nothing makes a formula of a dollar here."""
    dollars = replace(quiet(), cost=replace(quiet().cost, currency="$"))
    assert "28.40 $ so far this month" in text_of(document_of(report(dollars)))
    assert plain("¤ 5") == "$ 5"
