"""One number in a YAML file changes, and not one byte beside it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ai_ops.apply.settings_text import plain
from ai_ops.apply.yaml_values import read_value, set_value
from ai_ops.domain.errors import EditError

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

HELM_VALUES = """\
# values of the chart
replicaCount: 3   # not ours
autoscaling:
  enabled: true

  # percent of the request
  targetCPU: 80   # the team's choice
  'target memory': "85"
  limits: {min: 2, max: 12} # in one line
notes: |
  targetCPU: 55  # neuropilot: ignore
image: !Ref someone-elses-tag
defaults: &defaults {a: 1}
other:
  <<: *defaults
"""

# path, the text that must appear in place of the line or part that changes
EDITABLE = (
    (("replicaCount",), "replicaCount: 3   #", "replicaCount: 75.5   #"),
    (("autoscaling", "targetCPU"), "targetCPU: 80   # the", "targetCPU: 75.5   # the"),
    (("autoscaling", "target memory"), 'memory\': "85"', 'memory\': "75.5"'),
    (("autoscaling", "limits", "min"), "{min: 2,", "{min: 75.5,"),
    (("autoscaling", "limits", "max"), "max: 12}", "max: 75.5}"),
)

REFUSED = (
    ("cpu: 80\ncpu: 81\n", ":1: `cpu` is defined more than once (lines 1, 2)"),
    ("cpu: 80\n---\ncpu: 81\n", ":3: a second document begins"),
    ("cpu: &level 80\n", ":1: `cpu` is no plain decimal number"),
    ("level: &level 80\ncpu: *level\n", ":1: `cpu` is no plain decimal number"),
    ("cpu: !!int 80\n", ":1: `cpu` is no plain decimal number"),
    ("<<: {memory: 85}\ncpu: 80\n", ":1: anchors, merge keys and tags lead to the value"),
    ("--- &whole\ncpu: 80\n", ":1: anchors, merge keys and tags lead to the value"),
    ("--- !kind\ncpu: 80\n", ":1: anchors, merge keys and tags lead to the value"),
    ("memory: 85\n", ": `cpu` is not defined; add the line `cpu: NUMBER`"),
    ("", ": `cpu` is not defined"),
    ("# cpu: 80\n", ": `cpu` is not defined"),
    ("- cpu: 80\n", ": `cpu` is not defined"),
    ("cpu: 080\n", ":1: `cpu` is no plain decimal number"),
    ("cpu: 1_000\n", ":1: `cpu` is no plain decimal number"),
    ("cpu: 1e3\n", ":1: `cpu` is no plain decimal number"),
    ("cpu: 0x50\n", ":1: `cpu` is no plain decimal number"),
    ("cpu: 1:20\n", ":1: `cpu` is no plain decimal number"),
    ("cpu: +80\n", ":1: `cpu` is no plain decimal number"),
    ("cpu: 80%\n", ":1: `cpu` is no plain decimal number"),
    ("cpu:\n", ":1: `cpu` is no plain decimal number"),
    ("cpu: null\n", ":1: `cpu` is no plain decimal number"),
    ("cpu: [80]\n", ":1: `cpu` is no plain decimal number"),
    ("cpu: |\n  80\n", ":1: `cpu` is no plain decimal number"),
    ("cpu: {{ .Values.cpu }}\n", ":1: `cpu` is no plain decimal number"),
    ("cpu: 80\n\tmemory: 85\n", ":2: found character '\\t'"),
    ("memory: [85\ncpu: 80\n", ":2: expected ',' or ']'"),
    ("cpu: 80\rmemory: 85\r", ":1: a carriage return without a line feed"),
    ("cpu: 80\nmemory: 85 # \0\n", ":2: holds a NUL byte"),
    ("cpu: 80 # \x01\n", ": no readable YAML (ReaderError)"),
    ("note: a\u2028b\ncpu: 80\n", ":1: holds '\\u2028'"),
    ("cpu: 80\ndeep: " + "[" * 5000, ": no readable YAML (RecursionError)"),
)


@pytest.mark.parametrize(("path", "before", "after"), EDITABLE)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_only_the_digits_change(*, path: tuple[str, ...], before: str, after: str, line_end: str, mark: str) -> None:
    """Comments, quotes, flow style, line ends and the byte order mark stay (S001-81)."""
    text = mark + HELM_VALUES.replace("\n", line_end)

    assert set_value(text, path, Decimal("75.5")) == text.replace(before, after, 1)


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_what_is_doubtful_is_refused(text: str, words: str) -> None:
    """Two definitions, shared nodes, numbers that YAML versions read differently: all left alone (H19, H34)."""
    with pytest.raises(EditError) as refusal:
        set_value(text, ("cpu",), Decimal(75), "a.yaml")

    assert str(refusal.value).startswith("a.yaml" + words)


@pytest.mark.parametrize(
    "text",
    [
        "limits: &limits\n  cpu: 80\nother: *limits\n",
        "other: &limits\n  cpu: 80\nlimits: *limits\n",
        "other: &other {memory: 85}\nlimits:\n  <<: *other\n  cpu: 80\n",
        "limits: !kind\n  cpu: 80\n",
    ],
)
def test_a_value_that_others_share_is_refused(text: str) -> None:
    """Behind an anchor, one edit would change several places."""
    with pytest.raises(EditError, match="anchors, merge keys and tags lead to the value"):
        set_value(text, ("limits", "cpu"), Decimal(75))


def test_many_aliases_cost_no_time() -> None:
    """A file that would unfold to billions of values is read as it stands, never unfolded (H34)."""
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 30)]
    text = "cpu: 80\nl0: &l0 [1]\n" + "".join(levels)

    assert set_value(text, ("cpu",), Decimal(75)) == text.replace("80", "75")


@pytest.mark.parametrize(
    ("text", "is_ignored"),
    [
        ("cpu: 80 # neuropilot: ignore\n", True),
        ("# NeuroPilot: ignore\ncpu: 80\n", True),
        ("\ufeff# neuropilot: ignore\r\ncpu: 80\r\n", True),
        ("cpu: # neuropilot: ignore\n  80\n", True),
        ("memory: 85 # neuropilot: ignore\ncpu: 80\n", False),
        ("# neuropilot: ignore\n\ncpu: 80\n", False),
        ("note: '# neuropilot: ignore'\ncpu: 80\n", False),
        ("note: |\n  # neuropilot: ignore\ncpu: 80\n", False),
        ("cpu: 80\n# neuropilot: ignore\n", False),
    ],
)
def test_a_comment_keeps_the_agent_away(*, text: str, is_ignored: bool) -> None:
    """The marker means here what it means in `.tfvars`."""
    assert read_value(text, ("cpu",)).is_ignored is is_ignored


def test_a_marker_above_a_mapping_holds_for_all_in_it() -> None:
    """One comment keeps the agent away from a whole section."""
    text = "# neuropilot: ignore\nlimits:\n  cpu: 80\n"

    assert read_value(text, ("limits", "cpu")).is_ignored


@pytest.mark.parametrize("same", ["80", "80.0", '"80"', "'80.00'"])
def test_an_equal_value_leaves_the_text_as_it_is(same: str) -> None:
    """No commit appears for a number that only looks different."""
    text = f"cpu: {same}"

    assert set_value(text, ("cpu",), Decimal("80.0")) is text


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-9999, 9999),
    st.sampled_from(["cpu: 5", "# no comment", "two\nlines\n", "ö", "80", "", " - x", "{", "neuropilot: ignore"]),
)
DOCUMENTS = st.dictionaries(
    st.sampled_from(["cpu", "memory", "a b", "80", "on", "#x"]),
    st.recursive(
        SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner)
    ),
)


@PATIENT
@given(
    document=DOCUMENTS,
    literal=st.sampled_from(["80", "-2.50", "'7'"]),
    value=st.decimals(-999, 999, places=2),
    is_flow=st.booleans(),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_any_file_changes_in_one_place(
    *, document: dict[str, Any], literal: str, value: Decimal, is_flow: bool, line_end: str
) -> None:
    """Whatever the file holds, the number is read, set and read again, and all other values mean what they meant."""
    assume(value != Decimal(literal.strip("'")))
    written = yaml.safe_dump(document | {"limits": {"target": "PLACE"}}, default_flow_style=is_flow, allow_unicode=True)
    head, tail = written.replace("\n", line_end).split("PLACE")
    text, path = f"{head}{literal}{tail}", ("limits", "target")

    after = set_value(text, path, value)

    quote = "'" if literal.startswith("'") else ""
    assert after == f"{head}{quote}{plain(value)}{quote}{tail}"
    assert read_value(after, path).value == value
    assert set_value(after, path, value) == after
    assert yaml.safe_load(after) | {"limits": None} == yaml.safe_load(text) | {"limits": None}


@PATIENT
@given(
    start=st.integers(0, len(HELM_VALUES)),
    length=st.integers(0, 5),
    junk=st.text(st.sampled_from("{}[]\"'#&*!|>-:? ,%@`\r\n\0\taE0.é\u2028"), max_size=3),
    path=st.sampled_from([row[0] for row in EDITABLE]),
)
def test_a_damaged_file_is_refused_or_edited_cleanly(start: int, length: int, junk: str, path: tuple[str, ...]) -> None:
    """A file broken at any place ends in a refusal or in one changed number; never in another error."""
    damaged = HELM_VALUES[:start] + junk + HELM_VALUES[start + length :]
    try:
        found = read_value(damaged, path)
        after = set_value(damaged, path, Decimal("75.5"))
    except EditError:
        return

    assert after == f"{damaged[: found.start]}75.5{damaged[found.end :]}"
