"""What a Slack card shows, and whether an independent implementation of Slack's rules takes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import slackblocks

if TYPE_CHECKING:
    from collections.abc import Mapping

OUR_LINK = re.compile(
    r"<https?://[^<>|\s]+\|(?:Read the whole report|Read more|Review the pull request|open it on [\w.-]+)>"
)
HIDDEN_FROM_SLACK = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]")
_ALIVE = (
    ("something in angle brackets", re.compile("[<>]")),
    ("a mention", re.compile(r"@(?![\u200b…])\S")),
    ("an entity that is none", re.compile(r"&(?!amp;|lt;|gt;)")),
    ("a fence", re.compile("```")),
    ("something hidden", HIDDEN_FROM_SLACK),
)


def texts_of(card: Mapping[str, Any]) -> list[str]:
    """Every text that Slack would show, the fallback first."""
    found = [card["text"]]
    for block in card["blocks"]:
        parts = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
        found += [part["text"] for part in parts if part]
    return found


def alive_in(card: Mapping[str, Any]) -> list[str]:
    """What Slack would act upon in a card, apart from our own links; the fallback must not even have those."""
    fallback, *shown = texts_of(card)
    texts = [fallback, *(OUR_LINK.sub("", text) for text in shown)]
    return [f"{name}: {text[:80]!r}" for text in texts for name, pattern in _ALIVE if pattern.search(text)]


def taken_by_the_oracle(card: Mapping[str, Any]) -> int:
    """Build the same card with slackblocks, which raises for what Slack would refuse; return its number of blocks."""
    rebuilt = [_rebuilt(block) for block in card["blocks"]]
    return len(slackblocks.WebhookMessage(text=card["text"], blocks=rebuilt).to_dict()["blocks"])


def _rebuilt(block: Mapping[str, Any]) -> slackblocks.Block:
    match block:
        case {"type": "header", "text": {"text": text}}:
            return slackblocks.HeaderBlock(slackblocks.PlainText(text))
        case {"type": "section", "fields": fields}:
            return slackblocks.SectionBlock(fields=[slackblocks.Markdown(item["text"]) for item in fields])
        case {"type": "section", "text": {"text": text}}:
            return slackblocks.SectionBlock(slackblocks.Markdown(text))
        case {"type": "context", "elements": elements}:
            return slackblocks.ContextBlock([slackblocks.Markdown(item["text"]) for item in elements])
    message = f"a block that no card has: {block['type']}"
    raise AssertionError(message)
