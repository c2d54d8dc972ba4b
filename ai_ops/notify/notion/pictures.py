"""Pictures on their way into a page of Notion: each is uploaded first, and placed within the hour."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ai_ops.domain.errors import NotifyError
from ai_ops.notify.notion.database import checked_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ai_ops.domain.message import Picture
    from ai_ops.notify.notion.line import NotionLine

PICTURE_MAX_BYTES = 20_000_000
"""Of one request; a free workspace takes 5 MB, and says so itself."""

_KIND = "image/png"


def upload(
    line: NotionLine, pictures: Iterable[Picture], clean: Callable[[str], str]
) -> tuple[dict[str, str], list[str]]:
    """Ids by the name of a picture, and why one is missing: a page is worth more than its pictures."""
    uploads: dict[str, str] = {}
    missing = []
    for picture in pictures:
        try:
            uploads[picture.name] = _uploaded(line, picture)
        except NotifyError as error:
            missing.append(f'picture "{clean(picture.name)}" is missing: {error}')
    return uploads, missing


def _uploaded(line: NotionLine, picture: Picture) -> str:
    """Upload one; should it arrive twice, nobody sees the one that is never placed."""
    if len(picture.png) > PICTURE_MAX_BYTES:
        raise NotifyError(f"it has more than {PICTURE_MAX_BYTES // 10**6} MB")
    name = (re.sub(r"[^A-Za-z0-9_-]+", "-", picture.name)[:100] or "picture") + ".png"
    made = line.ask(lambda notion: notion.file_uploads.create(mode="single_part", filename=name, content_type=_KIND))
    number = checked_id(made)
    line.ask(lambda notion: notion.file_uploads.send(number, file=(name, picture.png, _KIND)))
    return number
