"""How much a ledger holds, in words."""

from __future__ import annotations


def lines_in_words(episodes: int, model_decisions: int) -> str:
    """Count what was decided, by what it was decided about.

    >>> lines_in_words(1, 0), lines_in_words(0, 4)
    ('1 episode', '0 episodes, 4 decisions about models')
    """
    said = f"{episodes:,} episode{'' if episodes == 1 else 's'}"
    if not model_decisions:
        return said
    return f"{said}, {model_decisions:,} decision{'' if model_decisions == 1 else 's'} about models"
