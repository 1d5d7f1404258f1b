"""Whether a listed word stands in a sentence as a word, or is pieced together from parts of others: 来干 in 你来干吗.

Segments with rjieba, which is not installed by default (35 MB in memory): rules that mark words as ambiguous need it.
"""

import importlib
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate

AROUND = 20  # characters on either side that are segmented too


def is_there() -> bool:
    """Say whether texts can be segmented."""
    return _segmenter() is not None


def is_word(text: str, start: int, end: int) -> bool:
    """Say whether text[start:end] is one or more words of the sentence, or lies inside one: 艾滋 in 艾滋病.

    A single character must be a word of its own. True where nothing can be said.
    """
    cut = _segmenter()
    if cut is None:
        return True
    first = max(start - AROUND, 0)
    edges = set(accumulate(map(len, cut(text[first : end + AROUND])), initial=first))
    whole = start in edges and end in edges
    return whole or (end - start > 1 and edges.isdisjoint(range(start + 1, end)))


@lru_cache(maxsize=1)
def _segmenter() -> Callable[[str], list[str]] | None:
    try:
        library = importlib.import_module("rjieba")
    except ImportError:
        return None
    return lambda text: library.cut(text.encode(errors="replace").decode(), False)  # without guesses at new words
