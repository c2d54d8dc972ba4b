"""CONFIGURATION.md says what the settings really are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from ai_ops.domain.metrics import CANONICAL_METRICS
from ai_ops.settings import load_settings
from ai_ops.settings.environment import SECRETS, VARIABLES
from ai_ops.settings.expressions import presets
from ai_ops.settings.knobs import DEFAULT_KNOBS, KNOB_NAMES, ChoiceSettings, KnobSettings, ScheduleSettings
from ai_ops.settings.model import Settings
from ai_ops.settings.report import every_key

DOC = (Path(__file__).parents[2] / "docs" / "ai_ops" / "CONFIGURATION.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in DOC.splitlines() if line.startswith("| `")]
DEFAULTS = {row[0].strip("`"): row[1] for row in ROWS}
WITHOUT = "none"
"""What the default of a key says that has none."""


def leaves(value: object, prefix: str) -> dict[str, object]:
    """Every default below `value`, by its key as the document writes it."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields.items()
        parts = [leaves(getattr(value, name), f"{prefix}.{field.alias or name}") for name, field in fields]
        return {key: default for part in parts for key, default in part.items()}
    if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        return leaves(value[0], f"{prefix}[]")
    return {prefix.removeprefix("."): value}


def words(default: object) -> str:
    """How the document writes a default."""
    if isinstance(default, str) and default:
        return default
    if isinstance(default, tuple) and default:
        return ", ".join(default)
    return WITHOUT if default is None else json.dumps(default)


@pytest.mark.parametrize("key", sorted(every_key(Settings)))
def test_every_key_is_explained(key: str) -> None:
    """A key without a sentence is a riddle; a section is explained by the keys in it."""
    assert f"`{key}`" in DOC or any(row.startswith((f"{key}.", f"{key}[]")) for row in DEFAULTS)


@pytest.mark.parametrize(("key", "default"), sorted(leaves(Settings(), "").items()), ids=lambda part: str(part)[:40])
def test_every_default_is_the_real_one(key: str, default: object) -> None:
    """A wrong default in a document is worse than none."""
    if key not in {"services[].name", "services[].knobs"}:
        assert DEFAULTS[key] == words(default)


def test_no_key_is_made_up() -> None:
    """What the document explains exists."""
    names = {name for row in ROWS for name in re.findall(r"`([\w.<>\[\]]+)`", row[0])}
    variables = {name for preset in presets().values() for name in preset.variables}
    environment = {name for names in VARIABLES.values() for name in names}
    assert names <= {*every_key(Settings), *environment, *variables, *KNOB_NAMES, *CANONICAL_METRICS}


def test_every_variable_is_explained() -> None:
    """The names of the environment, and which key each of them gives (S001-58, S001-59)."""
    table = {name: row[1] for row in ROWS for name in re.findall(r"`([A-Z_]+)`", row[0])}
    assert table == {name: f"`{key}`" for key, names in VARIABLES.items() for name in names}


def test_secrets_are_said_to_stay_out_of_the_file() -> None:
    """Whoever looks a secret up reads it there (R12)."""
    for key in SECRETS:
        assert "never in the file" in next(row[2] for row in ROWS if row[0] == f"`{key}`")


def test_the_table_of_knobs_is_the_real_one() -> None:
    """Bounds and steps as they are (R11)."""
    rows = {row[0].strip("`"): row[1:] for row in ROWS if row[0].strip("`") in DEFAULT_KNOBS}
    assert {name: row for name, row in rows.items() if len(row) == 5} == {
        name: [knob.unit, f"{knob.minimum:g}", f"{knob.maximum:g}", f"{knob.max_step:g}", knob.costs_money]
        for name, knob in DEFAULT_KNOBS.items()
        if isinstance(knob, KnobSettings)
    }


def test_what_a_word_and_a_schedule_may_be_is_the_real_thing() -> None:
    """The same for the knobs that hold no number (R11)."""
    rows = {row[0].strip("`"): " ".join(row[1:]) for row in ROWS if row[0].strip("`") in DEFAULT_KNOBS}
    mode, schedule = DEFAULT_KNOBS["scaling_mode"], DEFAULT_KNOBS["scheduled_minimum"]
    assert isinstance(mode, ChoiceSettings)
    assert isinstance(schedule, ScheduleSettings)
    assert all(f"`{word}`: " in rows["scaling_mode"] for word in mode.words)
    bounds = f"at most {schedule.most_entries} entries of {schedule.minimum} to {schedule.maximum} instances"
    assert bounds in rows["scheduled_minimum"]


def test_every_metric_and_every_preset_variable_is_named() -> None:
    """Whoever writes a query finds the names here."""
    names = set(re.findall(r"`(\w+)`", DOC))
    assert CANONICAL_METRICS.keys() <= names
    assert {name for preset in presets().values() for name in preset.variables} <= names


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", DOC, re.DOTALL), ids=lambda text: text[:30])
def test_every_example_can_be_loaded(tmp_path: Path, example: str) -> None:
    """An example that does not work costs more trust than it gives."""
    file = tmp_path / "ops_config.yaml"
    file.write_text(example, encoding="utf-8")
    assert load_settings(file, root=tmp_path, environment={}).services
