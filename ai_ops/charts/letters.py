"""How much room words take: nothing measures a text before it is drawn."""

from __future__ import annotations

_NARROW, _WIDE = frozenset("fijlrt .,:;'|()"), frozenset("mwMW%@")
"""Letters whose width is far from the others', in the font of the charts."""

_SHARES = 0.283, 0.558, 0.783
"""Width of a narrow letter, any other and a wide one, as a share of the size of the letters."""

BOLD = 1.08


def width_of(text: str, size: float = 12.0) -> float:
    """Pixels that `text` takes in letters of `size` pixels, within a few percent.

    >>> round(width_of("fit"), 1), round(width_of("mouse"), 1)
    (10.2, 36.2)
    """
    narrow, usual, wide = (size * share for share in _SHARES)
    return sum(narrow if letter in _NARROW else wide if letter in _WIDE else usual for letter in text)


def wrapped(text: str, room: float, size: float = 12.0) -> list[str]:
    """Break `text` into lines of at most `room` pixels: between words, and within a word that is longer than a line.

    >>> wrapped("two words", 40.0)
    ['two', 'words']
    """
    lines = [""]
    for piece in (piece for word in text.split() for piece in _pieces(word, room, size)):
        longer = f"{lines[-1]} {piece}".lstrip()
        if lines[-1] and width_of(longer, size) > room:
            lines.append(piece)
        else:
            lines[-1] = longer
    return lines


def _pieces(word: str, room: float, size: float) -> list[str]:
    """The word, cut wherever a line ends."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and width_of(pieces[-1] + letter, size) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces
