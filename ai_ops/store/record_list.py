"""A file of records that nothing is decided on, one a line: two checkouts may each add theirs, and `merged` keeps both.

    {"version": 1, "records": [
    {"at":"2026-11-20T03:17:00Z","event":"training","service":"web","version":"20261120T0310Z-3f9c1a2b",…},
    …
    ]}

Whoever writes the next record reads them all, and lets go what is too old.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

IDENTITY = ("at", "service", "version", "event")
"""What makes a record itself; the rest of an older one may be told in full here and in short there."""


def merged(here: bytes | None, there: bytes | None) -> bytes | None:
    """Records of both, oldest first, each of them once and then as the branch has it.

    A copy that cannot be read adds nothing and hides nothing. One of another version is another release's: it cannot be
    added to, and what the branch has of that stays.
    """
    if here is None or here == there:
        return there
    ours, theirs = _form(here), _form(there)
    if ours is None:
        return there
    if theirs is None:
        return here
    try:
        return _with_added(ours, theirs) or there
    except RecursionError:  # so deep that it can be read and no longer written
        return there


def _with_added(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bytes | None:
    """The branch's records and those that only we have; None where there are none of these."""
    known = {_identity(record) for record in theirs["records"]}
    added = [record for record in ours["records"] if _identity(record) not in known]
    if not added or ours["version"] != theirs["version"]:
        return None
    return _to_bytes(theirs["version"], sorted([*theirs["records"], *added], key=_identity))


def _form(raw: bytes | None) -> Mapping[str, Any] | None:
    """What stands in a copy; None where there is none, or where it is no list of records."""
    try:
        form = json.loads(raw or b"")
    except (ValueError, RecursionError):
        return None
    is_list = isinstance(form, dict) and "version" in form and isinstance(form.get("records"), list)
    return form if is_list else None


def _identity(record: object) -> tuple[str, ...]:
    """What a record is known by; what is none is known by all that it says, and stands first."""
    if isinstance(record, dict) and all(isinstance(record.get(name), str) for name in IDENTITY):
        return tuple(record[name] for name in IDENTITY)
    return "", _on_one_line(record)


def _to_bytes(version: object, records: list[Any]) -> bytes:
    lines = ",\n".join(map(_on_one_line, records))
    text = f'{{"version": {_on_one_line(version)}, "records": [\n{lines}\n]}}\n'
    return text.encode("utf-8", "backslashreplace")


def _on_one_line(form: object) -> str:
    return json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
