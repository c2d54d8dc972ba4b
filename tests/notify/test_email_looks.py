"""How a letter looks: pictures at their own size, options in one piece, and tables that a phone can show."""

from __future__ import annotations

import doctest
import re
from dataclasses import replace

import pytest
from messages import DOCUMENT, MORNING, png

import ai_ops.domain.quoted
import ai_ops.notify.email.picture_width
from ai_ops.domain.document import Cell, Figure, Paragraph, Section, Table
from ai_ops.domain.message import Picture
from ai_ops.notify.email.html import mail_html
from ai_ops.notify.email.picture_width import shown_width


def page_of(*blocks: Paragraph | Table | Figure, **pictures: bytes) -> str:
    """The HTML of a letter whose only section has these blocks."""
    document = replace(DOCUMENT, sections=(Section("s", "s", blocks),))
    shown = tuple(Picture(name, name, data) for name, data in pictures.items())
    return mail_html(
        replace(MORNING, document=document, pictures=shown), {name: f"cid:{name}" for name in pictures}, str
    )


@pytest.mark.parametrize(("drawn", "shown"), [(808, 404), (1840, 640), (1, 1)])
def test_a_picture_is_as_wide_as_it_was_drawn_for(drawn: int, shown: int) -> None:
    """Drawn at twice its size, and never wider than the letter: else its words would outshout the headline."""
    page = page_of(Figure("cost", "Cost", "rises"), cost=png(size=drawn))
    assert f'<img src="cid:cost" width="{shown}"' in page
    assert f"max-width:{shown}px" in page


@pytest.mark.parametrize("data", [b"", b"GIF89a", png()[:18], b"\x89PNG\r\n\x1a\n" + b"\xff" * 30])
def test_what_is_no_picture_of_ours_gets_the_room_that_there_is(data: bytes) -> None:
    """A letter is never lost over a picture."""
    assert shown_width(data, 640) == 640


def test_an_option_stays_in_one_piece() -> None:
    """Nobody runs `history -` because a line ended there."""
    page = page_of(Paragraph("run `neuropilot history --service web --last 28`"))
    assert re.findall(r"<span[^>]*nowrap[^>]*>(.*?)</span>", page) == ["--service", "--last"]
    long = page_of(Paragraph(f"run `neuropilot --{'x' * 900}`"))
    assert "nowrap" not in long


def test_a_table_of_pairs_needs_no_head_and_a_wide_one_can_be_moved_by_keys() -> None:
    """A phone is narrower than five columns."""

    def table(columns: int) -> str:
        return page_of(Table("What it is", ("name",) * columns, ((Cell("x"),) * columns,)))

    assert ["<thead>" in table(columns) for columns in (2, 3, 5)] == [False, True, True]
    assert ['tabindex="0" role="region" aria-label="What it is"' in table(columns) for columns in (2, 3, 5)] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("module", [ai_ops.domain.quoted, ai_ops.notify.email.picture_width])
def test_its_examples_are_true(module: object) -> None:
    """They are read first."""
    assert doctest.testmod(module).attempted >= 1  # type: ignore[arg-type]
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
