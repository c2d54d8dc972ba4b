"""A team's own words for a message: a Jinja2 template of theirs, rendered where it can do no harm.

The first line that it gives is the title, the others are the lines below it. A template that is broken costs its words
and no message: the built-in text is sent, and the receipt says what is wrong, and where.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ai_ops.domain.one_line import one_line
from ai_ops.files import read_plain
from ai_ops.notify.channel import Written
from ai_ops.notify.template.values import values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.domain.message import Message

CHILD = Path(__file__).with_name("process.py")

MOST_BYTES = 64 * 1024
"""Of a template, and four times as much of an answer."""

_HTML = (".html", ".htm", ".html.j2", ".html.jinja", ".html.jinja2")

_PASSED_ON = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "VIRTUAL_ENV")
"""What Python needs to find its packages; everything else of the environment stays here, secrets above all."""


def is_page(file: str) -> bool:
    """Whether a template gives a page in place of plain text, by its name."""
    return file.endswith(_HTML)


class Broken(Exception):
    """A template gives no text that could be sent; its words say why."""


@dataclass(frozen=True, slots=True)
class Template:
    """One file of the repository that words messages.

    Parameters
    ----------
    root
        Top level of the repository.
    file
        Inside of it, with "/" between its parts. Where its name ends in .html, the text is a page for e-mail, and
        values are escaped in it.
    environment
        Usually `os.environ`.
    redact
        Takes secrets out of what was rendered.
    seconds
        How long it may take in all, starting Python included.
    cpu_seconds
        How long it may compute.
    """

    root: Path
    file: str
    environment: Mapping[str, str]
    redact: Callable[[str], str]
    seconds: float = 15.0
    cpu_seconds: int = 2

    def __call__(self, message: Message) -> Written:
        """Put `message` into the team's words; into its own where that fails."""
        try:
            return Written(self._worded(message, self.redact(self._rendered(message))))
        except Broken as error:
            return Written(message, one_line(self.redact(f"the built-in text was sent: {self.file}{error}")))

    def source(self) -> str:
        """Text of the template.

        Raises
        ------
        Broken
            When it is not in the repository, is hidden there, is too large, or is no text.
        """
        path = (self.root / self.file).resolve()
        top = self.root.resolve()
        if not path.is_relative_to(top) or any(part.startswith(".") for part in path.relative_to(top).parts):
            raise Broken(" leads out of the repository, or to what is hidden in it")
        try:
            raw = read_plain(path, MOST_BYTES + 1)
            text = raw.decode()
        except OSError as error:
            raise Broken(f" cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise Broken(" is no text in UTF-8") from error
        if len(raw) > MOST_BYTES:
            raise Broken(f" has more than {MOST_BYTES} bytes")
        return text

    def _worded(self, message: Message, text: str) -> Message:
        title, _, rest = text.lstrip().partition("\n")
        if not title.strip():
            raise Broken(" gives no first line, which would be the title")
        if is_page(self.file):
            return replace(message, title=one_line(unescape(title)), html=rest)
        lines = tuple(line.rstrip() for line in rest.splitlines() if line.strip())
        return replace(message, title=one_line(title), facts=(), lines=lines, document=None, text="")

    def _rendered(self, message: Message) -> str:
        asked = {
            "template": self.source(),
            "values": values_of(message),
            "is_html": is_page(self.file),
            "cpu_seconds": self.cpu_seconds,
        }
        answer = self._ask(json.dumps(asked))
        text = answer.get("text")
        if isinstance(text, str):
            return text
        where = f", line {answer['line']}" if answer.get("line") else ""
        raise Broken(f"{where}: {answer.get('problem', 'it gives no text')}")

    def _ask(self, question: str) -> dict[str, Any]:
        # Files rather than pipes: the process may then write so much and no more, and nobody waits for anybody.
        with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as said:
            asked.write(question.encode())
            asked.seek(0)
            end = self._run(asked, said)
            said.seek(0)
            answer = said.read(4 * MOST_BYTES)
        try:
            document = json.loads(answer)
        except ValueError:
            raise Broken(f" {end}") from None
        return document if isinstance(document, dict) else {}

    def _run(self, asked: IO[bytes], said: IO[bytes]) -> str:
        """Let the process answer; how it ended, in words."""
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-B", str(CHILD)],
                stdin=asked,
                stdout=said,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={name: value for name in _PASSED_ON if (value := self.environment.get(name))},
                timeout=self.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"took more than {self.seconds:g} s"
        except OSError as error:
            return f"could not be rendered: Python did not start ({error.strerror})"
        if done.returncode in {-signal.SIGXCPU, -signal.SIGKILL}:
            return f"computed for more than {self.cpu_seconds} s"
        return f"ended Python itself (exit code {done.returncode})"
