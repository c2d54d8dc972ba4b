"""The Terraform module that consumes the thresholds: it holds the same bounds, and Terraform itself accepts it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import hcl2
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from terraform import needs_terraform, terraform

from ai_ops.apply.knob_files import read_thresholds
from ai_ops.apply.tfvars import set_value
from ai_ops.apply.work_tree import work_tree_reader
from ai_ops.domain.schedule import ScheduledMinimum, in_order
from ai_ops.domain.tuning import Change
from ai_ops.settings.service import Service
from ai_ops.tune.fit import contradiction

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "infrastructure" / "terraform"
CONFIGURATION = yaml.safe_load((ROOT / "ai_ops" / "config" / "ops_config.yaml").read_text())
KNOBS = CONFIGURATION["services"][0]["knobs"]
NUMBERS = {name: knob for name, knob in KNOBS.items() if "max_step" in knob}
VARIABLES = (MODULE / "variables.tf").read_text()
README = (MODULE / "README.md").read_text()


def _entry(begin: int, length: int, instances: int) -> ScheduledMinimum:
    """Some time span of the week; more instances than may be asked for now and then."""
    return ScheduledMinimum(begin, (begin + length - 1) % 10080 + 1, max(1, instances))


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A copy of the module as Terraform finds it in a fresh clone."""
    shutil.copytree(MODULE, tmp_path / "module", ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    return tmp_path / "module"


def code_blocks(language: str) -> list[str]:
    """What stands between the fences of the README."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def test_every_knob_is_a_variable() -> None:
    """No knob is tuned that nothing consumes, and none is consumed that is not bounded."""
    declared = {name.strip('"') for block in hcl2.loads(VARIABLES)["variable"] for name in block}

    assert declared == set(KNOBS)


@pytest.mark.parametrize("knob", NUMBERS)
def test_terraform_holds_the_bounds_of_the_configuration(knob: str) -> None:
    """A bound changed in one place and forgotten in the other would let a value through, or block every plan (H41)."""
    lower, upper = KNOBS[knob]["min"], KNOBS[knob]["max"]

    assert f"condition     = var.{knob} >= {lower} && var.{knob} <= {upper}\n" in VARIABLES
    assert re.search(rf'"{knob} must lie between {lower} and {upper}\b', VARIABLES)


def test_terraform_holds_what_a_word_and_a_schedule_may_be() -> None:
    """The same words, the same bounds of each entry, and as many entries (H41)."""
    words, schedule = KNOBS["scaling_mode"]["words"], KNOBS["scheduled_minimum"]
    least, most = schedule["min"], schedule["max"]

    assert f"contains({json.dumps(words)}, var.scaling_mode)" in VARIABLES
    assert f"one.min_instances >= {least} && one.min_instances <= {most}]" in VARIABLES
    assert f"length(var.scheduled_minimum) <= {schedule['most_entries']}\n" in VARIABLES


def test_the_committed_values_lie_within_the_bounds() -> None:
    """The first plan after a clone passes, and nothing that may move is missing."""
    knobs = Service(name="web").knobs

    standing = read_thresholds(work_tree_reader(ROOT), knobs.values())

    assert standing.values.keys() == knobs.keys()
    assert all(knobs[name].allows(value) for name, value in standing.values.items())


@pytest.mark.parametrize("knob", NUMBERS)
def test_each_bound_is_tried_from_outside(knob: str) -> None:
    """`terraform test` plans with a value just below and just above every bound and expects a failure there."""
    runs = hcl2.loads((MODULE / "tests" / "bounds.tftest.hcl").read_text())["run"]
    tried = [
        run["variables"][0][knob]
        for named in runs
        for run in named.values()
        if run.get("expect_failures") == [f"${{var.{knob}}}"]
    ]

    assert {KNOBS[knob]["min"] - 1, KNOBS[knob]["max"] + 1} <= set(tried)


def test_the_agent_keeps_no_smaller_gap_than_terraform() -> None:
    """Terraform's limit is the last line of defence; the agent must not propose what a plan refuses."""
    floor = re.search(r"var\.cpu_scale_in_percent <= var\.cpu_scale_out_percent - (\d+)", VARIABLES)

    assert floor
    assert int(floor[1]) <= CONFIGURATION["tuning"]["scale_gap_percent"]


@needs_terraform
def test_terraform_finds_nothing_to_format(module: Path) -> None:
    """The files look as `terraform fmt` writes them, the examples of the README too."""
    (module / "examples.tf").write_text("\n".join(code_blocks("hcl")))

    shown = terraform(module, "fmt", "-check", "-recursive", "-diff")

    assert shown.returncode == 0, shown.stdout


@needs_terraform
def test_the_commands_of_the_readme_work_offline(module: Path) -> None:
    """A newcomer runs init, validate, plan and test without a provider, an account or a network."""
    commands = [line.split() for block in code_blocks("sh terraform") for line in block.splitlines()]

    assert [command[1] for command in commands] == ["init", "validate", "plan", "test"]
    for program, *arguments in commands:
        assert program == "terraform"
        done = terraform(module, *arguments, "-no-color")
        assert done.returncode == 0, done.stdout + done.stderr


@needs_terraform
@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("cpu_scale_out_percent    = 80", "cpu_scale_out_percent    = 95", "must lie between 50 and 90 percent"),
        ("cpu_scale_in_percent     = 30", "cpu_scale_in_percent     = 3", "must lie between 20 and 70 percent"),
        (
            "cpu_scale_out_percent    = 80",
            "cpu_scale_out_percent    = null",
            "required variable may not be set to null",
        ),
        ("min_instances    = 2", "min_instances    = 1.5", "must be a whole number"),
        ("max_instances    = 12", 'max_instances    = "many"', "a number is required"),
        ("cooldown_minutes = 5", "", "No value for required variable"),
        ('scaling_mode = "threshold"', 'scaling_mode = "both"', "must be threshold or target"),
        ("scheduled_minimum = []", "scheduled_minimum = [6]", "object required"),
    ],
)
def test_a_plan_fails_on_a_value_that_no_one_may_set(module: Path, before: str, after: str, says: str) -> None:
    """Whoever wrote it, a value outside the bounds never reaches the platform (H41)."""
    values = module / "terraform.tfvars"
    assert before in values.read_text()
    values.write_text(values.read_text().replace(before, after))

    terraform(module, "init")
    plan = terraform(module, "plan", "-input=false", "-no-color")

    assert plan.returncode == 1
    assert says in " ".join((plan.stdout + plan.stderr).split())


@needs_terraform
def test_values_of_before_mode_and_schedule_still_plan(module: Path) -> None:
    """A team's file that lacks the two lines keeps working."""
    values = module / "terraform.tfvars"
    lines = values.read_text().splitlines(keepends=True)
    values.write_text("".join(line for line in lines if not line.startswith(("scaling_mode", "scheduled_minimum"))))

    terraform(module, "init")

    assert terraform(module, "plan", "-input=false").returncode == 0


@needs_terraform
def test_terraform_takes_a_schedule_as_the_agent_writes_it(module: Path) -> None:
    """Nothing is left to format, and the plan shows each time span with its cron expressions."""
    values = module / "terraform.tfvars"
    week = tuple(ScheduledMinimum(day * 1440 + 420, day * 1440 + 1140, 6) for day in range(5))
    text = set_value(values.read_text(), ("scaling_mode",), "target")
    values.write_text(set_value(text, ("scheduled_minimum",), week))

    terraform(module, "init")
    plan = terraform(module, "plan", "-input=false", "-no-color")

    assert terraform(module, "fmt", "-check", "-recursive").returncode == 0
    assert plan.returncode == 0, plan.stderr
    assert re.search(r'mode += "target"', plan.stdout)
    assert re.search(r'from += "0 7 \* \* 5"\s+\+ min_instances = 6\s+\+ to += "0 19 \* \* 5"', plan.stdout)


@needs_terraform
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.builds(_entry, st.integers(0, 10079), st.integers(1, 10079), st.integers(0, 25)), max_size=4))
def test_terraform_and_the_agent_allow_the_same_schedules(module: Path, entries: list[ScheduledMinimum]) -> None:
    """Two last lines of defence, and no schedule that only one of them takes (H41)."""
    knobs = Service(name="web").knobs
    standing = read_thresholds(work_tree_reader(ROOT), knobs.values())
    change = Change("scheduled_minimum", (), in_order(entries))
    is_allowed = knobs["scheduled_minimum"].allows(change.after) and contradiction(standing, [change]) is None
    values = module / "terraform.tfvars"
    values.write_text(set_value((MODULE / "terraform.tfvars").read_text(), ("scheduled_minimum",), change.after))

    terraform(module, "init")

    assert (terraform(module, "plan", "-input=false").returncode == 0) is is_allowed


@needs_terraform
def test_a_plan_shows_which_value_moves(module: Path) -> None:
    """After an apply, the next plan says what changes from what to what."""
    terraform(module, "init")
    assert terraform(module, "apply", "-auto-approve", "-input=false").returncode == 0
    values = module / "terraform.tfvars"
    values.write_text(values.read_text().replace("= 80", "= 75"))

    plan = terraform(module, "plan", "-input=false", "-no-color", "-detailed-exitcode")

    assert plan.returncode == 2
    assert re.search(r"~ cpu_percent += 80 -> 75", plan.stdout)


def test_the_examples_read_only_what_the_module_offers() -> None:
    """An example that names a value which does not exist would fail in the reader's hands."""
    policy = hcl2.loads((MODULE / "main.tf").read_text())["locals"][0]["autoscaling_policy"]
    read = set(re.findall(r"local\.autoscaling_policy\.([\w.]+)", README))

    assert read
    for path in read:
        value = policy
        for key in path.split("."):
            value = value[key]
