"""A card fits Slack's limits and carries nothing that Slack would act upon."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from fakes.slack import fault_of
from hostile import hostile
from hypothesis import given
from hypothesis import strategies as st
from slack_cards import alive_in, taken_by_the_oracle, texts_of

from ai_ops.domain.message import Message, MessageKind
from ai_ops.notify.slack.blocks import BYTES_MAX, wire_size
from ai_ops.notify.slack.card import card_for

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
    assert alive_in(card_for(message, unchanged)) == []


@given(messages)
def test_the_oracle_agrees(message: Message) -> None:
    """An independent implementation of Slack's rules accepts the same texts."""
    card = card_for(message, unchanged)
    assert taken_by_the_oracle(card) == len(card["blocks"])


@pytest.mark.parametrize("text", hostile().values(), ids=hostile())
def test_nothing_hostile_is_alive_in_a_card(text: str) -> None:
    """Whatever somebody puts into a label, a reason or an address, it is shown as text (H20)."""
    card = card_for(
        a_message(key=text, title=text, facts=((text, text),) * 12, lines=(text, text), review_url=text, link=text),
        unchanged,
    )
    assert alive_in(card) == []
    assert fault_of(card) is None


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


def test_a_digest_loses_no_line_that_fits():
    """A night's messages go into as many sections as they need, and none is cut in the middle (S004-45)."""
    lines = tuple(f"web-{number}: the decision was to hold, for a reason of some length" for number in range(100))
    card = card_for(a_message(kind=MessageKind.DIGEST, lines=lines), unchanged)
    shown = "\n".join(texts_of(card)[1:])
    assert all(line in shown for line in lines)
    assert fault_of(card) is None


def test_a_digest_says_how_much_it_leaves_out():
    """A thousand lines have no room; whoever reads knows that there are more."""
    card = card_for(a_message(kind=MessageKind.DIGEST, lines=("all is calm and will stay calm",) * 1000), unchanged)
    shown = "\n".join(texts_of(card)[1:])
    told = shown.count("• all is calm and will stay calm")
    assert f"… {1000 - told} more" in shown
    assert told > 100


def test_a_test_is_labelled_as_one():
    """Nobody is alarmed by a message that only tries the channel."""
    card = card_for(a_message(kind=MessageKind.TEST, is_simulated=True), unchanged)
    assert card["text"].startswith("(test) (simulated) web: hold")
    assert texts_of(card)[1] == "(test) (simulated) web: hold"
    assert texts_of(card)[-1].startswith("(test) (simulated) NeuroPilot")


def test_the_small_print_says_when():
    """A card that came late says of what time it tells."""
    at = datetime(2026, 11, 20, 9, 17, tzinfo=UTC)
    assert texts_of(card_for(a_message(at=at), unchanged))[-1] == "NeuroPilot web-1 · 2026-11-20 09:17 UTC"


def test_a_text_cannot_frame_what_follows():
    """Two fences in two lines would turn everything between them into code (H20)."""
    card = card_for(a_message(lines=("```", "all is calm", "```")), unchanged)
    assert "```" not in json.dumps(card)
