"""An answer without a language model: the sentences that say most of what was asked, quoted as they stand."""

from collections.abc import Sequence

import numpy as np

from bot.rag.lexicon import tokens
from bot.rag.passages import Passage
from bot.rag.splitting import sentences
from faq.embedding import Embedder

_ROOM = 160  # characters quoted of one passage


def quote(question: str, passage: Passage, embedder: Embedder) -> str:
    """The best sentence of a passage with what follows it, as far as there is room; a short passage whole."""
    if len(passage.text) <= _ROOM:
        return passage.text
    said = [sentence for sentence in sentences(passage.text) if sentence.strip()]
    best = _best(question, said, embedder)
    quoted, first, last = len(said[best]), best, best + 1
    while last < len(said) and quoted + len(said[last]) <= _ROOM:
        quoted += len(said[last])
        last += 1
    while first and quoted + len(said[first - 1]) <= _ROOM:
        first -= 1
        quoted += len(said[first])
    return "".join(said[first:last]).strip()


def _best(question: str, said: Sequence[str], embedder: Embedder) -> int:
    """Shared characters and like meaning, as the passages are found."""
    asked = set(tokens(question))
    shared = np.array([len(asked & set(tokens(sentence))) / max(len(asked), 1) for sentence in said])
    rows = embedder.embed([question, *said])
    return int(np.argmax(shared + 0.5 * (rows[1:] @ rows[0])))
