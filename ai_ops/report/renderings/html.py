"""The page as one HTML file that needs nothing else: no script, nothing fetched, light or dark as the reader likes."""

from __future__ import annotations

import re
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ai_ops.charts.themes import chart_colours_css
from ai_ops.domain.errors import ConfigError
from ai_ops.domain.quoted import options, pieces, unquoted
from ai_ops.markdown import FARTHEST, cut, one_visible_line
from ai_ops.report.renderings.signs import SIGNS, SIMULATED, WORDS
from ai_ops.report.renderings.subjects import by_subject, numbered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment
    from markupsafe import Markup

    from ai_ops.domain.document import Document, Table

TEMPLATE, STYLE = "report.html.jinja", "report.css"

LONGEST = 1_000

LETTERS_ACROSS = 34
"""So many letters stand beside each other on the narrowest phone, with the room between four columns."""

_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:%|ms|s|min|h)(?!\w))")
_NO_PICTURES: Mapping[str, str] = {}


def html_of(document: Document, pictures: Mapping[str, str] = _NO_PICTURES) -> str:
    """Write the page; every text of `document` is shown letter by letter, whatever it holds.

    Parameters
    ----------
    pictures
        HTML of each picture by its name, of our own making: it is put in as it is. One without is left out, since
        what it shows stands beside it.

    Raises
    ------
    ConfigError
        When what writes the page is not installed.
    """
    check_writable()
    from markupsafe import Markup

    groups = by_subject(document)
    style = f"{chart_colours_css()}{_text_of(STYLE)}"
    return (
        _environment()
        .from_string(_text_of(TEMPLATE))
        .render(
            document=document,
            groups=groups,
            chapters=[subject for subject, _ in groups if subject],
            numbers=numbered(document),
            pictures={name: Markup(picture) for name, picture in pictures.items()},  # noqa: S704  # our own
            signs=SIGNS,
            words=WORDS,
            simulated=SIMULATED,
            style=Markup(style),  # noqa: S704  # our own
        )
    )


def check_writable() -> None:
    """Make sure that the page can be written, before anybody gathers what it shows.

    Raises
    ------
    ConfigError
        When what writes it is not installed.
    """
    if find_spec("jinja2") is None:
        raise ConfigError(
            "the page of a report needs the extra [report], but jinja2 cannot be imported; "
            "in the clone of NeuroPilot run `python -m pip install --editable '.[report]'`"
        )


def _environment() -> Environment:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_finalized
    )
    environment.tests["kind"] = _is_of_kind
    environment.filters["breadth"] = _breadth
    environment.filters["worded"] = _worded
    environment.filters["as_code"] = lambda text: _as_code(_seen(text))
    environment.filters["unquoted"] = unquoted
    return environment


def _finalized(value: object) -> object:
    """What an expression of the template becomes, before it is escaped."""
    return value if not isinstance(value, str) or hasattr(value, "__html__") else _seen(value)


def _seen(text: str) -> str:
    """One line of visible letters; a figure is not parted from its unit."""
    is_plain = text.isascii() and text.isprintable()
    line = " ".join(text.split()) if is_plain else one_visible_line(text[:FARTHEST])
    return _BEFORE_UNIT.sub("\xa0", cut(line, LONGEST))


def _worded(text: str) -> Markup:
    """The text as HTML: names and commands as such, and long names that break behind an underscore."""
    from markupsafe import Markup, escape

    marked = (_as_code(piece) if is_name else _breaking(escape(piece)) for piece, is_name in pieces(_seen(text)))
    return Markup("").join(marked)


def _as_code(text: str) -> Markup:
    """A name or a command; an option in it stays one word, so that nobody copies a part of it."""
    from markupsafe import Markup, escape

    marked = (
        Markup('<span class="option">{}</span>').format(piece) if is_option else _breaking(escape(piece))
        for piece, is_option in options(text)
    )
    return Markup("<code>{}</code>").format(Markup("").join(marked))


def _breaking(text: Markup) -> Markup:
    """The same, which may break behind an underscore."""
    from markupsafe import Markup

    return text.replace("_", Markup("_<wbr>"))


def _breadth(table: Table) -> str:
    """Whether a table is one of pairs, narrow enough for a phone, or wide: then a phone shows its rows as cards."""
    if len(table.header) == 2:  # noqa: PLR2004  # name and figure
        return "pairs"
    rows = [table.header, *([cell.text for cell in row] for row in table.rows)]
    letters = sum(max(map(len, column)) for column in zip(*rows, strict=True))
    return "narrow" if letters <= LETTERS_ACROSS else "wide"


def _is_of_kind(block: object, kind: str) -> bool:
    """Whether a block is a Paragraph, Bullets, Table or Figure."""
    return type(block).__name__ == kind


def _text_of(name: str) -> str:
    return (files("ai_ops") / "config" / "templates" / name).read_text(encoding="utf-8")
