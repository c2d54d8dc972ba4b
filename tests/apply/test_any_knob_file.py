"""What holds for every JSON file and every YAML file of several documents, shown on files that nobody thought of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from json_files import Generated, generated_json
from leaves import differences, flat, leaves
from manifests import generated_manifests
from terraform import meaning, needs_terraform

from ai_ops.apply import json_values, yaml_values
from ai_ops.apply.settings_text import plain
from ai_ops.domain.errors import EditError

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path
    from types import ModuleType

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
VALUES = st.decimals(-10_000, 10_000, places=3).map(lambda value: value + 0)
FILES = st.one_of(
    st.tuples(st.just(json_values), generated_json()), st.tuples(st.just(yaml_values), generated_manifests())
)
Drawn = tuple[Any, Generated]


def ending(format_: ModuleType) -> str:
    """A name that says the format."""
    return "a.json" if format_ is json_values else "a.yaml"


def assume_is_readable(file: Drawn) -> None:
    """Comments at odd places can make a YAML file none."""
    if file[0] is yaml_values:
        assume(is_yaml(file[1].text))


def is_yaml(text: str) -> bool:
    """Whether a parser takes it."""
    try:
        return bool(list(yaml.safe_load_all(text)))
    except yaml.YAMLError:
        return False


@PATIENT
@given(FILES, VALUES)
def test_only_the_digits_change(file: Drawn, value: Decimal) -> None:
    """Whatever surrounds the number, and however deep it lies, stays byte for byte (S001-82)."""
    assume_is_readable(file)
    format_, one = file
    assume(value != one.value)

    after = format_.set_value(one.text, one.path, value)

    assert after == f"{one.head}{plain(value)}{one.tail}"
    assert format_.read_value(one.text, one.path).value == one.value
    assert format_.read_value(after, one.path).value == value
    assert format_.set_value(after, one.path, value) == after
    assert format_.set_value(one.text, one.path, one.value) == one.text


@PATIENT
@given(FILES, VALUES)
def test_another_parser_sees_that_one_value_change(file: Drawn, value: Decimal) -> None:
    """And that its type stays (S001-129)."""
    assume_is_readable(file)
    format_, one = file
    assume(plain(value) != one.literal)
    name = ending(format_)
    before, after = (leaves(text.encode(), name) for text in (one.text, format_.set_value(one.text, one.path, value)))

    changed = differences(before, after)

    assert [(float(str(old)), float(str(new))) for old, new in changed.values()] in (
        [(float(one.value), float(value))],
        [],  # 7.0 and 7 are one number to YAML
    )
    assert changed or one.value == value


@PATIENT
@given(
    FILES, VALUES, st.sampled_from(["null", "[80]", '"${80}"', "1e3", "0x50", "+80", "x", "{{ x }}", "080", "&a 80"])
)
def test_what_is_no_literal_is_refused(file: Drawn, value: Decimal, instead: str) -> None:
    """An expression in the number's place is the team's, not the agent's."""
    format_, one = file
    quotes = "'\""
    text = f"{one.head.rstrip(quotes)}{instead}{one.tail.lstrip(quotes)}"

    with pytest.raises(EditError):
        format_.set_value(text, one.path, value)


@PATIENT
@given(FILES, VALUES, st.data())
def test_a_damaged_file_is_refused_or_edited_cleanly(file: Drawn, value: Decimal, data: st.DataObject) -> None:
    """A file broken at any place ends in a refusal or in one changed number; never in another error (H19)."""
    format_, one = file
    start = data.draw(st.integers(0, len(one.text)))
    length = data.draw(st.integers(0, 5))
    junk = data.draw(st.text(st.sampled_from("{}[]\"'#&*!|>-:? ,%@`\\/\r\n\0\taE0.é\u2028"), max_size=3))
    damaged = one.text[:start] + junk + one.text[start + length :]
    try:
        found = format_.read_value(damaged, one.path)
        after = format_.set_value(damaged, one.path, value)
    except EditError:
        return

    assume(found.value != value)
    assert after == f"{damaged[: found.start]}{plain(value)}{damaged[found.end :]}"


@PATIENT
@given(generated_manifests(), VALUES)
def test_a_second_document_of_that_name_is_refused(one: Generated, value: Decimal) -> None:
    """Nobody can say which of the two is meant."""
    text = f"{one.text.removesuffix('...')}\n---\nkind: HorizontalPodAutoscaler\nmetadata: {{name: shop}}\n"

    with pytest.raises(EditError):
        yaml_values.set_value(text, one.path, value)


@needs_terraform
@settings(PATIENT, max_examples=10, suppress_health_check=list(HealthCheck))
@given(generated_json(), VALUES)
def test_terraform_agrees_on_any_json_file(tmp_path: Path, one: Generated, value: Decimal) -> None:
    """The generated files are files that Terraform reads, and it reads the new value from the edited ones."""
    name = str(one.path[0])
    assume(name.isidentifier() and not one.text.startswith("\ufeff"))
    text = json_values.set_value(one.text, one.path, value)

    before, after = (
        flat(meaning(each.encode(), [name], tmp_path, file="terraform.tfvars.json")) for each in (one.text, text)
    )

    changed = [(float(str(old)), float(str(new))) for old, new in differences(before, after).values()]
    assert changed == [(float(one.value), float(value))] or (one.value == value and not changed)
