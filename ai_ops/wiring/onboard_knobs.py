"""Which file of a repository holds the knobs, and what it calls them."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ai_ops.adopt.knob_names import guess_knobs
from ai_ops.adopt.kubernetes_places import guess_kubernetes_knobs
from ai_ops.apply.knob_files import read_thresholds
from ai_ops.apply.settings_text import decoded
from ai_ops.apply.values_in import numbers_at, values_in
from ai_ops.apply.work_tree import work_tree_reader
from ai_ops.domain.adoption import KnobFile
from ai_ops.domain.errors import EditError
from ai_ops.domain.key_path import in_words, key_path
from ai_ops.settings.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ai_ops.domain.adoption import KnobGuess, Repository, ServiceGuess
    from ai_ops.domain.key_path import KeyPath
    from ai_ops.domain.tuning import Knob

    Reader = Callable[[str], bytes]

FILES_MAX = 300
"""Files that are looked into; the most likely ones first."""

_TERRAFORM = (".tfvars", ".tfvars.json")
_KUBERNETES = re.compile(rb"HorizontalPodAutoscaler|ScaledObject|^autoscaling:", re.MULTILINE)
_NAMED_FREELY = re.compile(r"(?:[\w-][\w.-]*/)*[\w-][\w.-]*")
"""Paths that the settings can name."""


def default_knobs() -> Mapping[str, Knob]:
    """The knobs as they are without a word in the settings."""
    return Service(name="web").knobs


def find_knobs(root: Path, repository: Repository, service: ServiceGuess) -> KnobFile | None:
    """Choose the file that holds most of a service's knobs without doubt; None where no file holds any.

    A file that cannot be read, or whose path the settings cannot name, is passed over.
    """
    read = work_tree_reader(root)
    candidates = sorted((path for path in repository.files if _may_hold(path)), key=_likeliest)[:FILES_MAX]
    found = [KnobFile(path, _read(read, path, service.name)) for path in candidates]
    known = [one for one in found if one.knobs]
    return max(known, key=lambda one: sum(not knob.doubt for knob in one.knobs), default=None)


def _may_hold(path: str) -> bool:
    is_kind = path.endswith((*_TERRAFORM, ".yaml", ".yml"))
    return is_kind and bool(_NAMED_FREELY.fullmatch(path)) and not path.startswith(("ai_ops/", ".github/"))


def _likeliest(path: str) -> tuple[bool, bool, bool, bool, int, str]:
    """Terraform's files first, then those that scale by their name, those for production, those nearest to the top."""
    is_shipped = path == Service(name="web").tfvars.file
    is_production = any(part.startswith("prod") for part in PurePosixPath(path.lower()).parts)
    is_scaling = re.search(r"hpa|scal|values", path.lower()) is not None
    return not is_shipped, not path.endswith(_TERRAFORM), not is_scaling, not is_production, path.count("/"), path


def _read(read: Reader, path: str, service: str) -> tuple[KnobGuess, ...]:
    try:
        content = read(path)
        if not path.endswith(_TERRAFORM) and not _KUBERNETES.search(content):
            return ()
        guesses = _guesses(decoded(content, path), path, service)
    except EditError:
        return ()
    return tuple(_tried(read, path, guess) for guess in guesses if _can_be_named(guess.path))


def _guesses(text: str, path: str, service: str) -> tuple[KnobGuess, ...]:
    if path.endswith(_TERRAFORM):
        return guess_knobs(values_in(text, path), default_knobs(), service)
    return guess_kubernetes_knobs(text, path, numbers_at, service)


def _can_be_named(path: KeyPath) -> bool:
    """Whether the settings can say the path: a key may hold any character, a quote or a line break among them."""
    with suppress(ValueError):
        return key_path(in_words(path)) == path
    return False


def _tried(read: Reader, path: str, guess: KnobGuess) -> KnobGuess:
    """Doubt what the agent itself could not read when a run begins."""
    knob = replace(default_knobs()[guess.knob], file=path, path=guess.path, written_in=guess.written_in)
    try:
        read_thresholds(read, [knob])
    except EditError as error:
        return replace(guess, doubt=guess.doubt or str(error))
    return guess
