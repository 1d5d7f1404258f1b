"""Learn the shipped prior from corpus.txt and write prior.npz."""

import numpy as np
from numpy.typing import NDArray

from faq import index, learning, metric, prior, storing
from faq.content import Content, Entry, KnowledgeBase, Place
from faq.embedding import Usem3Embedder


def main() -> None:
    content = corpus((prior.FOLDER / "corpus.txt").read_text(encoding="utf-8"))
    plain, raw = index.build(content, Usem3Embedder())
    arrays: dict[str, NDArray[np.generic]] = {}
    for kind, train in zip(prior.KINDS, (metric.identity, metric.learn), strict=True):
        measured = plain.under(train(raw, plain.owners), raw)
        _, lesson = learning.learn(measured, raw, prior.far(), train=train)
        for part in prior.PARTS:
            rows = getattr(lesson, part)
            arrays |= {f"{kind}_{part}_{name}": getattr(rows, name) for name in learning.Rows.names()}
    storing.write(prior.FOLDER / "prior.npz", {name: small(array) for name, array in arrays.items()})


def corpus(text: str) -> Content:
    """Make a content of the corpus: a paragraph is a knowledge base, a line an entry."""
    entries = []
    for number, paragraph in enumerate(text.split("\n\n")):
        lines = [line for line in paragraph.splitlines() if line and not line.startswith("#")]
        entries += [_entry(f"{number}", f"{number}-{place}", line) for place, line in enumerate(lines)]
    base = KnowledgeBase("corpus", "corpus", tuple(entries), (), (), (), (), None, Place("corpus.txt", 1))
    return Content((base,), "corpus")


def small(array: NDArray[np.generic]) -> NDArray[np.generic]:
    return array.astype(np.float16) if array.dtype == np.float32 and array.ndim == 2 else array


def _entry(base: str, id: str, line: str) -> Entry:
    question, *variants = (phrasing.strip() for phrasing in line.split("|"))
    return Entry(id, base, question, tuple(variants), (), "-", {}, None, None, (), Place("corpus.txt", 1))


if __name__ == "__main__":
    main()
