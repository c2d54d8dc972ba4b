"""How people write where a value stands."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ai_ops.domain.key_path import Document, Item, KeyPath, field_name, in_words, key_path

HPA = Document("HorizontalPodAutoscaler", "shop")


def by(**fields: str) -> Item:
    """The item whose fields, each one key deep, say so."""
    return Item(fields=tuple(((key,), value) for key, value in fields.items()))


WRITTEN: tuple[tuple[str, KeyPath], ...] = (
    ("cpu", ("cpu",)),
    ("web.cpu-out._x", ("web", "cpu-out", "_x")),
    ('limits."cpu.max"', ("limits", "cpu.max")),
    ('"two words"."[0]"."a:b"', ("two words", "[0]", "a:b")),
    ("steps[0]", ("steps", Item(0))),
    ("deep[1][20].x", ("deep", Item(1), Item(20), "x")),
    ("triggers[type=cpu].metadata.value", ("triggers", by(type="cpu"), "metadata", "value")),
    ("metrics[resource.name=cpu].x", ("metrics", Item(fields=((("resource", "name"), "cpu"),)), "x")),
    ("[op=replace,path=/spec/minReplicas].value", (by(op="replace", path="/spec/minReplicas"), "value")),
    ('a[query="sum(rate(x{y=\'z\'}[5m])), ok"].b', ("a", by(query="sum(rate(x{y='z'}[5m])), ok"), "b")),
    ('a["x.y"."z"=1].b', ("a", Item(fields=((("x.y", "z"), "1"),)), "b")),
    ("a[path=/metadata/labels/a.com~1most].value", ("a", by(path="/metadata/labels/a.com~1most"), "value")),
    ("HorizontalPodAutoscaler/shop:spec.minReplicas", (HPA, "spec", "minReplicas")),
    ("ScaledObject:spec.triggers[0].x", (Document("ScaledObject"), "spec", "triggers", Item(0), "x")),
    ("Deployment/shop.eu-1:[0]", (Document("Deployment", "shop.eu-1"), Item(0))),
)  # fmt: skip


@pytest.mark.parametrize(("text", "path"), WRITTEN)
def test_a_path_is_read_as_it_is_meant(text: str, path: KeyPath) -> None:
    """Keys, list items and documents (S001-81)."""
    assert key_path(text) == path


@pytest.mark.parametrize("path", [row[1] for row in WRITTEN])
def test_a_path_can_be_written_again(path: KeyPath) -> None:
    """What a message shows can be copied into the settings."""
    assert key_path(in_words(path)) == path


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 1),
        (".", 1),
        ("web cpu", 4),
        ("web..cpu", 4),
        ("web.cpu.", 8),
        (".web", 1),
        ("1web", 1),
        ('web."', 4),
        ('web.""', 4),
        ('web."a\\b"', 4),
        ('web."a\nb"', 4),
        ("web[]", 4),
        ("web[-1]", 4),
        ("web[01]", 4),
        ("web[cpu]", 4),
        ("web[name=]", 4),
        ("web[=cpu]", 4),
        ("web[name=a b]", 4),
        ("web[name=a,]", 4),
        ("web[name=a", 4),
        ("web[0]cpu", 7),
        ("web/shop:cpu", 4),
        ("Service/shop:", 14),
        ("Service/Shop:cpu", 8),
        ("Service:Service:cpu", 16),
        ("web.Service:cpu", 12),
        ("cpu\n", 4),
        ("cpu\u2028", 4),
    ],
)
def test_what_is_no_path_is_told_from_where_on(text: str, position: int) -> None:
    """The message counts to the character and shows how a path is written."""
    with pytest.raises(ValueError, match=rf"is no path from character {position} on; .* like web\.cpu_out, with list"):
        key_path(text)


@given(st.lists(st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True), min_size=1, max_size=5))
@example(["Service", "cpu"])
def test_names_joined_by_dots_mean_what_they_always_meant(names: list[str]) -> None:
    """No file of settings that exists changes its meaning."""
    assert key_path(".".join(names)) == tuple(names)


KEYS = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters='"\\'), min_size=1, max_size=6)
ITEMS = st.one_of(
    st.integers(0, 9999).map(Item),
    st.lists(st.tuples(st.lists(KEYS, min_size=1, max_size=2).map(tuple), KEYS), min_size=1, max_size=3).map(
        lambda fields: Item(fields=tuple(fields))
    ),
)
DOCUMENTS = st.one_of(st.just(()), st.sampled_from([(HPA,), (Document("ScaledObject"),), (Document("List", "a.b-c"),)]))


@given(document=DOCUMENTS, steps=st.lists(KEYS | ITEMS, min_size=1, max_size=6))
def test_any_path_survives_being_written_and_read(document: KeyPath, steps: list[str | Item]) -> None:
    """Odd keys and values get quotes, and come back as they were."""
    path = (*document, *steps)

    assert key_path(in_words(path)) == path


@given(st.text(st.sampled_from('ab.[]=",:/0 Ab"'), max_size=12))
def test_any_text_is_a_path_or_is_refused(text: str) -> None:
    """Never another error, and what was understood is understood again."""
    try:
        path = key_path(text)
    except ValueError:
        return
    assert key_path(in_words(path)) == path


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("cpu", "cpu"),
        ("spec.minReplicas", "minReplicas"),
        ("[path=/spec/minReplicas].value", "minReplicas"),
        ("patches[op=replace,path=/spec/minReplicas].value", "minReplicas"),
        ("[path=/spec/minReplicas].other", "other"),
        ("triggers[type=cpu].value", "value"),
        ("limits[0]", ""),
        ("value", "value"),
    ],
)
def test_a_value_has_the_name_of_the_field_that_it_is_for(text: str, name: str) -> None:
    """A JSON patch hides it in its `path`."""
    assert field_name(key_path(text)) == name
