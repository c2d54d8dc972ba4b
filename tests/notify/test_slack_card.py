"""A card fits Slack's limits and carries nothing that Slack would act upon."""

from __future__ import annotations

import json
import re

import pytest
import slackblocks
from fakes.slack import fault_of
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.message import Message
from ai_ops.notify.slack_blocks import BYTES_MAX, wire_size
from ai_ops.notify.slack_card import card_for

nasty_text = st.one_of(
    st.text(st.characters(codec=None), max_size=300),  # half surrogates included
    st.sampled_from(["&" * 4000, "<!channel>" * 500, "😀" * 3000, '"\\\n' * 900, "@here", "<@U123>", ""]),
)
messages = st.builds(
    Message,
    key=nasty_text,
    title=nasty_text,
    facts=st.lists(st.tuples(nasty_text, nasty_text), max_size=30).map(tuple),
    lines=st.lists(nasty_text, max_size=30).map(tuple),
    is_simulated=st.booleans(),
    review_url=nasty_text,
)


def unchanged(text: str) -> str:
    """Redact nothing."""
    return text


def texts_of(card: dict) -> list[str]:
    """Every text that Slack would show, the fallback first."""
    found = [card["text"]]
    for block in card["blocks"]:
        parts = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
        found += [part["text"] for part in parts if part]
    return found


def a_message(**changes: object) -> Message:
    """Make a plain message, changed where a test cares."""
    plain = {"key": "web-1", "title": "web: hold", "facts": (("CPU", "47 %"),), "lines": ("all is calm",)}
    return Message(**{**plain, **changes})


@given(messages)
def test_any_message_becomes_a_card_that_slack_takes(message: Message) -> None:
    """Truncating never fails: whatever telemetry says, the card stays within every limit (S001-32)."""
    card = card_for(message, unchanged)
    assert fault_of(card) is None
    assert wire_size(card) <= BYTES_MAX < 10_000


@given(messages)
def test_no_text_can_mention_link_or_command(message: Message) -> None:
    """Nothing in angle brackets and no @ before a word survives, in the card and in the fallback (H20)."""
    for text in texts_of(card_for(message, unchanged)):
        assert "<" not in text
        assert ">" not in text
        assert not re.search(r"@(?![\u200b…])\S", text)
        assert not re.search(r"&(?!amp;|lt;|gt;)", text)


@given(messages)
def test_the_oracle_agrees(message: Message) -> None:
    """An independent implementation of Slack's rules accepts the same texts."""
    card = card_for(message, unchanged)
    rebuilt = []
    for block in card["blocks"]:
        match block:
            case {"type": "header", "text": {"text": text}}:
                rebuilt.append(slackblocks.HeaderBlock(slackblocks.PlainText(text)))
            case {"type": "section", "fields": fields}:
                rebuilt.append(slackblocks.SectionBlock(fields=[slackblocks.Markdown(item["text"]) for item in fields]))
            case {"type": "section", "text": {"text": text}}:
                rebuilt.append(slackblocks.SectionBlock(slackblocks.Markdown(text)))
            case {"type": "context", "elements": elements}:
                rebuilt.append(slackblocks.ContextBlock([slackblocks.Markdown(item["text"]) for item in elements]))
    message_form = slackblocks.WebhookMessage(text=card["text"], blocks=rebuilt).to_dict()
    assert len(message_form["blocks"]) == len(card["blocks"])


@pytest.mark.parametrize("attack", ["<!channel>", "<!here|x>", "<@U012AB3CD>", "@here", "<http://evil.example|click>"])
def test_mentions_and_links_are_shown_as_text(attack: str) -> None:
    """A label from a metric cannot wake a whole channel (H20)."""
    shown = json.dumps(card_for(a_message(title=attack, lines=(attack,), facts=((attack, attack),)), unchanged))
    assert attack not in shown
    assert "@here" not in shown


def test_secrets_are_taken_out_before_anything_is_cut() -> None:
    """Half a secret would no longer be recognised as one (H09)."""
    secret = "canary-" + "s" * 40
    message = a_message(title="x" * 130 + secret, lines=("y" * 2990 + secret, secret), facts=((secret, secret),))
    card = card_for(message, lambda text: text.replace(secret, "[secret]"))
    assert "canary-sss" not in json.dumps(card)


def test_simulated_figures_say_so_everywhere() -> None:
    """Nobody may take a simulated figure for a real one, not even where a long title is cut."""
    card = card_for(a_message(title="t" * 500, is_simulated=True), unchanged)
    assert "(simulated)" in card["text"]
    assert "(simulated)" in card["blocks"][0]["text"]["text"]


def test_facts_beyond_ten_become_lines() -> None:
    """Slack shows ten fields; the others are not lost."""
    card = card_for(a_message(facts=tuple((f"fact {n}", str(n)) for n in range(12))), unchanged)
    assert "fact 11: 11" in card["blocks"][2]["text"]["text"]


def test_a_short_card_is_not_cut() -> None:
    """What fits is shown whole, and in reading order."""
    card = card_for(a_message(), unchanged)
    assert texts_of(card) == [
        "web: hold\nCPU: 47 %\nall is calm",
        "web: hold",
        "*CPU*\n47 %",
        "• all is calm",
        "NeuroPilot web-1",
    ]


def test_characters_that_turn_the_text_around_are_dropped() -> None:
    """A card reads in the order in which it was written."""
    card = card_for(a_message(lines=("safe \u202egnihtyreve\u202c\x07",)), unchanged)
    assert "• safe gnihtyreve" in texts_of(card)


def test_slack_fetches_no_address_from_a_card() -> None:
    """An address in telemetry is text, not something for Slack to open."""
    card = card_for(a_message(), unchanged)
    assert card["unfurl_links"] is False
    assert card["unfurl_media"] is False


def test_a_pull_request_is_one_click_away():
    """Whoever reads the card in the morning decides from there."""
    card = card_for(a_message(review_url="https://github.com/acme/shop/pull/12"), unchanged)
    assert "<https://github.com/acme/shop/pull/12|Review the pull request>" in texts_of(card)
    assert fault_of(card) is None


@pytest.mark.parametrize(
    "address", ["", "javascript:alert(1)", "https://x|<!channel>", "https://x/ y", "https://x/?a=b"]
)
def test_nothing_else_becomes_a_link(address):
    """An address that could end the link, or is none, is left out (H20)."""
    assert not any(
        "Review the pull request" in text for text in texts_of(card_for(a_message(review_url=address), unchanged))
    )
