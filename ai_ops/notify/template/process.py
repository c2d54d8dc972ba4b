"""The process in which a team's template is rendered; started by `template`, never imported by it.

Reads one JSON document: `{"template": …, "values": {…}, "is_html": …, "cpu_seconds": …}`.
Writes one: `{"text": …}`, or `{"problem": …, "line": …}` when the template is at fault.

Jinja2's sandbox keeps a template from Python; this process keeps it from everything else: it has no secret in its
memory and none in its environment, and it ends when it takes too much time, memory or room.
Only the standard library and Jinja2, so that it also runs where the package itself is not importable.
"""

from __future__ import annotations

import json
import resource
import sys
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

MOST_CHARACTERS = 20_000
MOST_BYTES_OF_MEMORY = 512 * 1024**2
MOST_BYTES_WRITTEN = 1024**2

_FILTERS = (
    "abs batch capitalize center count d default dictsort e escape first float format groupby indent int items join "
    "last length list lower map max min reject rejectattr replace reverse round select selectattr slice sort string "
    "striptags sum title tojson trim truncate unique upper urlencode wordcount wordwrap"
)
"""Those that make text of values; what reaches into objects, or depends on chance, is not among them."""


class TooLong(Exception):
    """The template gives more text than any message has."""


def main() -> None:
    """Answer the one question there is."""
    sys.excepthook = _complain
    import jinja2.sandbox  # noqa: F401  # before the limits: what is installed may be read

    asked = json.load(sys.stdin)
    _limit(asked["cpu_seconds"])
    _say({"text": render(asked["template"], asked["values"], is_html=asked["is_html"])})


def render(template: str, values: Mapping[str, Any], *, is_html: bool) -> str:
    """Render `template` with plain values: texts, numbers, lists and mappings of them.

    Raises
    ------
    Exception
        Of any kind: a template is a program.
    """
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment, safe_range

    rendering = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=is_html, trim_blocks=True, lstrip_blocks=True
    )
    rendering.globals = {"range": safe_range}
    rendering.filters = {name: rendering.filters[name] for name in _FILTERS.split()}
    parts: list[str] = []
    room = MOST_CHARACTERS
    for part in rendering.from_string(template).generate(values):
        parts.append(part)
        room -= len(part)
        if room < 0:
            raise TooLong(f"it gives more than {MOST_CHARACTERS} characters")
    return "".join(parts)


def line_of(trace: TracebackType | None) -> int | None:
    """Line of the template at which it failed; None where nobody knows."""
    lines = [frame.lineno for frame in traceback.extract_tb(trace) if frame.filename == "<template>"]
    return lines[-1] if lines else None


def _limit(cpu_seconds: int) -> None:
    """Never to be raised again in this process."""
    for kind, most in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, MOST_BYTES_OF_MEMORY),
        (resource.RLIMIT_FSIZE, MOST_BYTES_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError):  # macOS limits no memory; the time is limited there as well
            resource.setrlimit(kind, (most, most))


def _complain(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    words = {"MemoryError": "it needs too much memory", "RecursionError": "it calls itself without end"}
    says = words.get(kind.__name__) or str(getattr(error, "message", None) or error) or kind.__name__
    _say({"problem": says, "line": getattr(error, "lineno", None) or line_of(trace)})


def _say(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
