"""What is doubtful in files of Kubernetes, Helm, Kustomize and JSON is left alone, and the message says what to do."""

from __future__ import annotations

import pytest
from examples import a_choice, a_knob, a_schedule

from ai_ops.apply.knob_files import edited, lines_to_add, read_thresholds
from ai_ops.domain.errors import EditError
from ai_ops.domain.key_path import key_path
from ai_ops.domain.tuning import Change, Knob, ScheduledMinimum, Thresholds

HPA = "kind: HorizontalPodAutoscaler\nmetadata: {name: shop}\nspec: {minReplicas: 2}\n"
CART = HPA.replace("shop", "cart")
CPU = "t[type=cpu].value"

# text, path, what the message begins with behind the file's name
YAML = (
    (f"{HPA}---\n{CART}", "spec.minReplicas", ":5: a second document begins; say by kind and name which one is meant"),
    (f"{HPA}---\n", "spec.minReplicas", ":5: a second document begins"),
    (f"{HPA}---\n{CART}", "HorizontalPodAutoscaler:spec.minReplicas",
     ":1: several documents are HorizontalPodAutoscaler (lines 1, 5); name one"),
    (f"{HPA}---\n{HPA}", "HorizontalPodAutoscaler/shop:spec.minReplicas",
     ":1: several documents are HorizontalPodAutoscaler/shop (lines 1, 5); name one"),
    (f"{HPA}---\n{CART}", "HorizontalPodAutoscaler/web:spec.minReplicas",
     ": no document is HorizontalPodAutoscaler/web; there are: HorizontalPodAutoscaler/shop, HorizontalPodAutoscaler"),
    (HPA, "Deployment/shop:spec.minReplicas",
     ": no document is Deployment/shop; there are: HorizontalPodAutoscaler/shop; correct `path` in ops_config.yaml"),
    ("cpu: 80\n", "Deployment:cpu", ": no document is Deployment; there are: none with a kind"),
    ("", "Deployment:cpu", ": no document is Deployment; there are: none with a kind"),
    (f"{HPA}kind: Deployment\n", "HorizontalPodAutoscaler:spec.minReplicas",
     ":1: `kind` is defined more than once (lines 1, 4)"),
    ("--- &all\n" + HPA, "HorizontalPodAutoscaler:spec.minReplicas", ":1: anchors, merge keys and tags lead to"),
    (HPA, "HorizontalPodAutoscaler/shop:spec.maxReplicas",
     ": `HorizontalPodAutoscaler/shop:spec.maxReplicas` is not defined; add the line `maxReplicas: NUMBER` below `Hor"),
    ("t:\n- {type: cpu, value: 70}\n- {type: cpu, value: 75}\n", CPU,
     ":2: several items of `t` are [type=cpu] (lines 2, 3); add a field that only one has"),
    ("t:\n- {type: memory, value: 70}\n- cpu\n", CPU, ":2: `t` has 2 items, and none is [type=cpu]; correct `path`"),
    ("t: [1, 2]\n", "t[2]", ":1: `t` has 2 items, and none is [2]; correct `path`"),
    ("t: []\n", "t[0]", ":1: `t` has 0 items, and none is [0]"),
    ("t: {type: cpu, value: 70}\n", CPU, ":1: `t` is no list, so it has no item [type=cpu]"),
    ("\nt: 70\n", "t[0]", ":2: `t` is no list"),
    ("type: cpu\n", "[type=cpu].value", ":1: the file is no list, so it has no item [type=cpu]"),
    ("", "[0]", ":1: the file is no list"),
    ("a: 1\n", CPU, ": `t[type=cpu].value` is not defined; add the line `value: NUMBER` below `t[type=cpu]:`"),
    ("t:\n- {type: cpu, type: memory, value: 70}\n", CPU, ":2: `type` is defined more than once (lines 2, 2)"),
    ("t:\n- {type: cpu, value: 70, value: 71}\n", CPU, ":2: `value` is defined more than once (lines 2, 2)"),
    ("t: &t\n- {type: cpu, value: 70}\nu: *t\n", CPU, ":1: anchors, merge keys and tags lead to the value"),
    ("u: &t\n- {type: cpu, value: 70}\nt: *t\n", CPU, ":1: anchors, merge keys and tags lead to the value"),
    ("t:\n- &one {type: cpu, value: 70}\nu: *one\n", CPU, ":2: anchors, merge keys and tags lead to the value"),
    ("u: &one {type: cpu, value: 70}\nt: [*one]\n", CPU, ":1: anchors, merge keys and tags lead to the value"),
    ("u: &u {type: cpu}\nt:\n- <<: *u\n  value: 70\n", CPU, ":3: anchors, merge keys and tags lead to the value"),
    # The other item may be a second one of this type: who knows what is merged into it.
    ("u: &u {type: cpu}\nt:\n- {type: cpu, value: 70}\n- <<: *u\n", CPU, ":4: anchors, merge keys and tags lead to"),
    ("t:\n- {type: cpu, value: &v 70}\n", CPU, ":2: `value` is no plain decimal number"),
    ("t:\n- !item {type: cpu, value: 70}\n", CPU, ":2: anchors, merge keys and tags lead to the value"),
    ("cpu: {{ .Values.cpu }}\n", "cpu", ":1: `cpu` is no plain decimal number: another tool fills it in"),
    ("cpu: '{{ .Values.cpu }}'\n", "cpu", ":1: `cpu` is no plain decimal number: another tool fills it in"),
    ("cpu: ${CPU:=70}\n", "cpu", ":1: `cpu` is no plain decimal number: another tool fills it in"),
    ("cpu: $(CPU)\n", "cpu", ":1: `cpu` is no plain decimal number: another tool fills it in"),
    ("{{- if .Values.hpa }}\ncpu: 70\n{{- end }}\n", "cpu",
     ":1: expected the node content, but found '-'; a template is no YAML, name the file that holds its values"),
    ("a: 1\n# {{ if x }}\ncpu: 70\n# {{ else }}\ncpu: 80\n", "cpu", ":3: `cpu` is defined more than once (lines 3, 5)"),
    ("patches:\n- patch: |-\n    - op: replace\n      value: 2\n", "patches[0].patch[op=replace].value",
     ":2: `patches[0].patch` is no list"),
    ("cpu: 70m\n", "cpu", ":1: `cpu` is no plain decimal number"),
    ("cpu:\t70\n", "cpu", ":1: found character '\\t' that cannot start any token"),
    ("limits: [70, x]\n", "limits[1]", ":1: `limits[1]` is no plain decimal number; write one, such as"),
)  # fmt: skip
JSON = (
    ("{}", "cpu", ': `cpu` is not defined; add the line `"cpu": NUMBER`'),
    ('{"web": {}}', "web.cpu", ': `web.cpu` is not defined; add the line `"cpu": NUMBER` inside `web`'),
    ("[]", "cpu", ": `cpu` is not defined"),
    ("80", "cpu", ": `cpu` is not defined"),
    ('{"cpu": 80,\n "cpu": 81}', "cpu", ":1: `cpu` is defined more than once (lines 1, 2); keep one"),
    ('{"cpu": 80,\n "x": [{"a": 1, "\\u0061": 2}]}', "cpu", ":2: `a` is defined more than once (lines 2, 2); keep one"),
    ('{"cpu": 8e1}', "cpu", ':1: `cpu` is no plain decimal number; write one, such as `"cpu": 80`'),
    ('{"cpu": null}', "cpu", ":1: `cpu` is no plain decimal number"),
    ('{"cpu": true}', "cpu", ":1: `cpu` is no plain decimal number"),
    ('{"cpu": "8\\u0030"}', "cpu", ":1: `cpu` is no plain decimal number"),
    ('{"cpu": "+80"}', "cpu", ":1: `cpu` is no plain decimal number"),
    ('{"cpu": "${80}"}', "cpu", ":1: `cpu` is no plain decimal number: another tool fills it in"),
    ('{"cpu": [80]}', "cpu", ":1: `cpu` is no plain decimal number"),
    ('{"cpu": {"max": 80}}', "cpu", ":1: `cpu` is no plain decimal number"),
    (f'{{"cpu": {"9" * 40}}}', "cpu", ":1: `cpu` is no plain decimal number"),
    ('{"cpu": 080}', "cpu", ":1: Expecting ',' delimiter; mend the file"),
    ('{"cpu": .5}', "cpu", ":1: Expecting value; mend the file"),
    ('{"a": 1,\n"cpu": 80,}', "cpu", ":2: "),
    ('{"cpu": 80} // why', "cpu", ":1: Extra data; mend the file"),
    ('{"cpu": 80}{}', "cpu", ":1: Extra data; mend the file"),
    ("{'cpu': 80}", "cpu", ":1: Expecting property name enclosed in double quotes; mend the file"),
    ('{"cpu": 80, "x": "a\nb"}', "cpu", ":1: Invalid control character at; mend the file"),
    ('{"cpu": 80, "x": "\\x41"}', "cpu", ":1: Invalid \\escape; mend the file"),
    ('{"cpu": 80, "x": NaN}', "cpu", ": no readable JSON (NaN is no number); mend or simplify the file"),
    ('{"cpu": 80, "x": -Infinity}', "cpu", ": no readable JSON (-Infinity is no number); mend or simplify the file"),
    ('{"cpu": 80,\u00a0"x": 1}', "cpu", ":1: Expecting property name"),
    ('{"cpu": 80', "cpu", ":1: Expecting ',' delimiter; mend the file"),
    ("", "cpu", ":1: Expecting value; mend the file"),
    ('{"cpu": 80}\0', "cpu", ":1: holds a NUL byte"),
    ('{"cpu": 80,\r"x": 1}', "cpu", ":1: a carriage return without a line feed"),
    ('{"cpu": 80, "x": ' + "[" * 60_000 + "]" * 60_000 + "}", "cpu", ": "),
    ('{"cpu": 80, "x": "' + "x" * 131_072 + '"}', "cpu", ": 128 KiB is above the limit of 128 KiB"),
    ('{"t": [{"type": "cpu"}, {"type": "cpu"}]}', "t[type=cpu].value", ":1: several items of `t` are [type=cpu]"),
    ('{"t": [{"type": 1}]}', "t[type=2].value", ":1: `t` has 1 items, and none is [type=2]"),
)  # fmt: skip


def attempt(file: str, text: str, path: str) -> str:
    """What is said instead of an edit."""
    knob = a_knob("cpu_scale_out_percent", file=file, path=key_path(path), minimum=0, maximum=100)
    with pytest.raises(EditError) as refusal:
        edited(lambda _: text.encode(), [knob], [Change(knob.name, 70.0, 75.0)])
    with pytest.raises(EditError):
        read_thresholds(lambda _: text.encode(), [knob])
    return str(refusal.value)


@pytest.mark.parametrize(("text", "path", "words"), YAML)
def test_what_is_doubtful_in_yaml_is_refused(text: str, path: str, words: str) -> None:
    """One document, one item, one plain number that nobody else shares, or nothing (H19)."""
    said = attempt("a.yaml", text, path)

    assert said.startswith(f"a.yaml{words}")
    assert said.endswith(" (knob cpu_scale_out_percent, 0 to 100 percent)")


@pytest.mark.parametrize(("text", "path", "words"), JSON, ids=lambda part: str(part)[:40])
def test_what_is_doubtful_in_json_is_refused(text: str, path: str, words: str) -> None:
    """One plain number in a file that every parser reads in the same way, or nothing (H19)."""
    assert attempt("a.tfvars.json", text, path).startswith(f"a.tfvars.json{words}")


# -- comments that keep the agent away --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "is_ignored"),
    [
        ("t:\n- type: cpu\n  value: 70 # neuropilot: ignore\n", True),
        ("t:\n- type: cpu # neuropilot: ignore\n  value: 70\n", True),
        ("t:\n# neuropilot: ignore\n- type: cpu\n  value: 70\n", True),
        ("# neuropilot: ignore\nt:\n- type: cpu\n  value: 70\n", True),
        ("t: # neuropilot: ignore\n- type: cpu\n  value: 70\n", True),
        ("t:\n- # neuropilot: ignore\n  type: cpu\n  value: 70\n", True),
        ("t:\n- # neuropilot: ignore\n\n  # why\n  type: cpu\n  value: 70\n", True),
        ("t:\n# neuropilot: ignore\n-\n  type: cpu\n  value: 70\n", True),
        ("t: [ # neuropilot: ignore\n {type: cpu, value: 70}]\n", True),
        ("t:\n- type: memory # neuropilot: ignore\n  value: 70\n- type: cpu\n  value: 70\n", False),
        ("t:\n- type: cpu\n  value: 70\n# neuropilot: ignore\n- type: memory\n", False),
        ("t:\n- type: cpu\n  note: '- # neuropilot: ignore'\n  value: 70\n", False),
        ("t:\n- {type: memory} # - neuropilot: ignore\n- type: cpu\n  value: 70\n", False),
    ],
)
def test_a_comment_at_a_list_item_keeps_the_agent_away(*, text: str, is_ignored: bool) -> None:
    """On the line of the item, of its dash, or alone above it."""
    knob = a_knob("cpu_scale_out_percent", file="a.yaml", path=key_path(CPU), minimum=0, maximum=100)

    assert (read_thresholds(lambda _: text.encode(), [knob]).ignored == {knob.name}) is is_ignored
    if is_ignored:
        with pytest.raises(EditError, match="is marked `neuropilot: ignore`"):
            edited(lambda _: text.encode(), [knob], [Change(knob.name, 70.0, 75.0)])


def test_a_comment_in_another_document_does_not_count() -> None:
    """It speaks of what stands there."""
    text = f"# neuropilot: ignore\n{CART}---\n{HPA}"
    knob = a_knob("min_instances", file="a.yaml", path=key_path("HorizontalPodAutoscaler/shop:spec.minReplicas"))

    assert not read_thresholds(lambda _: text.encode(), [knob]).ignored


def test_a_comment_above_a_document_speaks_of_its_first_line() -> None:
    """To keep the agent away from all of a document, mark its `spec`."""
    text = f"{CART}---\n" + HPA.replace("spec:", "# neuropilot: ignore\nspec:")
    knob = a_knob("min_instances", file="a.yaml", path=key_path("HorizontalPodAutoscaler/shop:spec.minReplicas"))

    assert read_thresholds(lambda _: text.encode(), [knob]).ignored == {"min_instances"}


# -- bounds, units, kinds ---------------------------------------------------------------------------------------------

COOLDOWN = a_knob(
    "cooldown_minutes",
    file="hpa.yaml",
    path=("behavior", "scaleDown", "stabilizationWindowSeconds"),
    unit="minutes",
    minimum=1,
    maximum=30,
    written_in="seconds",
)


def cooldown(seconds: str) -> bytes:
    """An autoscaler's behaviour."""
    return f"behavior:\n  scaleDown: {{stabilizationWindowSeconds: {seconds}}} # seconds\n".encode()


def test_minutes_are_written_as_seconds_where_the_settings_say_so() -> None:
    """Bounds, the value that was decided on and the new one are in minutes; the file keeps its unit."""
    standing = read_thresholds(lambda _: cooldown("300"), [COOLDOWN])
    after = edited(lambda _: cooldown("300"), [COOLDOWN], [Change("cooldown_minutes", 5.0, 7.5)])

    assert standing == Thresholds({"cooldown_minutes": 5.0})
    assert after == {"hpa.yaml": cooldown("450")}


def test_a_third_of_a_minute_can_be_restored() -> None:
    """A rollback writes the seconds that stood there."""
    standing = read_thresholds(lambda _: cooldown("100"), [COOLDOWN]).numbers["cooldown_minutes"]

    there = edited(lambda _: cooldown("100"), [COOLDOWN], [Change("cooldown_minutes", standing, 2.0)])["hpa.yaml"]
    back = edited(lambda _: there, [COOLDOWN], [Change("cooldown_minutes", 2.0, standing)])["hpa.yaml"]

    assert (there, back) == (cooldown("120"), cooldown("100"))


@pytest.mark.parametrize(("after", "words"), [(31.0, "outside its bounds 1 to 30 minutes"), (1.01, "become 60.6, and")])
def test_the_bounds_hold_in_the_unit_of_the_knob(after: float, words: str) -> None:
    """And Kubernetes' whole seconds in the unit of the file (H41)."""
    with pytest.raises(EditError, match=words):
        edited(lambda _: cooldown("300"), [COOLDOWN], [Change("cooldown_minutes", 5.0, after)])


@pytest.mark.parametrize(
    ("path", "is_refused"),
    [
        ("averageUtilization", True),
        ("spec.minReplicas", True),
        ("[path=/spec/maxReplicas].value", True),
        ("cpu_scale_out_percent", False),
        ("triggers[name=latency].metadata.threshold", False),
    ],
)
def test_no_fraction_is_written_where_kubernetes_takes_none(*, path: str, is_refused: bool) -> None:
    """The whole manifest would be refused, and nothing scaled any more (H41)."""
    texts = {
        "[path=/spec/maxReplicas].value": "- {path: /spec/maxReplicas, value: 70}",
        "triggers[name=latency].metadata.threshold": "triggers: [{name: latency, metadata: {threshold: '70'}}]",
        "spec.minReplicas": "spec: {minReplicas: 70}",
    }
    text = texts.get(path, f"{path}: 70").encode()
    knob = a_knob(file="a.yaml", path=key_path(path), maximum=100)
    if is_refused:
        with pytest.raises(EditError, match=r"shall become 72\.5, and Kubernetes takes only whole numbers there"):
            edited(lambda _: text, [knob], [Change(knob.name, 70.0, 72.5)])
    else:
        assert edited(lambda _: text, [knob], [Change(knob.name, 70.0, 72.5)])


def test_two_knobs_of_one_value_are_refused() -> None:
    """Two paths can lead to one item of a list; each knob would undo the other."""
    text = b"t:\n- {type: cpu, value: 70}\n"
    knobs = [
        a_knob("one", file="a.yaml", path=key_path(CPU)),
        a_knob("two", file="a.yaml", path=key_path("t[0].value")),
    ]

    with pytest.raises(EditError, match=r"^a\.yaml:2: one and two are the same value; correct `path` of one of them"):
        read_thresholds(lambda _: text, knobs)


WEEK = (ScheduledMinimum(420, 720, 6), ScheduledMinimum(9960, 120, 3))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_words_and_schedules_live_in_json_too(end: str) -> None:
    """All kinds of one file change together; a list gets one entry a line."""
    text = '{\n  "scaling_mode": "threshold",\n  "scheduled_minimum": []\n}\n'.replace("\n", end).encode()
    knobs: list[Knob] = [a_choice(file="a.json"), a_schedule(file="a.json")]
    changes = [Change("scaling_mode", "threshold", "target"), Change("scheduled_minimum", (), WEEK)]

    after = edited(lambda _: text, knobs, changes)["a.json"]

    entries = [
        f'    {{"from_minute_of_week": {one.from_minute_of_week}, "to_minute_of_week": {one.to_minute_of_week}, '
        f'"min_instances": {one.min_instances}}}'
        for one in WEEK
    ]
    rows = [
        "{",
        '  "scaling_mode": "target",',
        '  "scheduled_minimum": [',
        f"{entries[0]},",
        entries[1],
        "  ]",
        "}",
        "",
    ]
    assert after.decode() == end.join(rows)
    assert read_thresholds(lambda _: after, knobs).values == {"scaling_mode": "target", "scheduled_minimum": WEEK}
    back = [Change("scaling_mode", "target", "threshold"), Change("scheduled_minimum", WEEK, ())]
    assert edited(lambda _: after, knobs, back) == {"a.json": text}


@pytest.mark.parametrize("value", ["true", "null", '"on off"', "80", '"thre\\u0073hold"', '["threshold"]'])
def test_what_is_no_word_in_json_is_refused(value: str) -> None:
    """Only a plain word in quotes."""
    with pytest.raises(EditError, match=r"a\.json:1: `scaling_mode` is no plain word in quotes"):
        read_thresholds(lambda _: f'{{"scaling_mode": {value}}}'.encode(), [a_choice(file="a.json")])


def test_knobs_that_json_does_without_are_left_out_and_can_be_added() -> None:
    """`neuropilot doctor` shows the line."""
    knobs = [a_choice(file="a.json"), a_schedule(file="a.json", path=("web", "scheduled_minimum"))]
    standing = read_thresholds(lambda _: b"{}", knobs)

    assert standing == Thresholds({})
    assert lines_to_add(knobs, standing) == (
        'the line `"scaling_mode": "threshold"` to a.json',
        'the line `"scheduled_minimum": []` inside `web` to a.json',
    )
