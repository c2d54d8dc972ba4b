"""Tones for somebody who sees no colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Tone

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNS: Mapping[Tone, str] = {Tone.PLAIN: "", Tone.GOOD: "✓", Tone.WATCH: "!", Tone.BAD: "✗"}
WORDS: Mapping[Tone, str] = {Tone.PLAIN: "", Tone.GOOD: "good", Tone.WATCH: "worth a look", Tone.BAD: "bad"}

SIMULATED = "Simulated: these are the figures of a service that is made up, not of one of yours."


def signed_text(tone: Tone, text: str) -> str:
    """The text behind the sign of its tone."""
    return f"{SIGNS[tone]} {text}" if SIGNS[tone] else text
