"""Everything breaks at random; what must hold, holds."""

from __future__ import annotations

import pytest
from chaos import World


@pytest.mark.parametrize("seed", range(25))
def test_a_random_start(tmp_path, seed):
    """The ledger is consistent, nothing is done twice, the next healthy run recovers (H17, H18, H29, H32, H41)."""
    with World(tmp_path, seed) as world:
        world.live()
