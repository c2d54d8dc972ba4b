"""The blocks that a page of ours is built from, each within Notion's limits whatever it is given.

Texts come as rich text that is cleaned already. A request may nest two levels deep, so that nothing here does more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ai_ops.notify.notion.batches import batches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.notify.notion.batches import Block
    from ai_ops.notify.notion.text import RichText

COLUMNS_MAX = 50
ROWS_MAX = 99
"""Beside the header, which is one of the hundred rows that one array holds."""

ROWS_MAX_BYTES = 200_000
CELL_MAX = 1000
"""Units of text: so short that one row of cells is always a small part of a request."""


def paragraph(text: RichText) -> Block:
    """Sentences."""
    return _block("paragraph", rich_text=text)


def heading(text: RichText, level: int = 2) -> Block:
    """A heading of level 1, 2 or 3."""
    return _block(f"heading_{level}", rich_text=text)


def bullet(text: RichText) -> Block:
    """One line of a list."""
    return _block("bulleted_list_item", rich_text=text)


def callout(text: RichText, emoji: str, color: str) -> Block:
    """A box that nobody overlooks."""
    return _block("callout", rich_text=text, icon={"type": "emoji", "emoji": emoji}, color=color)


def toggle(text: RichText, children: Sequence[Block]) -> Block:
    """Blocks that are shown after a click; they hold no blocks themselves."""
    return _block("toggle", rich_text=text, children=list(children))


def image(upload: str, caption: RichText) -> Block:
    """A picture that was uploaded less than an hour ago."""
    return _block("image", type="file_upload", file_upload={"id": upload}, caption=caption)


def tables(header: Sequence[RichText], rows: Sequence[Sequence[RichText]]) -> list[Block]:
    """One table, or several with the same header where the rows are too many for one.

    Parameters
    ----------
    header
        Cells of at most `CELL_MAX` units each; empty for a table without a header, whose first row says how wide it is.
    rows
        Cells likewise; a row that is too short is filled up, and what is too much is left out.
    """
    width = min(COLUMNS_MAX, len(header) or max(map(len, rows), default=0))
    if not width:
        return []
    top = [_row(header, width)] if header else []
    portions = list(batches((_row(row, width) for row in rows), ROWS_MAX, ROWS_MAX_BYTES))
    return [
        _block(
            "table", table_width=width, has_column_header=bool(header), has_row_header=True, children=[*top, *portion]
        )
        for portion in portions or [[]]
    ]


def _row(cells: Sequence[RichText], width: int) -> Block:
    return _block("table_row", cells=[list(cell) for cell in [*cells, *[[]] * width][:width]])


def _block(kind: str, **content: Any) -> Block:  # noqa: ANN401  # every kind of block has its own
    return {"object": "block", "type": kind, kind: content}
