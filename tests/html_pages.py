"""Reads an HTML page strictly, without a browser: what is open must be closed, in order, and attributes come once."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"meta", "br", "wbr", "img", "hr", "link", "input"})


@dataclass
class Page:
    """What was found on it.

    Parameters
    ----------
    tags
        Names with their attributes, in order.
    text
        Everything that is not between tags of style.
    headings
        Level and text.
    """

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""
    headings: list[tuple[int, str]] = field(default_factory=list)
    declarations: list[str] = field(default_factory=list)

    def all(self, name: str) -> list[dict[str, str]]:
        """Attributes of every tag of that name."""
        return [attributes for tag, attributes in self.tags if tag == name]

    def values(self, attribute: str) -> list[str]:
        """Every value of an attribute, whatever tag has it."""
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> says an attribute twice: {names}"
        self.page.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self.open.append(tag)
        if tag in {"h1", "h2", "h3", "h4"}:
            self.page.headings.append((int(tag[1]), ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        last = self.open.pop()
        assert last == tag, f"</{tag}> where </{last}> was due"

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.page.text += data
        if self.page.headings and {"h1", "h2", "h3", "h4"} & set(self.open):
            level, text = self.page.headings[-1]
            self.page.headings[-1] = (level, text + data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data[:60]}")

    def handle_decl(self, decl: str) -> None:
        self.page.declarations.append(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data[:60]}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data[:60]}")


def read_page(html: str) -> Page:
    """Read `html`, or fail on the first thing that a browser would have to guess."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open, f"never closed: {reader.open}"
    return reader.page
