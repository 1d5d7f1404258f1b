"""A real Milvus server: the standalone that the package `milvus` carries, on free ports of loopback."""

import atexit
import os
import platform
import signal
import socket
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest

_PARTS = ("client", "peer", "proxy")  # etcd's two ports, Milvus' own
PROGRAM = """\
import socket, sys
from milvus import main
class Again(socket.socket):
    def bind(self, address):
        self.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        super().bind(address)
socket.socket = Again
sys.exit(main())
"""  # `milvus-server`, which else takes another port when connections of a killed one still linger at its own


class Milvus:
    """One server in one folder; after `kill` it starts again on what it kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = _free()
        self._process: subprocess.Popen[bytes] | None = None
        self.address = f"http://127.0.0.1:{self._ports['proxy']}"

    def start(self, seconds: float = 120.0) -> None:
        """Returns when it serves."""
        etcd, out = self._folder / "etcd.yaml", self._folder / "out.log"
        etcd.write_text(self._etcd(), encoding="utf-8")
        command = [sys.executable, "-c", PROGRAM, "--data", str(self._folder / "data")]
        command += ["--etcd-port", str(self._ports["client"]), "--proxy-port", str(self._ports["proxy"])]
        environ = {**os.environ, "ETCD_CONFIG_PATH": str(etcd)}
        with out.open("wb") as log:
            self._process = subprocess.Popen(command, env=environ, start_new_session=True, stdout=log, stderr=log)
        deadline = time.monotonic() + seconds
        while b"Ctrl+C to exit" not in out.read_bytes():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Milvus did not start:\n{out.read_text(encoding='utf-8')}")
            time.sleep(0.1)

    def send(self, number: signal.Signals) -> None:
        """To the server and to what started it."""
        assert self._process is not None
        os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """Without a word of warning."""
        assert self._process is not None
        self.send(signal.SIGKILL)
        self._process.wait()

    def _etcd(self) -> str:
        own = {part: f"http://127.0.0.1:{port}" for part, port in self._ports.items()}
        said = {
            "listen-client-urls": own["client"],
            "advertise-client-urls": own["client"],
            "listen-peer-urls": own["peer"],
            "initial-advertise-peer-urls": own["peer"],
            "initial-cluster": f"default={own['peer']}",
        }
        return "".join(f"{name}: {value}\n" for name, value in said.items())


@cache
def shared(folder: Path) -> Milvus:
    """The server of a test run, started by whoever needs it first and killed with the run."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip("the package index has no Milvus server for this machine")
    server = Milvus(folder)
    server.start()
    atexit.register(server.kill)
    return server


def _free() -> dict[str, int]:
    sockets = {part: socket.socket() for part in _PARTS}
    for one in sockets.values():
        one.bind(("127.0.0.1", 0))
    ports = {part: int(one.getsockname()[1]) for part, one in sockets.items()}
    for one in sockets.values():
        one.close()
    return ports
