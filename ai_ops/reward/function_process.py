"""The process in which a team's reward function runs; started by `own_function`, never imported by it.

Reads one JSON document: `{"function": "module:function", "root": …, "seconds": …, "calls": [{"sla": …, …}, …]}`.
Writes JSON lines: `{"loaded": true}` or `{"error": …}`, then for each call `{"value": …}` or `{"fault": …}`.
Only the standard library, so that it also runs where the package itself is not importable.
"""

from __future__ import annotations

import importlib
import inspect
import json
import math
import os
import signal
import sys
import time
from numbers import Real
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Unusable(Exception):
    """The function cannot be had."""


class TooSlow(BaseException):
    """The time of one call is up; no `except Exception` of the function's own may swallow it."""


def main() -> None:
    """Answer, and leave at once, whatever threads the function has started."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the function prints is no answer

    def tell(document: dict[str, Any]) -> None:
        answers.write(json.dumps(document) + "\n")
        answers.flush()

    asked = json.load(sys.stdin)
    signal.signal(signal.SIGALRM, _time_is_up)
    try:
        function = load(asked["function"], asked["root"])
    except Unusable as reason:
        tell({"error": str(reason)})
    else:
        tell({"loaded": True})
        for call in asked["calls"]:
            tell(answer(function, call, asked["seconds"]))
    os._exit(0)


def load(name: str, root: str) -> Callable[..., object]:
    """Import `module:function`; what lies in the repository is found last, so that it hides no package."""
    module_name, _, function_name = name.partition(":")
    if module_name.partition(".")[0] in sys.stdlib_module_names:
        raise Unusable("is a part of Python; name a module of your own")
    sys.path.append(root)
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module_name}.".startswith(f"{error.name}."):
            raise Unusable(f"cannot be found: {error.name} is neither installed nor in the repository") from None
        raise Unusable(f"cannot be imported: {_in_words(error)}") from None
    except BaseException as error:  # noqa: BLE001  # a module may raise anything at all while it is imported
        raise Unusable(f"cannot be imported: {_in_words(error)}") from None
    function = getattr(module, function_name, None)
    if not callable(function):
        raise Unusable(f"cannot be found: {module_name} has no function {function_name}")
    try:
        inspect.signature(function).bind(1.0, 0.0, {})
    except (TypeError, ValueError) as error:
        raise Unusable(f"must take (sla, cost_variance, metrics): {_in_words(error)}") from None
    return function  # type: ignore[no-any-return]  # whatever it gives is looked at


def answer(function: Callable[..., object], call: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Call once, for at most so many seconds."""
    began = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        given = function(call["sla"], call["cost_variance"], call["metrics"])
        value = float(given) if isinstance(given, Real) and not isinstance(given, bool) else None
    except TooSlow:
        return {"fault": f"took more than {seconds:g} s"}
    except BaseException as error:  # noqa: BLE001  # a function may raise anything at all; it costs its own value alone
        return {"fault": f"raised {_in_words(error)}"}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
    if time.monotonic() - began >= seconds:  # it caught even that
        return {"fault": f"took more than {seconds:g} s"}
    if value is None:
        return {"fault": f"gave no number but {type(given).__name__}"}
    return {"value": value} if math.isfinite(value) else {"fault": f"gave no finite number but {value}"}


def _time_is_up(_number: int, _frame: object) -> None:
    raise TooSlow


def _in_words(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  # even its words may fail
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


if __name__ == "__main__":
    main()
