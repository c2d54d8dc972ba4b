"""Starts real servers on a free port of this machine and stops them again."""

from __future__ import annotations

import socket
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests
from servers import later_server_folder, server_folder

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_READY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers at `url` until it is closed."""

    url: str
    process: subprocess.Popen[bytes]

    def close(self) -> None:
        """Stop it and wait until it is gone; closing twice is harmless."""
        self.process.kill()
        self.process.wait()


def start_prometheus(
    folder: Path,
    samples: str,
    *,
    users: Mapping[str, str] | None = None,
    is_later: bool = False,
    flags: Sequence[str] = (),
    configuration: str = "global: {scrape_interval: 1m}\n",
) -> RunningServer:
    """Start a Prometheus that holds `samples` (OpenMetrics text) and, without more configuration, scrapes nothing.

    Parameters
    ----------
    folder
        An empty folder for its files.
    users
        Name and password of those whom it lets in; everyone when None.
    is_later
        Whether to start the newer Prometheus of Debian sid; skips the test where that cannot be had.
    flags
        More of its own flags.
    configuration
        Content of its configuration file.
    """
    own = server_folder("prometheus") / "usr" / "bin"
    program = (later_server_folder("prometheus") / "usr" / "bin" if is_later else own) / "prometheus"
    blocks, config, web = folder / "blocks", folder / "prometheus.yml", folder / "web.yml"
    config.write_text(configuration)
    web.write_text(_basic_auth(users))
    if samples:
        text = folder / "samples.txt"
        text.write_text(samples)
        backfill = ["create-blocks-from", "openmetrics", "--max-block-duration=720h", "-q", text, blocks]
        subprocess.run([own / "promtool", "tsdb", *backfill], check=True, capture_output=True)
        text.unlink()
    command = [
        program,
        f"--config.file={config}",
        f"--web.config.file={web}",
        f"--storage.tsdb.path={blocks}",
        "--storage.tsdb.retention.time=90d",  # with the default of 15 days it deletes older blocks when it starts
        "--log.level=error",
        *flags,
    ]
    return _start(command, "--web.listen-address=127.0.0.1:{port}", "/-/ready", folder)


def start_pushgateway(folder: Path) -> RunningServer:
    """Start a Pushgateway that keeps what is pushed until it is closed."""
    program = server_folder("prometheus-pushgateway") / "usr" / "bin" / "prometheus-pushgateway"
    return _start([program, "--log.level=error"], "--web.listen-address=127.0.0.1:{port}", "/-/ready", folder)


def start_node_exporter(folder: Path, collected: Path) -> RunningServer:
    """Start a node exporter that offers what stands in the text files of the folder `collected`, and nothing else."""
    program = server_folder("prometheus-node-exporter") / "usr" / "bin" / "prometheus-node-exporter"
    collector = ["--collector.disable-defaults", "--collector.textfile", f"--collector.textfile.directory={collected}"]
    command = [program, "--log.level=error", "--web.disable-exporter-metrics", *collector]
    return _start(command, "--web.listen-address=127.0.0.1:{port}", "/", folder)


def start_victoria_metrics(folder: Path, samples: str) -> RunningServer:
    """Start a VictoriaMetrics that holds `samples` (OpenMetrics text)."""
    program = later_server_folder("victoria-metrics") / "usr" / "bin" / "victoria-metrics"
    command = [program, f"-storageDataPath={folder / 'data'}", "-retentionPeriod=100y", "-loggerLevel=ERROR"]
    server = _start(command, "-httpListenAddr=127.0.0.1:{port}", "/health", folder)
    requests.post(f"{server.url}/api/v1/import/prometheus", data=samples.encode(), timeout=60).raise_for_status()
    requests.get(f"{server.url}/internal/force_flush", timeout=60).raise_for_status()
    return server


def _basic_auth(users: Mapping[str, str] | None) -> str:
    """The web configuration that lets only `users` in; nothing imports bcrypt unless there are some."""
    if not users:
        return ""
    import bcrypt

    hashes = {name: bcrypt.hashpw(word.encode(), bcrypt.gensalt(4)).decode() for name, word in users.items()}
    return "basic_auth_users:\n" + "".join(f"  {name}: {value}\n" for name, value in hashes.items())


def _start(command: Sequence[str | os.PathLike[str]], listen: str, ready: str, folder: Path) -> RunningServer:
    """Start `command` on a free port and wait until it answers at `ready`, whatever it answers."""
    for _ in range(3):  # another process may take the port between our look and the server's
        port = _free_port()
        with (folder / "log.txt").open("wb") as log:
            process = subprocess.Popen([*command, listen.format(port=port)], stdout=log, stderr=log)
        server = RunningServer(f"http://127.0.0.1:{port}", process)
        if _answers(server, ready):
            return server
        server.close()
    message = f"{command[0]} did not start: {(folder / 'log.txt').read_text()[-2000:]}"
    raise RuntimeError(message)


def _answers(server: RunningServer, path: str) -> bool:
    """Whether the server becomes ready before it dies or the time is up."""
    end = time.monotonic() + _READY_SECONDS
    while time.monotonic() < end and server.process.poll() is None:
        try:
            if requests.get(server.url + path, timeout=5).status_code in {200, 401}:
                return True
        except requests.ConnectionError:
            pass
        time.sleep(0.02)
    return False


def _free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
