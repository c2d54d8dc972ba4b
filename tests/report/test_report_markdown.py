"""The page as Markdown: nothing of it acts, and every figure leads to what it rests on."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import cycle
from typing import TYPE_CHECKING

import cmarkgfm
import pytest
from hostile import hostile
from html_pages import read_page
from inertness import ACTIVE_ANYWHERE, complaints
from reports import bad, first, infested, quiet, report, several

from ai_ops.domain.document import Cell, Document, Section, Table, Tone
from ai_ops.domain.message import MessageKind
from ai_ops.report.pages.document import document_of
from ai_ops.report.renderings.markdown import markdown_of
from ai_ops.report.renderings.summary import MOST_BYTES, MOST_ROWS, summary_of

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUEST = "https://github.com/acme/shop/pull/12"
PICTURE = "https://raw.githubusercontent.com/acme/shop/state/web-cost.png"
REPORTS = {"quiet": report(quiet()), "bad": report(bad()), "first": report(first()), "five": several(5)}

TEXTS = [text for name, text in hostile().items() if name != "long: word in colons"]
"""But for one that would be a picture if any had a name so long."""

CHUNK = 60


def hostile_documents() -> Iterator[Document]:
    """Pages in which every foreign word is hostile."""
    for start in range(0, len(TEXTS), CHUNK):
        yield document_of(infested(report(bad(), quiet("api")), cycle(TEXTS[start : start + CHUNK])))


def anchors(markdown: str) -> list[str]:
    """What GitHub calls the headings of a text: small letters, hyphens for blanks, no punctuation."""
    titles = [title for _, title in read_page(as_html(markdown)).headings]
    return [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]


def as_html(markdown: str) -> str:
    """What GitHub's own parser makes of it."""
    html = cmarkgfm.github_flavored_markdown_to_html(markdown)
    assert "raw HTML omitted" not in html
    return re.sub(r"<(br|img[^>]*|hr) />", r"<\1>", html)


@pytest.mark.parametrize("name", REPORTS)
def test_every_link_leads_to_an_entry_of_the_appendix(name: str) -> None:
    """Each figure can be worked out again (H45); the only other address is that of the pull request."""
    markdown = markdown_of(document_of(REPORTS[name]))
    targets = {one["href"] for one in read_page(as_html(markdown)).all("a")}
    inside = {one.removeprefix("#") for one in targets if one.startswith("#")}
    assert inside
    assert inside <= set(anchors(markdown))
    assert targets - {f"#{one}" for one in inside} <= {REQUEST}


def test_it_reads_as_headings_tables_and_lists() -> None:
    """A title, the verdict in bold, then sections of one level; services above theirs where there are several."""
    levels = [level for level, _ in read_page(as_html(markdown_of(document_of(report(bad()))))).headings]
    assert levels[0] == 1
    assert set(levels[1:]) == {2, 3}
    several_levels = [
        title for level, title in read_page(as_html(markdown_of(document_of(several(5))))).headings if level == 2
    ]
    assert several_levels == ["Needs a person", "All services", "api", "jobs", "web", "search", "mail", "Evidence"]
    html = as_html(markdown_of(document_of(report(bad()))))
    assert "<strong>✗ web broke its promise" in html
    assert html.count("<table>") > 5


def test_a_picture_with_an_address_is_shown_and_one_without_is_drawn_as_bars() -> None:
    """Hosts draw Mermaid; a picture without either is left out, for its figures stand beside it."""
    document = document_of(report(bad()))
    assert PICTURE not in markdown_of(document)
    assert "```mermaid" in markdown_of(document)
    shown = markdown_of(document, {"web-cost": PICTURE})
    (image,) = read_page(as_html(shown)).all("img")
    assert image["src"] == PICTURE
    assert "38.20 EUR so far this month" in image["alt"]
    assert shown.count("```mermaid") == markdown_of(document).count("```mermaid") - 1


def test_whatever_telemetry_says_stays_text() -> None:
    """No mention, reference, link, HTML or switch of CI in any field of any section (H06, H20)."""
    for document in hostile_documents():
        for markdown in (markdown_of(document, {"web-cost": PICTURE}), summary_of(document)):
            html = as_html(markdown)
            page = read_page(html)
            links = {one["href"] for one in page.all("a")}
            assert {one for one in links if not re.fullmatch(r"#evidence-\d+", one)} <= {REQUEST}
            assert {one["src"] for one in page.all("img")} <= {PICTURE}
            ours = re.sub(r"\]\(#evidence-\d+\)", "](ours)", markdown).replace(f"]({REQUEST})", "](ours)")
            assert set(complaints(ours, frozenset({PICTURE}))) <= {"a link to ours"}
            for name, pattern in ACTIVE_ANYWHERE:
                assert not pattern.search(page.text), name


def test_names_and_commands_are_set_as_such() -> None:
    """What stands between backticks in a sentence of ours; more is not understood of a text."""
    told = replace(quiet(), needs=(), headline="`max_instances` is *reached*; see `neuropilot explain web-1`")
    html = as_html(markdown_of(document_of(report(told))))
    assert (
        "<strong>✓ <code>max_instances</code> is *reached*; see <code>neuropilot explain web-1</code></strong>" in html
    )


def test_a_link_of_a_cell_must_be_a_plain_address() -> None:
    """Nothing in an address may end the link before its end."""
    for address in (
        "https://a.example/x)[y](z",
        "javascript:alert(1)",
        'https://a.example/"x',
        "https://a.example/<b>",
    ):
        table = Table("t", ("what", "why"), ((Cell("a"), Cell("open", link=address)),))
        page = Document("t", "s", "h", "w", "a", Tone.PLAIN, False, (Section("x", "X", (table,)),))  # noqa: FBT003
        assert not read_page(as_html(markdown_of(page))).all("a")


def test_a_simulated_service_is_called_one() -> None:
    """Nobody may take these figures for theirs (S001-17)."""
    assert "Simulated" not in markdown_of(document_of(report(quiet())))
    simulated = document_of(report(replace(quiet(), is_simulated=True)))
    assert "made up" in markdown_of(simulated)
    assert "made up" in summary_of(simulated)


def test_the_summary_of_one_service_holds_every_section_but_the_appendix() -> None:
    """One screenful of CI run with the bars drawn, and no link that would lead nowhere."""
    document = document_of(report(bad()))
    summary = summary_of(document)
    titles = [title for _, title in read_page(as_html(summary)).headings]
    assert titles == [document.title, *(one.title for one in document.sections)]
    assert "#evidence" not in summary
    assert "```mermaid" in summary
    assert "Left out" not in summary


def test_the_summary_of_five_hundred_services_stays_small() -> None:
    """Tables end with a count; sections without room are named (S001-34)."""
    summary = summary_of(document_of(several(500)))
    assert len(summary.encode()) < MOST_BYTES
    assert f"And {500 - MOST_ROWS} more." in summary
    assert "```mermaid" not in summary


def test_sections_without_room_are_left_out_whole_and_named() -> None:
    """Half a section is worse than none."""
    services = (bad(name) for name in ("web", "api", "jobs", "mail"))
    document = document_of(infested(report(*services), cycle(["all work and no play " * 40])))
    summary = summary_of(document)
    assert len(summary.encode()) <= MOST_BYTES
    (note,) = re.findall(r"Left out, because .*", summary)
    kept = [title for _, title in read_page(as_html(summary)).headings]
    whole = [title for _, title in read_page(as_html(markdown_of(document))).headings]
    assert 10 < len(kept) < len(whole)
    assert kept == whole[: len(kept)]  # nothing further down takes the place of what comes first
    assert f"too long: {whole[len(kept)]} of " in note


@pytest.mark.parametrize("kind", [MessageKind.DAILY_REPORT, MessageKind.WEEKLY_BRIEF])
def test_the_same_page_gives_the_same_bytes(kind: MessageKind) -> None:
    """A commit of it shows what changed, and nothing else."""
    one, other = (markdown_of(document_of(report(bad(), kind=kind))) for _ in range(2))
    assert one == other
    assert not re.search(r"[ \t]+$", one, re.MULTILINE)
