"""What to say of an episode that the ledger does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.errors import ConfigError

if TYPE_CHECKING:
    from ai_ops.store.ledger import Ledger


def unknown_episode(ledger: Ledger, episode_id: str) -> ConfigError:
    """Build the error, which says where older ones stand when a part of the ledger was archived."""
    archived, older = ledger.archived(), ""
    if archived is not None:
        until = archived.months[-1].month
        older = (
            f"; what was decided up to {until} stands on the branch {archived.branch}, see `neuropilot ledger verify`"
        )
    return ConfigError(f"there is no episode {episode_id!r}; `neuropilot history` lists them{older}")
