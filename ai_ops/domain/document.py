"""A page of text, tables and pictures, free of any syntax: every rendering is made from the same one.

But for one: what stands in a text between two backticks is a name or a command, to be shown as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How good a figure is. Whoever shows it by a colour says it by a sign or a word as well."""

    PLAIN = "plain"
    GOOD = "good"
    WATCH = "watch"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure or a few words.

    Parameters
    ----------
    text
        As a person reads it, with its unit.
    evidence
        Id of what it rests on, see `Document.evidence`; "" for mere words.
    tone
        How good it is.
    link
        An address of ours that it leads to, such as that of a pull request; "" without one.
    """

    text: str
    evidence: str = ""
    tone: Tone = Tone.PLAIN
    link: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences; `evidence` as in `Cell`."""

    text: str
    evidence: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of short lines."""

    items: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below a header; every row has as many cells as the header, and the first names the row.

    Parameters
    ----------
    caption
        What the table shows, for somebody who hears it.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture.

    Parameters
    ----------
    name
        Finds it among the pictures of a rendering: "web-cost".
    title
        Its caption.
    alt
        What it shows, with its figures.
    bars, unit
        The same as heights by label, for a place that draws from text; empty where bars cannot say it.
    """

    name: str
    title: str
    alt: str
    bars: tuple[tuple[str, float], ...] = ()
    unit: str = ""


Block = Paragraph | Bullets | Table | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a page.

    Parameters
    ----------
    id
        Lower case, digits, hyphens; unlike all others of the page.
    title
        Its heading.
    blocks
        In reading order; at least one.
    subject
        The service that it is about; "" where it is about all.
    """

    id: str
    title: str
    blocks: tuple[Block, ...]
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a figure rests on, so that anybody may work it out again.

    Parameters
    ----------
    id
        Lower case, digits, hyphens: "web-health".
    says
        What was worked out: "health score of web".
    formula
        How, in the names of `inputs`.
    inputs
        Name and value of what went in, each with its unit.
    source
        Where that is from: metric, span of time and where it was measured; or the episodes of the ledger.
    command
        What shows it: "neuropilot explain web-20261120T06Z"; "" where nothing does.
    """

    id: str
    says: str
    formula: str
    inputs: tuple[tuple[str, str], ...]
    source: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A page.

    Parameters
    ----------
    title, subtitle
        What it is, and of which span of time.
    headline, why, action
        One sentence each: what matters most, on what it rests, and what to do now.
    tone
        Of the headline.
    is_simulated
        Whether the figures come from a simulated service; every rendering must show it.
    sections
        In reading order.
    evidence
        Of every id that a cell or a paragraph names.
    link
        An address of ours at which the action is done; "" where it is done elsewhere.
    """

    title: str
    subtitle: str
    headline: str
    why: str
    action: str
    tone: Tone
    is_simulated: bool
    sections: tuple[Section, ...]
    evidence: tuple[Evidence, ...] = ()
    link: str = ""
