"""Any message becomes blocks that Notion takes, and in which nothing foreign is alive."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from fakes.notion_rules import BYTES_MAX, check_children
from hostile import hostile
from hypothesis import given
from hypothesis import strategies as st
from reports import bad, quiet, report

from ai_ops.domain.document import (
    Bullets,
    Cell,
    Document,
    Evidence,
    Figure,
    Paragraph,
    Section,
    Table,
    Tone,
)
from ai_ops.domain.message import Message, Picture
from ai_ops.markdown import one_visible_line
from ai_ops.notify.notion.batches import batches, size_bytes, weight
from ai_ops.notify.notion.blocks import ROWS_MAX, paragraph
from ai_ops.notify.notion.page import BLOCKS_MAX, blocks_of
from ai_ops.notify.notion.text import rich_text
from ai_ops.report.pages.document import document_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PULL = "https://github.com/acme/shop/pull/7"


def a_document(*parts: Any, **changes: Any) -> Document:
    """A page with one section."""
    sections = (Section("one", "One", parts),)
    plain = Document("t", "Friday", "All is well", "because", "do nothing", Tone.GOOD, False, sections)  # noqa: FBT003
    return replace(plain, **changes)


def written(document: Document | None = None, uploads: Mapping[str, str] = {}, **changes: Any) -> list[dict[str, Any]]:
    """The blocks of a message."""
    return blocks_of(Message("k", "t", (), (), document=document, **changes), uploads, one_visible_line)


def items_in(blocks: Any) -> Iterator[dict[str, Any]]:
    """Every piece of rich text in some blocks."""
    if isinstance(blocks, dict):
        if blocks.get("type") == "text" and "text" in blocks:
            yield blocks
        for value in blocks.values():
            yield from items_in(value)
    elif isinstance(blocks, list):
        for value in blocks:
            yield from items_in(value)


def text_of(blocks: Any) -> str:
    """What a person reads."""
    return "".join(item["text"]["content"] for item in items_in(blocks))


def check(blocks: list[dict[str, Any]]) -> None:
    """Notion takes every request that the blocks are sent with."""
    for portion in batches(blocks):
        check_children(portion, {"u1": "uploaded"})
        assert len(json.dumps({"children": portion}, ensure_ascii=False).encode()) < BYTES_MAX
    assert [block for portion in batches(blocks) for block in portion] == blocks


nasty = st.one_of(
    st.text(max_size=100),
    st.text(st.characters(codec=None), max_size=20),
    st.sampled_from(
        [
            "😀" * 11_000,
            "e" + "\u0301" * 2500,
            "x" * 21_000,
            "https://evil.example",
            "`x` " * 80,
            "`x` " * 9 + "y" * 21_000,
            "",
            " ",
            "\ud800",
        ]
    ),
)
cells = st.builds(Cell, nasty, st.sampled_from(["", "e1", "no such"]), st.sampled_from(Tone), nasty)
parts = st.one_of(
    st.builds(Paragraph, nasty, st.sampled_from(["", "e1"]), st.sampled_from(Tone)),
    st.builds(Bullets, st.lists(cells, max_size=4).map(tuple)),
    st.builds(
        Table,
        nasty,
        st.lists(nasty, max_size=4).map(tuple),
        st.lists(st.lists(cells, max_size=5).map(tuple), max_size=4).map(tuple),
    ),
    st.builds(Figure, st.sampled_from(["u", "v"]), nasty, nasty),
)
sections = st.builds(Section, nasty, nasty, st.lists(parts, max_size=4).map(tuple), st.sampled_from(["", "a", "b"]))
evidence = st.builds(
    Evidence, st.just("e1"), nasty, nasty, st.lists(st.tuples(nasty, nasty), max_size=3).map(tuple), nasty, nasty
)
documents = st.builds(
    Document,
    nasty,
    nasty,
    nasty,
    nasty,
    nasty,
    st.sampled_from(Tone),
    st.booleans(),
    st.lists(sections, max_size=3).map(tuple),
    st.lists(evidence, max_size=1).map(tuple),
)
messages = st.builds(
    Message,
    nasty,
    nasty,
    st.lists(st.tuples(nasty, nasty), max_size=4).map(tuple),
    st.lists(nasty, max_size=4).map(tuple),
    is_simulated=st.booleans(),
    review_url=nasty,
    link=nasty,
    document=st.one_of(st.none(), documents),
    pictures=st.just((Picture("u", "alt", b""),)),
)


@given(messages)
def test_any_message_becomes_blocks_that_notion_takes(message: Message) -> None:
    """Lengths, counts, depth and size of every request, whatever telemetry says (S001-33)."""
    blocks = blocks_of(message, {"u": "u1"}, one_visible_line)
    assert blocks
    check(blocks)


def test_hostile_text_is_shown_and_does_nothing() -> None:
    """Each text of the corpus in every place: no link, no mention, nothing hidden (H20)."""
    for text in hostile().values():
        short = text[:3000]
        document = a_document(
            Paragraph(short, "e1"),
            Bullets((Cell(short),)),
            Table(short, (short,), ((Cell(short),),)),
            Figure("u", short, short),
            evidence=(Evidence("e1", short, short, ((short, short),), short, short),),
            headline=short,
        )
        blocks = written(document)
        check(blocks)
        assert not any("link" in item["text"] for item in items_in(blocks))
        shown = text_of(blocks).replace("\n", "")
        assert one_visible_line(shown).split() == shown.split()


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "https://user:pw@host/", "http://host/ x", "//host", "\u202ehttps://a"]
)
def test_only_plain_web_addresses_become_links(address: str) -> None:
    """A link leads where it says."""
    blocks = written(a_document(Bullets((Cell("x", link=address),))), link=address)
    assert not any("link" in item["text"] for item in items_in(blocks))


def test_our_own_links_lead_somewhere() -> None:
    """The pull request that waits, the whole report, and the addresses of cells."""
    document = a_document(Bullets((Cell("no. 7", link=PULL),)))
    blocks = written(document, review_url=PULL, link="https://ci.example/report?day=20261120")
    links = [item["text"]["link"]["url"] for item in items_in(blocks) if "link" in item["text"]]
    assert links == [PULL, "https://ci.example/report?day=20261120", PULL]


def test_the_verdict_comes_first() -> None:
    """Headline, why and action in a box of their tone, in colour and by a sign."""
    (box, *_) = written(a_document(Paragraph("p"), tone=Tone.BAD, headline="Too slow"))
    assert box["type"] == "callout"
    assert box["callout"]["color"] == "red_background"
    assert text_of(box) == "✗ Too slow\nbecause\nTo do: do nothing"


def test_every_figure_bears_the_number_of_its_evidence() -> None:
    """Whoever doubts a figure finds what it rests on (H45)."""
    found = Evidence("cost", "cost of web", "sum(cost)", (("hours", "24"),), "prometheus", "neuropilot explain x")
    blocks = written(a_document(Paragraph("5 EUR", "cost", Tone.WATCH), evidence=(found,)))
    assert any(text_of(block) == "! 5 EUR [1]" for block in blocks)
    toggle = blocks[-1]
    assert toggle["type"] == "toggle"
    assert text_of(toggle["toggle"]["rich_text"]) == "[1] cost of web"
    inside = [text_of(block) for block in toggle["toggle"]["children"]]
    assert inside == ["Formula: sum(cost)", "With: hours = 24", "From: prometheus", "See: neuropilot explain x"]


def test_a_long_table_goes_on_below_its_header() -> None:
    """A table of Notion's has a hundred rows at most; none is lost."""
    rows = tuple((Cell(f"row {number}"), Cell("x")) for number in range(250))
    found = [block["table"] for block in written(a_document(Table("c", ("a", "b"), rows))) if block["type"] == "table"]
    assert [len(table["children"]) for table in found] == [ROWS_MAX + 1, ROWS_MAX + 1, 250 - 2 * ROWS_MAX + 1]
    assert {text_of(table["children"][0]) for table in found} == {"ab"}
    names = [text_of(row["table_row"]["cells"][0]) for table in found for row in table["children"][1:]]
    assert names == [f"row {number}" for number in range(250)]


def test_a_table_of_large_cells_is_split_by_its_size() -> None:
    """Five hundred kilobytes are the limit of a request."""
    rows = tuple(tuple(Cell("漢" * 5000) for _ in range(40)) for _ in range(8))
    blocks = written(a_document(Table("c", tuple("h" * 40), rows)))
    check(blocks)
    assert sum(len(block["table"]["children"]) - 1 for block in blocks if block["type"] == "table") == 8


def test_a_long_paragraph_is_split_and_not_cut() -> None:
    """Two thousand units are the limit of one item, and a paragraph has several."""
    text = " ".join(f"word{number}" for number in range(900))
    blocks = written(a_document(Paragraph(text)))
    (found,) = [block for block in blocks if "word1 " in text_of(block)]
    assert text_of(found) == text
    assert len(found["paragraph"]["rich_text"]) > 3


def test_pictures_stand_where_the_document_places_them() -> None:
    """With what they show below them; one that could not be uploaded is told in words, and none is forgotten."""
    pictures = tuple(Picture(name, f"alt of {name}", b"") for name in ("a", "b", "extra"))
    document = a_document(Figure("a", "Costs", "they rose"), Figure("b", "Load", "it fell"))
    blocks = written(document, {"a": "u1", "extra": "u2"}, pictures=pictures)
    images = [block["image"] for block in blocks if block["type"] == "image"]
    assert [image["file_upload"]["id"] for image in images] == ["u1", "u2"]
    assert text_of(images[0]["caption"]) == "Costs. they rose"
    assert "Load. it fell" in [text_of(block) for block in blocks if block["type"] == "paragraph"]


def test_a_command_is_shown_as_one() -> None:
    """It can be copied, without the backticks that would be pasted with it."""
    (block,) = [
        one for one in written(a_document(Paragraph("run `neuropilot resume` now"))) if "resume" in text_of(one)
    ]
    assert text_of(block) == "run neuropilot resume now"
    codes = [item["text"]["content"] for item in items_in(block) if item.get("annotations", {}).get("code")]
    assert codes == ["neuropilot resume"]


def test_several_services_have_a_heading_each() -> None:
    """And one alone needs none."""
    one, both = document_of(report(quiet("web"))), document_of(report(quiet("web"), bad("api")))
    headings = [{text_of(block) for block in written(form) if block["type"] == "heading_1"} for form in (one, both)]
    assert headings == [set(), {"web", "api"}]


def test_a_page_that_never_ends_is_cut_and_says_so() -> None:
    """Nobody reads so far, and no message may take for ever."""
    blocks = written(a_document(Bullets((Cell("line"),) * 9000)))
    assert len(blocks) == BLOCKS_MAX
    assert "4004 more blocks are left out" in text_of(blocks[-1])


def test_a_portion_is_never_too_large() -> None:
    """A hundred blocks, a thousand with those inside, four hundred kilobytes."""
    table = written(a_document(Table("", ("a",), tuple((Cell("x"),) for _ in range(98)))))[-1]
    assert weight(table) == 100
    assert [len(portion) for portion in batches([table] * 25)] == [10, 10, 5]
    assert [len(portion) for portion in batches([paragraph(rich_text("x"))] * 250)] == [100, 100, 50]
    heavy = paragraph(rich_text("漢" * 20_000))
    assert size_bytes(heavy) > 60_000
    assert all(sum(map(size_bytes, portion)) <= 400_000 for portion in batches([heavy] * 20))
