"""Bring the store up to the files: what is new or changed is read and embedded, what is gone is forgotten.

A document is written whole after it was read whole, so a run that was killed goes on where it stopped.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from bot.llm.model import UpstreamError
from bot.rag import bar, vectors
from bot.rag.files import Key, Progress, Remark, Report, Unreadable, Wanted, Watch, read
from bot.rag.index import Index
from bot.rag.loading import load
from bot.rag.passages import Passage
from bot.rag.splitting import Source, split
from bot.rag.store import Gathered, Store, Stored
from faq.embedding import Embedder
from policies.pii import find

_PERSONAL = ("phone", "id_card", "bank_card", "email")
LIMIT_PASSAGES = 10_000  # of one document
LEARNT_FROM = 20_000  # passages at most, so that a changed document is not long in coming


def gather(
    files: Sequence[Wanted],
    open_store: Callable[[], Store],
    embedder: Embedder,
    progress: Watch = lambda _: None,
    learnt: Path | None = None,
) -> Gathered:
    """Bring a store up to the files and give all that it holds then, with the bar learnt from it. Raises StoreError.

    The file `learnt` keeps the bar for as long as the documents stay what they are.
    """
    store = open_store()
    try:
        report, fresh = update(files, store, embedder, progress)
        kept = report.keys.keys() - {document.key for document in fresh}
        gathered = Gathered.of(report, chain(fresh, store.read(kept)), embedder.dim)
    finally:
        store.close()
    return replace(gathered, bar=_bar(gathered, embedder, learnt))


def _bar(gathered: Gathered, embedder: Embedder, learnt: Path | None) -> bar.Bar:
    version = f"{bar.VERSION} {embedder.id} {gathered.report.version}"
    if learnt is not None and (known := bar.recall(learnt, version)):
        return known
    step = -(-len(gathered.passages) // LEARNT_FROM) or 1
    try:
        found = bar.learn(Index(gathered.passages[::step], gathered.vectors[::step], embedder), embedder)
    except UpstreamError:  # the documents answer all the same; the next run learns
        return bar.PRIOR
    if learnt is not None:
        bar.keep(learnt, version, found)
    return found


def update(
    files: Sequence[Wanted], store: Store, embedder: Embedder, progress: Watch = lambda _: None
) -> tuple[Report, Sequence[Stored]]:
    """Make the store hold exactly what the files say now; also give what was written, which is slow to read again.

    Raises StoreError; one bad file never ends the run.
    """
    stored = store.keys()
    keys: dict[Key, Path] = {}
    skipped: list[Remark] = []
    notes: list[Remark] = []
    fresh: list[Stored] = []
    passages = 0
    for number, file in enumerate(files):
        progress(Progress(number, len(files), file.document, passages))
        try:
            key, data = read(file)
            if not stored.get(key):
                document, remarks = _document(file, key, data, embedder)
                store.write(document)
                notes += [Remark(file.document, text) for text in remarks]
                fresh.append(document)
                passages += len(document.passages)
            keys[key] = file.path
        except Unreadable as reason:
            skipped.append(Remark(file.document, str(reason)))
    gone = stored.keys() - keys.keys()
    store.remove(gone)
    progress(Progress(len(files), len(files), "", passages))
    counts = (len(fresh), len(keys) - len(fresh), len(gone), passages)
    return Report(keys, *counts, tuple(skipped), tuple(notes)), fresh


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
