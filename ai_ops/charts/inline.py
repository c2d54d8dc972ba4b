"""A chart inside an HTML page: as wide as there is room, light or dark as the page is, and small."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from ai_ops.charts.charts import Chart, rendered
from ai_ops.charts.look import FONT
from ai_ops.charts.themes import variable

if TYPE_CHECKING:
    from collections.abc import Iterator

EDGE = {"left": 0, "top": 4, "right": 6, "bottom": 4}
"""Pixels around the picture: a page has margins of its own, and a phone has none to give away."""

_FOR_LISTENERS = re.compile(r"aria-|role$|class$|pointer-events$|version$")
"""Attributes of the parts. The picture is one thing to a screen reader, and its description says it all; a name for
each of a thousand points says nothing."""

_MEASURES = ("d", "transform", "x", "x2", "y", "y2", "width", "height")
_LONG = re.compile(r"-?\d*\.\d{2,}(?:e-?\d+)?")


def inline_svg(chart: Chart) -> str:
    """Draw `chart` as one `<svg>` element for the body of an HTML page, on no ground of its own.

    Its colours are those of `chart_colours_css`, or the light ones where a page does not have it. Nothing in it is
    fetched or run, and its ids are unlike those of any other chart.

    Raises
    ------
    ConfigError
        When what draws is not installed.
    """
    bare = Chart(chart.title, chart.description, {**chart.spec, "background": None, "padding": EDGE})
    root = ET.fromstring(rendered(bare, ".svg"))  # noqa: S314  # written by our own renderer
    for part in root.iter():
        part.tag = part.tag.rpartition("}")[2]
        _simplify(part)
    _unwrap(root)
    size = root.get("viewBox")
    root.attrib.clear()
    root.attrib.update({"xmlns": "http://www.w3.org/2000/svg", "class": "chart", "role": "img"})
    root.attrib.update({"aria-label": chart.description, "viewBox": size or "", "width": "100%"})
    root.attrib.update({"font-family": FONT})
    return ET.tostring(root, encoding="unicode")


def _simplify(part: ET.Element) -> None:
    """Keep of one part what the eye sees, in colours that a page may change."""
    for name, value in list(part.attrib.items()):
        if _FOR_LISTENERS.match(name) or (name, value) in {("opacity", "1"), ("font-family", FONT)}:
            del part.attrib[name]
        elif name in {"fill", "stroke"}:
            part.set(name, variable(value))
        elif name in _MEASURES:
            part.set(name, _LONG.sub(lambda found: f"{float(found[0]):.1f}", value))
    if part.get("transform") == "translate(0,0)":
        del part.attrib["transform"]


def _unwrap(part: ET.Element) -> None:
    """Take out what draws nothing, and groups that change nothing."""
    part[:] = list(_drawn(part))


def _drawn(part: ET.Element) -> Iterator[ET.Element]:
    for child in part:
        _unwrap(child)
        if child.tag == "g" and not child.attrib:
            yield from child
        elif not _is_empty(child):
            yield child


def _is_empty(part: ET.Element) -> bool:
    """Whether it is a group of nothing, a path that nobody paints, or a label that gave way to its neighbours."""
    is_unpainted = part.get("fill") is None and part.get("stroke") is None
    is_nothing = (part.tag == "g" and len(part) == 0) or (part.tag == "path" and is_unpainted)
    return is_nothing or (part.tag == "text" and part.get("opacity") == "0")
