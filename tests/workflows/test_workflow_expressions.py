"""The judge of our workflows reads expressions as GitHub does."""

from __future__ import annotations

import pytest
from expressions import Scope, evaluate, fill, holds

NEEDS = {"look": {"result": "success", "outputs": {"sha256": "0b5e"}}}
SCOPE = Scope(
    {"inputs": {"mode": "ops_cycle"}, "github": {"ref": "refs/heads/main"}, "secrets": {}, "needs": NEEDS, "steps": {}}
)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("inputs.mode", "ops_cycle"),
        ("inputs.other", None),
        ("needs.look.outputs.sha256", "0b5e"),
        ("needs.look.outputs.sha512", None),
        ("needs.look.result == 'success'", True),
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
    [
        *(
            "env.HOME",
            "inputs",
            "needs.look",
            "needs.think.result",
            "needs.look.result.sha256",
            "steps.look.outputs.it",
        ),
        *("github.event.action", "contains('ab', 'a')", "1 +", "(true", "true)", "'open", ""),
    ],
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


def test_after_a_job_that_did_not_run_nothing_runs_unasked() -> None:
    """It has not failed either, so nobody is called; only `always()` goes on."""
    skipped = Scope(SCOPE.contexts, has_skipped=True)
    assert [holds(one, skipped) for one in ("true", "failure()", "always()")] == [False, False, True]


def test_expressions_become_text() -> None:
    """What is not set is an empty text, as a secret is that nobody has set."""
    assert fill("[${{ secrets.TOKEN }}] ${{ inputs.mode }} ${{ true }} ${{ 3 }}", SCOPE) == "[] ops_cycle true 3"
