"""The knobs of a service, read from and written to the files that hold them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from examples import a_choice, a_knob, a_schedule
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.apply.knob_files import edited, lines_to_add, read_thresholds, unified_diff
from ai_ops.apply.work_tree import work_tree_reader
from ai_ops.domain.errors import EditError, Overtaken
from ai_ops.domain.tuning import Change, ScheduledMinimum, Thresholds
from ai_ops.settings.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.tuning import Knob

ROOT = Path(__file__).parents[2]
TFVARS = "infrastructure/terraform/terraform.tfvars"
HELM = "charts/web/values.yaml"
FILES = {
    TFVARS: b"\xef\xbb\xbfcpu_scale_out_percent = 80 # mean\r\nmin_instances = 2\r\n",
    HELM: b"web:\n  cpu_scale_in_percent: 30 # neuropilot: ignore\n  latency_scale_out_ms: '350'\n",
}
OUT = a_knob("cpu_scale_out_percent", minimum=50, maximum=90)
LEAST = a_knob("min_instances", unit="instances", minimum=1, maximum=20)
IN = a_knob("cpu_scale_in_percent", file=HELM, path=("web", "cpu_scale_in_percent"))
SLOW = a_knob(
    "latency_scale_out_ms", file=HELM, path=("web", "latency_scale_out_ms"), unit="ms", minimum=100, maximum=2000
)
KNOBS = (OUT, LEAST, IN, SLOW)


def reader(files: dict[str, bytes]) -> Callable[[str], bytes]:
    """Files of a commit, held in memory."""
    return files.__getitem__


def tfvars(text: str) -> Callable[[str], bytes]:
    """A reader whose every file holds `text`."""
    return lambda _: text.encode()


def test_thresholds_come_from_the_file_that_each_knob_names() -> None:
    """A knob lives in one file, tfvars by default; where a team keeps it in YAML, it is read there (S001-81, R39)."""
    values = {
        "cpu_scale_out_percent": 80.0,
        "min_instances": 2.0,
        "cpu_scale_in_percent": 30.0,
        "latency_scale_out_ms": 350.0,
    }

    assert read_thresholds(reader(FILES), KNOBS) == Thresholds(values, frozenset({"cpu_scale_in_percent"}))


def test_each_file_is_read_once() -> None:
    """A reader may fetch a file over the network."""
    asked: list[str] = []

    def read(file: str) -> bytes:
        asked.append(file)
        return FILES[file]

    read_thresholds(read, KNOBS)

    assert sorted(asked) == [HELM, TFVARS]


def test_changes_give_the_new_bytes_of_each_file() -> None:
    """Two files change in one decision, and each keeps all its other bytes (S001-81, S001-82)."""
    changes = (Change("cpu_scale_out_percent", 80.0, 75.0), Change("latency_scale_out_ms", 350.0, 332.5))

    assert edited(reader(FILES), KNOBS, changes) == {
        TFVARS: FILES[TFVARS].replace(b"80", b"75"),
        HELM: FILES[HELM].replace(b"350", b"332.5"),
    }


def test_two_knobs_of_one_file_change_together() -> None:
    """The second change is made to what the first has left."""
    changes = (Change("cpu_scale_out_percent", 80.0, 75.0), Change("min_instances", 2.0, 3.0))

    after = edited(reader(FILES), KNOBS, changes)

    assert after == {TFVARS: FILES[TFVARS].replace(b"80", b"75").replace(b"2", b"3")}


@pytest.mark.parametrize("changes", [(), (Change("min_instances", 2.0, 2.0),)])
def test_without_a_difference_no_file_is_named(changes: tuple[Change, ...]) -> None:
    """A hold leaves nothing to commit."""
    assert edited(reader(FILES), KNOBS, changes) == {}


def test_a_change_that_was_decided_on_another_value_is_overtaken() -> None:
    """A person's newer value wins; the agent looks again."""
    with pytest.raises(Overtaken, match=r"terraform\.tfvars:1: cpu_scale_out_percent is 80, but .* decided on 75: "):
        edited(reader(FILES), KNOBS, [Change("cpu_scale_out_percent", 75.0, 70.0)])


def test_an_ignored_knob_is_never_written() -> None:
    """The comment holds even when every guardrail was passed over."""
    with pytest.raises(EditError, match=r"values\.yaml:2: cpu_scale_in_percent is marked `neuropilot: ignore`"):
        edited(reader(FILES), KNOBS, [Change("cpu_scale_in_percent", 30.0, 35.0)])


@given(st.floats())
def test_no_value_outside_the_bounds_is_ever_written(after: float) -> None:
    """The editor itself holds the bounds, whatever a policy or a learned state asks for (H41)."""
    files = edited_or_none(Change("cpu_scale_out_percent", 80.0, after))

    assert (files is not None) is (50 <= after <= 90)
    if files:
        written = read_thresholds(reader(FILES | files), KNOBS).values["cpu_scale_out_percent"]
        assert written == after


def edited_or_none(change: Change) -> dict[str, bytes] | None:
    """The new files, or None when the change was refused."""
    try:
        return edited(reader(FILES), KNOBS, [change])
    except EditError:
        return None


@pytest.mark.parametrize(
    ("after", "written"),
    [(85.0, "85"), (77.5, "77.5"), (0.1 + 60, "60.1"), (np.float64(85.0), "85"), (1e-5 + 60, "60.00001"), (85, "85")],
)
def test_floats_are_written_as_people_would(after: float, written: str) -> None:
    """Whole numbers stay whole, and no exponent, no rounding noise reaches the file."""
    text = edited(tfvars("cpu_scale_out_percent = 80"), [OUT], [Change(OUT.name, 80.0, after)])[TFVARS]

    assert text == f"cpu_scale_out_percent = {written}".encode()


def test_a_missing_knob_is_named_with_its_file_and_the_line_to_add() -> None:
    """The operator can mend it without looking anything up."""
    with pytest.raises(EditError) as refusal:
        read_thresholds(tfvars("# nothing here"), [OUT])

    assert str(refusal.value) == (
        f"{TFVARS}: `cpu_scale_out_percent` is not defined; add the line `cpu_scale_out_percent = NUMBER` "
        "(knob cpu_scale_out_percent, 50 to 90 percent)"
    )


WEEK = b"""\
# web
scaling_mode      = "threshold" # step scaling
min_instances     = 2

scheduled_minimum = []
"""
HOURS = (ScheduledMinimum(420, 720, 6), ScheduledMinimum(9960, 120, 3))


def test_words_and_schedules_are_read_beside_numbers() -> None:
    """All kinds of one file in one go."""
    thresholds = read_thresholds(reader({TFVARS: WEEK}), [a_choice(), LEAST, a_schedule()])

    assert thresholds == Thresholds({"scaling_mode": "threshold", "min_instances": 2.0, "scheduled_minimum": ()})


def test_a_knob_without_a_number_may_be_missing() -> None:
    """A file of before keeps working: such a knob is simply not there, and doctor says which line would add it."""
    knobs = [OUT, a_choice(), a_schedule(file=HELM, path=("web", "scheduled_minimum"))]
    old = read_thresholds(reader(FILES), knobs)

    assert old.values == {"cpu_scale_out_percent": 80.0}
    assert lines_to_add(knobs, old) == (
        f'the line `scaling_mode = "threshold"` to {TFVARS}',
        f"the line `scheduled_minimum: []` below `web:` to {HELM}",
    )
    assert lines_to_add([OUT], old) == ()


def test_a_missing_word_cannot_be_changed() -> None:
    """The agent adds no line to a team's file."""
    with pytest.raises(EditError, match="`scaling_mode` is not defined; add the line"):
        edited(reader(FILES), [a_choice()], [Change("scaling_mode", "threshold", "target")])


def test_all_kinds_change_together() -> None:
    """In one file and one decision; a schedule arrives in the order of the week."""
    changes = (
        Change("scheduled_minimum", (), HOURS[::-1]),
        Change("min_instances", 2.0, 3.0),
        Change("scaling_mode", "threshold", "target"),
    )

    after = edited(reader({TFVARS: WEEK}), [a_choice(), LEAST, a_schedule()], changes)[TFVARS]

    assert after == WEEK.replace(b'"threshold"', b'"target"').replace(b"= 2", b"= 3").replace(
        b"[]",
        b"[\n  { from_minute_of_week = 420, to_minute_of_week = 720, min_instances = 6 },\n"
        b"  { from_minute_of_week = 9960, to_minute_of_week = 120, min_instances = 3 },\n]",
    )
    assert read_thresholds(reader({TFVARS: after}), [a_schedule()]).scheduled_minimum == HOURS


def test_a_schedule_that_a_person_laid_out_otherwise_is_the_same() -> None:
    """Entries in another order mean the same, and no run takes them for a change."""
    written = [
        f"{{from_minute_of_week: {a}, to_minute_of_week: {b}, min_instances: {c}}}"
        for a, b, c in ((420, 720, 6), (9960, 120, 3))
    ]
    files = {HELM: f"web: {{scheduled_minimum: [{written[1]}, {written[0]}]}}".encode()}
    knob = a_schedule(file=HELM, path=("web", "scheduled_minimum"))

    assert read_thresholds(reader(files), [knob]).scheduled_minimum == HOURS
    assert edited(reader(files), [knob], [Change("scheduled_minimum", HOURS, HOURS)]) == {}


def test_a_schedule_that_somebody_changed_meanwhile_is_overtaken() -> None:
    """As a number would be."""
    with pytest.raises(Overtaken, match=r"tfvars:5: scheduled_minimum is none, but .* decided on Mon 07:00-12:00 UTC"):
        edited(reader({TFVARS: WEEK}), [a_schedule()], [Change("scheduled_minimum", HOURS[:1], ())])


@pytest.mark.parametrize(
    ("knob", "before", "after", "words"),
    [
        (a_choice(), "threshold", "predictive", "shall become predictive, outside its bounds threshold or target"),
        (a_choice(), "threshold", 80.0, "shall become 80, outside its bounds threshold or target"),
        (LEAST, 2.0, "many", "shall become many, outside its bounds 1 to 20 instances"),
        (a_schedule(), (), (ScheduledMinimum(0, 60, 21),), "at least 21, outside its bounds at most 28 entries"),
        (a_schedule(most_entries=1), (), HOURS, "outside its bounds at most 1 entries"),
        (a_schedule(), (), (HOURS[0], HOURS[0]), "outside its bounds"),
    ],
)
def test_no_word_and_no_schedule_outside_the_bounds_is_ever_written(knob, before, after, words) -> None:
    """The editor itself holds the bounds of every kind (H41)."""
    with pytest.raises(EditError, match=words):
        edited(reader({TFVARS: WEEK}), [knob], [Change(knob.name, before, after)])


def test_a_list_with_comments_inside_is_kept_from_being_changed() -> None:
    """Read, shown, and never written: to the guardrails as if it said `neuropilot: ignore`."""
    text = WEEK.replace(b"[]", b"[ # the sale\n]")
    thresholds = read_thresholds(reader({TFVARS: text}), [a_schedule()])

    assert thresholds == Thresholds({"scheduled_minimum": ()}, frozenset({"scheduled_minimum"}))
    with pytest.raises(EditError, match="comments inside of `scheduled_minimum` would be lost"):
        edited(reader({TFVARS: text}), [a_schedule()], [Change("scheduled_minimum", (), HOURS)])


def test_a_change_of_no_knob_is_refused() -> None:
    """Only what the configuration names may move."""
    with pytest.raises(EditError, match="replicas is no knob of this service"):
        edited(reader(FILES), KNOBS, [Change("replicas", 1.0, 2.0)])


@pytest.mark.parametrize("file", ["main.tf", "terraform.tfvars.json5", "values.toml", "tfvars", "ops_config.YAML"])
def test_an_unknown_ending_is_refused(file: str) -> None:
    """A format the agent has no editor for is never guessed."""
    with pytest.raises(EditError, match=r"must stand in a file that ends in one of \.tfvars, \.json, \.yaml, \.yml"):
        read_thresholds(tfvars("cpu_scale_out_percent = 80"), [a_knob("cpu_scale_out_percent", file=file)])


@pytest.mark.parametrize(
    "file",
    [
        "/etc/terraform.tfvars",
        "../terraform.tfvars",
        "infrastructure/../../terraform.tfvars",
        "./terraform.tfvars",
        "infrastructure//terraform.tfvars",
        ".git/terraform.tfvars",
        "sub/.GIT/terraform.tfvars",
        "infrastructure\\terraform.tfvars",
        "C:terraform.tfvars",
        "terraform\n.tfvars",
        "terra\0form.tfvars",
        "*.tfvars",
        ":/terraform.tfvars",
        "-terraform.tfvars",
        "",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(file: str) -> None:
    """The reader is not even asked (H19)."""

    def read(file: str) -> bytes:
        raise AssertionError(file)

    with pytest.raises(EditError, match="no plain path inside the repository"):
        read_thresholds(read, [a_knob(file=file)])


@pytest.mark.parametrize("text", ["cpu_scale_out_percent = {", "cpu_scale_out_percent = 80\nx = y\n", "\0", "a = 1\rb"])
def test_a_corrupt_file_gives_no_thresholds_and_no_edit(text: str) -> None:
    """The error says where, and nothing is written by halves (H32)."""
    for attempt in (
        lambda: read_thresholds(tfvars(text), [OUT]),
        lambda: edited(tfvars(text), [OUT], [Change(OUT.name, 80.0, 75.0)]),
    ):
        with pytest.raises(EditError, match=r"infrastructure/terraform/terraform\.tfvars:[12]: "):
            attempt()


BEFORE = b"a = 1\ncpu = 80\nb = 2\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BEFORE, BEFORE.replace(b"80", b"75")),
        (BEFORE.replace(b"\n", b"\r\n"), BEFORE.replace(b"\n", b"\r\n").replace(b"80", b"75")),
        (b"\xef\xbb\xbf" + BEFORE, b"\xef\xbb\xbf" + BEFORE.replace(b"80", b"75")),
        (b"cpu = 80", b"cpu = 75"),
        ("# ä\u2028b\x0b\x0c\x85\ncpu = 80".encode(), "# ä\u2028b\x0b\x0c\x85\ncpu = 75".encode()),
    ],
)
def test_git_can_apply_the_diff(before: bytes, after: bytes, tmp_path: Path) -> None:
    """What a reviewer reads is exactly what happens (S001-129)."""
    (tmp_path / "a b.tfvars").write_bytes(before)
    diff = unified_diff(before, after, "a b.tfvars")

    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], cwd=tmp_path, input=diff.encode(), check=True)

    assert (tmp_path / "a b.tfvars").read_bytes() == after


def test_the_diff_of_one_value_is_one_line() -> None:
    """A reviewer sees one line go and one line come, with the file's path (S001-129)."""
    assert unified_diff(BEFORE, BEFORE.replace(b"80", b"75"), TFVARS) == (
        f"--- a/{TFVARS}\n+++ b/{TFVARS}\n@@ -1,3 +1,3 @@\n a = 1\n-cpu = 80\n+cpu = 75\n b = 2\n"
    )


def test_equal_files_have_no_diff() -> None:
    """Nothing differs, nothing is shown."""
    assert unified_diff(BEFORE, BEFORE, TFVARS) == ""


def test_the_shipped_file_holds_every_knob_of_the_rules() -> None:
    """The file that comes with the agent is one the agent can read."""
    knobs: tuple[Knob, ...] = tuple(Service(name="web").knobs.values())

    thresholds = read_thresholds(work_tree_reader(ROOT), knobs)

    assert set(thresholds.values) == {knob.name for knob in knobs}
    assert all(knob.allows(thresholds.values[knob.name]) for knob in knobs)
    assert not thresholds.ignored
