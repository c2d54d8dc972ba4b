"""The first settings file: always loadable, and saying what was found."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.adopt.knob_names import guess_knobs
from ai_ops.adopt.service_guess import service_name
from ai_ops.adopt.settings_draft import settings_text
from ai_ops.domain.adoption import KnobFile, ServiceGuess
from ai_ops.settings import settings_in
from ai_ops.wiring.onboard_knobs import default_knobs

if TYPE_CHECKING:
    from ai_ops.settings.model import Settings

OWN = default_knobs()
SHIPPED = "infrastructure/terraform/terraform.tfvars"
PLAIN = {"cpu_threshold": 70.0, "min_size": 2.0, "max_size": 250.0}


def loaded(text: str) -> Settings:
    """The settings that a text means."""
    return settings_in(text.encode(), "draft", root=Path("/nowhere"), environment={})


def knob_file(values, file: str = "infra/prod.tfvars") -> KnobFile:
    """The knobs of a file with these values at its top level."""
    return KnobFile(file, guess_knobs({(name,): value for name, value in values.items()}, OWN, "web"))


def test_a_guess_is_written_as_it_was_made() -> None:
    """Preset, selector, variables, bucket and knobs come back as they were, also with odd characters."""
    guess = ServiceGuess(
        "shop",
        "nginx",
        'ingress="it\'s/shop:1"',
        {"namespace": "yes", "workload": "a b"},
        latency_ms=500,
        silent=("db_latency_ms",),
        is_seen=True,
    )
    (service,) = loaded(settings_text(guess, knob_file(PLAIN), OWN)).services
    assert (service.name, service.preset, service.selector) == (guess.name, guess.preset, guess.selector)
    assert service.variables == guess.variables
    assert service.slo.latency_ms == 500
    assert {name: (knob.file, knob.path) for name, knob in service.knobs.items()} == {
        "cpu_scale_out_percent": ("infra/prod.tfvars", ("cpu_threshold",)),
        "min_instances": ("infra/prod.tfvars", ("min_size",)),
        "max_instances": ("infra/prod.tfvars", ("max_size",)),
    }
    assert service.knobs["max_instances"].maximum == 250


@pytest.mark.parametrize(
    "values",
    [
        {"cpu_threshold": 15.0, "cpu_low": 12.0},
        {"cpu_threshold": 60.0, "cpu_low": 95.0},
        {"min_size": 1.0, "max_size": 1.0},
        {"min_size": 400.0, "max_size": 2.0},
    ],
)
def test_odd_values_leave_bounds_that_make_sense(values) -> None:
    """What stands in the file lies within its bounds, and no pair is turned round."""
    (service,) = loaded(settings_text(ServiceGuess("shop"), knob_file(values), OWN)).services
    assert len(service.knobs) == 2


def test_nothing_may_move_after_init() -> None:
    """Mode observe, and no knob at all where no file was found (S001-129)."""
    settings = loaded(settings_text(ServiceGuess("shop"), None, OWN))
    assert settings.mode == "observe"
    assert settings.services[0].knobs == {}


def test_a_file_in_the_agents_own_words_needs_no_list() -> None:
    """The shipped file under its shipped name: the defaults say it all."""
    values = dict.fromkeys(name for name in OWN if name not in {"scaling_mode", "scheduled_minimum"})
    standing = {"cpu_scale_out_percent": 80, "cpu_scale_in_percent": 30, "memory_scale_out_percent": 85}
    standing |= {"latency_scale_out_ms": 350, "min_instances": 2, "max_instances": 12, "cooldown_minutes": 5}
    assert standing.keys() == values.keys()
    text = settings_text(ServiceGuess("shop"), knob_file(standing, SHIPPED), OWN)
    assert "knobs" not in text
    assert "tfvars" not in text


def test_what_was_doubted_is_a_comment() -> None:
    """Whoever settles it takes the # away, and the line is right."""
    text = settings_text(ServiceGuess("shop"), knob_file({"cpu_threshold": 0.7, "min_size": 2.0}), OWN)
    assert loaded(text).services[0].knobs.keys() == {"min_instances"}
    assert "cpu_threshold may be cpu_scale_out_percent, but is 0.7 a share of 1?" in text
    settled = text.replace("      # cpu_scale_out_percent:", "      cpu_scale_out_percent:")
    assert loaded(settled).services[0].knobs["cpu_scale_out_percent"].written_in == "ratio"


def test_every_line_is_explained() -> None:
    """Each key has a comment above it, or is one of several under one."""
    text = settings_text(
        ServiceGuess("shop", "nginx", 'ingress="shop"', {"namespace": "store"}, 500, is_seen=True),
        knob_file(PLAIN),
        OWN,
    )
    paragraphs = re.split(r"(?m)^ *#.*\n", text)
    assert all(len(one.strip().splitlines()) <= 5 for one in paragraphs)
    assert max(map(len, text.splitlines())) < 140
    assert len(text.splitlines()) < 40


@given(
    st.text(max_size=30),
    st.sampled_from(["micrometer", "nginx", "kubernetes", "node_exporter", "cloudwatch_exporter"]),
    st.dictionaries(
        st.sampled_from(
            ["cpu_threshold", "cpu_low", "min_size", "max_size", "cooldown_seconds", "memory_threshold", "latency_ms"]
        ),
        st.one_of(st.integers(0, 10**6).map(float), st.floats(0, 1000)),
    ),
    st.from_regex(r"[\w./:@ -]{1,60}", fullmatch=True),
)
def test_every_draft_can_be_loaded(name, preset, values, label) -> None:
    """Whatever a repository, its labels and its values are called (H19, H20)."""
    guess = ServiceGuess(service_name(name), preset, f'job="{label}"', is_seen=True, others=(label,))
    text = settings_text(guess, knob_file(values), OWN)
    (service,) = loaded(text).services
    assert service.selector == f'job="{label}"'
    assert set(service.knobs) == {one.knob for one in knob_file(values).knobs if not one.doubt}


@pytest.mark.parametrize("word", ["no", "on", "null", "1e3", "0x1f", "~", "a: b", "a #b", "'", '"', "- x", "{", "ü"])
def test_a_value_is_never_read_as_something_else(word) -> None:
    """YAML takes many a plain word for a truth value or a number."""
    guess = ServiceGuess("shop", "nginx", 'ingress="x"', {"namespace": word}, is_seen=True)
    assert yaml.safe_load(settings_text(guess, None, OWN))["services"][0]["variables"] == {"namespace": word}
