"""Nothing that a log, a label or a person wrote goes into a model's files: they are kept in git, for ever (H12).

Two kinds of file, two rules. What a model computes with holds numbers, and no text but names: words in small letters,
times, digests. That rule leaves no room for a sentence. The card is read by people, so it holds sentences, which the
agent writes itself; there the rule is a net for what slips in: secrets and personal data as `redact` knows them, and
what lines of a log look like. A net has holes: a customer's name in small letters is a word like any other.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

from ai_ops.domain.metrics import CANONICAL_METRICS
from ai_ops.domain.model_version import TrainingKind, Verdict
from ai_ops.domain.self_test import Fault
from ai_ops.redact import redact

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

CARD = "model_card.json"
"""The one JSON file that holds sentences."""

LONGEST_LINE = 2000

_KNOWN = frozenset({"", *CANONICAL_METRICS, *Fault, *TrainingKind, *Verdict})
_SEGMENT = r"(?:[a-z]{1,24}[0-9]{0,3}|[0-9]{1,3}[a-z]{0,3})"
_DIGESTED = r"[0-9]{8}T[0-9]{4}Z-[0-9a-f]{8}|[0-9a-f]{64}"
_NAME = re.compile(
    rf"{_SEGMENT}(?:_{_SEGMENT}){{0,7}}"  # latency_p95_ms, http_5xx_ratio
    r"|[a-z][a-z_]{0,40}\.(?:json|md)"  # files of the version
    rf"|{_DIGESTED}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|\+00:00))?"
    r"|-?[0-9]{1,20}(?:\.[0-9]{1,20})?(?:e[+-]?[0-9]{1,3})?"
)

_OPAQUE = re.compile(r"(?=[\w+/=-]*[0-9])(?=[\w+/=-]*[A-Za-z])[\w+/=-]{20,}")
_LOG_MARKS = re.compile(
    r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"  # IPv4
    r"|(?<![\w:])(?=[0-9A-Fa-f:]*[A-Fa-f:]{2})(?:[0-9A-Fa-f]{0,4}:){3,7}[0-9A-Fa-f]{0,4}(?![\w:])"  # IPv6
    r"|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"  # UUID
    r"|\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL)\b"
    r"|\b\d{2}:\d{2}:\d{2}[.,]\d{3}"  # times to the millisecond
    r"|\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /"
    r"|\b\w{1,40}(?:Exception|Error)\b|\bTraceback\b|\bpanic:|\bat [\w.$]{1,200}\("
    r"|\b[\w.]{1,40}=[^\s=].{0,200}\s[\w.]{1,40}=[^\s=]"  # logfmt: two pairs on a line
    r"|\[\d{1,7}\]:"  # syslog
    r"|\b[a-z][a-z0-9+.-]{1,20}://[^\s)]*[?#]"  # an address with a query
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def raw_text_in(name: str, content: bytes, words: Collection[str]) -> str:
    """Say what in the file `name` may have been written by somebody else, without repeating it; empty when nothing.

    Parameters
    ----------
    words
        Texts that are known to be harmless, such as the service's name.
    """
    try:
        text = content.decode()
        if not name.endswith(".json"):
            return _first(_line_problem(line, words) for line in text.split("\n"))
        form = json.loads(text, object_pairs_hook=_Pairs, parse_constant=_no_constant)
        problem = _line_problem if name == CARD else _name_problem
        return _first(f"{where}: {what}" for where, one in _texts(form, "") if (what := problem(one, words)))
    except (ValueError, RecursionError):
        return "it is no text that this release writes"


class _Pairs(list[tuple[str, Any]]):
    """A JSON object, with both values of a key that stands there twice."""


def _no_constant(_: str) -> NoReturn:
    raise ValueError("NaN and infinity are no JSON")


def _texts(form: Any, where: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401  # JSON
    """Every key and text, with the keys that lead there; a key itself comes before it leads anywhere."""
    if isinstance(form, str):
        yield where or "top", form
    elif isinstance(form, _Pairs):
        for key, value in form:
            yield f"a key in {where or 'the top'}", key
            yield from _texts(value, f"{where}.{key}".lstrip("."))
    elif isinstance(form, list):
        for one in form:
            yield from _texts(one, where)


def _name_problem(text: str, words: Collection[str]) -> str:
    if text in words or text in _KNOWN or (_NAME.fullmatch(text) and redact(text) == text):
        return ""
    return f"a text of {len(text)} letters that is no name, time or digest"


def _line_problem(line: str, words: Collection[str]) -> str:
    if line in words or line in _KNOWN:
        return ""
    if len(line) > LONGEST_LINE:
        return f"a line of {len(line)} letters, which is longer than a sentence of ours"
    found = {
        "a control character": _CONTROL.search(line),
        "what looks like a secret or tells of a person": redact(line) != line,
        "what looks like a line of a log": _LOG_MARKS.search(line),
        "a run of letters and digits that looks like a token": not all(
            _is_harmless(run, words) for run in _OPAQUE.findall(line)
        ),
    }
    return _first(problem for problem, is_there in found.items() if is_there)


def _is_harmless(run: str, words: Collection[str]) -> bool:
    return run in words or _NAME.fullmatch(run) is not None


def _first(problems: Iterator[str]) -> str:
    return next(filter(None, problems), "")
