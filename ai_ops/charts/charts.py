"""A chart, and how it becomes a picture. A new chart is one function that returns a `Chart`, in a file of its own."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import escape
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from zlib import crc32

from ai_ops.charts.png import repacked
from ai_ops.domain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMATS = (".svg", ".png", ".json")
"""What a chart can be written as; the last is the spec itself, for a page that draws it."""

PNG_SCALE = 2.0
"""Pixels per unit of length: letters stay sharp on the dense screens that most people read on."""


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """One chart, ready to be drawn.

    Parameters
    ----------
    title
        What it shows, in one line: the conclusion, where there is one.
    description
        The same for somebody who cannot see it: the text to put beside the picture, such as `alt` in HTML.
    spec
        Vega-Lite, with its values inside and nothing to fetch; of `altair`, so that it fits the schema.
    """

    title: str
    description: str
    spec: Mapping[str, Any]


def rendered(chart: Chart, suffix: str) -> bytes:
    """Draw `chart` without any network; the same chart gives the same bytes.

    Parameters
    ----------
    suffix
        One of `FORMATS`, in any case.

    Raises
    ------
    ConfigError
        When there is no such format, or what draws is not installed.
    """
    check_drawable(suffix)
    match suffix.lower():
        case ".json":
            return json.dumps(chart.spec, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        case ".svg":
            return _with_description(_with_own_names(_svg(chart)), chart.description).encode()
    return repacked(_png(chart))


def check_drawable(suffix: str) -> None:
    """Make sure that a chart can be drawn as `suffix`, before anybody waits for its values.

    Raises
    ------
    ConfigError
        When there is no such format, or what draws is not installed.
    """
    if suffix.lower() not in FORMATS:
        named = f"not {suffix}" if suffix else "and the name has no ending"
        raise ConfigError(
            f"a chart is written as {', '.join(FORMATS)}, {named}; let the file's name end in one of them"
        )
    missing = [package for package in ("altair", "vl_convert") if find_spec(package) is None]
    if missing:
        raise ConfigError(
            f"charts need the extra [report], but {' and '.join(missing)} cannot be imported; "
            "in the clone of NeuroPilot run `python -m pip install --editable '.[report]'`"
        )


def _png(chart: Chart) -> bytes:
    import vl_convert

    return vl_convert.vegalite_to_png(dict(chart.spec), scale=PNG_SCALE, allowed_base_urls=[])


def _svg(chart: Chart) -> str:
    import vl_convert

    return vl_convert.vegalite_to_svg(dict(chart.spec), allowed_base_urls=[])


def _with_own_names(svg: str) -> str:
    """Name clip paths after the picture: the renderer counts them up, and two pictures on one page must not meet."""
    names = {name: k for k, name in enumerate(dict.fromkeys(re.findall(r'id="(clip\d+)"', svg)))}
    picture = crc32(re.sub(r"clip\d+", "", svg).encode())
    return re.sub(
        r'(id="|url\(#)(clip\d+)(?=["\)])', lambda found: f"{found[1]}clip-{picture:08x}-{names[found[2]]}", svg
    )


def _with_description(svg: str, description: str) -> str:
    """Say on the root what a screen reader shall say, as Vega does in a browser but not in a file."""
    return svg.replace("<svg ", f'<svg role="graphics-document" aria-label="{escape(description)}" ', 1)
