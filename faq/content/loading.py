"""From a folder of files to Content, or to every problem in all of them at once."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from faq.content.knowledge import read_knowledge_base
from faq.content.model import Calculation, Content, ContentError, Entry, KnowledgeBase, Place, Problem
from faq.content.reading import Report
from faq.content.tree import compose
from faq.text import normalise

FILE_LIMIT = 64 * 1024 * 1024  # bytes; a file of 20,000 entries has about 4 MB
SUFFIXES = (".yaml", ".yml")


def load(directory: Path) -> Content:
    """Read every *.yaml and *.yml of the folder. Raises ContentError with the problems of all files."""
    problems: list[Problem] = []
    sources: dict[str, str] = {}
    if not (paths := files(directory)):
        raise _refusal(directory, 1, "holds no *.yaml file; write one, or name another folder with --knowledge")
    for path in paths:
        try:
            sources[str(path)] = read(path)
        except ContentError as error:
            problems.extend(error.problems)
    return assemble(sources, problems)


def files(directory: Path) -> list[Path]:
    """The content files of a folder, sorted by name. Hidden ones are an editor's or a mount's, not ours."""
    try:
        paths = sorted(path for path in directory.iterdir() if path.suffix.lower() in SUFFIXES)
    except OSError as error:
        raise _refusal(directory, 1, f"the folder of knowledge bases cannot be read: {error.strerror}") from error
    return [path for path in paths if not path.name.startswith(".")]


def read(path: Path) -> str:
    """The text of one file, without BOM. Raises ContentError."""
    try:
        data = path.read_bytes() if path.stat().st_size <= FILE_LIMIT else None
    except OSError as error:
        raise _refusal(path, 1, f"cannot be read: {error.strerror}") from error
    if data is None:
        raise _refusal(path, 1, f"is larger than {FILE_LIMIT // 1024**2} MB; split it into several knowledge bases")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refusal(path, line, "is not UTF-8; save it as UTF-8 (in Excel and Notepad: 'Save as', UTF-8)") from error


def assemble(sources: Mapping[str, str], problems: list[Problem] | None = None) -> Content:
    """Content from path -> text. Raises ContentError with all problems, those given included."""
    found = list(problems or ())
    bases = []
    for path in sorted(sources):
        base, wrong = _parse(sources[path], path)
        found += wrong
        if base:
            bases.append(base)
    found += _repeated(bases)
    if found:
        raise ContentError(tuple(sorted(found, key=lambda problem: problem.place)))
    return Content(tuple(bases), _version(sources))


def parse(text: str, path: str) -> KnowledgeBase:
    """One knowledge base. Raises ContentError with all its problems."""
    base, problems = _parse(text, path)
    problems += _repeated([base] if base else [])
    if problems or base is None:
        raise ContentError(tuple(sorted(problems, key=lambda problem: problem.place)))
    return base


def _parse(text: str, path: str) -> tuple[KnowledgeBase | None, list[Problem]]:
    report = Report(path)
    try:
        return read_knowledge_base(compose(text, path), report), report.problems
    except ContentError as error:
        return None, list(error.problems)


def _refusal(path: Path, line: int, text: str) -> ContentError:
    return ContentError((Problem(Place(str(path), line), text),))


@dataclass(frozen=True, slots=True)
class _Said:
    """A name or phrasing that may be there once only."""

    key: tuple[str, ...]
    what: str
    place: Place


def _repeated(bases: list[KnowledgeBase]) -> Iterator[Problem]:
    yield from _twice((_Said((base.id,), f"knowledge_base {base.id}", base.place) for base in bases), "choose another")
    yield from _twice((said for base in bases for said in _ids(base)), "choose another")
    yield from _twice((said for base in bases for said in _phrasings(base)), "a question has one answer, delete one")
    tools = (tool for base in bases for tool in base.tools)  # a model knows them by their ids alone
    yield from _twice((_Said((tool.id,), f"tool {tool.id}", tool.place) for tool in tools), "choose another")


def _twice(said: Iterator[_Said], remedy: str) -> Iterator[Problem]:
    seen: dict[tuple[str, ...], Place] = {}
    for item in said:
        if not item.key[-1]:
            continue
        first = seen.setdefault(item.key, item.place)
        if first is not item.place:
            yield Problem(item.place, f"{item.what} is already at {first}; {remedy}")


def _ids(base: KnowledgeBase) -> Iterator[_Said]:
    for item in base.answering:
        yield _Said((base.id, "entry", item.id), f"id {item.id}", item.place)
    for intent in base.intents:
        yield _Said((base.id, "intent", intent.id), f"id {intent.id}", intent.place)


def _phrasings(base: KnowledgeBase) -> Iterator[_Said]:
    for item in base.answering:
        for key, phrasing in _compared(item).items():
            yield _Said((key,), f"{phrasing!r}", item.place_of(phrasing))


def _compared(item: Entry | Calculation) -> dict[str, str]:
    """normalised -> phrasing, the question before its variants; the same twice in one entry is no contradiction."""
    return {normalise(phrasing): phrasing for phrasing in reversed(item.phrasings)}


def _version(sources: Mapping[str, str]) -> str:
    """SHA-256 over names and texts, whatever folder they are in."""
    digest = hashlib.sha256()
    for path in sorted(sources, key=lambda path: Path(path).name):
        text = sources[path].replace("\r\n", "\n")
        for part in (Path(path).name, text):
            digest.update(hashlib.sha256(part.encode()).digest())
    return digest.hexdigest()
