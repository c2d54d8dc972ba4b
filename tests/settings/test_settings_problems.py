"""What is wrong with the settings is said at once, with the line and what to do: one bad file per rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.errors import ConfigError
from ai_ops.redact import redact
from ai_ops.settings import DEFAULT_FILE, load_settings
from ai_ops.settings.model import Settings
from ai_ops.settings.report import every_key

BAD_FILES = sorted((Path(__file__).parents[1] / "data" / "config").glob("*.yaml"))
CANARY = "canary-9f31"
"""Stands wherever a bad file holds something secret."""


def complaint(file: Path, **environment: str) -> str:
    """What loading `file` says."""
    with pytest.raises(ConfigError) as caught:
        load_settings(file, root=file.parent, environment=environment)
    return str(caught.value)


def of_text(folder: Path, text: str, **environment: str) -> str:
    """What loading a file with `text` says."""
    file = folder / "ops_config.yaml"
    file.write_text(text, encoding="utf-8")
    return complaint(file, **environment)


@pytest.mark.parametrize("file", BAD_FILES, ids=lambda file: file.stem)
def test_a_bad_file_is_told_what_is_wrong(file: Path) -> None:
    """Each file says behind `#=` which lines it must be answered with, no more and no fewer (H34, S001-127, R12)."""
    expected = [line.removeprefix("#= ") for line in file.read_text().splitlines() if line.startswith("#= ")]
    said = complaint(file).splitlines()
    rows = [row.strip() for row in said[1:-1]] or [said[0].removeprefix(f"{file.parent}/")]
    assert rows == expected


@pytest.mark.parametrize("file", BAD_FILES, ids=lambda file: file.stem)
def test_no_message_repeats_a_secret(file: Path) -> None:
    """A message ends in CI logs, where a secret must not (H10, R12)."""
    assert CANARY not in complaint(file)


@pytest.mark.parametrize("file", BAD_FILES, ids=lambda file: file.stem)
def test_a_redactor_finds_nothing_to_hide_in_a_message(file: Path) -> None:
    """Every message passes one on its way to a person, and must arrive whole (H10)."""
    said = complaint(file)
    assert redact(said) == said


def test_the_message_ends_with_the_next_step(tmp_path: Path) -> None:
    """First the file, last the command that checks again."""
    first, *_, last = of_text(tmp_path, "mode: comit\nsla_target: 0\n").splitlines()
    assert first == f"2 problems in the settings ({tmp_path / 'ops_config.yaml'}):"
    assert last == "Correct this, then run `neuropilot doctor --offline`."


@given(key=st.from_regex(r"[a-z_][a-z0-9_]{0,30}", fullmatch=True))
def test_any_unknown_key_is_named(tmp_path_factory: pytest.TempPathFactory, key: str) -> None:
    """Whatever the typing error: nothing a person wrote is silently ignored (H34)."""
    known = {name.partition(".")[0].removesuffix("[]") for name in every_key(Settings)}
    if key not in known:
        folder = tmp_path_factory.mktemp("settings")
        assert f"line 1: {key}: unknown key" in of_text(folder, f"'{key}': 1\n")


@pytest.mark.parametrize("key", sorted(every_key(Settings)))
def test_a_key_with_one_letter_too_many_is_recognised(tmp_path: Path, key: str) -> None:
    """The hint names the key that was meant, at every level of the file (H34)."""
    *above, name = key.replace("<name>", "min_instances").split(".")
    text = f"{name}x: 1\n"
    for step in reversed(above):
        row = text.replace("\n", "\n  ").rstrip(" ")
        text = f"{step.removesuffix('[]')}:\n  " + (f"- {row}" if step.endswith("[]") else row)
    assert f"(did you mean '{name}'?)" in of_text(tmp_path, text.replace("\n  - ", "\n- ").rstrip() + "\n")


def test_a_value_from_the_environment_is_named_by_its_variable(tmp_path: Path) -> None:
    """Nobody searches the file for what the environment holds (R31)."""
    said = of_text(tmp_path, "prometheus_url: http://fine.example\n", PROMETHEUS_URL="ftp://prometheus.example")
    assert "  PROMETHEUS_URL (environment): must be an address that begins with http:// or https://" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRAFANA_API_KEY", f"{CANARY}\nsecond line"),
        ("PROMETHEUS_PASSWORD", f"{CANARY}\x1b"),
        ("NEUROPILOT_GITHUB_TOKEN", f"{CANARY}\N{EN DASH}x"),
        ("GRAFANA_API_KEY", f"{CANARY}ü"),
        ("SLACK_WEBHOOK_URL", CANARY),
        ("SLACK_WEBHOOK_URL", f"http://hooks.slack.com/services/{CANARY}"),
        ("PROMETHEUS_URL", f"https://me:{CANARY}@prometheus.example"),
        ("GRAFANA_CLOUD_URL", f"https://grafana.example/?api_key={CANARY}"),
    ],
)
def test_a_bad_variable_is_named_without_its_value(tmp_path: Path, name: str, value: str) -> None:
    """A broken secret is found here, not by the server that refuses it, and is not shown (H10)."""
    said = of_text(tmp_path, "", **{name: value})
    assert f"  {name} (environment): " in said
    assert CANARY not in said


@pytest.mark.parametrize("name", ["SMTP_URL", "NEUROPILOT_WEBHOOK_URL", "SLACK_WEBHOOK_URL", "SLACK_CHANNEL"])
def test_the_remedy_for_an_address_arrives_whole(tmp_path: Path, name: str) -> None:
    """An example that a redactor takes for a secret is none (H10)."""
    said = of_text(tmp_path, "mode: observe\n", **{name: "no address"})
    assert f"  {name} (environment): must be" in said
    assert redact(said) == said


def test_a_secret_in_the_file_counts_even_when_the_environment_wins(tmp_path: Path) -> None:
    """It stands in git all the same (R12)."""
    said = of_text(tmp_path, f"grafana_api_key: {CANARY}\n", GRAFANA_API_KEY="from-the-environment")
    assert "line 1: grafana_api_key (secret): may not stand in a file" in said
    assert CANARY not in said


def test_two_ways_to_log_in_are_one_too_many(tmp_path: Path) -> None:
    """Which of the two would count, nobody could say."""
    said = of_text(tmp_path, "", PROMETHEUS_PASSWORD="a-password", PROMETHEUS_TOKEN="a-token")
    assert "PROMETHEUS_TOKEN and PROMETHEUS_PASSWORD are both set" in said


def test_a_file_above_1_mib_is_refused(tmp_path: Path) -> None:
    """A wrong --config must not cost memory (H34)."""
    assert "larger than 1 MiB" in of_text(tmp_path, "# " + "x" * 1024 * 1024)


@pytest.mark.parametrize(
    ("content", "hint"),
    [(b"mode: \xff\xfe", "not UTF-8"), (b"mode: ob\x00serve", "a character that YAML does not allow")],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, hint: str) -> None:
    """A binary file ends in one sentence."""
    file = tmp_path / "ops_config.yaml"
    file.write_bytes(content)
    assert hint in complaint(file)


def test_a_config_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    """A typing error behind --config must not run the defaults (S001-63)."""
    assert "other.yaml cannot be read: No such file or directory" in complaint(tmp_path / "other.yaml")


@pytest.mark.parametrize("kind", ["folder", "dangling link"])
def test_a_file_that_is_there_and_cannot_be_read_is_an_error(tmp_path: Path, kind: str) -> None:
    """What stands at the usual place counts: it is never passed over for the defaults."""
    file = tmp_path / DEFAULT_FILE
    file.parent.mkdir(parents=True)
    file.mkdir() if kind == "folder" else file.symlink_to("nowhere.yaml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(None, root=tmp_path, environment={})


def test_an_unreadable_env_file_is_an_error(tmp_path: Path) -> None:
    """Secrets that cannot be read must not count as unset."""
    (tmp_path / ".env").write_bytes(b"GRAFANA_API_KEY=\xff\xfe\n")
    with pytest.raises(ConfigError, match=r"\.env cannot be read"):
        load_settings(None, root=tmp_path, environment={})
