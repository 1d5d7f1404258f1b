"""What is learnt of a content before it answers, and kept on disk by what it was learnt from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faq import index as indexing
from faq import learning, metric, prior, storing
from faq.cases import Train
from faq.content import Content
from faq.embedding import Embedder
from faq.index import Index
from faq.learning import Judge

_SAMPLE, _STRETCH = 4000, 20  # entries that teach how to decide when there are very many, and how many in a row


def sample(content: Content) -> Content:
    """Some thousands of entries, in stretches: those that stand together resemble one another most."""
    entries = content.entries
    stretches = np.random.default_rng(0).permutation(-(-len(entries) // _STRETCH))[: _SAMPLE // _STRETCH]
    kept = {id(entry) for start in stretches for entry in entries[start * _STRETCH : (start + 1) * _STRETCH]}
    bases = (
        replace(base, entries=tuple(entry for entry in base.entries if id(entry) in kept))
        for base in content.knowledge_bases
    )
    return Content(tuple(bases), f"{content.version}-sample")


def build_index(content: Content, embedder: Embedder, folder: Path | None) -> tuple[Index, NDArray[np.float32]]:
    """As `index.build`, with the embeddings that are in `folder`."""
    if folder is None:
        return indexing.build(content, embedder)
    stored = storing.StoredEmbedder(embedder, folder)
    built = indexing.build(content, stored)
    stored.keep()
    return built


def _learn(index: Index, raw: NDArray[np.float32], plain: Train) -> tuple[metric.Metric, Judge]:
    kind, train = ("learnt", metric.learn) if metric.can_learn(index.owners) else ("plain", plain)
    learnt = train(raw, index.owners)
    judge, _ = learning.learn(index.under(learnt, raw), raw, prior.far(), prior.lesson(kind), train)
    return learnt, judge


def learn_and_keep(
    index: Index,
    raw: NDArray[np.float32],
    folder: Path | None,
    content: Content,
    embedder: Embedder,
    plain: Train = metric.identity,
) -> tuple[metric.Metric, Judge]:
    """Learn nearness, by `plain` where too few entries have variants, and how to decide; keep both in `folder`."""
    learnt, judge = _learn(index, raw, plain)
    if folder:
        storing.store_learnt(_path(folder, content, embedder), learnt, judge)
    return learnt, judge


def recall(folder: Path | None, content: Content, embedder: Embedder) -> tuple[metric.Metric, Judge] | None:
    """Give what was learnt of this content before, if it was kept."""
    return storing.recall_learnt(_path(folder, content, embedder)) if folder else None


def _path(folder: Path, content: Content, embedder: Embedder) -> Path:
    return folder / f"learnt-{storing.name_of(content.version, embedder.id)}.npz"
