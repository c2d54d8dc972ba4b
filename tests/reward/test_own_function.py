"""A team's own Python function: whatever it does, it costs a reward and nothing else."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rewards import FUNCTION, facts

from ai_ops.domain.errors import ConfigError
from ai_ops.reward.facts import Uncounted
from ai_ops.reward.own_function import OwnFunction

if TYPE_CHECKING:
    from pathlib import Path

WINDOWS = [facts(0.2, 30.0, error_percent=0.5), facts(1.3, 60.0, error_percent=5.0)]


def written(folder: Path, text: str, name: str = "our_rewards:calculate_reward") -> OwnFunction:
    """The function that `text` defines, in a module at the top of a repository."""
    (folder / "our_rewards.py").write_text(text)
    return OwnFunction(name, folder, os.environ)


def doing(folder: Path, *body: str) -> OwnFunction:
    """A function with this body."""
    lines = ["import os, sys, time", "def calculate_reward(sla, cost_variance, metrics):", *(f"    {x}" for x in body)]
    return written(folder, "\n".join(lines) + "\n")


def complaint(function: OwnFunction) -> str:
    """Why it cannot be used."""
    with pytest.raises(ConfigError) as caught:
        function.check()
    return str(caught.value)


def test_the_promised_example_has_its_golden_values(tmp_path):
    """2.0*SLA - cost_variance - 0.1*error_rate/5 (S001-132)."""
    function = written(tmp_path, FUNCTION)
    function.check()
    first, second = function.count(WINDOWS)
    assert first == {"calculate_reward": pytest.approx(2.0 - 0.4 - 0.01)}
    assert second == {"calculate_reward": pytest.approx(0.0 - 0.2 - 0.1)}


def test_it_gets_every_metric_that_was_measured(tmp_path):
    """By the canonical names, with the burn and the cost in units of the budget (S001-132)."""
    function = doing(tmp_path, "assert (sla, cost_variance) == (1.0, 0.4)", "return sum(map(len, metrics))")
    (terms,) = function.count([facts(0.2, 30.0, error_percent=0.5, cpu_percent=45.0)])
    names = ("error_percent", "cpu_percent", "error_rate", "burn", "cost_ratio")
    assert terms == {"calculate_reward": float(sum(map(len, names)))}


def test_it_may_lie_in_a_package_of_the_repository(tmp_path):
    """`my_package.rewards:calculate_reward`, with modules beside it."""
    package = tmp_path / "my_package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "weights.py").write_text("SLA = 2.0\n")
    (package / "rewards.py").write_text("from my_package.weights import SLA\ndef count(a, b, c): return SLA * a\n")
    assert OwnFunction("my_package.rewards:count", tmp_path, os.environ).count(WINDOWS[:1]) == ({"count": 2.0},)


def test_what_is_installed_wins_over_what_lies_in_the_repository(tmp_path):
    """A file of the repository must not pass for a package that the agent's Python knows."""
    (tmp_path / "yaml.py").write_text("def calculate_reward(sla, cost_variance, metrics): return 1.0\n")
    assert "yaml has no function calculate_reward" in complaint(
        OwnFunction("yaml:calculate_reward", tmp_path, os.environ)
    )


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("raise ValueError('no such day')", "raised ValueError: no such day"),
        ("return metrics['db_latency_ms']", "raised KeyError: 'db_latency_ms'"),
        ("raise SystemExit(3)", "raised SystemExit: 3"),
        ("raise KeyboardInterrupt", "raised KeyboardInterrupt"),
        ("return float('nan')", "gave no finite number but nan"),
        ("return 1e308 * 10", "gave no finite number but inf"),
        ("return 10 ** 400", "raised OverflowError: int too large to convert to float"),
        ("return None", "gave no number but NoneType"),
        ("return True", "gave no number but bool"),
        ("return '1.0'", "gave no number but str"),
        ("os._exit(7)", "ended Python itself (exit code 7)"),
        ("os.kill(os.getpid(), 11)", "ended Python itself (exit code -11)"),
        ("return calculate_reward(sla, cost_variance, metrics)", "raised RecursionError"),
    ],
)
def test_whatever_it_does_instead_of_answering_has_no_value(tmp_path, body, says):
    """With the reason; the cycle goes on (S001-132)."""
    (said,) = doing(tmp_path, body).count(WINDOWS[:1])
    assert said.is_fault
    assert said.reason.startswith(says)


@pytest.mark.parametrize("body", ["time.sleep(60)", "while True: pass"])
def test_after_a_second_it_has_no_value(tmp_path, body):
    """A function that hangs must not hold a decision up; the next window is asked all the same (S001-132)."""
    function = doing(tmp_path, "if sla == 1.0:", f"    {body}", "return 0.5")
    assert function.seconds_per_call == 1.0
    slow, quick = replace(function, seconds_per_call=0.2).count(WINDOWS)
    assert slow == Uncounted("took more than 0.2 s", is_fault=True)
    assert quick == {"calculate_reward": 0.5}


def test_one_that_cannot_be_interrupted_is_killed_with_all_that_it_started(tmp_path):
    """What swallows every interruption ends with its process group (H24)."""
    stubborn = doing(
        tmp_path,
        f"if os.fork() == 0: time.sleep(3), open({str(tmp_path / 'late')!r}, 'w'), os._exit(0)",
        "while True:",
        "    try: time.sleep(60)",
        "    except BaseException: pass",
    )
    began = time.monotonic()
    (said,) = replace(stubborn, seconds_per_call=0.1, seconds_in_all=1.0).count(WINDOWS[:1])
    assert said.reason == "took more than 1 s in all"
    time.sleep(max(0.0, 3.5 - (time.monotonic() - began)))
    assert not (tmp_path / "late").exists()


def test_it_does_not_see_the_agents_keys(tmp_path):
    """Its environment holds what Python needs and nothing else (H09)."""
    (tmp_path / "our_rewards.py").write_text(
        "import os\ndef calculate_reward(sla, cost_variance, metrics):\n"
        "    return float(any('SLACK' in f'{k}{v}' for k, v in os.environ.items()))\n"
    )
    environment = {**os.environ, "SLACK_WEBHOOK_URL": "https://hooks.slack.com/SLACK", "OTHER": "SLACK"}
    function = OwnFunction("our_rewards:calculate_reward", tmp_path, environment)
    assert function.count(WINDOWS[:1]) == ({"calculate_reward": 0.0},)


def test_what_it_prints_is_no_answer_and_nothing_is_left_behind(tmp_path, capfd):
    """Who reads stdout gets the agent's words alone, and a dry run writes nothing (S001-61)."""
    function = doing(tmp_path, "print({'value': 9.0})", "os.system('echo 8.0')", "return 0.5")
    assert function.count(WINDOWS) == ({"calculate_reward": 0.5},) * 2
    assert capfd.readouterr() == ("", "")
    assert [one.name for one in tmp_path.iterdir()] == ["our_rewards.py"]


def test_it_cannot_change_what_the_next_call_sees(tmp_path):
    """Every call has metrics of its own."""
    windows = [facts(cpu_percent=45.0)] * 2
    assert doing(tmp_path, "return metrics.pop('cpu_percent')").count(windows) == ({"calculate_reward": 45.0},) * 2


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("no_such_module:f", "cannot be found: no_such_module is neither installed nor in the repository"),
        ("our_rewards.deeper:f", "cannot be found: our_rewards.deeper is neither installed nor in the repository"),
        ("our_rewards:no_such_function", "cannot be found: our_rewards has no function no_such_function"),
        ("our_rewards:NUMBER", "cannot be found: our_rewards has no function NUMBER"),
        ("our_rewards:two", "must take (sla, cost_variance, metrics): TypeError: too many positional arguments"),
        ("our_rewards:four", "must take (sla, cost_variance, metrics): TypeError: missing a required argument: 'd'"),
        ("os:system", "is a part of Python; name a module of your own"),
        ("subprocess:run", "is a part of Python; name a module of your own"),
    ],
)
def test_what_is_no_reward_function_is_a_wrong_setting(tmp_path, name, says):
    """With the reason, before anything is decided."""
    text = "NUMBER = 1\ndef two(a, b): pass\ndef four(a, b, c, d): pass\n"
    assert complaint(written(tmp_path, text, name)) == f"reward.formula: {name} {says}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import no_such_thing", "cannot be imported: ModuleNotFoundError: No module named 'no_such_thing'"),
        ("def f(:", "cannot be imported: SyntaxError: "),
        ("1 / 0", "cannot be imported: ZeroDivisionError: division by zero"),
        ("raise SystemExit", "cannot be imported: SystemExit"),
        ("import os; os._exit(5)", "ended Python itself (exit code 5) while it was loaded"),
    ],
)
def test_a_module_that_cannot_be_imported_is_a_wrong_setting(tmp_path, text, says):
    """With Python's own words."""
    assert complaint(written(tmp_path, text)).startswith(f"reward.formula: our_rewards:calculate_reward {says}")


def test_a_module_that_breaks_during_a_cycle_costs_the_reward(tmp_path):
    """It was looked at before; what came about since must not end the cycle."""
    function = doing(tmp_path, "return 1.0")
    function.check()
    (tmp_path / "our_rewards.py").unlink()
    (said,) = function.count(WINDOWS[:1])
    assert said.is_fault
    assert said.reason == "cannot be found: our_rewards is neither installed nor in the repository"
