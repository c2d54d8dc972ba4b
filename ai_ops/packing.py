"""Columns of whole numbers as one small file: a line that says what it is and its checksum, then packed bytes.

    neuropilot-columns 1 3f9c…e1        SHA-256 of what follows, inflated
    <zlib stream of:>
    {"columns": {"cpu_percent": [20160, 2], …}, "header": {…}}        canonical JSON: values and bytes a value by name
    <bytes of the columns in their sorted order>

A column is written as differences, signs folded into the lowest bit, least significant bytes of all values first: slow
numbers then repeat themselves, and zlib finds it. The checksum covers the content and not the way it was packed, so the
same content has the same checksum with every release of zlib, and has one without being packed at all (`digest`).
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
INFLATED_MAX_BYTES = 64 * 1024**2
"""More than the columns of any service; a small file that becomes more is not ours."""

_NAME = b"neuropilot-columns"
_LEVEL = 9
_BYTES_MAX = 8
_FORMLESS = (AttributeError, KeyError, RecursionError, TypeError, ValueError)
"""What reading JSON of any other shape ends in."""


class NotPacked(ValueError):
    """These bytes are not what `packed` wrote; the text says how."""


@dataclass(frozen=True, slots=True, eq=False)
class Unpacked:
    """What a file holds.

    Parameters
    ----------
    header
        The JSON object that was packed beside the columns.
    columns
        By name, int64.
    digest
        SHA-256 of all of it, as `digest` gives it.
    """

    header: Mapping[str, Any]
    columns: Mapping[str, np.ndarray]
    digest: str


def packed(header: Mapping[str, Any], columns: Mapping[str, np.ndarray]) -> bytes:
    """Write `header`, which JSON can say, and `columns` of whole numbers.

    Raises
    ------
    ValueError
        For what JSON cannot say, such as NaN.
    """
    content = _content(header, columns)
    return b"%s %d %s\n" % (_NAME, VERSION, sha256(content).hexdigest().encode()) + zlib.compress(content, _LEVEL)


def digest(header: Mapping[str, Any], columns: Mapping[str, np.ndarray]) -> str:
    """Give the checksum that the file would have, as 64 hexadecimal digits."""
    return sha256(_content(header, columns)).hexdigest()


def unpacked(raw: bytes) -> Unpacked:
    """Read what `packed` wrote.

    Raises
    ------
    NotPacked
        When the bytes are anything else.
    """
    line, _, stream = raw.partition(b"\n")
    name, _, rest = line.partition(b" ")
    version, _, checksum = rest.partition(b" ")
    if name != _NAME:
        raise NotPacked("it is no file of columns")
    if version != str(VERSION).encode():
        raise NotPacked(f"it has version {version[:20].decode(errors='replace')}, and this agent reads {VERSION}")
    content = _inflated(stream)
    found = sha256(content).hexdigest()
    if found.encode() != checksum:
        raise NotPacked("its content does not match its checksum")
    try:
        return _read(content, found)
    except _FORMLESS as error:  # with a right checksum: somebody else's, or a defect of ours
        raise NotPacked(f"its content has another form ({error})") from error


def _inflated(stream: bytes) -> bytes:
    inflating = zlib.decompressobj()
    try:
        content = inflating.decompress(stream, INFLATED_MAX_BYTES)
    except zlib.error as error:
        raise NotPacked(f"it is damaged ({error})") from error
    if inflating.unconsumed_tail:
        raise NotPacked(f"it becomes more than {INFLATED_MAX_BYTES} bytes")
    if not inflating.eof or inflating.unused_data:
        raise NotPacked("it was cut off, or something was added to it")
    return content


def _content(header: Mapping[str, Any], columns: Mapping[str, np.ndarray]) -> bytes:
    folded = {name: _folded(column) for name, column in sorted(columns.items())}
    widths = {name: _width(numbers) for name, numbers in folded.items()}
    shapes = {name: [numbers.size, widths[name]] for name, numbers in folded.items()}
    form = {"columns": shapes, "header": dict(header)}
    text = json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return b"".join([text.encode(), b"\n", *(_planes(folded[name], widths[name]) for name in folded)])


def _read(content: bytes, checksum: str) -> Unpacked:
    text, _, rest = content.partition(b"\n")
    form = json.loads(text)
    columns, begin = dict[str, np.ndarray](), 0
    for name, (size, width) in sorted(form["columns"].items()):
        if not 0 < width <= _BYTES_MAX:
            raise ValueError(f"{width} bytes a value")
        end = begin + size * width
        columns[name], begin = _unfolded(_from_planes(rest[begin:end], size, width)), end
    if begin != len(rest):
        raise ValueError(f"{len(rest)} bytes of columns instead of {begin}")
    return Unpacked(dict(form["header"]), columns, checksum)


def _folded(column: np.ndarray) -> np.ndarray:
    """Differences of neighbours, the sign as the lowest bit; uint64. Overflow wraps, here and back."""
    steps: np.ndarray = np.diff(np.asarray(column, dtype=np.int64), prepend=np.int64(0))
    return np.asarray((steps << 1) ^ (steps >> 63)).view(np.uint64)


def _unfolded(numbers: np.ndarray) -> np.ndarray:
    steps = (numbers >> np.uint64(1)).view(np.int64) ^ -(numbers & np.uint64(1)).view(np.int64)
    return np.cumsum(steps, dtype=np.int64)


def _width(numbers: np.ndarray) -> int:
    """Bytes that the largest number needs."""
    return max(1, (int(numbers.max(initial=0)).bit_length() + 7) // 8)


def _planes(numbers: np.ndarray, width: int) -> bytes:
    return numbers.astype("<u8").view(np.uint8).reshape(-1, _BYTES_MAX)[:, :width].T.tobytes()


def _from_planes(raw: bytes, size: int, width: int) -> np.ndarray:
    planes = np.frombuffer(raw, dtype=np.uint8).reshape(width, size)
    whole = np.zeros((size, _BYTES_MAX), dtype=np.uint8)
    whole[:, :width] = planes.T
    return whole.reshape(-1).view("<u8").astype(np.uint64)
