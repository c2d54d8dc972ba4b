"""The key of a chart, and how much room words take."""

from __future__ import annotations

import pytest

from ai_ops.charts.key import ABOVE_PLOT, BETWEEN_ROWS, Entry, key_rows
from ai_ops.charts.letters import width_of, wrapped

ENTRIES = [Entry("measured", "#12355b"), Entry("a week earlier", "#7d7d7d"), Entry("this report", "#dfecf7", "square")]


def test_a_key_that_fits_is_one_row():
    """Just above the plot, from the left to the right."""
    rows = key_rows(ENTRIES)
    assert {row["y"] for row in rows} == {-ABOVE_PLOT}
    assert sorted(row["x"] for row in rows) == [row["x"] for row in rows]


def test_a_key_that_does_not_fit_takes_another_row_above():
    """The last row stays where it is, so that nothing lies on the plot."""
    rows = key_rows(ENTRIES, room=220.0, above_plot=30.0, first=-34.0)
    assert [row["y"] for row in rows] == [-30.0 - BETWEEN_ROWS, -30.0 - BETWEEN_ROWS, -30.0]
    assert [rows[0]["x"], rows[2]["x"]] == [-34.0, -34.0]


def test_larger_letters_take_more_room():
    """Each entry begins where the one before it ends."""
    assert [row["x"] for row in key_rows(ENTRIES)] < [row["x"] for row in key_rows(ENTRIES, letters=13)]


def test_an_entry_that_is_too_long_for_any_row_is_alone_in_it():
    """It is not moved further and further."""
    rows = key_rows([Entry("x" * 90, "#000000"), *ENTRIES[:1]], room=200.0)
    assert [row["y"] for row in rows] == [-ABOVE_PLOT - BETWEEN_ROWS, -ABOVE_PLOT]


def test_words_are_as_wide_as_the_renderer_draws_them():
    """Measured by Chromium in Liberation Sans at 12 pixels; a few percent do not matter."""
    drawn = {
        "measured": 53.4,
        "alarm, critical": 70.7,
        "mean 182, +12 % in a week": 148.4,
        "Fri 13 Nov 10:10 to Fri 20 Nov 10:10": 194.1,
    }
    assert {text: width_of(text) for text in drawn} == pytest.approx(drawn, rel=0.05)


def test_a_long_title_is_broken_between_words():
    """Nothing is cut off, and no line is wider than there is room."""
    text = "checkout-eu-west-1: the error budget is spent, and 6887 % more (simulated)"
    lines = wrapped(text, 300.0, 16.0)
    assert " ".join(lines) == text
    assert len(lines) == 2
    assert all(width_of(line, 16.0) <= 300.0 for line in lines)
    assert wrapped("", 100.0) == [""]


def test_a_name_that_is_longer_than_a_line_is_cut_where_the_line_ends():
    """Else the picture would be as wide as the name, and its letters too small to read."""
    lines = wrapped(f"{'a-very-long-name-' * 6}: no alarm", 300.0, 16.0)
    assert "".join(lines).startswith("a-very-long-name-a-very-long-name-")
    assert all(width_of(line, 16.0) <= 300.0 for line in lines)
