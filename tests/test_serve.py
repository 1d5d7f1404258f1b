"""`python -m bot serve` as a process of its own: starts, answers, stops politely, remembers."""

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.settings import ROOT


@pytest.fixture
def file(tmp_path: Path, knowledge: Path) -> Path:
    """A settings file whose service takes a free port."""
    settings = tmp_path / "zhida.toml"
    text = f'data = "data"\n[server]\nport = 0\n[content]\nknowledge = "{knowledge}"\n[log]\nformat = "json"\n'
    settings.write_text(text, encoding="utf-8")
    return settings


@contextmanager
def served(file: Path, log: Path) -> Iterator[str]:
    """The URL of a running service; on leaving it is told to stop, and must do so with exit code 0."""
    command = [sys.executable, "-m", "bot", "serve", "--settings", str(file)]
    with log.open("w") as errors:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    with process, process.stdout:
        try:
            yield process.stdout.readline().split(" answers at ")[1].split()[0]
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()


def send(method: str, url: str, document: object = None) -> dict[str, object]:
    """The JSON answer to one request."""
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request) as response:
        answer: dict[str, object] = json.load(response)
    return answer


def test_what_was_said_is_remembered_over_a_restart(file: Path, tmp_path: Path) -> None:
    """Two turns in two lives of the service are both there to be erased; the log is JSON, without what was said."""
    question = {"user": "u1", "text": "怎么开发票"}
    with served(file, tmp_path / "log") as url:
        assert send("POST", f"{url}/api/messages", question)["source"] == "exact"
    logged = (tmp_path / "log").read_text(encoding="utf-8")
    assert [json.loads(line)["event"] for line in logged.splitlines()] == ["replied"]
    assert "发票" not in logged
    with served(file, tmp_path / "log") as url:
        send("POST", f"{url}/api/messages", question)
        assert send("DELETE", f"{url}/api/users/u1")["erased"] == 2


def test_a_port_that_is_taken_is_told(file: Path, tmp_path: Path) -> None:
    """Exit code 2 and a sentence that names the address, not a traceback."""
    with served(file, tmp_path / "log") as url:
        port = url.rsplit(":", 1)[1].rstrip("/")
        command = [sys.executable, "-m", "bot", "serve", "--settings", str(file), "--port", port]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert second.returncode == 2
    assert port in second.stderr
    assert "Traceback" not in second.stderr
