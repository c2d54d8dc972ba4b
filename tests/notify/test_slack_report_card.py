"""A report as a Slack card: what a person reads over coffee, within every limit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from fakes.slack import fault_of
from hostile import hostile
from hypothesis import given
from hypothesis import strategies as st
from reports import REQUEST, bad, first, quiet, report, several
from slack_cards import alive_in, taken_by_the_oracle, texts_of

from ai_ops.domain.document import Bullets, Cell, Document, Paragraph, Section, Table, Tone
from ai_ops.domain.message import Message, MessageKind
from ai_ops.notify.slack.blocks import BYTES_MAX, wire_size
from ai_ops.notify.slack.card import card_for
from ai_ops.report.message.message import message_for
from ai_ops.report.pages.document import document_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.report.service_report import Report

PAGE = "https://acme.github.io/shop/daily_report_20261120.html"


def morning(told: Report, **changes: Any) -> Message:
    """The message of a report, changed where a test cares."""
    return replace(message_for(told, document_of(told), link=PAGE), **changes)


def shown_of(message: Message, redact: Callable[[str], str] = str) -> list[str]:
    """Every text of the card but the fallback."""
    return texts_of(card_for(message, redact))[1:]


def section_of(message: Message, heading: str) -> str:
    """The section below a heading."""
    (found,) = [text for text in shown_of(message) if text.startswith(f"*{heading}")]
    return found


def everywhere(text: str) -> Message:
    """A message that says the same in every place there is."""
    cell = Cell(text)
    leading = (cell, cell, Cell("open it on a.b", link=text))
    blocks = (Paragraph(text), Table(text, (text,) * 3, ((cell,) * 3, leading) * 6), Bullets((cell,) * 9))
    ids = ("needs", "web-trends", "web-recommendations")
    document = Document(
        title=text,
        subtitle=text,
        headline=f"{text}!",
        why=text,
        action=text,
        tone=Tone.BAD,
        is_simulated=True,
        sections=tuple(Section(name, text, blocks) for name in ids),
    )
    return Message(
        key=text,
        title=text,
        facts=((text, text),) * 14,
        lines=(text,) * 9,
        is_simulated=True,
        review_url=text,
        kind=MessageKind.DAILY_REPORT,
        document=document,
        link=text,
    )


@pytest.mark.parametrize(
    "told",
    [
        report(quiet()),
        report(bad()),
        report(first()),
        report(bad(), kind=MessageKind.WEEKLY_BRIEF),
        several(2),
        several(60),
    ],
    ids=["quiet", "bad", "first", "weekly", "two", "many"],
)
def test_every_report_becomes_a_card_that_slack_takes(told: Report) -> None:
    """Quiet or bad, known or not, one service or sixty (S001-32)."""
    card = card_for(morning(told), str)
    assert fault_of(card) is None
    assert alive_in(card) == []
    assert taken_by_the_oracle(card) == len(card["blocks"]) <= 9
    assert wire_size(card) <= BYTES_MAX


def test_the_card_is_read_from_the_verdict_down() -> None:
    """Headline, why, what to do, figures, who is needed, where it is going, where to read on (S001-25 to S001-31)."""
    headline, verdict, *figures, needs, advice, trends, links, small_print = shown_of(morning(report(quiet())))
    assert headline == "✅ web kept its promise: 99.98 % of requests were good."
    assert verdict.splitlines() == [
        "Health 66 of 100, and 78 % of the error budget of 30 days is left.",
        "*To do:* Review pull request 12: it would save 15.60 EUR a month.",
    ]
    assert 5 <= len(figures) <= 10
    assert figures[0].startswith("*Health*\n66")
    assert needs.startswith("*Needs you*\n1. ")
    assert advice.startswith("*Advice*\n• Scale down to save costs")
    assert any(line.startswith("p95 latency 160 ms ↗ ") for line in trends.splitlines())
    assert links == f"<{PAGE}|Read the whole report>   <{REQUEST}|Review the pull request>"
    assert "daily_report-20261120 · 2026-11-20 09:17 UTC" in small_print


def test_the_fallback_says_all_that_the_card_says() -> None:
    """Screen readers and notifications see nothing else: a link is its label, and nothing is marked up."""
    text = card_for(morning(report(bad())), str)["text"]
    assert text.startswith("web broke its promise")
    assert all(words in text for words in ("To do: Look at", "Health: 31", "Needs you", "neuropilot resume", "↗"))
    assert "open it on github.com" in text
    assert REQUEST not in text


def test_each_need_says_what_to_do_and_leads_there() -> None:
    """An address is a link, a command is shown as it is typed; three are shown at most."""
    needs = section_of(morning(report(bad())), "Needs you")
    assert f"    → <{REQUEST}|open it on github.com>" in needs.splitlines()
    assert "    → neuropilot resume" in needs.replace("`", "").splitlines()
    assert "\n3. " in needs
    assert "\n4. " not in needs


def test_nobody_is_needed_on_a_quiet_first_day() -> None:
    """No news is said as well, so that nobody wonders."""
    assert "Nothing needs a person." in section_of(morning(report(first())), "Needs you")


def test_of_many_services_the_worst_are_told_first() -> None:
    """A fleet gets a line for each of the worst, with a sign and words; the rest is counted."""
    lines = section_of(morning(several(60)), "All services").splitlines()
    assert lines[1].startswith("🛑 api: health 31")
    assert lines[-1] == "… 53 more in the report"
    assert len(lines) == 9


def test_a_report_of_a_simulated_service_says_so_in_its_first_words() -> None:
    """Nobody may take a made-up figure for a real one, not even on a locked phone (S001-32)."""
    card = card_for(morning(report(replace(quiet(), is_simulated=True))), str)
    assert card["text"].startswith("(simulated) ")
    assert texts_of(card)[1].startswith("✅ (simulated) ")
    assert texts_of(card)[-1].startswith("(simulated) ")


def test_another_title_does_not_hide_the_headline() -> None:
    """Whatever stands above the card, the verdict is in it."""
    verdict = shown_of(morning(report(quiet()), title="Good morning"))[1]
    assert verdict.startswith("*web kept its promise: 99.98 % of requests were good.*\n")


@pytest.mark.parametrize(
    "link", ["", "http://acme.example/page", "javascript:alert(1)", "https://u:p@acme.example/", "https://x|<!channel>"]
)
def test_only_plain_https_leads_to_the_report(link: str) -> None:
    """Anything else is left out, and the rest of the card stands (H20)."""
    assert not any("Read the whole report" in text for text in shown_of(morning(report(quiet()), link=link)))


def test_an_address_with_a_question_in_it_is_kept_whole() -> None:
    """A page may be found by its date."""
    (links,) = [
        text for text in shown_of(morning(report(quiet()), link=f"{PAGE}?date=20261120&tz=UTC")) if "whole" in text
    ]
    assert links.startswith(f"<{PAGE}?date=20261120&amp;tz=UTC|Read the whole report>")


def test_a_link_is_never_cut():
    """An address that would leave no room for the other one is left out as a whole."""
    review = "https://github.com/" + "a" * 480
    message = morning(report(quiet()), link=f"{PAGE}?" + "&" * 450, review_url=review)
    links = [text for text in shown_of(message) if text.startswith("<")]
    assert links == [f"<{review}|Review the pull request>"]


@pytest.mark.parametrize("text", hostile().values(), ids=hostile())
def test_nothing_hostile_is_alive_in_a_report(text: str) -> None:
    """Titles of pull requests, reasons of gaps and names come from anywhere; all are shown as text (H20)."""
    card = card_for(everywhere(text), str)
    assert alive_in(card) == []
    assert fault_of(card) is None


@given(
    st.one_of(
        st.text(st.characters(codec=None), max_size=300),
        st.sampled_from(
            [
                "&" * 4000,
                "😀" * 3000,
                f"{REQUEST}/" + "a" * 460,
                f"{REQUEST}?" + "&" * 470,
                '"\\\n' * 900,
                "`" * 700,
                "",
            ]
        ),
    )
)
def test_any_text_in_any_place_fits(text: str) -> None:
    """Cutting never fails, and never leaves half a link or half an entity."""
    card = card_for(everywhere(text), str)
    assert fault_of(card) is None
    assert alive_in(card) == []
    assert wire_size(card) <= BYTES_MAX
    assert taken_by_the_oracle(card) == len(card["blocks"])


def test_three_long_needs_with_long_addresses_keep_their_links() -> None:
    """What is too long is cut around the links, and an address that is too long is left out as a whole."""
    address = "https://github.com/acme/shop/pull/" + "1" * 200
    row = (Cell("&" * 900), Cell("w" * 900), Cell("open it on github.com", link=address))
    needs = Section("needs", "Needs", (Table("", ("what", "why", "what to do"), (row,) * 5), Paragraph("p" * 900)))
    message = everywhere("words")
    assert message.document is not None
    message = replace(message, document=replace(message.document, sections=(needs,)))
    text = section_of(message, "Needs you")
    assert text.count(f"<{address}|open it on github.com>") == 3
    too_long = replace(row[2], link=address + "1" * 200)
    needs = replace(needs, blocks=(Table("", (), ((*row[:2], too_long),)),))
    message = replace(message, document=replace(message.document, sections=(needs,)))
    assert "→ open it on github.com" in section_of(message, "Needs you")


def test_secrets_are_taken_out_before_anything_is_cut() -> None:
    """Half a secret would no longer be recognised as one (H09)."""
    secret = "canary-" + "s" * 40
    for before in ("", "x" * 130, "y" * 240, "z" * 2990):
        card = card_for(everywhere(before + secret), lambda text: text.replace(secret, "[secret]"))
        assert "canary-s" not in str(card)


def test_a_link_that_holds_a_secret_is_left_out() -> None:
    """A signed address is a key to the report; a masked one leads nowhere."""
    card = card_for(everywhere("https://acme.example/canary-7Q2mZ"), lambda text: text.replace("canary-7Q2mZ", "***"))
    assert "canary" not in str(card)
    assert "|Read" not in str(card)
