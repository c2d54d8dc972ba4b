"""Reading a file never runs code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import ai_ops

MODULES = sorted(Path(ai_ops.__file__).parent.rglob("*.py"))
LOADERS = frozenset(
    {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "jsonpickle", "marshal", "shelve", "pandas.io.pickle"}
)
"""Modules whose readers run what they read."""
CALLS = frozenset({"eval", "exec", "compile", "__import__"})
ATTRIBUTES = frozenset(
    {"yaml.load", "yaml.load_all", "yaml.full_load", "yaml.unsafe_load", "yaml.Loader", "yaml.FullLoader"}
    | {"yaml.UnsafeLoader", "joblib.load", "pd.read_pickle", "pandas.read_pickle", "torch.load"}
)


def dangers(source: str) -> list[str]:
    """Everything in `source` that could run what it reads."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name in LOADERS]
        elif isinstance(node, ast.ImportFrom) and node.module in LOADERS:
            found.append(str(node.module))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            found.append(node.func.id)
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in ATTRIBUTES:
            found.append(ast.unparse(node))
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle" and ast.unparse(node.value) != "False":
            found.append("allow_pickle")
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(MODULES[0].parent)))
def test_no_module_runs_what_it_reads(module: Path) -> None:
    """No pickle, no eval, no unsafe YAML, anywhere in the package (H35, R10)."""
    assert dangers(module.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from marshal import loads",
        "eval(text)",
        "import yaml; yaml.load(text, Loader=yaml.FullLoader)",
        "import joblib; joblib.load(path)",
        "np.load(path, allow_pickle=True)",
    ],
)
def test_what_is_forbidden_would_be_found(source: str) -> None:
    """The check above sees each of the ways in."""
    assert dangers(source) != []
