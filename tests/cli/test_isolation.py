"""`decide --isolated` starts only where no secret and no network is within reach."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ai_ops.cli.isolation import TOKENS
from ai_ops.settings.environment import SECRETS, VARIABLES

ROOT = Path(__file__).parents[2]
CUT_OFF = ("unshare", "--net", "--pid", "--fork", "--mount-proc", "--")
POOR = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}

needs_namespaces = pytest.mark.skipif(
    subprocess.run([*CUT_OFF, "true"], capture_output=True, check=False).returncode != 0,
    reason="this machine permits no namespaces to this user",
)


def decide(folder: Path, *cut_off: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the verb in `folder`, whose document is none, so that it ends as soon as it has started."""
    (folder / "collected.json").write_text("{}")
    call = [
        sys.executable,
        "-P",
        "-m",
        "ai_ops",
        "decide",
        "--isolated",
        "--in",
        "collected.json",
        "--out",
        "decided.json",
    ]
    return subprocess.run(
        [*cut_off, *call], cwd=folder, env={**POOR, **environment}, capture_output=True, text=True, check=False
    )


def refused(done: subprocess.CompletedProcess[str], folder: Path) -> bool:
    """Whether it did not even start, and says why."""
    return done.returncode == 1 and "Nothing was decided" in done.stderr and not (folder / "decided.json").exists()


@needs_namespaces
def test_it_starts_where_nothing_is_within_reach(tmp_path):
    """The document is then the first thing that it complains of (H15)."""
    done = decide(tmp_path, *CUT_OFF)
    assert done.returncode == 2
    assert "the collected document is refused" in done.stderr


def test_it_refuses_with_a_network(tmp_path):
    """Any interface but loopback that is up counts, whether it leads anywhere or not (H15)."""
    done = decide(tmp_path)
    assert refused(done, tmp_path)
    assert "the network interface" in done.stderr


ADD_A_TUNNEL = """
import fcntl, os, socket, struct, sys
tunnel = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tunnel, 0x400454CA, struct.pack("16sH", b"sit0", 0x0001))
if "up" in sys.argv:
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    fcntl.ioctl(asking.fileno(), 0x8914, struct.pack("16sH240x", b"sit0", 0x0001))
from ai_ops.cli.isolation import _networks
print(*_networks())
"""


@needs_namespaces
@pytest.mark.skipif(not Path("/dev/net/tun").exists(), reason="this machine has no tunnels")
@pytest.mark.parametrize(("state", "found"), [("down", ""), ("up", "the network interface sit0")])
def test_a_tunnel_counts_only_when_it_is_up(state, found):
    """Some kernels put one into every new namespace, where nobody can raise it (H15)."""
    call = [*CUT_OFF, sys.executable, "-c", ADD_A_TUNNEL, state]
    done = subprocess.run(call, env=POOR, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == found


@needs_namespaces
@pytest.mark.parametrize("name", sorted({*TOKENS, *(name for key in SECRETS for name in VARIABLES[key])}))
def test_it_refuses_with_a_secret(tmp_path, name):
    """Of ours or of GitHub's, even an empty one; by name, and never by value (H09, H15)."""
    for value in ("quietotter-counts-sevenlamps", ""):
        done = decide(tmp_path, *CUT_OFF, **{name: value})
        assert refused(done, tmp_path)
        assert name in done.stderr
        assert "quietotter" not in done.stderr + done.stdout


@needs_namespaces
def test_it_refuses_with_a_secret_in_a_file(tmp_path):
    """`.env` gives the settings what the environment leaves out."""
    (tmp_path / ".env").write_text("PROMETHEUS_TOKEN=quietotter-counts-sevenlamps\n")
    done = decide(tmp_path, *CUT_OFF)
    assert refused(done, tmp_path)
    assert "PROMETHEUS_TOKEN" in done.stderr


def test_it_names_everything_at_once(tmp_path):
    """So that one look suffices."""
    done = decide(tmp_path, GITHUB_TOKEN="", SLACK_WEBHOOK_URL="")
    assert refused(done, tmp_path)
    assert done.stderr.index("GITHUB_TOKEN") < done.stderr.index("SLACK_WEBHOOK_URL")
    assert "the network interface" in done.stderr
    assert os.environ["PATH"] not in done.stderr
