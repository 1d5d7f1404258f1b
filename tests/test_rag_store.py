"""One contract for every store: memory, a Milvus Lite file, Lite as a server process, a Milvus server."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from bot.rag.files import Key
from bot.rag.milvus import MilvusStore
from bot.rag.passages import Passage
from bot.rag.store import MemoryStore, Store, Stored, StoreError, StoreMismatch
from tests.peers.milvus import Milvus, shared

DIM = 8
Opener = Callable[[], Store]


def document(name: str, content: str = "v1", count: int = 3) -> Stored:
    """A document of some passages."""
    passages = tuple(
        Passage("kb", name, "手册", "节 › 小节", None if n % 2 else n, f"{name} 第{n}段\n「引号\"'\\」")
        for n in range(count)
    )
    rows = np.random.default_rng(count).normal(size=(count, DIM)).astype(np.float32)
    return Stored(Key("kb", name, f"{content}-{name}"), passages, rows)


@dataclass(frozen=True)
class Server:
    """A Milvus server process on loopback."""

    process: subprocess.Popen[bytes]
    address: str


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """On a free port, killed at the end."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    program = Path(sys.executable).parent / "milvus-lite"
    folder = tmp_path_factory.mktemp("milvus")
    command = [str(program), "server", "--data-dir", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        _await_port(port)
        yield Server(process, f"http://127.0.0.1:{port}")
        process.send_signal(signal.SIGKILL)


def _await_port(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"no server on {port}")


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Milvus:
    """A Milvus server that is no Lite."""
    return shared(tmp_path_factory.getbasetemp())


@pytest.fixture(params=["memory", "file", "server", "milvus"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens the same empty store again and again."""
    if request.param == "memory":
        store = MemoryStore()
        return lambda: store
    address = str(tmp_path / "passages.db")
    if request.param != "file":
        address = request.getfixturevalue(request.param).address
    MilvusStore(address, "letters", DIM, clear=True).close()
    return lambda: MilvusStore(address, "letters", DIM)


@pytest.fixture
def store(opener: Opener) -> Iterator[Store]:
    """An empty store, open."""
    store = opener()
    yield store
    store.close()


def test_what_is_written_is_read_again_elsewhere(opener: Opener) -> None:
    """Passages come back in order and word for word, vectors number for number, after closing too."""
    written = [document("a.md"), document("子目录/b \"c'.pdf", count=1), document("big.csv", count=1203)]
    store = opener()
    for one in written:
        store.write(one)
    store.close()
    again = opener()
    assert again.keys() == {one.key: True for one in written}
    read = {one.key: one for one in again.read(one.key for one in written)}
    again.close()
    for one in written:
        assert read[one.key].passages == one.passages
        assert np.allclose(read[one.key].vectors, one.vectors)


def test_only_what_is_asked_for_is_read(store: Store) -> None:
    """Other documents and unknown keys give nothing."""
    store.write(document("a.md"))
    store.write(document("b.md"))
    keys = [document("b.md").key, document("c.md").key]
    assert [one.key for one in store.read(keys)] == keys[:1]


def test_writing_again_changes_nothing(store: Store) -> None:
    """A run that is repeated doubles nothing."""
    store.write(document("a.md"))
    store.write(document("a.md"))
    (read,) = store.read([document("a.md").key])
    assert len(read.passages) == 3


def test_what_is_removed_is_gone_at_once(store: Store) -> None:
    """The old version goes, the new one stays; removing nothing is no error."""
    old, new = document("a.md", "v1"), document("a.md", "v2")
    store.write(old)
    store.write(new)
    store.remove([old.key, document("never.md").key])
    assert store.keys() == {new.key: True}
    assert list(store.read([old.key])) == []


def test_half_a_document_is_known_as_such(tmp_path: Path) -> None:
    """Rows of a writer that was killed do not count, and writing again completes them."""
    whole = document("a.md", count=5)
    half = Stored(whole.key, whole.passages, whole.vectors)
    store = MilvusStore(str(tmp_path / "p.db"), "letters", DIM)
    store.write(whole)
    store._client.delete("passages", filter="place >= 3")
    assert store.keys() == {whole.key: False}
    assert list(store.read([whole.key])) == []
    store.write(half)
    assert store.keys() == {whole.key: True}
    store.close()


def test_another_embedder_is_refused_with_the_remedy(tmp_path: Path) -> None:
    """Of another width at once, of the same width when it is read; rebuilding helps."""
    address = str(tmp_path / "p.db")
    store = MilvusStore(address, "letters", DIM)
    store.write(document("a.md"))
    store.close()
    with pytest.raises(StoreMismatch, match="index --rebuild"):
        MilvusStore(address, "letters", DIM * 2)
    other = MilvusStore(address, "others", DIM)
    with pytest.raises(StoreMismatch, match="index --rebuild"):
        other.keys()
    other.close()
    rebuilt = MilvusStore(address, "wide", DIM * 2, clear=True)
    assert rebuilt.keys() == {}
    rebuilt.close()


def test_a_file_in_use_is_told(tmp_path: Path) -> None:
    """Milvus Lite belongs to one process; the other is told so, not that it is broken."""
    address = str(tmp_path / "p.db")
    store = MilvusStore(address, "letters", DIM)
    code = (
        "from bot.rag.milvus import MilvusStore\nfrom bot.rag.store import StoreError\n"
        f"try:\n    MilvusStore({address!r}, 'letters', {DIM})\nexcept StoreError as error:\n    print(error)"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    store.close()
    assert "in use by another process" in other.stdout


def test_no_server_is_a_store_error() -> None:
    """An address where nothing listens ends within its time limit."""
    with pytest.raises(StoreError):
        MilvusStore("http://127.0.0.1:1", "letters", DIM, seconds=1)


def test_a_server_that_hangs_is_a_store_error_in_time(server: Server) -> None:
    """It is frozen, not gone: the call ends within its limit, and works again when the server does."""
    store = MilvusStore(server.address, "letters", DIM, seconds=2, clear=True)
    store.write(document("a.md"))
    server.process.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    try:
        with pytest.raises(StoreError):
            store.keys()
        with pytest.raises(StoreError):
            store.write(document("b.md"))
    finally:
        server.process.send_signal(signal.SIGCONT)
    assert time.monotonic() - started < 30
    known = store.keys()
    store.close()
    assert document("a.md").key in known
