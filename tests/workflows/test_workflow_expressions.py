"""The judge of our workflows reads expressions as GitHub does."""

from __future__ import annotations

import pytest
from expressions import Scope, evaluate, fill, holds

SCOPE = Scope({"inputs": {"mode": "ops_cycle"}, "github": {"ref": "refs/heads/main"}, "secrets": {}})


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("inputs.mode", "ops_cycle"),
        ("inputs.other", None),
        ("inputs.other || 'ops_cycle'", "ops_cycle"),
        ("inputs.mode && 'it''s set'", "it's set"),
        ("'a' == 'A'", True),
        ("1 == '1'", True),
        ("null == 0", True),
        ("'x' == 0", False),
        ("!(inputs.mode != 'train_model') || github.ref == 'refs/heads/main'", True),
        ("true || false && false", True),
        ("(true || false) && false", False),
        ("!'' && 2.5", 2.5),
    ],
)
def test_an_expression_has_the_value_that_github_gives_it(expression: str, value: object) -> None:
    """Otherwise a condition could pass here and fail there."""
    assert evaluate(expression, SCOPE) == value


@pytest.mark.parametrize(
    "expression",
    ["env.HOME", "inputs", "github.event.action", "contains('ab', 'a')", "1 +", "(true", "true)", "'open", ""],
)
def test_what_is_not_known_is_an_error(expression: str) -> None:
    """A runner that guesses would let a broken workflow pass."""
    with pytest.raises(ValueError, match=r"\w"):
        evaluate(expression, SCOPE)


@pytest.mark.parametrize(
    ("condition", "before", "after_failure"),
    [
        ("true", True, False),
        ("inputs.mode == 'ops_cycle'", True, False),
        ("${{ inputs.mode != 'ops_cycle' }}", False, False),
        ("success()", True, False),
        ("failure()", False, True),
        ("always() && inputs.mode", True, True),
        ("cancelled()", False, False),
    ],
)
def test_a_condition_waits_for_success_unless_it_asks(condition: str, *, before: bool, after_failure: bool) -> None:
    """`if: failure()` is how a failed run still speaks."""
    assert holds(condition, SCOPE) is before
    assert holds(condition, Scope(SCOPE.contexts, has_failed=True)) is after_failure


def test_expressions_become_text() -> None:
    """What is not set is an empty text, as a secret is that nobody has set."""
    assert fill("[${{ secrets.TOKEN }}] ${{ inputs.mode }} ${{ true }} ${{ 3 }}", SCOPE) == "[] ops_cycle true 3"
