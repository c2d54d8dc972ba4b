"""Blocks in portions that Notion takes with one request: 100 in an array, 1000 altogether, 500 KB."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ARRAY_MAX = 100
NESTED_MAX = 1000
BYTES_MAX = 400_000
"""Of the blocks; what stands around them is small beside what is left of the 500 KB."""

Block = dict[str, Any]


def batches(blocks: Iterable[Block], most: int = ARRAY_MAX, most_bytes: int = BYTES_MAX) -> Iterator[list[Block]]:
    """Portions in order, none of them empty.

    Parameters
    ----------
    blocks
        Each of them small enough to be sent alone.
    most, most_bytes
        Blocks of one portion without those inside of them, and its size.
    """
    batch: list[Block] = []
    room = (most, NESTED_MAX, most_bytes)
    for block in blocks:
        needs = (1, weight(block), size_bytes(block))
        if batch and any(left < need for left, need in zip(room, needs, strict=True)):
            yield batch
            batch, room = [], (most, NESTED_MAX, most_bytes)
        batch.append(block)
        room = (room[0] - needs[0], room[1] - needs[1], room[2] - needs[2])
    if batch:
        yield batch


def weight(block: Block) -> int:
    """How many blocks it is, those inside of it included."""
    return 1 + sum(weight(child) for child in block[block["type"]].get("children", ()))


def size_bytes(block: Block) -> int:
    """Its size on the wire, with the comma behind it."""
    return len(json.dumps(block, ensure_ascii=False, separators=(",", ":")).encode()) + 1
