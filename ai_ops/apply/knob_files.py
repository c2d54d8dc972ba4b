"""The knobs in the repository's files: read them all, and write the new bytes of those that change.

A file's ending says its format. The files come through a reader, so the same code serves a commit and a work tree.
"""

from __future__ import annotations

import difflib
from decimal import Decimal
from itertools import combinations
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from ai_ops.apply import json_values, tfvars, yaml_values
from ai_ops.apply.settings_text import EXAMPLES, Located, decoded, encoded, refuse_to_lose
from ai_ops.apply.work_tree import refuse_unsafe_path
from ai_ops.domain.errors import EditError, Overtaken
from ai_ops.domain.file_unit import from_file, takes_whole_numbers, to_file
from ai_ops.domain.key_path import field_name
from ai_ops.domain.schedule import in_order
from ai_ops.domain.tuning import Change, Knob, KnobKind, KnobValue, Thresholds, value_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ai_ops.apply.settings_text import Value
    from ai_ops.domain.key_path import KeyPath

    Read = Callable[[str], bytes]


class _Format(NamedTuple):
    """How one kind of file is read and changed."""

    is_defined: Callable[[str, KeyPath, str], bool]
    read_value: Callable[[str, KeyPath, str, KnobKind], Located]
    set_value: Callable[[str, KeyPath, Value, str], str]
    line_to_add: Callable[[KeyPath, str], str]


_YAML = _Format(yaml_values.is_defined, yaml_values.read_value, yaml_values.set_value, yaml_values.line_to_add)


_FORMATS = {
    ".tfvars": _Format(tfvars.is_defined, tfvars.read_value, tfvars.set_value, tfvars.line_to_add),
    ".json": _Format(json_values.is_defined, json_values.read_value, json_values.set_value, json_values.line_to_add),
    ".yaml": _YAML,
    ".yml": _YAML,
}


def read_thresholds(read: Read, knobs: Iterable[Knob]) -> Thresholds:
    """Read the settings as they stand; a knob that holds no number, and that its file does not define, is left out.

    Parameters
    ----------
    read
        Bytes of a file by its path relative to the repository.
    knobs
        Each names its file and the keys that lead to its value.

    Raises
    ------
    EditError
        When a value is missing, cannot be read beyond doubt, or is that of two knobs; it names knob, file and line.
    """
    texts: dict[str, str] = {}
    located = {
        knob: _located(_text(read, knob, texts), knob)
        for knob in knobs
        if not _is_left_out(_text(read, knob, texts), knob)
    }
    _refuse_shared_values(located)
    return Thresholds(
        values={knob.name: _knob_value(found.value, knob) for knob, found in located.items()},
        ignored=frozenset(knob.name for knob, found in located.items() if found.is_ignored or found.has_comments),
    )


def lines_to_add(knobs: Iterable[Knob], standing: Thresholds) -> tuple[str, ...]:
    """For each knob that its file does without: the line that defines it, and the file."""
    return tuple(
        f"{_format(knob).line_to_add(knob.path, EXAMPLES[knob.kind])} to {knob.file}"
        for knob in knobs
        if knob.name not in standing.values
    )


def edited(read: Read, knobs: Iterable[Knob], changes: Iterable[Change]) -> dict[str, bytes]:
    """Make the changes; the new bytes of every file that differs, by its path.

    Raises
    ------
    EditError
        When a change names no knob, leaves the knob's bounds, meets `neuropilot: ignore`, or cannot be made beyond
        doubt. Nothing is changed then.
    Overtaken
        When a file does not hold the value that the decision was made on.
    """
    by_name = {knob.name: knob for knob in knobs}
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for change in changes:
        knob = by_name.get(change.knob)
        if knob is None:
            raise EditError(f"{change.knob} is no knob of this service; add it under `knobs` in ops_config.yaml")
        after[knob.file] = _changed(after.get(knob.file) or _text(read, knob, before), knob, change)
    return {file: encoded(text) for file, text in after.items() if text != before[file]}


def unified_diff(before: bytes, after: bytes, name: str) -> str:
    """Show what a person or `git apply` needs to see; empty when nothing differs."""
    old, new = _lines(before), _lines(after)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in difflib.unified_diff(old, new, f"a/{name}", f"b/{name}")
    )


def _changed(text: str, knob: Knob, change: Change) -> str:
    """`text` with one change made, after every reason to refuse it was looked for."""
    found = _located(text, knob)
    place = f"{knob.file}:{found.line}: {knob.name}"
    standing = _knob_value(found.value, knob)
    if standing != change.before:
        raise Overtaken(
            f"{place} is {value_in_words(standing)}, but the change was decided on {value_in_words(change.before)}: "
            "somebody changed it meanwhile; run again to decide on the new value"
        )
    if found.is_ignored:
        raise EditError(f"{place} is marked `neuropilot: ignore`; take the comment away to let it be tuned")
    refuse_to_lose(found, knob.path, knob.file)
    if not knob.allows(change.after):
        bounds = f"outside its bounds {knob.bounds_in_words()}"
        raise EditError(f"{place} shall become {value_in_words(change.after)}, {bounds}; it was left as it is")
    value = _file_value(change.after, knob)
    if isinstance(value, Decimal) and value % 1 and takes_whole_numbers(field_name(knob.path)):
        raise EditError(f"{place} shall become {value:f}, and Kubernetes takes only whole numbers there")
    return _format(knob).set_value(text, knob.path, value, knob.file)


def _refuse_shared_values(located: Mapping[Knob, Located]) -> None:
    """Stop where two knobs stand at one place: different paths can lead to the same item of a list."""
    for (one, there), (other, here) in combinations(located.items(), 2):
        if (one.file, there.start) == (other.file, here.start):
            place = f"{one.file}:{there.line}"
            raise EditError(f"{place}: {one.name} and {other.name} are the same value; correct `path` of one of them")


def _located(text: str, knob: Knob) -> Located:
    """Find a knob's value; an error says which knob it is about and what may stand there."""
    try:
        return _format(knob).read_value(text, knob.path, knob.file, knob.kind)
    except EditError as error:
        raise EditError(f"{error} (knob {knob.name}, {knob.bounds_in_words()})") from error


def _is_left_out(text: str, knob: Knob) -> bool:
    """Whether the file does without a knob that is newer than many files."""
    return knob.kind is not KnobKind.NUMBER and not _format(knob).is_defined(text, knob.path, knob.file)


def _knob_value(value: Value, knob: Knob) -> KnobValue:
    return from_file(value, knob.unit, knob.written_in) if isinstance(value, Decimal) else value


def _file_value(value: KnobValue, knob: Knob) -> Value:
    if isinstance(value, tuple):
        return in_order(value)
    return value if isinstance(value, str) else to_file(value, knob.unit, knob.written_in)


def _text(read: Read, knob: Knob, texts: dict[str, str]) -> str:
    """Text of a knob's file, read once."""
    if knob.file not in texts:
        refuse_unsafe_path(knob.file)
        _format(knob)
        texts[knob.file] = decoded(read(knob.file), knob.file)
    return texts[knob.file]


def _format(knob: Knob) -> _Format:
    """Choose by the file's ending."""
    known = _FORMATS.get(PurePosixPath(knob.file).suffix)
    if known is None:
        endings = ", ".join(_FORMATS)
        raise EditError(f"{knob.file}: knob {knob.name} must stand in a file that ends in one of {endings}")
    return known


def _lines(content: bytes) -> list[str]:
    r"""Lines with their ends; only `\n` ends a line, as git has it."""
    lines = content.decode(errors="replace").split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
