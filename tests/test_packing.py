"""Columns in a file: small, checked, and never taken for what they are not."""

from __future__ import annotations

import zlib
from contextlib import suppress
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.packing import INFLATED_MAX_BYTES, NotPacked, digest, packed, unpacked

NUMBERS = st.lists(st.integers(-(2**63), 2**63 - 1), max_size=30).map(lambda one: np.array(one, dtype=np.int64))
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
COLUMNS = {"a": np.array([5, 7, 7, -3]), "b": np.arange(2000)}
WHOLE = packed({"kind": "test"}, COLUMNS)


@given(st.dictionaries(TEXT, NUMBERS, max_size=4), JSON)
def test_what_was_packed_comes_back(columns, extra):
    """Every whole number of 64 bits, in columns of any length, with whatever JSON stands beside them."""
    header = {"extra": extra}
    back = unpacked(packed(header, columns))
    assert back.header == header
    assert back.columns.keys() == columns.keys()
    for name, column in columns.items():
        np.testing.assert_array_equal(back.columns[name], column)
    assert back.digest == digest(header, columns)


def test_the_digest_is_of_the_content_and_not_of_its_order():
    """The same content has the same digest, whoever wrote it in whatever order, and with whatever zlib."""
    turned = dict(reversed(COLUMNS.items()))
    assert digest({"x": 1, "kind": "test"}, turned) == digest({"kind": "test", "x": 1}, COLUMNS)
    line, _, stream = WHOLE.partition(b"\n")
    looser = line + b"\n" + zlib.compress(zlib.decompress(stream), 1)
    assert looser != WHOLE
    assert unpacked(looser).digest == unpacked(WHOLE).digest


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ({"kind": "other"}, COLUMNS),
        ({"kind": "test"}, {"a": COLUMNS["a"], "c": COLUMNS["b"]}),
        ({"kind": "test"}, {"a": COLUMNS["a"] + 1, "b": COLUMNS["b"]}),
    ],
    ids=["header", "name", "number"],
)
def test_every_change_changes_the_digest(header, columns):
    """The header, a name, a number."""
    assert digest(header, columns) != digest({"kind": "test"}, COLUMNS)


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_changed_byte_is_noticed_or_changes_nothing(place, change):
    """Altered content is never read; a bit that zlib itself does not look at may be anything (H32)."""
    altered = bytearray(WHOLE)
    altered[place] ^= change
    with suppress(NotPacked):
        assert unpacked(bytes(altered)).digest == unpacked(WHOLE).digest


@given(st.integers(0, 300), st.integers(1, 255))
def test_altered_content_is_noticed_where_its_packing_is_whole(place, change):
    """Whoever unpacks, edits and packs again does not get past the checksum."""
    line, _, stream = WHOLE.partition(b"\n")
    content = bytearray(zlib.decompress(stream))
    content[place] ^= change
    with pytest.raises(NotPacked, match="does not match its checksum"):
        unpacked(line + b"\n" + zlib.compress(bytes(content)))


@given(st.integers(0, len(WHOLE) - 1))
def test_a_cut_is_noticed(length):
    """A disk that was full leaves half a file."""
    with pytest.raises(NotPacked):
        unpacked(WHOLE[:length])


@given(st.binary(max_size=200))
def test_no_other_bytes_are_taken_for_columns(raw):
    """Neither noise nor what stands behind our own first line."""
    for content in (raw, WHOLE.partition(b"\n")[0] + b"\n" + raw, WHOLE + b"\n" + raw):
        with pytest.raises(NotPacked):
            unpacked(content)


def sealed(content: bytes, version: int = 1) -> bytes:
    """A file with a right checksum, whatever it holds."""
    return b"neuropilot-columns %d %s\n" % (version, sha256(content).hexdigest().encode()) + zlib.compress(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]\n",
        b'{"columns": 5, "header": {}}\n',
        b'{"columns": {}, "header": 5}\n',
        b'{"columns": {"a": [2, 1]}, "header": {}}\nx',
        b'{"columns": {"a": [1, 1]}, "header": {}}\nxx',
        b'{"columns": {"a": [1, 9]}, "header": {}}\n123456789',
        b'{"columns": {"a": [-1, 1]}, "header": {}}\n',
        b'{"columns": {"a": [1e12, 8]}, "header": {}}\n',
        b'{"columns": {"a": [999999999999, 8]}, "header": {}}\n',
    ],
)
def test_a_right_checksum_does_not_make_it_ours(content):
    """Lengths that do not fit, and other forms, are refused before memory is taken for them."""
    with pytest.raises(NotPacked, match="another form"):
        unpacked(sealed(content))


def test_another_version_is_named():
    """An older agent says so, rather than that the file is damaged."""
    with pytest.raises(NotPacked, match="it has version 2, and this agent reads 1"):
        unpacked(sealed(b"{}", version=2))


def test_a_bomb_is_not_inflated():
    """A small file that becomes a huge one ends at the limit (H29)."""
    bomb = sealed(bytes(INFLATED_MAX_BYTES + 1))
    assert len(bomb) < 100_000
    with pytest.raises(NotPacked, match="becomes more than"):
        unpacked(bomb)


def test_slow_numbers_take_little_room():
    """What differs little from its neighbour is what monitoring consists of."""
    rng = np.random.default_rng(1)
    slow = np.cumsum(rng.integers(-3, 4, 20_160))
    assert len(packed({}, {"slow": slow})) < 20_160 * 0.55
    assert len(packed({}, {"still": np.full(20_160, 7)})) < 300
