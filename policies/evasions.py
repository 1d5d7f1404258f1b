"""What is done to a word to slip it through, and the table and the word forms that undo it.

`plain`, `literal` and `leet` are always read, the others only for categories that ask for them: each has its price in
false alarms (docs/policies.md has the measured rates).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product
from operator import eq, not_

import numpy as np
from numpy.typing import NDArray

from policies import sounds
from policies.characters import SYMBOLS, TABLE_SIZE, Table
from policies.lines import Letters
from policies.radicals import PARTS
from policies.readings import Accept, Reading
from policies.runs import DIGITS, LETTERS, may_one_be_drawn_out
from policies.words import Lexicon, Words

LEET = {"0": "o", "1": "i", "!": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s"}
SHORTEST_LEET = 4  # below it, model numbers (A55) and prices would be words
EVEN_SIGNS = " \n.。，,、·"  # with ★, emoji and the like, what may stand evenly between the characters of a word
SPELLED = 6  # so many characters of a word are also looked for in Latin letters


@dataclass(frozen=True, slots=True)
class Way:
    """One way of reading: the table, the forms of the words, and what the original characters must be like."""

    table: Callable[[], Table]
    forms: Callable[[Table, Words], Words]
    accept: Accept | None = None
    hint: str = ""  # texts without any of these characters need not be read
    folds_on: bool = False  # whether folding a folded text changes it again, so that no scanner can read by the table


def read(name: str, words: Words, corpus: Sequence[str] = ()) -> Reading:
    """Build the reading `name` of these words."""
    way = WAYS[name]
    table = way.table()
    images = None if way.folds_on else table.images[:TABLE_SIZE]
    return restore(name, Lexicon.build(way.forms(table, words), images, _laid_out(table, corpus)))


def _laid_out(table: Table, corpus: Sequence[str]) -> list[str]:
    """Fold ordinary texts roughly: only the layout of an automaton follows from them."""
    return [text.translate(table.entries) for text in corpus]


def restore(name: str, lexicon: Lexicon) -> Reading:
    """Make the reading `name` of a lexicon that was made before."""
    way = WAYS[name]
    hint = re.compile(f"[{re.escape(way.hint)}]").search if way.hint else None
    return Reading(name, way.table(), lexicon, way.accept, hint, way.folds_on)


def by_symbols(words: Words) -> tuple[Words, Words]:
    """Split words, given by their `forms`, into those without symbols of their own and those with."""
    symbols = _have_symbols(words.texts)
    return words.where(map(not_, symbols)), words.where(symbols)


def plain(bare: Words, signed: Sequence[str], corpus: Sequence[str], heads: Iterable[str]) -> Reading:
    """Build the plain reading, whose scanner also tells that a text needs a closer look, by the signals in it.

    They are letters beside digits (for leet), `signed` words without their symbols (for literal), and `heads`, which
    phrases begin with. All words are given by their `forms`.
    """
    table = plain_table()
    signals = dict.fromkeys([*_leet_signals(), *table.fold_all(signed), *heads])
    signs = [one for one in signals if one]
    return restore("plain", Lexicon.build(bare, table.images, _laid_out(table, corpus), signed, signs))


def even(plain_reading: Reading) -> Reading:
    """Three characters and more with the same sign in every gap: 赌 博 网 站. Its words are the plain ones."""
    return Reading("even", _spaced_table(), plain_reading.lexicon, _is_even, folded=True)


def forms(words: Sequence[str]) -> list[str]:
    """Give the form of each word, its own symbols kept; words of the same form are found in the same texts."""
    return literal_table().fold_all(words)


def may_go_on(forms: Sequence[str]) -> NDArray[np.bool_]:
    """Say of each form whether a letter or digit beside it may be part of a longer word."""
    codes, starts = Letters.of(forms)
    going_on = np.append(np.isin(codes, _going_on(), kind="table"), False)
    flags: NDArray[np.bool_] = going_on[starts[:-1]] | going_on[starts[1:] - 1]
    return flags


@lru_cache(maxsize=1)
def _going_on() -> list[int]:
    digits = [code for code in range(TABLE_SIZE) if chr(code).isdecimal()]
    return [*map(ord, LETTERS | DIGITS), *digits]


@lru_cache(maxsize=1)
def plain_table() -> Table:
    return Table()


@lru_cache(maxsize=1)
def literal_table() -> Table:
    return Table({form: symbol for symbol in SYMBOLS for form in (symbol, _wide(symbol))})


@lru_cache(maxsize=1)
def _leet_table() -> Table:
    return Table({form: letter for sign, letter in LEET.items() for form in (sign, _wide(sign))})


@lru_cache(maxsize=1)
def _spaced_table() -> Table:
    return Table(dict.fromkeys(_separators(), ""))


@lru_cache(maxsize=1)
def _lines_table() -> Table:
    return Table(dict.fromkeys("\t\n\v\f\r \x85\xa0\u2028\u2029\u3000", ""))


@lru_cache(maxsize=1)
def _digits_table() -> Table:
    return Table(dict.fromkeys("0123456789０１２３４５６７８９", ""))


@lru_cache(maxsize=1)
def _split_table() -> Table:
    return Table(PARTS)


@lru_cache(maxsize=1)
def _sound_table() -> Table:
    return Table(sounds.syllables())


@lru_cache(maxsize=1)
def _emoji_table() -> Table:
    return Table({**sounds.syllables(), **sounds.pictures()})


@lru_cache(maxsize=1)
def _separators() -> frozenset[str]:
    entries = plain_table().entries
    same = [chr(code) for code in range(TABLE_SIZE) if entries[code] == code]
    return frozenset(one for one in same if unicodedata.category(one)[0] in "PSZ" or one in "\t\n\r\v\f")


@lru_cache(maxsize=1)
def even_search() -> Callable[[str], object]:
    """Give what looks for three characters with the same sign in both gaps: without them no word is evenly spaced."""
    rare = "".join(sorted(one for one in _rare_signs() if one < "\uffff"))
    return re.compile(rf"([{re.escape(EVEN_SIGNS + rare)}\U0001d000-\U0001fbff])\w\1\w").search


@lru_cache(maxsize=1)
def _rare_signs() -> frozenset[str]:
    return frozenset(one for one in _separators() if unicodedata.category(one) == "So")


def _leet_signals() -> list[str]:
    return [pair for letter in LETTERS for sign in (*DIGITS, "!", "！") for pair in (letter + sign, sign + letter)]


def _plain_forms(table: Table, words: Words) -> Words:
    return _all_forms(table, words.where(map(not_, _have_symbols(words.texts))))


def _all_forms(table: Table, words: Words) -> Words:
    return Words(table.fold_all(words.texts), words.numbers)


def _have_symbols(texts: Sequence[str]) -> list[bool]:
    """Say of each text whether it has a symbol, of many at once."""
    letters = Letters.of(texts)
    flags: list[bool] = letters.having(np.isin(letters.codes, list(map(ord, _SYMBOLS)), kind="table")).tolist()
    return flags


def _as_they_are(table: Table, words: Words) -> Words:
    """Take words that are given by their `forms`."""
    return words


def _leet_forms(table: Table, words: Words) -> Words:
    """Take the Latin words; 1 stands for i or l, so each is looked for with i in the place of l too."""
    latin = words.where(map(str.isascii, words.texts))
    latin = latin.where(map(_LATIN.fullmatch, latin.texts))
    with_l = latin.where("l" in form for form in latin.texts)
    return Words([*latin.texts, *(form.replace("l", "i") for form in with_l.texts)], [*latin.numbers, *with_l.numbers])


def _whole_forms(table: Table, words: Words) -> Words:
    """Words in the form of `table`, but none that the table would shorten: what is left would be another word."""
    forms, plainly = _all_forms(table, words), plain_table().fold_all(words.texts)
    return forms.where(map(eq, map(len, forms.texts), map(len, plainly)))


def _backward_forms(table: Table, words: Words) -> Words:
    forms, numbers = _whole_forms(table, words)
    return Words([form[::-1] for form in forms], numbers)


def _split_forms(table: Table, words: Words) -> Words:
    return _all_forms(table, words.where(not PARTS.keys().isdisjoint(text) for text in words.texts))


def _sound_forms(table: Table, words: Words) -> Words:
    """Each word by the sounds of its characters, any of them spelled in Latin letters too."""
    forms: dict[tuple[str, int], None] = {}
    for form, number in zip(*_plain_forms(plain_table(), words), strict=True):
        if len(form) < 2 or form.isascii():
            continue
        choices = [
            [table.fold(one), *(sounds.spelled(one) if place < SPELLED else ())] for place, one in enumerate(form)
        ]
        forms |= dict.fromkeys(("".join(spelling), number) for spelling in product(*choices))
    return Words([form for form, _ in forms], [number for _, number in forms])


def _is_leet(span: str) -> bool:
    """At least one letter is a letter and at least one is not: neither a price nor what the plain reading finds."""
    return not LETTERS.isdisjoint(plain_table().fold(span)) and any(one in _LEET_SIGNS for one in span)


def _is_even(span: str) -> bool:
    """Every second character is the same sign, and the others are read."""
    letters, signs = span[0::2], span[1::2]
    even_sign = signs[:1] in _rare_signs() or signs[:1] in EVEN_SIGNS
    return len(span) >= 5 and len(span) % 2 == 1 and len(set(signs)) == 1 and even_sign and _may_be_read(letters)


def _may_be_read(letters: str) -> bool:
    return letters.isalnum() and may_one_be_drawn_out(plain_table().fold(letters))


def _is_spaced(span: str) -> bool:
    """Every gap is filled: between any two different characters that are read stands one that is not."""
    read = [_spaced_table().image(one) for one in span]
    return not any(a and b and a != b for a, b in pairwise(read))


def has_symbols_alone(words: Sequence[str]) -> bool:
    """Say whether one of the words consists of symbols alone, so that the plain reading never sees it."""
    return any(map(frozenset(SYMBOLS).issuperset, forms(words)))


def _wide(sign: str) -> str:
    return chr(ord(sign) + 0xFEE0)


_SYMBOLS = SYMBOLS + "".join(map(_wide, SYMBOLS))
_SYMBOL = re.compile(f"[{re.escape(_SYMBOLS)}]")
_LATIN = re.compile(f"[a-z]{{{SHORTEST_LEET},}}")
_LEET_SIGNS = "".join([*LEET, *map(_wide, LEET)])
WAYS: Mapping[str, Way] = {
    "plain": Way(plain_table, _plain_forms),  # 賭*博, ⓑⓐⓓ, 赌赌博博
    "literal": Way(literal_table, _as_they_are, hint=_SYMBOLS),  # words with a symbol of their own: 40%, c++
    "leet": Way(_leet_table, _leet_forms, _is_leet, _LEET_SIGNS),  # b4dw0rd
    "spaced": Way(_spaced_table, _whole_forms, _is_spaced),  # 赌。博, 赌😀博
    "sound": Way(_sound_table, _sound_forms),  # 堵博, 赌bo
    "emoji": Way(_emoji_table, _sound_forms),  # 🐶东西
    "split": Way(_split_table, _split_forms, folds_on=True),  # 贝者博
    "reversed": Way(plain_table, _backward_forms),  # 站网博赌
    "lines": Way(_lines_table, _whole_forms),  # a word that goes on across a line break
    "digits": Way(_digits_table, _whole_forms),  # 赌1博
    "allowed": Way(plain_table, _as_they_are),  # words in which a hit does not count
    "encoded": Way(plain_table, _plain_forms),  # &#36172;博, %E8%B5%8C
}
