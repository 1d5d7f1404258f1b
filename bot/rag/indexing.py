"""Bring the store up to the files: what is new or changed is read and embedded, what is gone is forgotten.

A document is written whole after it was read whole, so a run that was killed goes on where it stopped.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bot.rag import vectors
from bot.rag.loading import LIMIT_BYTES, Unreadable, load
from bot.rag.passages import Passage
from bot.rag.splitting import Source, split
from bot.rag.store import Key, Store, Stored
from faq.content import Content
from faq.embedding import Embedder
from policies.pii import find

VERSION = "1"  # of loading, splitting and embedding; a new one reads every document again
_PERSONAL = ("phone", "id_card", "bank_card", "email")
LIMIT_PASSAGES = 10_000  # of one document


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that a knowledge base names. `document` is what users see of its path."""

    knowledge_base: str
    document: str
    path: Path


@dataclass(frozen=True, slots=True)
class Remark:
    """What was left out and why."""

    document: str
    text: str

    def __str__(self) -> str:
        return f"{self.document}: {self.text}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. `total` counts documents."""

    done: int
    total: int
    document: str
    passages: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did, in documents; `keys` are those that now answer, `paths` the file of each."""

    keys: Mapping[Key, Path]
    written: int
    kept: int
    removed: int
    passages: int
    skipped: tuple[Remark, ...]
    notes: tuple[Remark, ...]


def wanted(content: Content) -> tuple[tuple[Wanted, ...], tuple[Remark, ...]]:
    """Find the files that the knowledge bases name, and the patterns that find none."""
    found: dict[tuple[str, str], Wanted] = {}
    remarks: list[Remark] = []
    for base in content.knowledge_bases:
        folder = Path(base.place.path).resolve().parent
        for pattern in base.documents:
            paths = [path for path in sorted(folder.glob(pattern)) if _is_inside(path, folder)]
            if not paths:
                remarks.append(Remark(f"{base.place.path}: {pattern}", "names no file"))
            for path in paths:
                name = path.relative_to(folder).as_posix()
                found[base.id, name] = Wanted(base.id, name, path)
    return tuple(found.values()), tuple(remarks)


def update(
    files: Sequence[Wanted], store: Store, embedder: Embedder, progress: Callable[[Progress], None] = lambda _: None
) -> Report:
    """Make the store hold exactly what the files say now. Raises StoreError; one bad file never ends the run."""
    stored = store.keys()
    keys: dict[Key, Path] = {}
    skipped: list[Remark] = []
    notes: list[Remark] = []
    written = passages = 0
    for number, file in enumerate(files):
        progress(Progress(number, len(files), file.document, passages))
        try:
            key, data = read(file)
            if not stored.get(key):
                document, remarks = _document(file, key, data, embedder)
                store.write(document)
                notes += [Remark(file.document, text) for text in remarks]
                written += 1
                passages += len(document.passages)
            keys[key] = file.path
        except Unreadable as reason:
            skipped.append(Remark(file.document, str(reason)))
    gone = stored.keys() - keys.keys()
    store.remove(gone)
    progress(Progress(len(files), len(files), "", passages))
    return Report(keys, written, len(keys) - written, len(gone), passages, tuple(skipped), tuple(notes))


def read(file: Wanted) -> tuple[Key, bytes]:
    """Read a file once and name its version. Raises Unreadable, also when it changed meanwhile."""
    try:
        before = file.path.stat()
        if before.st_size > LIMIT_BYTES:
            raise Unreadable(f"larger than {LIMIT_BYTES // 2**20} MB; split the file")
        data = file.path.read_bytes()
        after = file.path.stat()
    except OSError as error:
        raise Unreadable(f"cannot be opened: {error.strerror}") from error
    if stamp(before) != stamp(after) or len(data) != after.st_size:
        raise Unreadable("changed while it was read; run again when it is whole")
    return _key(file, data), data


def stamp(status: os.stat_result) -> tuple[int, int]:
    """Equal stamps: the file was not written between."""
    return status.st_mtime_ns, status.st_size


def _key(file: Wanted, data: bytes) -> Key:
    version = json.dumps([VERSION, file.knowledge_base, file.document]).encode()
    return Key(file.knowledge_base, file.document, hashlib.sha256(version + hashlib.sha256(data).digest()).hexdigest())


def _document(file: Wanted, key: Key, data: bytes, embedder: Embedder) -> tuple[Stored, tuple[str, ...]]:
    document = load(file.path.name, data)
    source = Source(file.knowledge_base, file.document, document.title)
    passages = tuple(_limited(split(document.blocks, source)))
    return Stored(key, passages, vectors.embed(passages, embedder)), (*document.notes, *_personal(passages))


def _personal(passages: Sequence[Passage]) -> Iterator[str]:
    """A remark when a document that customers will read holds what belongs to one person."""
    found = Counter(datum.kind for passage in passages for datum in find(passage.text, _PERSONAL))
    if found:
        counted = ", ".join(f"{kind} {times}" for kind, times in sorted(found.items()))
        yield f"personal data in it ({counted}); customers may be shown it"


def _limited(passages: Iterable[Passage]) -> Iterator[Passage]:
    for number, passage in enumerate(islice(passages, LIMIT_PASSAGES + 1)):
        if number == LIMIT_PASSAGES:
            raise Unreadable(f"more than {LIMIT_PASSAGES} passages; split the file")
        yield passage


def _is_inside(path: Path, folder: Path) -> bool:
    """A link must not lead out of the folder that the staff may publish."""
    return path.is_file() and path.resolve().is_relative_to(folder)
