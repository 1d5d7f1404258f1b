"""Passages in Milvus: a file of Milvus Lite, a server or a cluster, the same code.

pymilvus and Milvus Lite are heavy (0.9 s, 130 MB) and a Lite file belongs to one process, so this module is imported
only when documents are there, and the file is held only while the store is open.
"""

import hashlib
import json
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import grpc
import numpy as np
from milvus_lite.server_manager import server_manager_instance
from pymilvus import DataType, MilvusClient, MilvusException

from bot.rag.files import Key
from bot.rag.passages import Passage
from bot.rag.store import Store, Stored, StoreError, StoreMismatch
from faq.embedding import Vectors

_BATCH = 500  # rows of one insert
_ROWS, _MOST = 8000, 16_384  # rows that one query is meant to give, and the most that a server gives
_TEXTS = {
    "id": 64,
    "knowledge_base": 256,
    "document": 4096,
    "content": 64,
    "embedder": 256,
    "title": 2048,
    "section": 8192,
    "text": 65535,
}
_NUMBERS = ("page", "place", "last", "total", "indexed")
_KEY = ["knowledge_base", "document", "content", "total", "embedder"]
_NO_PAGE = -1

Row = Mapping[str, object]


class MilvusStore:
    """`address` is a path of a Lite file or the http address of a server. Raises StoreError when it does not open."""

    def __init__(
        self,
        address: str,
        embedder: str,
        dim: int,
        token: str = "",
        *,
        seconds: float = 10.0,
        clear: bool = False,
    ) -> None:
        self._address, self._embedder, self._dim = address, embedder, dim
        self._collection, self._seconds = "passages", seconds
        self._is_file = "://" not in address
        if self._is_file:
            Path(address).parent.mkdir(parents=True, exist_ok=True)
        with _translated(address):
            self._client = MilvusClient(uri=address, token=token, timeout=seconds)
            if clear:
                self._client.drop_collection(self._collection, timeout=seconds)
            self._prepare()

    def keys(self) -> Mapping[Key, bool]:
        with _translated(self._address):
            begun, ended = self._heads(), self._select("last == 1")
        if others := {str(head["embedder"]) for head in begun} - {self._embedder}:
            raise StoreMismatch(_mismatch(self._address, ", ".join(sorted(others)), self._embedder))
        return dict.fromkeys(map(_key, begun), False) | dict.fromkeys(map(_key, ended), True)

    def read(self, keys: Iterable[Key]) -> Iterator[Stored]:
        wanted = set(keys)
        with _translated(self._address):
            heads = [head for head in self._heads() if _key(head) in wanted]
            for group in _grouped(heads):
                yield from self._read(group)

    def write(self, document: Stored) -> None:
        rows = [self._row(document, place) for place in range(len(document.passages))]
        with _translated(self._address):
            for start in range(0, len(rows), _BATCH):
                self._client.upsert(self._collection, rows[start : start + _BATCH], timeout=self._seconds)

    def remove(self, keys: Iterable[Key]) -> None:
        with _translated(self._address):
            for key in keys:
                self._client.delete(self._collection, filter=_filter(key), timeout=self._seconds)

    def close(self) -> None:
        self._client.close()
        if self._is_file:
            server_manager_instance.release_server(self._address)  # close() alone keeps the file locked

    def _prepare(self) -> None:
        """Make the collection when it is missing, and have it ready for reading."""
        if not self._client.has_collection(self._collection, timeout=self._seconds):
            schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
            for name, length in _TEXTS.items():
                schema.add_field(name, DataType.VARCHAR, max_length=length, is_primary=name == "id")
            for name in _NUMBERS:
                schema.add_field(name, DataType.INT64)
            schema.add_field("vector", DataType.FLOAT_VECTOR, dim=self._dim)
            index = self._client.prepare_index_params()
            index.add_index("vector", index_type="FLAT", metric_type="IP")
            self._client.create_collection(
                self._collection, schema=schema, index_params=index, consistency_level="Strong", timeout=self._seconds
            )
        self._refuse_other_width()
        self._client.load_collection(self._collection, timeout=self._seconds)

    def _refuse_other_width(self) -> None:
        fields = self._client.describe_collection(self._collection, timeout=self._seconds)["fields"]
        dim = next(int(field["params"]["dim"]) for field in fields if field["name"] == "vector")
        if dim != self._dim:
            raise StoreMismatch(_mismatch(self._address, f"{dim} numbers a vector", f"{self._embedder}, {self._dim}"))

    def _heads(self) -> list[Row]:
        """The first row of every document."""
        return self._select("place == 0")

    def _select(self, condition: str) -> list[Row]:
        """The keys of all rows that fit; more than one query gives are asked for by the first digit of the hash."""
        rows = self._query(condition, _KEY, _MOST)
        if len(rows) < _MOST:
            return rows
        parts = (f'{condition} and content like "{digit}%"' for digit in "0123456789abcdef")
        return [row for part in parts for row in self._query(part, _KEY, _MOST)]

    def _query(self, condition: str, names: Sequence[str], limit: int) -> list[Row]:
        rows: list[Row] = self._client.query(
            self._collection, filter=condition, output_fields=list(names), limit=limit, timeout=self._seconds
        )
        return rows

    def _read(self, heads: Sequence[Row]) -> Iterator[Stored]:
        """Documents that are few enough for one query."""
        contents = json.dumps(sorted({str(head["content"]) for head in heads}), ensure_ascii=False)
        rows = self._query(f"content in {contents}", [*_TEXTS, *_NUMBERS, "vector"], _MOST)
        documents: dict[Key, list[Row]] = {}
        for row in rows:
            documents.setdefault(_key(row), []).append(row)
        for head in heads:
            found = sorted(documents.get(_key(head), ()), key=lambda row: int(str(row["place"])))
            if len(found) == head["total"]:
                yield Stored(_key(head), tuple(map(_passage, found)), _vectors(found))

    def _row(self, document: Stored, place: int) -> dict[str, object]:
        key, passage = document.key, document.passages[place]
        identity = json.dumps([key.knowledge_base, key.document, key.content, place])
        texts = {
            "id": hashlib.sha256(identity.encode()).hexdigest(),
            "knowledge_base": key.knowledge_base,
            "document": key.document,
            "content": key.content,
            "embedder": self._embedder,
            "title": passage.title,
            "section": passage.section,
            "text": passage.text,
        }
        return {
            **{name: _cut(text, _TEXTS[name]) for name, text in texts.items()},
            "page": _NO_PAGE if passage.page is None else passage.page,
            "place": place,
            "last": int(place + 1 == len(document.passages)),  # written last: the document is whole
            "total": len(document.passages),
            "indexed": int(time.time()),
            "vector": document.vectors[place],
        }


def open_store(address: str, embedder: str, dim: int, token: str = "", *, clear: bool = False) -> Store:
    """Open the store at an address; `clear` forgets what it holds. Raises StoreError, StoreMismatch."""
    logging.getLogger("grpc._server").setLevel(logging.CRITICAL)  # Lite lacks what pymilvus can do without
    return MilvusStore(address, embedder, dim, token, clear=clear)


@contextmanager
def _translated(address: str) -> Iterator[None]:
    """Everything that Milvus and gRPC raise is one reaction: the store cannot be used now."""
    try:
        yield
    except (MilvusException, grpc.RpcError, OSError, ValueError) as error:
        raise StoreError(f"{address}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    if "Open local milvus failed" in str(error):
        return "in use by another process, or no Milvus Lite file"
    return f"{type(error).__name__}: {str(error)[:300]}"


def _mismatch(address: str, stored: str, wanted: str) -> str:
    return f"{address}: made by {stored}, but the settings say {wanted}; run `python -m bot index --rebuild`"


def _key(row: Row) -> Key:
    return Key(str(row["knowledge_base"]), str(row["document"]), str(row["content"]))


def _filter(key: Key) -> str:
    """Strings of JSON are strings of a Milvus expression."""
    names = {"knowledge_base": key.knowledge_base, "document": key.document, "content": key.content}
    return " and ".join(f"{name} == {json.dumps(value, ensure_ascii=False)}" for name, value in names.items())


def _grouped(heads: Sequence[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    rows = 0
    for head in heads:
        total = int(str(head["total"]))
        if group and rows + total > _ROWS:
            yield group
            group, rows = [], 0
        group.append(head)
        rows += total
    if group:
        yield group


def _passage(row: Row) -> Passage:
    page = int(str(row["page"]))
    return Passage(
        knowledge_base=str(row["knowledge_base"]),
        document=str(row["document"]),
        title=str(row["title"]),
        section=str(row["section"]),
        page=None if page == _NO_PAGE else page,
        text=str(row["text"]),
    )


def _vectors(rows: Sequence[Row]) -> Vectors:
    return np.array([row["vector"] for row in rows], np.float32)


def _cut(text: str, length: int) -> str:
    """Milvus counts the bytes."""
    return text.encode()[:length].decode(errors="ignore")
