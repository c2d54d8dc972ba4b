"""Cutting text that is measured in units of UTF-16, between letters."""

from __future__ import annotations

import regex
from hypothesis import example, given
from hypothesis import strategies as st

from ai_ops.notify.letters.letters import cut, pieces, units

FLAGS, FAMILY, THUMB = "🇩🇪🇫🇷🇬🇧🇮🇹🇪🇸", "👨\u200d👩\u200d👧\u200d👦", "👍🏽"
texts = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(["a", " ", "e\u0301", "한", "\u1112\u1161", FLAGS, FAMILY, THUMB])).map("".join),
)


@given(texts, st.integers(40, 80))
@example(FLAGS * 9, 41)
@example(FAMILY * 9, 41)
@example((THUMB + " ") * 30, 43)
def test_no_letter_picture_or_flag_is_torn_apart(text: str, longest: int) -> None:
    """What a reader takes for one sign stays one, by Unicode's own rules for such clusters."""
    boundaries, at = {0}, 0
    for cluster in regex.findall(r"\X", text):
        at += len(cluster)
        boundaries.add(at)
    found = pieces(text, longest)
    ends = {len("".join(found[: number + 1])) for number in range(len(found))}
    assert "".join(found) == text
    assert all(0 < units(piece) <= longest for piece in found)
    assert ends <= boundaries


@given(st.text(st.characters(codec="utf-8"), max_size=80), st.integers(3, 30))
def test_no_text_is_longer_than_it_may_be(text: str, longest: int) -> None:
    """Notion counts as JavaScript does: a character beyond the first 65,536 counts twice."""
    shorter = cut(text, longest)
    assert len(shorter.encode("utf-16-le")) // 2 <= longest
    assert shorter == text or shorter.endswith("…")
    assert "".join(pieces(text, longest)) == text


def test_a_cut_falls_between_words_where_it_can() -> None:
    """A sentence in two items reads as one."""
    assert pieces("one two three four", 10) == ["one two ", "three four"]


def test_a_tower_of_accents_is_cut_all_the_same() -> None:
    """A limit is a limit, whatever somebody piles up on one letter."""
    tower = "e" + "\u0301" * 5000
    assert all(units(piece) <= 2000 for piece in pieces(tower, 2000))
