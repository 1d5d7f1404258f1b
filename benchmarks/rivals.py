"""Other filters, each as a function of a text, to be timed side by side. Those that are not installed are left out.

Install them with `pip install ".[bench]"`. A Python trie and ours need nothing.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Find = Callable[[str], object]
RIVALS: Mapping[str, str] = {
    "pyahocorasick": "ahocorasick",
    "ahocorasick_rs": "ahocorasick_rs",
    "hyperscan": "hyperscan",
    "flashtext2": "flashtext2",
    "Python trie": "collections",
    "better-profanity": "better_profanity",
}
SLOW = frozenset({"better-profanity"})  # timed on a few texts only


def make(name: str, words: Sequence[str]) -> Find | None:
    """Build the rival `name` of these words, None when it is not installed."""
    try:
        module = importlib.import_module(RIVALS[name])
    except ImportError:
        return None
    return _MAKERS[name](module, words)


def _pyahocorasick(module: Any, words: Sequence[str]) -> Find:
    automaton = module.Automaton()
    for number, word in enumerate(words):
        automaton.add_word(word, (number, len(word)))
    automaton.make_automaton()
    return lambda text: list(automaton.iter_long(text))


def _ahocorasick_rs(module: Any, words: Sequence[str]) -> Find:
    automaton = module.AhoCorasick(
        list(words), matchkind=module.MatchKind.LeftmostLongest, implementation=module.Implementation.ContiguousNFA
    )
    find: Find = automaton.find_matches_as_indexes
    return find


def _hyperscan(module: Any, words: Sequence[str]) -> Find:
    database = module.Database(mode=module.HS_MODE_BLOCK)
    database.compile(
        expressions=[word.encode() for word in words],
        ids=list(range(len(words))),
        flags=[module.HS_FLAG_SOM_LEFTMOST] * len(words),
        literal=True,
    )
    found: list[tuple[int, int, int]] = []

    def keep(number: int, start: int, end: int, flags: int, context: object) -> None:
        found.append((start, end, number))

    def find(text: str) -> object:
        found.clear()
        database.scan(text.encode(), match_event_handler=keep)
        return found

    return find


def _flashtext2(module: Any, words: Sequence[str]) -> Find:
    processor = module.KeywordProcessor(case_sensitive=True)
    for word in words:
        processor.add_keyword(word)
    find: Find = processor.extract_keywords
    return find


def _trie(module: Any, words: Sequence[str]) -> Find:
    root: dict[str, Any] = {}
    for word in words:
        node = root
        for character in word:
            node = node.setdefault(character, {})
        node[""] = True
    return lambda text: _walk(root, text)


def _walk(root: Mapping[str, Any], text: str) -> list[tuple[int, int]]:
    found, start = [], 0
    while start < len(text):
        node, end = root, 0
        for place in range(start, len(text)):
            if text[place] not in node:
                break
            node = node[text[place]]
            if "" in node:
                end = place + 1
        if end:
            found.append((start, end))
        start = end or start + 1
    return found


def _better_profanity(module: Any, words: Sequence[str]) -> Find:
    module.profanity.load_censor_words(list(words[:1000]))  # more take minutes to load and seconds a text
    find: Find = module.profanity.contains_profanity
    return find


_MAKERS: Mapping[str, Callable[[Any, Sequence[str]], Find]] = {
    "pyahocorasick": _pyahocorasick,
    "ahocorasick_rs": _ahocorasick_rs,
    "hyperscan": _hyperscan,
    "flashtext2": _flashtext2,
    "Python trie": _trie,
    "better-profanity": _better_profanity,
}
