"""What a run says aloud. When nobody can hear it any more, it goes on in silence: a listener decides nothing."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from typing import TextIO


def speak(text: str, *, err: bool = False) -> None:
    """Print a line on stdout or stderr; a reader who has gone and a disk that is full are no error."""
    try:
        typer.echo(text, err=err)
    except OSError:
        silence(sys.stderr if err else sys.stdout)


def silence(stream: TextIO) -> None:
    """Let what is buffered and what follows go nowhere: else it would fail once more when Python ends."""
    with suppress(OSError):  # not a file at all
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
