"""The files that the knowledge bases name, and what version of them was read. Knows no format."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from faq.content import Content

VERSION = "1"  # of loading, splitting and embedding; a new one reads every document again
LIMIT_BYTES = 200 * 2**20


class Unreadable(Exception):
    """This file gives no text. The message is the reason and what to do; the other files go on."""


@dataclass(frozen=True, slots=True)
class Key:
    """One version of one document. `content` is the hash of its bytes and of how it was split."""

    knowledge_base: str
    document: str
    content: str


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


Watch = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did, in documents; `keys` are those that now answer, with the file of each."""

    keys: Mapping[Key, Path]
    written: int
    kept: int
    removed: int
    passages: int
    skipped: tuple[Remark, ...]
    notes: tuple[Remark, ...]

    @property
    def version(self) -> str:
        """Names what was read: equal versions answer from equal words."""
        read = sorted((key.knowledge_base, key.document, key.content) for key in self.keys)
        return hashlib.sha256(repr(read).encode()).hexdigest()


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


def _is_inside(path: Path, folder: Path) -> bool:
    """A link must not lead out of the folder that the staff may publish."""
    return path.is_file() and path.resolve().is_relative_to(folder)
