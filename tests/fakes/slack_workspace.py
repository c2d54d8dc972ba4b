"""What a Slack workspace remembers, and how the methods of its Web API judge what they are asked."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fakes.slack import fault_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CHANNEL, PRIVATE, ARCHIVED, ELSEWHERE = "C0123456789", "G0123456789", "C0ARCHIVED0", "C0ELSEWHERE"
BOT, ANA, BEN = "U0BOT", "U0ANA", "U0BEN"
ALT_MAX = 1000
SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.getPermalink": "",
    "conversations.replies": "channels:history",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}


class Refused(Exception):
    """The answer `ok: false`, with Slack's word and what else it says."""

    def __init__(self, word: str, status: int = 200, headers: Mapping[str, str] | None = None, **says: object) -> None:
        super().__init__(word)
        self.status = status
        self.headers = headers or {}
        self.body = {"ok": False, "error": word, **says}


@dataclass
class Posted:
    """A message in a channel; `card` is the body of the request, `files` are those shown with it."""

    channel: str
    ts: str
    user: str
    card: Mapping[str, Any] = field(default_factory=dict)
    thread: str = ""
    files: tuple[Upload, ...] = ()
    reactions: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Upload:
    """A file on its way: asked for, then sent, then shown."""

    id: str
    filename: str
    length: int
    alt: str
    ticket: str
    content: bytes | None = None
    title: str = ""
    is_shown: bool = False


class Workspace:
    """Channels, messages and files.

    Parameters
    ----------
    messages_per_second
        Faster ones into one channel are refused; None takes any rate.
    clock
        Monotonic seconds.
    """

    def __init__(self, messages_per_second: float | None, clock: Callable[[], float]) -> None:
        self.messages: list[Posted] = []
        self.uploads: dict[str, Upload] = {}
        self.channels = {CHANNEL: "member", PRIVATE: "member", ARCHIVED: "archived", ELSEWHERE: "stranger"}
        self.upload_root = ""
        self._spacing_seconds = 1.0 / messages_per_second if messages_per_second else 0.0
        self._clock = clock
        self._newest: dict[str, float] = {}

    @property
    def posts(self) -> list[Posted]:
        """Messages that are no replies, in order."""
        return [one for one in self.messages if not one.thread]

    def replies(self, ts: str) -> list[Posted]:
        """The thread below a message."""
        return [one for one in self.messages if one.thread == ts]

    def say(self, thread: str, user: str = ANA) -> None:
        """A person replies."""
        self._add(Posted(self._message(thread).channel, "", user, thread=thread))

    def react(self, ts: str, emoji: str, *users: str) -> None:
        """People react."""
        self._message(ts).reactions.setdefault(emoji, []).extend(users)

    def post_message(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """chat.postMessage."""
        channel = self._open_channel(form)
        now = self._clock()
        if now - self._newest.get(channel, float("-inf")) < self._spacing_seconds:
            raise Refused("ratelimited", 429, {"Retry-After": "1"})
        card = {key: value for key, value in form.items() if key != "channel"}
        fault = fault_of(card)
        if fault:
            raise Refused(fault, errors=["a block is wrong [json-pointer:/blocks/0]"])
        self._newest[channel] = now
        posted = self._add(Posted(channel, "", BOT, card))
        return {"channel": channel, "ts": posted.ts, "message": {"type": "message", "user": BOT, "ts": posted.ts}}

    def get_permalink(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """chat.getPermalink."""
        channel, ts = self._open_channel(form), form.get("message_ts", "")
        if not self._is_there(ts):
            raise Refused("message_not_found")
        return {"channel": channel, "permalink": f"https://acme.slack.com/archives/{channel}/p{ts.replace('.', '')}"}

    def replies_of(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """conversations.replies: the message itself comes first."""
        self._open_channel(form)
        if not self._is_there(form.get("ts", "")):
            raise Refused("thread_not_found")
        parent, replies = self._message(form["ts"]), self.replies(form["ts"])
        limit = int(form.get("limit", 1000))
        shown: list[dict[str, Any]] = [{"user": one.user, "ts": one.ts} for one in (parent, *replies)][:limit]
        if replies:
            shown[0] |= {"reply_count": len(replies), "thread_ts": parent.ts}
        if parent.reactions:
            shown[0]["reactions"] = [
                {"name": name, "users": users[:2], "count": len(users)} for name, users in parent.reactions.items()
            ]
        return {"messages": shown, "has_more": len(replies) >= limit}

    def get_upload_url(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """files.getUploadURLExternal."""
        length, alt = str(form.get("length", "")), form.get("alt_txt", "")
        if not form.get("filename") or not length.isdecimal() or int(length) < 1:
            raise Refused("missing_argument")
        if len(alt) > ALT_MAX:
            raise Refused("alt_txt_too_large")
        upload = Upload(
            f"F{len(self.uploads):08}", form["filename"], int(length), alt, ticket=f"ticket{secrets.token_hex(12)}"
        )
        self.uploads[upload.id] = upload
        return {"upload_url": f"{self.upload_root}/upload/v1/{upload.ticket}", "file_id": upload.id}

    def take_upload(self, ticket: str, content: bytes) -> bool:
        """Bytes at an upload address; False when they are not those that were announced."""
        upload = next((one for one in self.uploads.values() if one.ticket == ticket), None)
        if upload is None or upload.is_shown or len(content) != upload.length:
            return False
        upload.content = content
        return True

    def complete_uploads(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """files.completeUploadExternal: all files are shown in one message."""
        channel, thread = self._open_channel({"channel": form.get("channel_id")}), form.get("thread_ts", "")
        if thread and not self._is_there(thread):
            raise Refused("invalid_arguments")
        named = json.loads(form["files"]) if isinstance(form.get("files"), str) else form.get("files") or []
        uploads = [self._finished(file.get("id", "")) for file in named]
        if not uploads:
            raise Refused("invalid_arguments")
        for upload, file in zip(uploads, named, strict=True):
            upload.title, upload.is_shown = file.get("title", ""), True
        self._add(Posted(channel, "", BOT, thread=thread, files=tuple(uploads)))
        return {"files": [{"id": one.id, "title": one.title} for one in uploads]}

    def _finished(self, file_id: str) -> Upload:
        upload = self.uploads.get(file_id)
        if upload is None or upload.content is None or upload.is_shown:
            raise Refused("file_not_found")
        return upload

    def _open_channel(self, form: Mapping[str, Any]) -> str:
        """The channel that is asked for, if the bot may post there."""
        channel = form.get("channel")
        standing = self.channels.get(channel or "")
        words = {None: "channel_not_found", "archived": "is_archived", "stranger": "not_in_channel"}
        if standing in words:
            raise Refused(words[standing])
        return str(channel)

    def _add(self, message: Posted) -> Posted:
        message.ts = f"{1_795_000_000 + len(self.messages)}.{len(self.messages):06}"
        self.messages.append(message)
        return message

    def _is_there(self, ts: str) -> bool:
        return any(one.ts == ts for one in self.messages)

    def _message(self, ts: str) -> Posted:
        return next(one for one in self.messages if one.ts == ts)


METHODS: dict[str, Callable[[Workspace, Mapping[str, Any]], dict[str, Any]]] = {
    "chat.postMessage": Workspace.post_message,
    "chat.getPermalink": Workspace.get_permalink,
    "conversations.replies": Workspace.replies_of,
    "files.getUploadURLExternal": Workspace.get_upload_url,
    "files.completeUploadExternal": Workspace.complete_uploads,
}
