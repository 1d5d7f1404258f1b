"""Kept answers in Milvus, shared by many machines: a server, a cluster, or a file of Milvus Lite for one machine.

A look-up reads by primary key, which every Milvus does in 1 to 4 ms among 100,000 rows: what the wordings of a question
share gives a family of 16 places, the question itself says which of them is its own. Two wordings of one place replace
each other. Whatever must look at all rows (list, drop, shrink) is for operators and takes Lite seconds.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import grpc
import numpy as np
import structlog
from milvus_lite.server_manager import server_manager_instance
from pymilvus import DataType, MilvusClient, MilvusException

from bot.cache.entry import Entry
from bot.cache.store import MOST, Address, Embedding, Kept, digest, from_row, microseconds, to_row
from bot.database import DatabaseUnavailable

log = structlog.get_logger()

_PLACES = 16  # of one family
_TEXTS = {
    "id": 64,
    "scope": 64,
    "key": 64,
    "signature": 64,
    "version": 512,
    "knowledge_base": 256,
    "question": 4096,
    "answer": 65_535,
    "documents": 65_535,
    "embedder": 256,
}
_OTHERS = {"negative": DataType.BOOL, "money": DataType.DOUBLE, "at": DataType.INT64}
_FIELDS = [*_TEXTS, *_OTHERS]
_NAMES = {"max_capacity": 64, "max_length": 4096}  # of the documents that an answer was made from, to be dropped by
_BATCH, _DELETED = 16_000, 1000  # rows read and deleted at once
_THREADS = 8
_SLOW = 60.0  # seconds that opening and what looks at all rows may take
_REST = 5.0  # seconds for which a Milvus that failed is left alone

Row = dict[str, Any]
Result = TypeVar("Result")


class MilvusStore:
    """`address` is the http address of a server or the path of a Lite file, which belongs to one process.

    A server shows what was written or dropped after 0.2 s; with the consistency Session at once to whoever wrote it.
    """

    def __init__(
        self, address: str, width: int, token: str = "", *, seconds: float = 2.0, consistency: str = "Bounded"
    ) -> None:
        """Opens nothing yet. `width` is that of the embeddings; a look-up takes `seconds` at most."""
        logging.getLogger("grpc._server").setLevel(logging.CRITICAL)  # Lite lacks what pymilvus can do without
        logging.getLogger("pymilvus").setLevel(logging.ERROR)
        self._address, self._width, self._token = address, width, token
        self._seconds, self._consistency = seconds, consistency
        self.collection = f"answers_{width}"
        self._is_file = "://" not in address
        self._threads = ThreadPoolExecutor(_THREADS, "milvus")
        self._writing = asyncio.Lock()
        self._opening: asyncio.Future[MilvusClient] | None = None
        self._rests_until = 0.0

    async def near(self, address: Address) -> list[Kept]:
        ids = [_place(address, number) for number in range(_PLACES)]
        found = await self._run(self._query, f"id in {json.dumps(ids)}", [*_FIELDS, "vector"])
        kept = _kept(found)
        return sorted(kept, key=lambda one: (one.key == address.key, one.at), reverse=True)[:MOST]

    async def put(self, address: Address, question: str, entry: Entry, at: datetime, meaning: Embedding) -> bool:
        row = as_row(address, question, entry, at, meaning)
        if not _fits(row):
            log.warning("answer too long for Milvus, not kept", knowledge_base=entry.knowledge_base)
            return False
        async with self._writing:  # what is there is read first
            return await self._run(self._replace, row)

    async def listed(self, limit: int) -> list[Kept]:
        return await self._newest("", limit)

    async def with_signature(self, signature: str) -> list[Kept]:
        return await self._newest(f"signature == {json.dumps(digest(signature))}", MOST)

    async def drop(
        self,
        *,
        ids: Sequence[int | str] | None = None,
        knowledge_base: str | None = None,
        document: str | None = None,
        before: datetime | None = None,
        other_than: str | None = None,
    ) -> int:
        if ids is not None:
            return await self._run(self._delete, [str(one) for one in ids])
        wanted = []
        if knowledge_base is not None:
            wanted.append(f"knowledge_base == {_quoted(knowledge_base)}")
        if document is not None:
            wanted.append(f"array_contains(made_from, {_quoted(document)})")
        if before is not None:
            wanted.append(f"at < {microseconds(before)}")
        if other_than is not None:
            wanted.append(f"version != {_quoted(other_than)}")
        found = await self._run(self._scan, " and ".join(wanted), seconds=_SLOW)
        dropped = await self._run(self._delete, [row["id"] for row in found], seconds=_SLOW)
        await self._run(self._settle, seconds=_SLOW)
        return dropped

    async def count(self) -> int:
        """How many answers there are."""
        return await self._run(self._count, seconds=_SLOW)

    async def shrink(self, most: int) -> int:
        if await self.count() <= most:
            return 0
        found = await self._run(self._scan, "", seconds=_SLOW)
        oldest = sorted(found, key=_age, reverse=True)[most:]
        return await self._run(self._delete, [row["id"] for row in oldest], seconds=_SLOW)

    async def close(self) -> None:
        opening = self._opening
        if opening is not None and opening.done() and opening.exception() is None:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._leave, opening.result())
        self._threads.shutdown(wait=False)

    async def _newest(self, condition: str, limit: int) -> list[Kept]:
        found = await self._run(self._scan, condition, seconds=_SLOW)
        ids = [row["id"] for row in sorted(found, key=_age, reverse=True)[:limit]]
        rows = await self._run(self._query, f"id in {json.dumps(ids)}", [*_FIELDS, "vector"], seconds=_SLOW)
        return sorted(_kept(rows), key=lambda one: one.at, reverse=True)

    async def _run(self, work: Callable[..., Result], *arguments: object, seconds: float | None = None) -> Result:
        """Do it in a thread, within its time. A Milvus that has just failed is not asked."""
        if time.monotonic() < self._rests_until:
            raise DatabaseUnavailable(f"{self._address} has just failed")
        try:
            async with asyncio.timeout(seconds or self._seconds):
                client = await self._client()
                call = partial(self._call, work, client, *arguments)
                return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except (TimeoutError, ConnectionError) as error:
            self._rests_until = time.monotonic() + _REST
            raise DatabaseUnavailable(f"{self._address}: {error or 'no answer in time'}") from error

    async def _client(self) -> MilvusClient:
        """Opened once, by whoever asks first; who does not want to wait so long leaves it to the next."""
        if self._opening is None or (self._opening.done() and self._opening.exception() is not None):
            self._opening = asyncio.get_running_loop().run_in_executor(self._threads, self._open)
            self._opening.add_done_callback(lambda opening: opening.cancelled() or opening.exception())  # seen
        return await asyncio.shield(self._opening)

    def _open(self) -> MilvusClient:
        with _translated():
            if self._is_file:
                Path(self._address).parent.mkdir(parents=True, exist_ok=True)
            client = MilvusClient(uri=self._address, token=self._token, timeout=_SLOW)
            if not client.has_collection(self.collection, timeout=_SLOW):
                self._create(client)
            client.load_collection(self.collection, timeout=_SLOW)
            return client

    def _create(self, client: MilvusClient) -> None:
        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        for name, length in _TEXTS.items():
            schema.add_field(name, DataType.VARCHAR, max_length=length, is_primary=name == "id")
        for name, kind in _OTHERS.items():
            schema.add_field(name, kind)
        schema.add_field("made_from", DataType.ARRAY, element_type=DataType.VARCHAR, **_NAMES)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=self._width)
        index = client.prepare_index_params()
        index.add_index("vector", index_type="FLAT", metric_type="IP")  # nothing to build when Milvus starts
        try:
            client.create_collection(self.collection, schema=schema, index_params=index, timeout=_SLOW)
        except MilvusException:
            if not client.has_collection(self.collection, timeout=_SLOW):  # another replica was quicker
                raise

    def _call(self, work: Callable[..., Result], client: MilvusClient, *arguments: object) -> Result:
        with _translated():
            return work(client, *arguments)

    def _query(self, client: MilvusClient, condition: str, names: Sequence[str]) -> list[Row]:
        level = {"consistency_level": self._consistency}
        return list(client.query(self.collection, filter=condition, output_fields=list(names), timeout=_SLOW, **level))

    def _replace(self, client: MilvusClient, row: Row) -> bool:
        """Put the row in its place unless what is there is newer."""
        there = self._query(client, f"id == {json.dumps(row['id'])}", ["at"])
        if there and there[0]["at"] > row["at"]:
            return False
        client.upsert(self.collection, [row], timeout=_SLOW)
        return True

    def _scan(self, client: MilvusClient, condition: str) -> list[Row]:
        """The keys and ages of all rows that fit, with everything that was written before."""
        self._settle(client)
        pages = client.query_iterator(
            self.collection, filter=condition, batch_size=_BATCH, output_fields=["id", "at"], timeout=_SLOW
        )
        found: list[Row] = []
        while page := pages.next():
            found += page
        pages.close()
        return found

    def _count(self, client: MilvusClient) -> int:
        self._settle(client)
        (row,) = client.query(self.collection, filter="", output_fields=["count(*)"], timeout=_SLOW)
        return int(row["count(*)"])

    def _settle(self, client: MilvusClient) -> None:
        """Wait until a server shows what was written, and nobody what was deleted."""
        names, level = ["at"], {"consistency_level": "Strong"}
        client.query(self.collection, filter='id == ""', output_fields=names, timeout=_SLOW, **level)

    def _delete(self, client: MilvusClient, ids: Sequence[str]) -> int:
        for start in range(0, len(ids), _DELETED):
            client.delete(self.collection, ids=list(ids[start : start + _DELETED]), timeout=_SLOW)
        return len(ids)

    def _leave(self, client: MilvusClient) -> None:
        client.close()
        if self._is_file:
            server_manager_instance.release_server(self._address)  # close() alone keeps the file locked


def as_row(address: Address, question: str, entry: Entry, at: datetime, meaning: Embedding) -> Row:
    """An answer as Milvus keeps it, in its place."""
    documents = [origin.document for origin in entry.origins][: _NAMES["max_capacity"]]
    own = {"id": _place(address, int(address.key[:8], 16) % _PLACES), "made_from": documents}
    return {**to_row(address, question, entry, at), **own, "embedder": meaning.embedder, "vector": meaning.row}


@contextmanager
def _translated() -> Iterator[None]:
    """Everything that Milvus and gRPC raise is one reaction: it cannot be used now."""
    try:
        yield
    except (MilvusException, grpc.RpcError, OSError) as error:
        raise ConnectionError(f"{type(error).__name__}: {str(error)[:300]}") from error


def _place(address: Address, number: int) -> str:
    return f"{digest(address.scope + address.signature)[:48]}-{number:x}"


def _kept(rows: Sequence[Mapping[str, Any]]) -> list[Kept]:
    read = (from_row(row, Embedding(row["embedder"], np.array(row["vector"], np.float32))) for row in rows)
    return [kept for kept in read if kept is not None]


def _age(row: Mapping[str, Any]) -> int:
    return int(row["at"])


def _fits(row: Row) -> bool:
    """Whether every text can be written and is short enough; Milvus counts the bytes."""
    try:
        names = max((len(name.encode()) for name in row["made_from"]), default=0)
        lengths = {name: len(row[name].encode()) for name in _TEXTS}
    except UnicodeEncodeError:
        return False
    return names <= _NAMES["max_length"] and all(lengths[name] <= most for name, most in _TEXTS.items())


def _quoted(text: str) -> str:
    """Strings of JSON are strings of a Milvus expression."""
    return json.dumps(text, ensure_ascii=False)
