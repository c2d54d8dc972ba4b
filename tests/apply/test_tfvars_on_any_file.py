"""What holds for every `.tfvars` file, shown on files that nobody thought of."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pygohcl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from terraform import accepts, meaning, needs_terraform
from tfvars_files import Generated, generated_files, values

from ai_ops.apply.settings_text import plain
from ai_ops.apply.tfvars import read_value, set_value
from ai_ops.domain.errors import EditError

if TYPE_CHECKING:
    from pathlib import Path

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def meant_but_for(text: str, path: tuple[str, ...]) -> dict[str, Any]:
    """What Terraform's parser reads, apart from the value at `path`."""
    whole: dict[str, Any] = pygohcl.attributes_loads(text)
    parent = whole
    for key in path[:-1]:
        parent = parent[key]
    del parent[path[-1]]
    return whole


@PATIENT
@given(generated_files(), values())
def test_only_the_digits_change(file: Generated, value: Decimal) -> None:
    """Whatever surrounds the number, its comments, line ends, nesting and quotes, stays byte for byte (S001-82)."""
    assume(value != file.value)

    assert set_value(file.text, file.path, value) == f"{file.head}{plain(value)}{file.tail}"


@PATIENT
@given(generated_files(), values())
def test_what_was_set_is_read(file: Generated, value: Decimal) -> None:
    """The number comes back exactly, before and after."""
    assert read_value(file.text, file.path).value == file.value
    assert read_value(set_value(file.text, file.path, value), file.path).value == value


@PATIENT
@given(generated_files(), values())
def test_setting_twice_is_setting_once(file: Generated, value: Decimal) -> None:
    """A repeated run makes no second change."""
    once = set_value(file.text, file.path, value)

    assert set_value(once, file.path, value) == once


@PATIENT
@given(generated_files())
def test_setting_the_same_value_changes_nothing(file: Generated) -> None:
    """A number stays as it was written when its value does."""
    assert set_value(file.text, file.path, file.value) == file.text


@PATIENT
@given(generated_files(), values())
def test_nothing_else_means_something_else(file: Generated, value: Decimal) -> None:
    """Terraform's parser reads every other value as before."""
    after = set_value(file.text, file.path, value)

    assert meant_but_for(after, file.path) == meant_but_for(file.text, file.path)


@PATIENT
@given(generated_files(), values())
def test_a_second_definition_is_refused(file: Generated, value: Decimal) -> None:
    """Nobody can say which of two definitions counts, so neither is touched."""
    text = f"{file.text}\n{file.path[0]} = 3\n"

    with pytest.raises(EditError):
        set_value(text, file.path, value)


@PATIENT
@given(generated_files(), values(), st.sampled_from(["40 * 2", "null", "[80]", '"${80}"', "(80)", "0x50", "+80", "x"]))
def test_what_is_no_literal_is_refused(file: Generated, value: Decimal, instead: str) -> None:
    """An expression in the number's place is the team's, not the agent's."""
    text = f"{file.head.removesuffix(chr(34))}{instead}{file.tail.removeprefix(chr(34))}"

    with pytest.raises(EditError):
        set_value(text, file.path, value)


@PATIENT
@given(generated_files(), values(), st.data())
def test_a_damaged_file_is_refused_or_edited_cleanly(file: Generated, value: Decimal, data: st.DataObject) -> None:
    """A file broken at any place ends in a refusal or in one changed number; never in another error."""
    start = data.draw(st.integers(0, len(file.text)))
    length = data.draw(st.integers(0, 5))
    junk = data.draw(st.text(st.sampled_from('{}[]()"#/*=\\$%<>-,:\r\n\0 aE0.é'), max_size=3))
    damaged = file.text[:start] + junk + file.text[start + length :]
    try:
        found = read_value(damaged, file.path)
        after = set_value(damaged, file.path, value)
    except EditError:
        return

    assume(found.value != value)
    assert after == f"{damaged[: found.start]}{plain(value)}{damaged[found.end :]}"
    assert meant_but_for(after, file.path) == meant_but_for(damaged, file.path)


@needs_terraform
@settings(PATIENT, max_examples=10, suppress_health_check=list(HealthCheck))
@given(generated_files(), values(places=1))
def test_terraform_agrees_on_any_file(tmp_path: Path, file: Generated, value: Decimal) -> None:
    """The generated files are files that Terraform reads, and it reads the new value from the edited ones."""
    names = pygohcl.attributes_loads(file.text)
    content = set_value(file.text, file.path, value).encode()

    assert accepts(file.text.encode(), names, tmp_path)
    meant: Any = meaning(content, names, tmp_path)
    for key in file.path:
        meant = meant[key]
    assert Decimal(str(meant)) == value
