"""GitHub's expressions, as far as our workflows speak them: names, literals, `&& || == != ! ()`, status functions.

What it does not know is an error, so that a workflow never passes a test by being misread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Value = str | float | bool | None

_TOKEN = re.compile(
    r"""\s*(?:(?P<sign>&&|\|\||==|!=|[!()])
    |'(?P<text>(?:[^']|'')*)'
    |(?P<number>-?\d+(?:\.\d+)?)
    |(?P<name>[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*))""",
    re.VERBOSE,
)
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_STATUS = re.compile(r"\b(success|failure|always|cancelled)\s*\(\s*\)")
_WORDS: Mapping[str, Value] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names in an expression mean.

    Parameters
    ----------
    contexts
        By name of the context ("github", "secrets"), its properties, which may have properties of their own; the last
        one of a name is null when it is absent.
    has_failed
        Whether a step before has failed, or a job that is waited for.
    has_skipped
        Whether a job that is waited for did not run.
    """

    contexts: Mapping[str, Mapping[str, Any]]
    has_failed: bool = False
    has_skipped: bool = False


def fill(text: str, scope: Scope) -> str:
    """`text` with the value of every `${{ expression }}` in its place."""
    return _EXPRESSION.sub(lambda found: as_text(evaluate(found[1], scope)), text)


def holds(condition: str, scope: Scope) -> bool:
    """Whether an `if:` lets a step or a job run; one that asks for no status means "and nothing failed so far"."""
    whole = _EXPRESSION.fullmatch(condition.strip())
    expression = whole[1] if whole else condition
    if not _STATUS.search(expression):
        expression = f"success() && ({expression})"
    return _is_true(evaluate(expression, scope))


def as_text(value: Value) -> str:
    """A value as it stands in a text, be it from an expression or from YAML."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"{value:g}"
    return value


def evaluate(expression: str, scope: Scope) -> Value:
    """Value of one expression.

    Raises
    ------
    ValueError
        When it holds what we do not speak, or names a context that does not exist.
    """
    parser = _Parser(_tokens(expression), scope)
    value = parser.either()
    if parser.tokens:
        message = f"{expression.strip()!r} does not end at {parser.tokens[0][1]!r}"
        raise ValueError(message)
    return value


def _tokens(expression: str) -> list[tuple[str, str]]:
    tokens, place = [], 0
    while expression[place:].strip():
        found = _TOKEN.match(expression, place)
        if found is None or found.lastgroup is None:
            message = f"not understood: {expression[place:].strip()!r}"
            raise ValueError(message)
        tokens.append((found.lastgroup, found[found.lastgroup]))
        place = found.end()
    return tokens


class _Parser:
    """Recursive descent, the loosest operator first; eats `tokens` from the front."""

    def __init__(self, tokens: list[tuple[str, str]], scope: Scope) -> None:
        self.tokens = tokens
        self._scope = scope

    def either(self) -> Value:
        value = self._both()
        while self._eats("||"):
            other = self._both()
            value = value if _is_true(value) else other
        return value

    def _both(self) -> Value:
        value = self._equality()
        while self._eats("&&"):
            other = self._equality()
            value = other if _is_true(value) else value
        return value

    def _equality(self) -> Value:
        value = self._negation()
        while self._next() in {"==", "!="}:
            is_wanted = self.tokens.pop(0)[1] == "=="
            value = _are_equal(value, self._negation()) is is_wanted
        return value

    def _negation(self) -> Value:
        return not _is_true(self._negation()) if self._eats("!") else self._operand()

    def _operand(self) -> Value:
        if self._eats("("):
            value = self.either()
            self._expect(")")
            return value
        kind, token = self.tokens.pop(0) if self.tokens else ("end", "the end")
        match kind:
            case "text":
                return token.replace("''", "'")
            case "number":
                return float(token)
            case "name" if self._eats("("):
                self._expect(")")
                return self._call(token)
            case "name":
                return _WORDS[token] if token in _WORDS else self._look_up(token)
        message = f"no value may stand at {token!r}"
        raise ValueError(message)

    def _call(self, name: str) -> bool:
        functions: Mapping[str, Callable[[], bool]] = {
            "success": lambda: not (self._scope.has_failed or self._scope.has_skipped),
            "failure": lambda: self._scope.has_failed,
            "always": lambda: True,
            "cancelled": lambda: False,
        }
        if name not in functions:
            message = f"no such function: {name}()"
            raise ValueError(message)
        return functions[name]()

    def _look_up(self, name: str) -> Value:
        context, *keys = name.split(".")
        value: Any = self._scope.contexts.get(context)
        for key in keys:
            if not isinstance(value, Mapping):
                break
            value = value.get(key)
            keys = keys[1:]
        if context not in self._scope.contexts or keys or isinstance(value, Mapping):
            message = f"no such context or property: {name}"
            raise ValueError(message)
        return value

    def _next(self) -> str | None:
        return self.tokens[0][1] if self.tokens and self.tokens[0][0] == "sign" else None

    def _eats(self, sign: str) -> bool:
        if self._next() != sign:
            return False
        self.tokens.pop(0)
        return True

    def _expect(self, sign: str) -> None:
        if not self._eats(sign):
            message = f"{sign!r} is missing"
            raise ValueError(message)


def _is_true(value: Value) -> bool:
    return bool(value)


def _are_equal(one: Value, other: Value) -> bool:
    """Words without regard to case; unlike kinds as numbers."""
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    return one == other if type(one) is type(other) else _as_number(one) == _as_number(other)


def _as_number(value: Value) -> float:
    try:
        return float(value or 0)
    except ValueError:
        return float("nan")
