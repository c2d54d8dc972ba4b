"""Whether a process is as poor as the job that thinks shall be: no secret in its environment, and no network."""

from __future__ import annotations

import socket
import struct
from fcntl import ioctl
from typing import TYPE_CHECKING

from ai_ops.domain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LOOPBACK = "lo"
_GET_FLAGS, _UP = 0x8913, 0x1  # SIOCGIFFLAGS and IFF_UP, see netdevice(7)
TOKENS = ("GH_TOKEN", "GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
"""What GitHub hands to a job, beside the secrets that the settings know."""


def check_isolation(root: Path, environment: Mapping[str, str]) -> None:
    """Refuse to go on where a secret or a network is within reach; what cannot be found out counts as both.

    Raises
    ------
    ConfigError
        With everything that is within reach, by name.
    """
    if reachable := [*_secrets(root, environment), *_networks()]:
        raise ConfigError(
            f"--isolated: this process must hold no secret and reach no network, and it has {', '.join(reachable)}. "
            "Nothing was decided. Run it under `unshare --net` with an emptied environment (`env -i`), "
            "as .github/workflows/neuropilot.yml does"
        )


def _secrets(root: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Variables that hold a secret, even an empty one: whoever passes it on may fill it tomorrow."""
    from ai_ops.settings.environment import SECRETS, VARIABLES, read_variables

    names = {*TOKENS, *(name for key in SECRETS for name in VARIABLES[key])}
    present = {**environment, **dict.fromkeys(read_variables(root, environment), "")}
    yield from sorted(names & present.keys())


def _networks() -> Iterator[str]:
    try:
        interfaces = [name for _, name in socket.if_nameindex()]
    except OSError as error:
        yield f"network interfaces that cannot be listed ({error.strerror})"
        return
    yield from (f"the network interface {name}" for name in interfaces if name != LOOPBACK and _is_up(name))


def _is_up(interface: str) -> bool:
    """Whether anything can be sent through an interface.

    Some kernels put tunnels such as sit0 into every new namespace. They are down, and only an administrator of the
    network could raise them.
    """
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            answer = ioctl(asking.fileno(), _GET_FLAGS, struct.pack("256s", interface.encode()))
    except OSError:
        return True  # what cannot be found out counts as a network
    (flags,) = struct.unpack_from("=16xH", answer)
    return bool(flags & _UP)
