"""A chart becomes a picture: offline, the same every time, or with the command that is missing."""

from __future__ import annotations

import json
import re
import struct
import sys
import zlib
from xml.etree import ElementTree as ET

import pytest

from ai_ops.charts.charts import FORMATS, Chart, check_drawable, rendered
from ai_ops.charts.expected_band import expected_band
from ai_ops.charts.look import HEIGHT, WIDTH
from ai_ops.charts.png import repacked
from ai_ops.domain.errors import ConfigError


@pytest.fixture
def chart(judged) -> Chart:
    """A day with two findings."""
    return expected_band(judged())


def test_an_svg_has_the_title_the_description_and_every_finding(chart):
    """It is what a page shows, and what a screen reader reads."""
    svg = rendered(chart, ".svg").decode()
    root = ET.fromstring(svg)
    assert root.get("role") == "graphics-document"
    assert root.get("aria-label") == chart.description
    assert "Latency p95 of web: 2 findings, the worst critical" in svg
    assert "Time (UTC)" in svg
    findings = re.findall(r'aria-label="at: [^"]*reason: [^"]*"', svg)
    assert len(findings) == 2
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", svg)  # nothing is loaded from anywhere


def test_a_png_is_sharp(chart):
    """Twice the size of the plot, so that letters are crisp on a dense screen."""
    png = rendered(chart, ".png")
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    assert 2 * WIDTH < width < 2 * WIDTH + 300
    assert 2 * HEIGHT < height < 2 * HEIGHT + 400
    assert len(png) < 400_000


def test_json_is_the_spec_itself(chart):
    """The console draws it with the same library."""
    assert json.loads(rendered(chart, ".json")) == chart.spec


@pytest.mark.parametrize("suffix", [*FORMATS, ".PNG"])
def test_the_same_series_gives_the_same_bytes(judged, suffix):
    """A report that is made twice differs nowhere, so nothing is sent or committed twice."""
    assert rendered(expected_band(judged()), suffix) == rendered(expected_band(judged()), suffix)


@pytest.mark.parametrize(("suffix", "says"), [(".gif", "not .gif"), ("", "no ending"), (".html", "not .html")])
def test_another_format_is_refused_with_the_known_ones(suffix, says):
    """Before anything is collected."""
    with pytest.raises(ConfigError, match=rf"\.svg, \.png, \.json.*{says}"):
        check_drawable(suffix)


@pytest.mark.parametrize("package", ["altair", "vl_convert"])
def test_without_the_extra_the_command_that_helps_is_named(monkeypatch, chart, package):
    """The core is installed without charts; nobody has to guess what is missing."""
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    monkeypatch.delitem(sys.modules, package, raising=False)
    with pytest.raises(ConfigError, match=rf"\[report\].*{package}.*pip install --editable '\.\[report\]'"):
        rendered(chart, ".png")


def test_repacking_keeps_every_pixel_and_every_other_chunk():
    """It is only compressed again."""
    pixels = bytes([0, 10, 20, 30, 255]) * 7

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))

    header, size = struct.pack(">IIBBBBB", 1, 7, 8, 6, 0, 0, 0), b"\0\0\x0b\x13\0\0\x0b\x13\1"
    stored = zlib.compress(pixels, level=0)
    parts = [chunk(b"IHDR", header), chunk(b"pHYs", size), chunk(b"IDAT", stored[:9]), chunk(b"IDAT", stored[9:])]
    before = b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")
    after = repacked(before)
    packed = chunk(b"IDAT", zlib.compress(pixels, level=6))
    assert after == b"\x89PNG\r\n\x1a\n" + parts[0] + parts[1] + packed + chunk(b"IEND", b"")
    assert len(after) < len(before)
