"""What a person writes behind `what-if`: read as meant, or refused with what to write."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelled import the_service
from twins import MONDAY, STEPPED, a_week_of_work

from ai_ops.domain.errors import ConfigError
from ai_ops.domain.platform import Platform
from ai_ops.domain.tuning import Change, ScheduledMinimum
from ai_ops.tune.advice import Question
from ai_ops.tune.search.limits import Limits
from ai_ops.wiring.idea import KNOBS, idea_of

KNOBS_OF_WEB = the_service().knobs
NINE_TO_FIVE = '[{"from_minute_of_week": 540, "to_minute_of_week": 1020, "min_instances": 6}]'


def question(**thresholds):
    """What a decision would rest on."""
    return Question(
        telemetry=a_week_of_work(1440),
        thresholds={**STEPPED, **thresholds},
        platform=Platform(3, 3, 10, 0.2, 0.1, 0.1, 500.0, 99.9),
        limits=Limits(bounds={**Limits().bounds, "min_instances": (1, 20)}),
        records=(),
        now=MONDAY + timedelta(days=1),
    )


def idea(*assignments, **thresholds):
    """The idea behind these words."""
    return idea_of(assignments, KNOBS_OF_WEB, question(**thresholds))


def refusal(*assignments, **thresholds):
    """Why these words are no idea."""
    with pytest.raises(ConfigError) as caught:
        idea(*assignments, **thresholds)
    return str(caught.value)


def test_an_idea_is_one_or_several_knobs_with_their_values():
    """Each beside what stands today."""
    assert idea("cpu_scale_in_percent=50", "min_instances=4").changes == (
        Change("cpu_scale_in_percent", 40.0, 50.0),
        Change("min_instances", 2.0, 4.0),
    )


@pytest.mark.parametrize(
    ("short", "knob"),
    [("cpu_scale_in", "cpu_scale_in_percent"), ("min", "min_instances"), ("cooldown", "cooldown_minutes")],
)
def test_a_name_may_be_as_short_as_it_is_clear(short, knob):
    """Nobody wants to write units on a command line."""
    assert idea(f"{short}=7").changes[0].knob == knob


def test_a_word_and_a_schedule_can_be_tried():
    """Everything that the agent may propose, a person may try."""
    tried = idea("scaling_mode=target", f"scheduled_minimum={NINE_TO_FIVE}")
    assert tried.changes[0] == Change("scaling_mode", "threshold", "target")
    assert tried.changes[1] == Change("scheduled_minimum", (), (ScheduledMinimum(540, 1020, 6),))
    assert idea("scheduled_minimum=none", scheduled_minimum=tried.settings["scheduled_minimum"]).changes[0].after == ()


@pytest.mark.parametrize(
    ("assignments", "says"),
    [
        (("cpu_scale_inn=50",), "(did you mean 'cpu_scale_in_percent'?)"),
        (("cpu_scale=50",), "may mean cpu_scale_out_percent or cpu_scale_in_percent"),
        (("=50",), "there is no knob ''"),
        (("cpu_scale_in_percent",), "write knob=value"),
        (("cpu_scale_in_percent=fifty",), "'fifty' is no number"),
        (("cpu_scale_in_percent=",), "'' is no number"),
        (("cpu_scale_in_percent=nan",), "must lie between 1 and 100 percent"),
        (("cpu_scale_in_percent=inf",), "must lie between 1 and 100 percent"),
        (("cpu_scale_out_percent=101",), "must lie between 1 and 100 percent"),
        (("min_instances=0",), "must lie between 1"),
        (("min_instances=2.5",), "only whole instances"),
        (("latency_scale_out_ms=-1",), "must lie between 1"),
        (("scaling_mode=targt",), "must be threshold or target (did you mean 'target'?)"),
        (("scheduled_minimum=[1]",), "write none, or a list such as"),
        (("scheduled_minimum=weekdays",), "write none, or a list such as"),
        (("scheduled_minimum={}",), "write none, or a list such as"),
        (("min=3", "min_instances=4"), "min_instances is given twice"),
        (("min_instances=50",), "min_instances 50 is above max_instances 40"),
        (("max_instances=1",), "min_instances 2 is above max_instances 1"),
        (("cpu_scale_in_percent=70",), "must be below cpu_scale_out_percent 70"),
        ((f"scheduled_minimum={NINE_TO_FIVE}", "max_instances=5"), "asks for 6, above max_instances 5"),
        (("cpu_scale_in_percent=40",), "that is what runs today"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_way_out(assignments, says):
    """A replay of nonsense would look like an answer."""
    assert says in refusal(*assignments)


def test_a_target_has_no_lower_threshold_to_cross():
    """While a target is tracked, scale-in does nothing."""
    assert idea("scaling_mode=target", "cpu_scale_out_percent=40").changes


@pytest.mark.parametrize(
    ("assignment", "says"),
    [
        ("cpu_scale_in_percent=15", "outside of 20 to 70 percent; the agent would never propose it"),
        ("cpu_scale_in_percent=62", "further than the agent may go at once"),
    ],
)
def test_what_lies_beyond_the_agent_is_replayed_and_labelled(assignment, says):
    """A person may try anything that a platform could run."""
    found = idea(assignment)
    assert found.changes
    assert [says in label for label in found.labels] == [True]


def test_what_the_agent_may_do_has_no_label():
    """The plain case stays plain."""
    assert idea("cpu_scale_in_percent=45").labels == ()


def test_a_knob_that_the_file_does_without_says_so():
    """The replay answers, but somebody would have to build it first."""
    short = {name: value for name, value in STEPPED.items() if name != "scaling_mode"}
    found = idea_of(["scaling_mode=target"], KNOBS_OF_WEB, replace(question(), thresholds=short))
    assert found.changes == (Change("scaling_mode", "threshold", "target"),)
    assert "the settings file does without it" in found.labels[0]


def test_a_knob_that_is_no_knob_of_the_service_says_so():
    """Only a person can set it."""
    found = idea_of(["cooldown_minutes=7"], {}, question())
    assert "is no knob of this service" in found.labels[0]


@given(st.sampled_from(KNOBS), st.text(max_size=30))
def test_no_text_ends_in_anything_but_an_idea_or_a_refusal(knob, text):
    """What is typed comes from people."""
    with suppress(ConfigError):
        assert idea(f"{knob}={text}").changes
