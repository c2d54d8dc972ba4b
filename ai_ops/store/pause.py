"""The kill switch: while it is on, nothing moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from os.path import lexists
from typing import TYPE_CHECKING

from ai_ops.domain.errors import StateError
from ai_ops.domain.one_line import one_line
from ai_ops.redact import redact as redact_by_shape
from ai_ops.store import state_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VERSION = 1


@dataclass(frozen=True, slots=True)
class Pause:
    """Why nothing moves.

    Parameters
    ----------
    reason, by
        What was said, and who said it; read back as one line each, because every run says it again.
    since
        When, aware UTC; None when the file does not say so readably.
    """

    reason: str
    by: str
    since: datetime | None


class KillSwitch:
    """Stops every change until somebody resumes. Reading it never fails: what cannot be read counts as a pause.

    Parameters
    ----------
    path
        The file whose presence is the pause.
    redact
        Takes secrets and personal data out of what people say.
    """

    def __init__(self, path: Path, redact: Callable[[str], str] = redact_by_shape) -> None:
        self._path = path
        self._redact = redact

    def pause(self, reason: str, by: str, now: datetime) -> Pause:
        """Stop every change from now on; pausing again replaces the reason.

        Raises
        ------
        StateError
            When the file cannot be written: then nothing is paused.
        """
        pause = Pause(self._redact(reason), by, now.astimezone(UTC))
        content = {"reason": pause.reason, "by": by, "since": now.astimezone(UTC).isoformat()}
        state_file.save(self._path, VERSION, content)
        return pause

    def resume(self) -> bool:
        """Allow changes again, also after an unreadable file. False when nothing was paused.

        Raises
        ------
        StateError
            When the file cannot be removed: the pause goes on.
        """
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        except OSError as err:
            raise StateError(
                f"{self._path}: cannot be removed ({err.strerror}), so the pause goes on: remove it by hand"
            ) from err
        return True

    def read(self) -> Pause | None:
        """Return the pause, or None when changes are allowed."""
        try:
            content = state_file.load(self._path, VERSION)
            if content is None:
                return self._unreadable("a link that leads nowhere") if lexists(self._path) else None
            # What is cut first is half a secret, which nobody knows for one.
            reason, by = (one_line(self._redact(str(content[name]))) for name in ("reason", "by"))
            return Pause(reason, by, datetime.fromisoformat(content["since"]))
        except (StateError, KeyError, TypeError, ValueError) as err:
            return self._unreadable(str(err))

    def _unreadable(self, why: str) -> Pause:
        reason = f"{self._path} cannot be read, which counts as paused ({why}); `neuropilot resume` removes it"
        return Pause(reason, "unknown", None)
