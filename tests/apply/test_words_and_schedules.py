"""A word or a list of minimums changes in `.tfvars` and in YAML, and not one byte beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pygohcl
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from terraform import meaning, needs_terraform, terraform

from ai_ops.apply import tfvars, yaml_values
from ai_ops.domain.errors import EditError
from ai_ops.domain.schedule import ScheduledMinimum, in_order
from ai_ops.domain.tuning import KnobKind

if TYPE_CHECKING:
    from types import ModuleType

    from ai_ops.domain.schedule import Schedule

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
MORNING, NIGHT = ScheduledMinimum(420, 720, 6), ScheduledMinimum(9960, 120, 3)
WORD, LIST = KnobKind.CHOICE, KnobKind.SCHEDULE
SHIPPED = (Path(__file__).parents[2] / "infrastructure/terraform/terraform.tfvars").read_text()

HCL_ENTRY = "{ from_minute_of_week = 420, to_minute_of_week = 720, min_instances = 6 }"
YAML_ENTRY = "{from_minute_of_week: 420, to_minute_of_week: 720, min_instances: 6}"


def refusal(format_: ModuleType, text: str, value: str | Schedule) -> str:
    """What the editor says to setting `x` of `text`."""
    with pytest.raises(EditError) as caught:
        format_.set_value(text, ("x",), value, "f")
    return str(caught.value)


# -- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("format_", "text", "after"),
    [
        (tfvars, 'a = 1\r\nx = "threshold" # why\r\n', 'a = 1\r\nx = "target" # why\r\n'),
        (tfvars, '\ufeffx="threshold"', '\ufeffx="target"'),
        (yaml_values, "a: 1\nx: threshold # why\n", "a: 1\nx: target # why\n"),
        (yaml_values, "{a: 1, x: 'threshold'}", "{a: 1, x: 'target'}"),
        (yaml_values, 'x: "threshold"\r\n', 'x: "target"\r\n'),
    ],
)
def test_only_the_word_changes(format_, text, after) -> None:
    """Quotes, comments and line ends stay (S001-82, H19)."""
    found = format_.read_value(text, ("x",), "f", WORD)

    assert (found.value, text[found.start : found.end]) == ("threshold", "threshold")
    assert format_.set_value(text, ("x",), "target") == after
    assert format_.set_value(text, ("x",), "threshold") is text


@pytest.mark.parametrize(
    "value",
    [
        '"${var.mode}"',
        '"thre${"s"}hold"',
        '"%{ if true }threshold%{ endif }"',
        '"thresh\\u006fld"',
        '"two words"',
        '""',
        "threshold",
        "var.mode",
        "80",
        "true",
        "null",
        '["threshold"]',
        'lower("TARGET")',
        '("threshold")',
        "<<EOT\nthreshold\nEOT",
    ],
)
def test_a_word_that_terraform_would_compute_is_refused(value) -> None:
    """Interpolations, escapes, references and calls are left alone, with line and remedy (H19)."""
    said = refusal(tfvars, f"x = {value}\n", "target")

    assert said.startswith(('f:1: `x` is no literal word; write one, such as `x = "threshold"`', "f:1: Function calls"))


@pytest.mark.parametrize(
    "value", ["on", "no", "true", "null", "~", "80", "'two words'", "&a threshold", "!mode threshold", "|\n  threshold"]
)
def test_a_word_that_yaml_reads_otherwise_is_refused(value) -> None:
    """A bare `on` is a boolean, and a tag or an anchor leads elsewhere (H34)."""
    assert refusal(yaml_values, f"x: {value}\n", "target").startswith("f:1: `x` is no plain word; write one, such as")


@pytest.mark.parametrize("word", ['"', "a b", "${x}", "x\ny", "", "-x", "5"])
def test_what_is_no_word_is_never_written(word) -> None:
    """A defect upstream must not become a broken file (H41)."""
    assert "is no word that a settings file can hold" in refusal(tfvars, 'x = "threshold"', word)
    assert "is no word that a settings file can hold" in refusal(yaml_values, "x: threshold", word)


def test_a_word_that_yaml_would_read_as_a_boolean_is_not_written_bare() -> None:
    """What was set must be read again."""
    assert refusal(yaml_values, "x: threshold", "off").startswith("f:1: `x` is no plain word")
    assert yaml_values.set_value("x: 'threshold'", ("x",), "off") == "x: 'off'"


# -- lists ------------------------------------------------------------------------------------------------------------

READABLE_HCL = (
    "x = []",
    "x=[ ] # none",
    f"x = [{HCL_ENTRY}]",
    f"x = [\n  {HCL_ENTRY},\n]",
    f"x = [\n  {HCL_ENTRY}\n] # behind\n",
    'x = [{ "min_instances" : 6, "from_minute_of_week" = 0420\n to_minute_of_week=720 },]',
)
READABLE_YAML = (
    "x: []",
    f"x: [{YAML_ENTRY}] # behind",
    f"x:\n- {YAML_ENTRY}\n# after\n",
    "x:\n  - from_minute_of_week: 420\n    'to_minute_of_week': 720\n    min_instances: 6\n\ny: 1\n",
    f"{{x: [\n{YAML_ENTRY},\n], y: 1}}",
)


@pytest.mark.parametrize(
    ("format_", "text"), [*((tfvars, text) for text in READABLE_HCL), *((yaml_values, text) for text in READABLE_YAML)]
)
def test_a_list_is_read_however_it_is_laid_out(format_, text) -> None:
    """With commas, with line breaks, with a comma behind the last entry; and what is read can be changed."""
    found = format_.read_value(text, ("x",), "f", LIST)
    after = format_.set_value(text, ("x",), (MORNING, NIGHT))

    assert found.value == ((MORNING,) if "420" in text else ())
    assert format_.read_value(after, ("x",), "f", LIST).value == (MORNING, NIGHT)
    assert after[: found.start] == text[: found.start]
    assert after.endswith(text[found.end :])


def test_a_list_is_written_as_terraform_formats_it() -> None:
    """One entry a line, indented as its surroundings; taken back, the file is what it was (S001-82)."""
    text = "web = {\n  x = [] # why\n  y = 1\n}\n"
    after = tfvars.set_value(text, ("web", "x"), (MORNING, NIGHT))

    assert after == (
        "web = {\n"
        "  x = [\n"
        f"    {HCL_ENTRY},\n"
        "    { from_minute_of_week = 9960, to_minute_of_week = 120, min_instances = 3 },\n"
        "  ] # why\n"
        "  y = 1\n}\n"
    )
    assert tfvars.set_value(after, ("web", "x"), ()) == text


def test_a_list_in_yaml_keeps_the_style_it_has() -> None:
    """Dashes stay dashes, brackets stay brackets."""
    dashes, brackets = f"x:\n- {YAML_ENTRY}\ny: 1\n", f"web:\n  x: [{YAML_ENTRY}] # why\n  y: 1\n"
    night = "{from_minute_of_week: 9960, to_minute_of_week: 120, min_instances: 3}"

    assert yaml_values.set_value(dashes, ("x",), (MORNING, NIGHT)) == f"x:\n- {YAML_ENTRY}\n- {night}\ny: 1\n"
    assert yaml_values.set_value(dashes, ("x",), ()) == "x:\n  []\ny: 1\n"
    assert yaml_values.set_value(brackets, ("web", "x"), (MORNING, NIGHT)) == (
        f"web:\n  x: [\n      {YAML_ENTRY},\n      {night}] # why\n  y: 1\n"
    )


def test_a_list_ends_its_lines_as_the_file_does() -> None:
    """No mixture of line ends comes into a file (H19)."""
    assert tfvars.set_value("x = []\r\ny = 1\r\n", ("x",), (MORNING,)) == f"x = [\r\n  {HCL_ENTRY},\r\n]\r\ny = 1\r\n"
    assert yaml_values.set_value("x: []\r\n", ("x",), (MORNING,)) == f"x: [\r\n    {YAML_ENTRY}]\r\n"
    assert tfvars.set_value("y = 1\r\nx = []", ("x",), (MORNING,)).count("\r\n") == 3


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("[{ from_minute_of_week = 7 * 60, to_minute_of_week = 720, min_instances = 6 }]", "'*' on line 1 is computed"),
        ("[{ from_minute_of_week = var.a, to_minute_of_week = 720, min_instances = 6 }]", "'var.a,' on line 1 is comp"),
        ('[{ from_minute_of_week = "420", to_minute_of_week = 720, min_instances = 6 }]', "'\"420\",' on line 1 is"),
        ("[{ from_minute_of_week = 420.0, to_minute_of_week = 720, min_instances = 6 }]", "'420.0,' on line 1 is com"),
        ("[{ from_minute_of_week = -1, to_minute_of_week = 720, min_instances = 6 }]", "'-1,' on line 1 is computed"),
        ("[\n for d in [1, 2] : { min_instances = d }\n]", "'for' on line 2 is computed, or no part of a plain list"),
        ("concat([], [])", "'concat([],' on line 1"),
        ("[[]]", "'[' stands where { belongs"),
        ("[6]", "'6' stands where { belongs"),
        ("{}", "'{' stands where [ belongs"),
        ("{ a = 1 }", "'{' stands where [ belongs"),
        ("[{}]", "this one has nothing"),
        ("[{ from_minute_of_week = 420, to_minute_of_week = 720 }]", "this one has from_minute_of_week, to_minute_of"),
        (f"[{HCL_ENTRY[:-2]}, days = 5 }}]", "this one has days, "),
        (f"[{HCL_ENTRY[:-2]}, min_instances = 9 }}]", "min_instances stands twice in one entry"),
        (HCL_ENTRY, "'{' stands where [ belongs"),
        (f"[{HCL_ENTRY.replace('720', '420')}]", "it begins and ends at minute 420"),
        (f"[{HCL_ENTRY.replace('720', '10081')}]", "to_minute_of_week is 10081; it must lie between 0 and 10080"),
        (f"[{HCL_ENTRY.replace('6 }', '0 }')}]", "min_instances is 0"),
        ('"none"', "'\"none\"' on line 1"),
        ("null", "'null' on line 1"),
    ],
)
def test_a_list_that_terraform_would_compute_is_refused(value, why) -> None:
    """Whatever is no plain list of plain entries is left alone, with the reason (H19)."""
    said = refusal(tfvars, f"x = {value}\n", ())

    assert said.startswith(("f:1: `x` is no literal list of minimums: ", "f:1: Function calls not allowed"))
    assert why in said or "Function calls" in said


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("{}", ""),
        ("none", ""),
        ("[6]", "line 1 holds no plain entry"),
        ("&a []", ""),
        ("[&a {from_minute_of_week: 420}]", "line 1 holds no plain entry"),
        ("[{from_minute_of_week: 420}]", "an entry has exactly"),
        (f"[{YAML_ENTRY.replace('420', '0o644')}]", "line 1 holds no plain whole number"),
        (f"[{YAML_ENTRY.replace('420', '0420')}]", "line 1 holds no plain whole number"),
        (f"[{YAML_ENTRY.replace('420', '7:00')}]", "line 1 holds no plain whole number"),
        (f"[{YAML_ENTRY.replace('420', '!!int 420')}]", "line 1 holds no plain whole number"),
        (f"[{YAML_ENTRY.replace('6}', '6, min_instances: 7}')}]", "min_instances stands twice in one entry"),
        (f"[{YAML_ENTRY.replace('6}', '6, [1]: 7}')}]", "line 1 holds a key that is no word"),
        (f"[{YAML_ENTRY.replace('6}', '6, <<: {}}')}]", "line 1 holds no plain whole number"),
        ("\n- &one " + YAML_ENTRY + "\n- *one", "line 2 holds no plain entry"),
    ],
)
def test_a_list_that_yaml_shares_or_doubts_is_refused(value, why) -> None:
    """Anchors, tags, keys that stand twice, numbers that YAML versions read differently (H34)."""
    said = refusal(yaml_values, f"x: {value}\n", ())

    assert "`x` is no plain list of minimums" in said
    assert why in said


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        (tfvars, f"x = [ # weekdays\n  {HCL_ENTRY},\n]\n"),
        (tfvars, f"x = [\n  {HCL_ENTRY}, // lunch\n]\n"),
        (tfvars, f"x = [\n  {HCL_ENTRY},\n  # {HCL_ENTRY},\n]\n"),
        (tfvars, f"x = [{HCL_ENTRY} /* sale */]\n"),
        (yaml_values, f"x: [ # weekdays\n  {YAML_ENTRY}]\n"),
        (yaml_values, f"x:\n  - {YAML_ENTRY} # sale\n  - {YAML_ENTRY.replace('420', '300').replace('720', '360')}\n"),
        (yaml_values, "x:\n  - from_minute_of_week: 420 # sale\n    to_minute_of_week: 720\n    min_instances: 6\n"),
    ],
)
def test_comments_inside_of_a_list_are_never_lost(format_, text) -> None:
    """Such a list is read, and an edit of it is refused with the line (H19)."""
    found = format_.read_value(text, ("x",), "f", LIST)

    assert MORNING in found.value
    assert found.has_comments
    assert refusal(format_, text, ()).endswith("comments inside of `x` would be lost; move them above it")
    assert format_.set_value(text, ("x",), found.value) is text, "what it says already needs no edit"


@pytest.mark.parametrize(
    ("format_", "text", "is_ignored"),
    [
        (tfvars, f"# neuropilot: ignore\nx = [\n  {HCL_ENTRY},\n]\n", True),
        (tfvars, f"x = [\n  {HCL_ENTRY},\n] # neuropilot: ignore\n", True),
        (tfvars, f"x = [\n  {HCL_ENTRY},\n]\n# neuropilot: ignore\n", False),
        (tfvars, 'x = "target" # neuropilot: ignore\n', True),
        (yaml_values, f"x:\n  - {YAML_ENTRY} # neuropilot: ignore\n", True),
        (yaml_values, f"x: [\n  {YAML_ENTRY}] # neuropilot: ignore\n", True),
        (yaml_values, f"x:\n  - {YAML_ENTRY}\n# neuropilot: ignore\n", False),
    ],
)
def test_a_comment_keeps_the_agent_away_from_the_whole_value(*, format_, text, is_ignored) -> None:
    """Behind the first line or the last, or alone above."""
    kind = WORD if '"target"' in text else LIST
    assert format_.read_value(text, ("x",), "f", kind).is_ignored is is_ignored


def test_two_definitions_of_a_list_are_refused() -> None:
    """As those of a number."""
    assert "is defined more than once (lines 1, 2)" in refusal(tfvars, "x = []\nx = []\n", (MORNING,))
    assert "is defined more than once (lines 1, 2)" in refusal(yaml_values, "x: []\nx: []\n", (MORNING,))


def test_what_is_missing_is_named_with_the_line_to_add() -> None:
    """Each kind with a value that changes nothing."""
    for format_, sign in ((tfvars, " ="), (yaml_values, ":")):
        assert f"is not defined; add the line `x{sign} []`" in refusal(
            format_, "a = 1\n" if sign == " =" else "a: 1", ()
        )
        with pytest.raises(EditError, match=f'add the line `x{sign} "threshold"`'):
            format_.read_value("", ("x",), "f", WORD)
        assert not format_.is_defined("", ("x",), "f")


# -- any file ---------------------------------------------------------------------------------------------------------


@st.composite
def schedules(draw: Any) -> Schedule:
    """Up to six spans of whole hours that do not overlap, the last perhaps over Sunday night."""
    edges = sorted(draw(st.lists(st.integers(0, 167), max_size=7, unique=True)))
    counts = draw(st.lists(st.integers(1, 99), min_size=7, max_size=7))
    spans = list(zip(edges, [*edges[1:], *edges[:1]], strict=True)) if len(edges) > 1 else []
    return in_order(
        ScheduledMinimum(60 * begin, 60 * end, least) for (begin, end), least in zip(spans, counts, strict=False)
    )


PLACES = st.sampled_from(
    [
        (tfvars, "a = 1 # x\n", "x = ", " # why\n\nb = {}\n", ("x",)),
        (tfvars, "web = {\n\ta = [1,\n2]\n", "\tx = ", "\n}\n", ("web", "x")),
        (tfvars, "web = { api = { ", "x = ", " } }", ("web", "api", "x")),
        (yaml_values, "a: 1 # x\n", "x: ", " # why\n\nb: {}\n", ("x",)),
        (yaml_values, "web:\n    a: [1,\n     2]\n", "    x: ", "\n    z: |\n      x: []\n", ("web", "x")),
        (yaml_values, "{web: {a: 1, ", "x: ", ", b: 2}}\n", ("web", "x")),
    ]
)


@PATIENT
@given(place=PLACES, first=schedules(), second=schedules(), line_end=st.sampled_from(["\n", "\r\n"]))
@example((tfvars, "", "x = ", "", ("x",)), (), (MORNING,), "\n")
def test_any_schedule_is_written_read_and_taken_back(place, first, second, line_end) -> None:
    """Whatever surrounds it stays byte for byte, and both parsers read what was meant (S001-82)."""
    format_, before, head, tail, path = place
    head, tail = (before + head).replace("\n", line_end), tail.replace("\n", line_end)
    one = format_.set_value(f"{head}[]{tail}", path, first)
    two = format_.set_value(one, path, second)

    for text, value in ((one, first), (two, second)):
        assert text.startswith(head)
        assert text.endswith(tail)
        assert format_.read_value(text, path, "f", LIST).value == value
        assert format_.set_value(text, path, value) is text
        assert line_end not in head + tail or not {"\r", "\n"} & {*text.replace(line_end, "")}
    assert format_.set_value(two, path, ()) == f"{head}[]{tail}"
    assert format_.set_value(f"{head}[]{tail}", path, second) == two, "the way there does not matter"


@PATIENT
@given(
    start=st.integers(0, 200),
    length=st.integers(0, 6),
    junk=st.text(st.sampled_from("{}[]\"'#&*!|>-:? ,%@`\r\n\0\taE0.é$="), max_size=3),
)
def test_a_damaged_list_is_refused_or_edited_cleanly(start, length, junk) -> None:
    """A file broken at any place ends in a refusal or in one changed list; never in another error."""
    hcl = tfvars.set_value("a = 1 # one\nx = [] # b\nc = 2\n", ("x",), (MORNING, NIGHT))
    flow = yaml_values.set_value("a: 1 # one\nx: [] # b\nc: 2\n", ("x",), (MORNING, NIGHT))
    for format_, whole, load in ((tfvars, hcl, pygohcl.attributes_loads), (yaml_values, flow, yaml.safe_load)):
        damaged = whole[:start] + junk + whole[start + length :]
        try:
            found = format_.read_value(damaged, ("x",), "f", LIST)
            after = format_.set_value(damaged, ("x",), (MORNING,))
        except EditError:
            continue
        assert (after[: found.start], after.endswith(damaged[found.end :])) == (damaged[: found.start], True)
        assert {**load(after), "x": None} == {**load(damaged), "x": None}


@needs_terraform
def test_terraform_reads_what_was_written_and_finds_nothing_to_format(tmp_path: Path) -> None:
    """The file that ships, with the mode and the week of an office."""
    week = tuple(ScheduledMinimum(day * 1440 + 420, day * 1440 + 1140, 6) for day in range(5))
    after = tfvars.set_value(SHIPPED, ("scheduled_minimum",), week)
    after = tfvars.set_value(after, ("scaling_mode",), "target")
    names = pygohcl.attributes_loads(SHIPPED)

    meant = meaning(after.encode(), names, tmp_path)

    assert [tuple(entry.values()) for entry in meant["scheduled_minimum"]] == [
        (one.from_minute_of_week, one.min_instances, one.to_minute_of_week) for one in week
    ]
    assert meant["scaling_mode"] == "target"
    assert meant["cpu_scale_out_percent"] == 80
    (tmp_path / "a.tfvars").write_text(after)
    assert terraform(tmp_path, "fmt", "-check", "a.tfvars").returncode == 0
