"""A model as text: it scores the same after it was read, and what is not exactly one is never loaded."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_ops.detect.learned.cold_fit import fit
from ai_ops.detect.learned.mixture import Mixture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STEP = timedelta(minutes=10)


def rows(count: int = 600, seed: int = 1) -> np.ndarray:
    """Three metrics, two of which follow one load, and one that was never measured; shape (n, 4)."""
    rng = np.random.default_rng(seed)
    load = rng.normal(size=count)
    return np.column_stack([40 + 5 * load, 200 + 30 * load + rng.normal(size=count), np.full(count, np.nan), load**2])


def a_model(**wishes: Any) -> Mixture:
    """A model with a column that nobody has ever measured."""
    model = fit(rows(), STEP, at="2026-11-20T03:00:00+00:00", **wishes)
    assert isinstance(model, Mixture)
    return model


def forms(**wishes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both documents, as they come from a file."""
    model = a_model(**wishes)
    texts = (json.dumps(one, allow_nan=False) for one in (model.to_json(), model.scaling.to_json()))
    model_form, scaler_form = (json.loads(text) for text in texts)
    return model_form, scaler_form


@pytest.mark.parametrize("components", [1, 3])
def test_a_model_survives_json(components):
    """What the registry keeps is readable text, and scores the same to the last bit."""
    model = a_model(most_components=components)
    again = Mixture.from_json(*forms(most_components=components))
    assert again.components == model.components
    assert (again.components > 1) is (components > 1)
    for judge in (Mixture.score, Mixture.surprise, Mixture.pit):
        np.testing.assert_array_equal(judge(again, rows(seed=2)), judge(model, rows(seed=2)))
    assert (again.rows, again.threshold, again.anchor.at) == (600.0, model.threshold, "2026-11-20T03:00:00+00:00")
    np.testing.assert_array_equal(again.anchor.baseline.means, model.anchor.baseline.means)


def set_at(*path: str | int, to: Any) -> Callable[[dict[str, Any]], None]:
    """An alteration of one place."""

    def alter(form: dict[str, Any]) -> None:
        place: Any = form
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return alter


WRONG: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "another schema": (set_at("schema", to=1), "reads 2"),
    "true as a schema": (set_at("schema", to=True), "reads 2"),
    "an unknown key": (set_at("note", to="hello"), "unknown"),
    "a missing key": (lambda form: form.pop("levels"), "missing"),
    "weights of two": (set_at("weights", to=[0.5, 0.5]), "shape"),
    "weights above one": (set_at("weights", to=[1.1]), "sum to 1"),
    "negative weights": (set_at("weights", to=[-1.0]), "sum to 1"),
    "no Gaussian": (set_at("weights", to=[]), "shape"),
    "text for a number": (set_at("means", 0, 0, to="0.1"), "no number"),
    "true for a number": (set_at("threshold", to=True), "no number"),
    "infinity": (set_at("rows", to=float("inf")), "not finite"),
    "an integer without end": (set_at("rows", to=10**400), "not finite"),
    "nothing for a mean": (set_at("means", 0, 0, to=None), "no number"),
    "ragged covariances": (set_at("covariances", 0, 0, to=[1.0]), "ragged"),
    "nested levels": (set_at("levels", 0, to=[[1.0]]), "deeply"),
    "an asymmetric covariance": (set_at("covariances", 0, 0, 1, to=5.0), "symmetric"),
    "a negative variance": (set_at("covariances", 0, 0, 0, to=-1.0), "positive definite"),
    "an enormous mean": (set_at("means", 0, 0, to=1e300), "greater"),
    "no rows": (set_at("rows", to=0), "rows"),
    "a threshold of zero": (set_at("threshold", to=0), "above zero"),
    "falling levels": (set_at("levels", 0, to=1e5), "fall"),
    "too few levels": (set_at("levels", to=[0.0, 1.0]), "shape"),
    "an anchor of text": (set_at("anchor", to="none"), "no JSON object"),
    "an anchor without spread": (set_at("anchor", "deviations", 0, to=None), "without"),
    "an anchor with time as a number": (set_at("anchor", "at", to=5), "no text"),
    "an anchor that never varied": (set_at("anchor", "deviations", 0, to=0.0), "above zero"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_model_with_anything_wrong_is_refused_with_what_it_is(wrong):
    """A wrong model that is loaded judges production silently wrong (R10)."""
    model_form, scaler_form = forms()
    alter, reason = WRONG[wrong]
    alter(model_form)
    with pytest.raises(ValueError, match=reason):
        Mixture.from_json(model_form, scaler_form)


def test_correlations_that_cannot_be_are_refused():
    """Two metrics that each follow a third one, but not each other, are no covariance."""
    model_form, scaler_form = forms()
    covariance = np.array(model_form["covariances"][0])
    size = np.sqrt(np.diag(covariance))
    covariance[0, 1] = covariance[1, 0] = 1.5 * size[0] * size[1]
    model_form["covariances"] = [covariance.tolist()]
    with pytest.raises(ValueError, match="positive definite"):
        Mixture.from_json(model_form, scaler_form)


@pytest.mark.parametrize(
    ("alter", "reason"),
    [
        (set_at("schema", to=1), "reads 2"),
        (set_at("centre", to=[1.0]), "shape"),
        (set_at("spread", 0, to=0.0), "above zero"),
        (set_at("spread", 0, to=None), "same columns"),
        (set_at("floor", 0, to=1e-30), "floor"),
        (set_at("floor", 0, to=None), "no number"),
        (set_at("extra", to=1), "unknown"),
        (lambda form: [form[name].pop() for name in ("centre", "spread", "floor")], "shape"),
    ],
)
def test_a_scaler_with_anything_wrong_is_refused(alter, reason):
    """The best model on another scale is a wrong one."""
    model_form, scaler_form = forms()
    alter(scaler_form)
    with pytest.raises(ValueError, match=reason):
        Mixture.from_json(model_form, scaler_form)


@pytest.mark.parametrize("junk", [None, [], "model", 3, {"schema": 2}])
def test_what_is_no_document_at_all_is_refused(junk):
    """Whatever JSON can hold may stand in a file."""
    model_form, scaler_form = forms()
    for one in ((junk, scaler_form), (model_form, junk)):
        with pytest.raises(ValueError, match=r"no JSON object|wrong keys|schema"):
            Mixture.from_json(*one)


MODEL_FORM, SCALER_FORM = forms()

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def places(form: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where something stands in a document."""
    inner = form.items() if isinstance(form, dict) else enumerate(form) if isinstance(form, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from places(one, (*path, key))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*places(MODEL_FORM)]) | st.sampled_from([*places(SCALER_FORM)]), ANY_JSON)
def test_whatever_stands_anywhere_it_is_refused_or_scores(path, junk):
    """No altered document breaks the program, and none makes a model that cannot judge."""
    altered = [copy.deepcopy(MODEL_FORM), copy.deepcopy(SCALER_FORM)]
    for form in altered:
        if path in set(places(form)):
            set_at(*path, to=junk)(form)
    try:
        model = Mixture.from_json(*altered)
    except ValueError:
        return
    scores = model.score(rows(20))
    assert np.isfinite(scores).all()
    assert (scores >= 0.0).all()
