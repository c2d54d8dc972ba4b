"""One number in a `.tfvars` file changes, and not one byte beside it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pygohcl
import pytest
from terraform import accepts, meaning, needs_terraform

from ai_ops.apply.settings_text import SIZE_LIMIT_BYTES, decoded, encoded
from ai_ops.apply.tfvars import read_value, set_value
from ai_ops.domain.errors import EditError

FILES = Path(__file__).parents[1] / "data" / "tfvars"

# file, path, the literal as it stands
EDITABLE = (
    ("all_on_one_line", ("services", "web", "cpu"), b"80"),
    ("all_on_one_line", ("services", "api", "memory"), b"75"),
    ("byte_order_mark", ("cpu",), b"80"),
    ("comment_at_the_very_end", ("cpu",), b"80"),
    ("comments_of_all_kinds", ("cpu",), b"80"),
    ("comments_of_all_kinds", ("memory",), b"85"),
    ("comments_of_all_kinds", ("latency",), b"350"),
    ("heredocs_that_name_it", ("cpu",), b"80"),
    ("mixed_line_ends", ("cpu",), b"80"),
    ("mixed_line_ends", ("memory",), b"85"),
    ("nested_object", ("limits", "cpu", "max"), b"80"),
    ("nested_object", ("limits", "memory", "max"), b"85"),
    ("nested_object", ("limits", "memory", "cpu"), b"1"),
    ("nested_object", ("cpu",), b"3"),
    ("no_final_newline", ("cpu",), b"80"),
    ("other_values", ("cpu",), b"80"),
    ("quoted_keys", ("limits", "cpu.max"), b"80"),
    ("quoted_keys", ("limits", "two words"), b"70"),
    ("quoted_keys", ("limits", "cpu"), b"60"),
    ("quoted_numbers", ("cpu",), b"80"),
    ("quoted_numbers", ("memory",), b"85.50"),
    ("tabs_and_no_spaces", ("cpu",), b"80"),
    ("tabs_and_no_spaces", ("memory",), b"85"),
    ("tabs_and_no_spaces", ("latency",), b"350"),
    ("unicode", ("cpu",), b"80"),
    ("unusual_numbers", ("cpu",), b"8e1"),
    ("unusual_numbers", ("memory",), b"-85.250"),
    ("unusual_numbers", ("latency",), b"0350"),
    ("unusual_numbers", ("spaced",), b"- 5"),
    ("windows_line_ends", ("cpu",), b"80"),
    ("windows_line_ends", ("memory",), b"85"),
)

# file, words of the message, whether Terraform itself accepts the file (None: it takes too long to ask)
REFUSED = (
    ("block", ':2: Unexpected "limits" block', False),
    ("boolean", ":1: `cpu` is no literal number", True),
    ("carriage_returns_only", ":1: a carriage return without a line feed", False),
    ("comment_before_value", ":1: Terraform accepts this line", True),
    ("duplicate_key", ":1: `cpu` is defined more than once (lines 1, 3)", False),
    ("escape", ":1: `cpu` is no literal number", True),
    ("expression", ":2: `cpu` is no literal number", True),
    ("function_call", ":2: Function calls not allowed", False),
    ("heredoc", ":1: `cpu` is no literal number", True),
    ("hexadecimal", ":1: Missing newline after argument", False),
    ("huge_exponent", ":1: 1e9999999 is beyond any setting", None),
    ("latin_1", ":1: not UTF-8", True),
    ("list", ":1: `cpu` is no literal number", True),
    ("merge_conflict", ":1: Argument or block definition required", False),
    ("missing", ": `cpu` is not defined; add the line `cpu = NUMBER`", True),
    ("missing_brace", ":5: Missing expression", False),
    ("no_break_space", ":1: Invalid character", False),
    ("no_leading_zero", ":1: Invalid expression", False),
    ("nul_byte", ":2: holds a NUL byte", True),
    ("null", ":1: `cpu` is no literal number", True),
    ("parentheses", ":1: `cpu` is no literal number", True),
    ("plus_sign", ":1: Invalid expression", False),
    ("template", ":1: `cpu` is no literal number", True),
    ("two_on_one_line", ":1: Missing newline after argument", False),
    ("unicode_key", ":1: Terraform accepts this line", True),
    ("unterminated_heredoc", ":4: Unterminated template string", False),
    ("utf_16", ":1: not UTF-8", False),
    ("variable", ":1: `cpu` is no literal number", False),
)


def content(name: str) -> bytes:
    """Bytes of a file that is awkward on purpose."""
    return next(FILES.glob(f"*/{name}.tfvars")).read_bytes()


def change(before: bytes, path: tuple[str, ...], value: Decimal) -> bytes:
    """From bytes to bytes, as the agent does it."""
    return encoded(set_value(decoded(before, "a.tfvars"), path, value, "a.tfvars"))


def without(meant: dict[str, object], path: tuple[str, ...]) -> dict[str, object]:
    """A copy of `meant` that lacks the value at `path`."""
    head, *rest = path
    inner = meant[head]
    kept = {key: value for key, value in meant.items() if key != head}
    return kept | ({head: without(inner, tuple(rest))} if isinstance(inner, dict) else {})


def at(meant: object, path: tuple[str, ...]) -> object:
    """The value at `path`."""
    for key in path:
        assert isinstance(meant, dict)
        meant = meant[key]
    return meant


@pytest.mark.parametrize(("name", "path", "literal"), EDITABLE)
def test_only_the_digits_change(name: str, path: tuple[str, ...], literal: bytes) -> None:
    """Every byte before and behind the number stays: comments, line ends, marks, quotes (S001-82, S001-129, H19)."""
    before = content(name)
    found = read_value(decoded(before, name), path)
    start = len(decoded(before, name)[: found.start].encode())
    end = start + len(literal)

    after = change(before, path, Decimal("75.5"))

    assert before[start:end] == literal
    assert after == before[:start] + b"75.5" + before[end:]


@pytest.mark.parametrize(("name", "path", "literal"), EDITABLE)
def test_the_value_read_is_the_value_written_there(name: str, path: tuple[str, ...], literal: bytes) -> None:
    """Numbers are read exactly, with quotes, exponents and blanks behind the sign."""
    assert read_value(decoded(content(name), name), path).value == Decimal(literal.decode().replace(" ", ""))


@needs_terraform
@pytest.mark.parametrize(("name", "path", "literal"), EDITABLE)
def test_terraform_sees_one_value_change(name: str, path: tuple[str, ...], literal: bytes, tmp_path: Path) -> None:
    """Terraform, which must live with the file, reads the new value and the same for all others."""
    names = pygohcl.attributes_loadb(content(name))
    before = meaning(content(name), names, tmp_path)
    after = meaning(change(content(name), path, Decimal("75.5")), names, tmp_path)

    assert float(str(at(before, path))) == float(literal.replace(b" ", b""))
    assert float(str(at(after, path))) == 75.5
    assert isinstance(at(after, path), str) is isinstance(at(before, path), str)
    assert without(after, path) == without(before, path)


@pytest.mark.parametrize(("name", "words"), [row[:2] for row in REFUSED])
def test_what_is_doubtful_is_refused(name: str, words: str) -> None:
    """Anything but exactly one literal number in a file both parsers understand is left alone, with its line (H19)."""
    with pytest.raises(EditError) as refusal:
        change(content(name), ("cpu",), Decimal(75))

    assert str(refusal.value).startswith("a.tfvars" + words)


@needs_terraform
@pytest.mark.parametrize(("name", "is_valid"), [(row[0], row[2]) for row in REFUSED if row[2] is not None])
def test_the_table_of_refusals_is_true(*, name: str, is_valid: bool, tmp_path: Path) -> None:
    """Which refused files are a mistake in Terraform too, and which only ours, is checked with Terraform."""
    assert accepts(content(name), ("cpu", "memory"), tmp_path) is is_valid


@pytest.mark.parametrize(
    ("name", "path", "words"),
    [
        ("duplicate_nested_key", ("limits", "cpu"), "a.tfvars:2: `cpu` is defined more than once (lines 2, 3)"),
        ("duplicate_parent", ("all", "limits", "cpu"), "a.tfvars:2: two parsers disagree about `cpu`"),
        ("nested_object", ("limits", "disk", "max"), "a.tfvars: `limits.disk.max` is not defined; add the line `max ="),
        ("nested_object", ("limits", "cpu"), "a.tfvars:3: `cpu` is no literal number"),
        ("quoted_keys", ("limits", "disk.max"), 'a.tfvars: `limits."disk.max"` is not defined; add the line'),
        ("byte_order_mark", ("cpu", "max"), "a.tfvars: `cpu.max` is not defined"),
    ],
)
def test_what_is_doubtful_inside_an_object_is_refused(name: str, path: tuple[str, ...], words: str) -> None:
    """Terraform takes the last of two equal keys in silence; the agent does not guess."""
    with pytest.raises(EditError) as refusal:
        change(content(name), path, Decimal(75))

    assert str(refusal.value).startswith(words)


@pytest.mark.parametrize(
    ("path", "is_ignored"),
    [
        (("first",), True),  # alone on the line above
        (("behind",), True),  # behind the value
        (("next",), False),  # the comment above belongs to another value
        (("block",), True),  # a comment of several lines, in capitals
        (("apart",), False),  # another comment stands between
        (("after_text",), False),  # a string is no comment
        (("other_word",), False),
        (("group", "inside"), True),  # above the object that holds it
        (("with_something",), True),  # before the key
        (("below",), False),  # the comment above does not stand alone
        (("group_of_two", "one"), True),
        (("group_of_two", "two"), True),
        (("group_of_two", "three"), False),
    ],
)
def test_a_comment_keeps_the_agent_away(*, path: tuple[str, ...], is_ignored: bool) -> None:
    """`neuropilot: ignore` holds on the line of the value or of its keys, and alone on the line above."""
    assert read_value(decoded(content("markers"), "markers"), path).is_ignored is is_ignored


def test_the_first_line_may_be_a_marker_behind_a_byte_order_mark() -> None:
    """The mark that some editors put first does not hide what follows it."""
    assert read_value("\ufeff# neuropilot: ignore\ncpu = 80\n", ("cpu",)).is_ignored


@pytest.mark.parametrize("same", ["80", "80.0", "80.00", '"80"', "8e1", "080"])
def test_an_equal_value_leaves_the_text_as_it_is(same: str) -> None:
    """No commit appears for a number that only looks different."""
    text = f"cpu = {same} # as the team wrote it"

    assert set_value(text, ("cpu",), Decimal("80.000")) is text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("85.0", "85"),
        ("1E+3", "1000"),
        ("0.50", "0.5"),
        ("1E-7", "0.0000001"),
        ("-0.0", "0"),
        ("-12.5", "-12.5"),
        ("1200", "1200"),
    ],
)
def test_numbers_are_written_as_plain_decimals(value: str, written: str) -> None:
    """Exponents and trailing zeros never reach a file that people review."""
    assert set_value("cpu = 7", ("cpu",), Decimal(value)) == f"cpu = {written}"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_never_written(value: str) -> None:
    """A defect upstream must not become a broken file (H41)."""
    with pytest.raises(EditError, match="no number"):
        set_value("cpu = 7", ("cpu",), Decimal(value))


def test_a_file_of_2000_lines_is_edited() -> None:
    """Hundreds of services may share one file."""
    lines = [f"service_{number} = {number}\n" for number in range(2000)]
    after = set_value("".join(lines), ("service_1234",), Decimal(75))

    assert after == "".join([*lines[:1234], "service_1234 = 75\n", *lines[1235:]])


def test_a_huge_file_is_refused_before_any_parser_sees_it() -> None:
    """Parsers take minutes for some large texts (H19)."""
    with pytest.raises(EditError, match=r"^a\.tfvars: 128 KiB is above the limit"):
        set_value("cpu = 80\n" + "#" * SIZE_LIMIT_BYTES, ("cpu",), Decimal(75), "a.tfvars")


@pytest.mark.parametrize("opening", ["[", "(", "{ x = ", '"${'])
def test_brackets_inside_brackets_do_not_end_the_process(opening: str) -> None:
    """Terraform's parser overflows its stack, which no `except` can catch (H19)."""
    with pytest.raises(EditError, match=r"^a\.tfvars:2: more than 200 open brackets"):
        read_value(f"cpu = 80 # {']' * 15_000}\nx = {opening * 15_000}", ("cpu",), "a.tfvars")


def test_half_a_character_is_refused() -> None:
    """A text that cannot be saved is not edited."""
    with pytest.raises(EditError, match="half a character"):
        set_value("cpu = 80 # \ud800", ("cpu",), Decimal(75))
