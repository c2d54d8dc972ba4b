"""What must not be said where a command fails and its own redactor is out of reach."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.redact import Redactor


def redactor_of(arguments: Sequence[str] | None) -> Redactor:
    """Know the secrets of the environment, and those that the settings and the `.env` of the repository name as well.

    Parameters
    ----------
    arguments
        The command line without the command; None takes that of this process.
    """
    from ai_ops.redact import Redactor
    from ai_ops.settings.environment import secrets_in

    given = sys.argv[1:] if arguments is None else arguments
    return Redactor((*secrets_in(os.environ), *_held_by_settings(_named("--root", given), _named("--config", given))))


def _held_by_settings(root: Path | None, config: Path | None) -> tuple[str, ...]:
    from ai_ops.cli.options import place_for
    from ai_ops.settings import load_settings

    try:
        place = place_for(root, config)
        return load_settings(place.config, root=place.root, environment=place.environment).secret_values()
    except Exception:  # noqa: BLE001  # what failed may be this very reading: the failure must be told all the same
        return ()


def _named(option: str, arguments: Sequence[str]) -> Path | None:
    """Value of an option, in either way to write it."""
    for place, argument in enumerate(arguments):
        if argument == option and place + 1 < len(arguments):
            return Path(arguments[place + 1])
        if argument.startswith(f"{option}="):
            return Path(argument.partition("=")[2])
    return None
