"""How wide a picture is meant to be seen."""

from __future__ import annotations

import struct

DRAWN_PER_PIXEL = 2
"""Charts are drawn at twice their size, so that they are sharp on every screen."""

_BEFORE_WIDTH = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


def shown_width(png: bytes, widest: int) -> int:
    """Width in CSS pixels at which the letters of a picture have the size that they were drawn for.

    Parameters
    ----------
    png
        What is no PNG gets as much room as there is.
    widest
        Room that there is, in CSS pixels.

    >>> shown_width(_BEFORE_WIDTH + struct.pack(">I", 808), 640), shown_width(b"GIF89a", 640)
    (404, 640)
    """
    at = len(_BEFORE_WIDTH)
    if not png.startswith(_BEFORE_WIDTH) or len(png) < at + 4:
        return widest
    (drawn,) = struct.unpack_from(">I", png, at)
    return max(1, min(widest, int(drawn) // DRAWN_PER_PIXEL))
