"""Pictures into the thread of a Slack message, by the three steps that Slack asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ai_ops.domain.errors import NotifyError
from ai_ops.notify.slack.text import cut, readable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ai_ops.domain.message import Picture
    from ai_ops.notify.slack.calls import SlackCalls

PICTURES_MAX = 4
"""What is further down is in the report; a thread is read on a phone."""

ALT_MAX, NAME_MAX = 1000, 80


def show_pictures(
    calls: SlackCalls, pictures: Sequence[Picture], place: tuple[str, str], redact: Callable[[str], str]
) -> str:
    """Upload the first pictures, and show them below a message; say what is missing, "" when nothing is.

    Parameters
    ----------
    place
        Channel and timestamp of the message.
    redact
        Takes secrets out of names and descriptions.
    """
    wanted = pictures[:PICTURES_MAX]
    files, problems = [], []
    for picture in wanted:
        try:
            files.append(_upload(calls, picture, redact))
        except NotifyError as err:
            problems.append(str(err))
    try:
        if files:
            calls.complete_uploads(*place, files)
    except NotifyError as err:
        files, problems = [], [*problems, str(err)]
    return _missing(len(wanted) - len(files), len(wanted), problems)


def _upload(calls: SlackCalls, picture: Picture, redact: Callable[[str], str]) -> dict[str, str]:
    """Send one picture; return what completes it."""
    title = cut(redact(readable(picture.name)), NAME_MAX) or "chart"
    alt = cut(redact(readable(picture.alt)), ALT_MAX)
    answer = calls.upload_address(_filename(title), len(picture.png), alt)
    url, file_id = answer.get("upload_url"), answer.get("file_id")
    if not isinstance(url, str) or not isinstance(file_id, str):
        raise NotifyError("Slack named no upload address: look at https://slack-status.com")
    calls.upload(url, picture.png)
    return {"id": file_id, "title": title}


def _filename(title: str) -> str:
    """A name that every file system takes."""
    return f"{re.sub('[^A-Za-z0-9-]+', '-', title).strip('-') or 'chart'}.png"


def _missing(missing: int, wanted: int, problems: Sequence[str]) -> str:
    if not missing:
        return ""
    return f"{missing} of {wanted} pictures are missing: {'; '.join(dict.fromkeys(problems))}"
