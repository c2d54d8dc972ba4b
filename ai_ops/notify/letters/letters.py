"""Text as services measure it that count in units of UTF-16, cut between letters and never inside of one."""

from __future__ import annotations

import unicodedata

_LOOK_BACK = 200
_JOINER = "\u200d"
_REGIONAL = range(0x1F1E6, 0x1F200)  # two of these make a flag
_TONES_OF_SKIN = range(0x1F3FB, 0x1F400)
_JAMO = range(0x1100, 0x1200)


def units(text: str) -> int:
    """Length of a text; most pictures count as two.

    >>> units("ab"), units("🙂")
    (2, 2)
    """
    return len(text) + sum(char > "\uffff" for char in text)


def cut(text: str, longest: int) -> str:
    """At most `longest` units, an ellipsis at the cut."""
    if len(text) <= longest and units(text) <= longest:
        return text
    return text[: _break(text, longest - 1)].rstrip() + "…"


def pieces(text: str, longest: int) -> list[str]:
    """The text in parts of at most `longest` units, cut behind a space where there is one near; no part is empty."""
    found = []
    while units(text) > longest:
        end = _break(text, longest)
        found.append(text[:end])
        text = text[end:]
    return [*found, text] if text else found


def _break(text: str, longest: int) -> int:
    """Where to cut so that at most `longest` units come before: at least 1."""
    end = longest
    while (excess := units(text[:end]) - longest) > 0:
        end -= (excess + 1) // 2
    whole = next((at for at in range(end, max(0, end - _LOOK_BACK), -1) if _is_between_letters(text, at)), end)
    space = text.rfind(" ", max(0, whole - _LOOK_BACK), whole) + 1
    return max(1, space if space and _is_between_letters(text, space) else whole)


def _is_between_letters(text: str, at: int) -> bool:
    """Whether no letter, accent, picture or flag is torn apart by a cut before `text[at]`."""
    before, after = text[at - 1], text[at]
    is_mark = unicodedata.category(after)[0] == "M" or ord(after) in _TONES_OF_SKIN
    is_syllable = ord(before) in _JAMO and ord(after) in _JAMO
    return not (is_mark or is_syllable or _JOINER in (before, after) or _is_inside_flag(text, at))


def _is_inside_flag(text: str, at: int) -> bool:
    start = at
    while start and ord(text[start - 1]) in _REGIONAL:
        start -= 1
    return ord(text[at]) in _REGIONAL and (at - start) % 2 == 1
